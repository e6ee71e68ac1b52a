"""What a run is told: options, a TOML file of them, and ``--set``; checked before data is read.

A file has the command's own options at the top, the estimator's parameters under ``[model]`` and
kinds of columns under ``[columns]``. ``--set`` changes one of the latter two; what is given on the
command line goes before what is in the file.
"""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sklearn.utils._param_validation import (
    InvalidParameterError,
    validate_parameter_constraints,
)

from chainrule._files import as_path, path_text
from chainrule._synonyms import SYNONYMS, said_of
from chainrule._toml import parse_toml, read_toml
from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.schedules import SCHEDULES
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.estimators import MLPAutoencoder, MLPClassifier, MLPRegressor
from chainrule.estimators.settings import SOLVERS
from chainrule.preparation.asked import TASKS
from chainrule.registry import Registry, synonym

ESTIMATORS: dict[str, Any] = {
    "classification": MLPClassifier,
    "regression": MLPRegressor,
    "autoencoder": MLPAutoencoder,
}

# Parameters that a run itself sets, and what does so; or that have no meaning in a run.
ELSEWHERE = {
    "random_state": "the seed of a run is set with --seed",
    "verbose": "a run shows its progress anyway",
    "progress": "a run shows its progress anyway",
    "warm_start": "a run trains once",
    "validation_fraction": "rows are held out with --val-fraction",
    "callbacks": "a run has its own",
    "checkpoint": "a run keeps its own, and goes on from it with --resume",
}
# Where parameters that are names are looked up, so that a wrong one gets the closest.
TABLES: dict[str, Registry[Any]] = {
    "activation": ACTIVATIONS,
    "solver": Registry("solver", dict.fromkeys(["lbfgs", *SOLVERS])),
    "learning_rate": SCHEDULES,
    "weight_init": Registry(
        "initialisation",
        dict.fromkeys(["auto", *INITIALIZERS]),
        aliases=INITIALIZERS.aliases,
    ),
}
# Of the command's options, those that a file may have, and their types.
OPTIONS: dict[str, tuple[type, ...]] = {
    "target": (str,),
    "task": (str,),
    "val": (str,),
    "val_fraction": (int, float),
    "seed": (int,),
}
_TYPE_WORDS = {(str,): "a text", (int,): "a whole number", (int, float): "a number"}
_SECTIONS = ("model", "columns")
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class TrainSettings:
    """What a training is told.

    Parameters
    ----------
    data : str
        A file, a folder of images, or a bundled data set's name.
    out : Path
        The folder to write.
    target : str, optional
        The column to predict; the one that the format calls so if left out.
    task : {"auto", "classification", "regression", "autoencoder"}
        What to learn.
    val : str, optional
        A file of rows to measure on; without it a part of ``data`` is held out.
    val_fraction : float, optional
        The share of rows that is held out, in (0, 1); 0.2, and at most 100,000 rows, if left out.
    seed : int
        Of held-out rows, weights and order.
    model : mapping from str to object
        Parameters of the estimator, where they are not to be the defaults.
    columns : mapping from str to str
        Kinds of columns, where they are not to be found out.
    force : bool
        Whether to write over a run that the folder has.
    resume : bool
        Whether to go on with a run that was interrupted, if the folder has one.
    command : str
        What repeats the run; the report shows it.

    Raises
    ------
    InvalidValueError
        If a setting breaks a rule.
    """

    data: str
    out: Path
    target: str | None = None
    task: str = "auto"
    val: str | None = None
    val_fraction: float | None = None
    seed: int = 0
    model: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    force: bool = False
    resume: bool = False
    command: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "out", as_path(self.out, "out", "name a folder"))
        object.__setattr__(self, "data", path_text(self.data, "data", "name a file or a data set"))
        Registry("task", dict.fromkeys(TASKS))[self.task]
        if self.val is not None and self.val_fraction is not None:
            raise InvalidValueError(
                "val and val-fraction must not be given together",
                (self.val, self.val_fraction),
                "leave one out",
            )
        if self.val_fraction is not None and not 0 < self.val_fraction < 1:
            raise InvalidValueError(
                "val-fraction must be a number in (0, 1)", self.val_fraction, "0.2 is usual"
            )
        if self.force and self.resume:
            raise InvalidValueError(
                "force and resume must not be given together",
                "both",
                "--resume goes on with a run, --force writes over it",
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            raise InvalidValueError(
                f"seed must be a whole number in [0, {LARGEST_SEED}]", self.seed, "change it"
            )
        for name, value in self.model.items():
            check_parameter(name, value, self.task)


def check_parameter(name: str, value: Any, task: str) -> None:
    """Raise unless the estimator of a task has a parameter that may be this, and a run may set it.

    Parameters
    ----------
    name : str
        Of the parameter.
    value : object
        What it is to be.
    task : str
        What is learnt; "auto" takes what any estimator does.
    """
    if (remedy := said_of(name, ELSEWHERE)) is not None:
        raise InvalidValueError(
            "a run's [model] must have settings that a run leaves open", name, remedy
        )
    Registry("a setting of the model", dict.fromkeys(parameters(task)), synonyms=SYNONYMS)[name]
    if name == "quantile" and isinstance(value, list):
        raise InvalidValueError(
            "quantile must be one number in a run", value, "train a run for each"
        )
    if isinstance(value, str) and name in TABLES:
        TABLES[name][value]
        return
    kinds = ESTIMATORS.values() if task == "auto" else [ESTIMATORS[task]]
    allowed = [
        kind._parameter_constraints[name] for kind in kinds if name in kind._parameter_constraints
    ]
    broken = [rule for one in allowed if (rule := _broken(name, value, one)) is not None]
    if len(broken) == len(allowed):
        remedy = "change it under [model] or with --set"
        if name == "learning_rate":  # elsewhere the number is called so
            remedy += '; the number is called "learning_rate_init" here'
        raise InvalidValueError(broken[0], value, remedy)


def in_place_of_option(name: str, value: str) -> str | None:
    """Return what to give in place of an option that ``train`` lacks; None if nothing is known.

    Parameters
    ----------
    name : str
        Of the option, as a parameter's would be: what other libraries call one has an answer too.
    value : str
        That it was given.
    """
    known = parameters("auto")
    if name not in known and (remedy := said_of(name, ELSEWHERE)) is not None:
        return remedy
    right = synonym(name, known, SYNONYMS)
    return None if right is None else f"give {shlex.join(['--set', f'{right}={value}'])}"


def _broken(name: str, value: Any, constraint: Any) -> str | None:
    """Return the rule that a value breaks, in scikit-learn's words; None if it breaks none."""
    try:
        validate_parameter_constraints({name: constraint}, {name: value}, "it")
    except InvalidParameterError as error:
        words = re.fullmatch(
            r"The '.*?' parameter of it (must be .*)\. Got .*", str(error), re.DOTALL
        )
        return f"{name} {words.group(1)}" if words else str(error)
    return None


def parameters(task: str) -> list[str]:
    """Return the estimator's parameters that a run may set; those of all tasks for "auto"."""
    kinds = ESTIMATORS.values() if task == "auto" else [ESTIMATORS[task]]
    names = {name: None for kind in kinds for name in inspect.signature(kind).parameters}
    return [name for name in names if name not in ELSEWHERE]


def read_config(path: Path) -> dict[str, Any]:
    """Return what a TOML file sets: options by name, and "model" and "columns" as dicts.

    Raises
    ------
    DataNotFoundError
        If there is no such file.
    DataFormatError
        If it is not TOML.
    InvalidValueError
        If it has a key that means nothing here, or a value of another type.
    """
    settings = read_toml(path)
    known = Registry(f"a setting in {path}", dict.fromkeys([*OPTIONS, *_SECTIONS]))
    for name, value in settings.items():
        known[name]
        if name in _SECTIONS:
            if not isinstance(value, dict):
                raise _wrong_type(path, name, f"a table, [{name}]", value)
        elif not isinstance(value, OPTIONS[name]) or isinstance(value, bool):
            raise _wrong_type(path, name, _TYPE_WORDS[OPTIONS[name]], value)
    for name, kind in settings.get("columns", {}).items():
        if not isinstance(kind, str):
            raise _wrong_type(path, f"columns.{name}", "a text, such as a kind", kind)
    return settings


def _wrong_type(path: Path, name: str, wanted: str, value: object) -> InvalidValueError:
    return InvalidValueError(f"{name} in {path} must be {wanted}", value, "change it")


def parse_set(text: str) -> tuple[str, str, Any]:
    """Return section, name and value of ``NAME=VALUE``, ``model.NAME=…`` or ``columns.NAME=…``.

    A value is read as TOML where it is that, else it is a text; ``none`` is None, and numbers with
    commas between are a list.
    """
    section, _, rest = text.partition(".")
    if section not in _SECTIONS:
        section, rest = "model", text
    # A column's name may have an equals sign in it, a kind may not.
    name, equals, value = rest.rpartition("=") if section == "columns" else rest.partition("=")
    if not equals or not name.strip():
        raise InvalidValueError(
            "set takes NAME=VALUE", text, "such as --set max_iter=50 or --set columns.zip=category"
        )
    return section, name.strip(), value.strip() if section == "columns" else _value(value.strip())


def _parsed(sets: Iterable[str]) -> dict[tuple[str, str], Any]:
    """Return the values by section and name, each of which may be set once."""
    found: dict[tuple[str, str], Any] = {}
    for text in sets:
        section, name, value = parse_set(text)
        if (section, name) in found:
            raise InvalidValueError(f"set must give {name} once", text, "leave one out")
        found[section, name] = value
    return found


def _value(text: str) -> Any:
    if text.lower() == "none":
        return None
    for attempt in (text, f"[{text}]", f"[{text.strip('()')}]"):
        try:
            found = parse_toml(f"value = {attempt}")
        except DataFormatError:
            continue
        if list(found) == ["value"]:
            return found["value"]
    return text


def combined(
    config: Mapping[str, Any], given: Mapping[str, Any], sets: Iterable[str]
) -> dict[str, Any]:
    """Return the arguments of :class:`TrainSettings`: a file's, then options, then ``--set``'s.

    Parameters
    ----------
    config : mapping
        What :func:`read_config` returned; may be empty.
    given : mapping
        Options of the command line; None stands for one that was not given.
    sets : iterable of str
        As :func:`parse_set` takes them.
    """
    arguments = {**config, **{name: value for name, value in given.items() if value is not None}}
    if given.get("val") is not None or given.get("val_fraction") is not None:
        # The one that was given takes the place of the file's other one.
        for name in ("val", "val_fraction"):
            if given.get(name) is None:
                arguments.pop(name, None)
    for (section, name), value in _parsed(sets).items():
        arguments[section] = {**arguments.get(section, {}), name: value}
    assert arguments.keys() <= {one.name for one in fields(TrainSettings)}
    return arguments
