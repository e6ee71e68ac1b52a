"""What a study is: data, an estimator, what is varied and what is fixed, seeds, how it is judged.

A :class:`Study` is a value. A TOML file, a dictionary and Python's own call make the same one, and
:meth:`Study.to_dict` gives the dictionary back. What runs it is in
:mod:`~chainrule.study.running`.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from chainrule._files import as_path
from chainrule._toml import read_toml
from chainrule.errors import InvalidValueError, Words
from chainrule.registry import Registry
from chainrule.study.checks import CHECKS, check_trials
from chainrule.study.evaluation import Evaluation, HeldOut
from chainrule.training.checkpoint import describe

if TYPE_CHECKING:
    from chainrule.study.halving import Halving
    from chainrule.study.results import Results
    from chainrule.study.runner import Listener
    from chainrule.study.sampling import Sampler

SAMPLERS = ("grid", "candidates", "random", "optuna")


@dataclass(frozen=True, kw_only=True)
class Study:
    """Candidates, each trained with every seed on every fold, and judged by the same metrics.

    Parameters
    ----------
    name : str
        What it is called on its page.
    data : object
        A file or the name of a bundled data set, as ``chainrule train`` takes them; or ``(X, y)``;
        or a frame with the column ``target``.
    sampler : Sampler
        Which candidates there are: :class:`~chainrule.study.Grid`,
        :class:`~chainrule.study.Listed`, :class:`~chainrule.study.Random` or
        :class:`~chainrule.study.Optuna`. A mapping stands for a grid of it.
    target : str, optional
        The column to predict; needless where the data says it.
    task : {"auto", "classification", "regression", "autoencoder"}
        What is learnt; "auto" goes by the target.
    estimator : str or callable
        "auto" (by the task), the name of one of chainrule's, any class with scikit-learn's API, or
        a function that returns an estimator.
    columns : mapping from str to str
        Kinds of columns, where they are not what they seem, or "drop".
    fixed : mapping
        Parameters that every candidate has.
    seeds : sequence of int
        Each candidate is trained once with each; a number n stands for 0 to n - 1.
    evaluation : CrossValidation, HeldOut or ValidationData
        What is trained on and what judges; or the table of a study's file that says so.
    metrics : sequence of str
        Names of scikit-learn's scorers, the first of which decides; higher is better in all.
        "score" is the estimator's own. None means the usual ones for the task.
    halving : Halving, optional
        Trains all candidates a little, and goes on with the better ones; or its table.
    measure : callable, optional
        ``measure(fit) -> mapping`` gives further metrics of a trial: see
        :class:`~chainrule.study.execute.Fit`. It can be pickled.
    callbacks : callable, optional
        ``callbacks(fit) -> list of Callback`` for each training, as of :mod:`chainrule.training`.

    Raises
    ------
    InvalidValueError
        If a value breaks a rule, or there are more than 100,000 trials. What can only be known with
        the data is checked before anything is trained.

    Examples
    --------
    >>> from chainrule.study import Grid, HeldOut, Study
    >>> study = Study(
    ...     name="activations",
    ...     data="fashion-mnist-report",
    ...     sampler=Grid({"activation": ["relu", "tanh"]}),
    ...     fixed={"hidden_layer_sizes": [64], "max_iter": 10},
    ...     seeds=3,
    ... )
    >>> study.seeds
    (0, 1, 2)
    """

    name: str
    data: Any
    sampler: Sampler
    target: str | None = None
    task: str = "auto"
    estimator: str | Callable[..., Any] = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    seeds: Sequence[int] | int = (0,)
    evaluation: Evaluation = field(default_factory=HeldOut)
    metrics: Sequence[str] | str | None = None
    halving: Halving | None = None
    measure: Callable[[Any], Mapping[str, Any]] | None = None
    callbacks: Callable[[Any], Sequence[Any]] | None = None

    def __post_init__(self) -> None:
        for part, check in CHECKS.items():
            object.__setattr__(self, part, check(getattr(self, part)))
        check_trials(len(self.sampler), len(self.all_seeds), self.evaluation.folds or 1)

    @property
    def all_seeds(self) -> tuple[int, ...]:
        """The seeds one by one."""
        assert isinstance(self.seeds, tuple)
        return self.seeds

    @classmethod
    def from_toml(cls, path: str | Path) -> Study:
        """Read a study's file; paths of data in it are relative to the file's folder.

        Raises
        ------
        DataNotFoundError
            If there is no such file.
        DataFormatError
            If it is not TOML.
        InvalidValueError
            If a key or a value breaks a rule; the message begins with the file's name.
        """
        path = as_path(path, "a study's file")
        document = read_toml(path)
        try:
            return cls.from_dict(_beside(document, path))
        except InvalidValueError as error:
            rule = f"{path}: {error.rule}"
            raise type(error)(rule, error.value, error.remedy) from None

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Study:
        """Return the study that a dictionary with the keys of a study's file says."""
        for key, value in document.items():
            kinds, words = _KEYS[key]
            if not isinstance(value, kinds) or isinstance(value, bool):
                raise InvalidValueError(f"{key} must be {words}", value, "change it")
        for key in ("name", "data"):
            if key not in document:
                raise InvalidValueError(
                    f"a study must have the key {key}", Words("none"), f"add {key} = …"
                )
        values = {key: value for key, value in document.items() if key not in SAMPLERS}
        return cls(sampler=_sampler(document), **values)

    def run(
        self,
        out: str | Path,
        *,
        jobs: int = -1,
        backend: str = "threads",
        scheduler: str | None = None,
        listener: Listener | None = None,
    ) -> Results:
        """Run what a folder lacks of the study: see :func:`~chainrule.study.running.run_study`."""
        from chainrule.study.running import run_study

        return run_study(
            self,
            as_path(out, "out", "name a folder"),
            jobs=jobs,
            backend=backend,
            scheduler=scheduler,
            listener=listener,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the study as :meth:`from_dict` takes it, of values that JSON and TOML have.

        What these do not have, such as arrays and classes, is described by a text: enough to tell
        studies apart, not to make one again.
        """
        from chainrule.study.sampling import key_of

        document = {
            "name": self.name,
            "data": plain(self.data),
            "target": self.target,
            "task": self.task,
            "estimator": plain(self.estimator),
            "columns": dict(self.columns),
            "fixed": plain(self.fixed),
            key_of(self.sampler): plain(self.sampler.to_toml()),
            "seeds": list(self.all_seeds),
            "evaluation": self.evaluation.to_dict(),
            "metrics": self.metrics and list(self.metrics),
            "halving": self.halving and self.halving.to_toml(),
            "measure": plain(self.measure),
            "callbacks": plain(self.callbacks),
        }
        return {key: value for key, value in document.items() if value not in (None, {})}


def plain(value: Any) -> Any:
    """Return a value as JSON and TOML have it; objects, classes and arrays as texts.

    Tuples become lists, NumPy's scalars numbers. A function is its name and a hash of its code.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "dtype") and getattr(value, "ndim", None) == 0:
        return value.item()
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, FunctionType):
        return f"{describe(value)} {_digest_of_code(value)}".rstrip()
    return describe(value)


def _digest_of_code(function: FunctionType) -> str:
    """Return a hash of what a function does, comments left out; "" if its source is not there."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return ""
    with suppress(SyntaxError):  # a lambda is part of a line
        source = ast.unparse(ast.parse(source))
    return hashlib.sha256(source.encode()).hexdigest()[:16]


_KEYS: Registry[tuple[Any, str]] = Registry(
    "a study's key",
    {
        "name": (str, "a text"),
        "data": (str, "a file's name, or a bundled data set's"),
        "target": (str, "a column's name"),
        "task": (str, "a text"),
        "estimator": (str, "a text"),
        "columns": (dict, "a table: column = kind"),
        "fixed": (dict, "a table: parameter = value"),
        "grid": ((dict, list), "a table: parameter = list of values; or several: [[grid]]"),
        "candidates": (list, "tables: [[candidates]]"),
        "random": (dict, "a table: n, and parameter = distribution"),
        "optuna": (dict, "a table: n, and parameter = distribution"),
        "seeds": ((int, list), "a number, or a list of numbers"),
        "evaluation": (dict, "a table with folds, fraction or data"),
        "metrics": ((str, list), "a name, or a list of names"),
        "halving": (dict, "a table with factor, min_epochs and max_epochs"),
    },
)


def _sampler(document: Mapping[str, Any]) -> Sampler:
    from chainrule.study.sampling import SAMPLERS as CLASSES

    given = [name for name in SAMPLERS if name in document]
    if len(given) != 1:
        raise InvalidValueError(
            f"a study must have one of {', '.join(SAMPLERS)}",
            Words(", ".join(given) or "none"),
            'such as [grid] with activation = ["relu", "tanh"]',
        )
    sampler: Sampler = CLASSES[given[0]].from_toml(document[given[0]])
    return sampler


def _beside(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the document with files beside the study's own by their full names."""

    def located(data: Any) -> Any:
        file = path.parent / data if isinstance(data, str) else None
        return str(file.resolve()) if file is not None and file.exists() else data

    moved = dict(document)
    if "data" in moved:
        moved["data"] = located(moved["data"])
    if isinstance(moved.get("evaluation"), dict) and "data" in moved["evaluation"]:
        moved["evaluation"] = {
            **moved["evaluation"],
            "data": located(moved["evaluation"]["data"]),
        }
    return moved
