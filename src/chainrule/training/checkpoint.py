"""A file from which a killed training goes on, to the same bits.

What is saved is where training stands after a whole epoch, before any callback's ``train_end``. A
training that is over is saved in the same way: going on from it runs no epoch, and ends as it did,
unless more epochs are asked for.

The file is a zip archive of the kind that NumPy's ``.npz`` is: ``header.json`` (what it is, and the
fingerprint of the fit), ``state.json``, and one ``.npy`` member for each array. Nothing in it is
code, and each member has a checksum. It is replaced in one step, so that a reader sees the old one
or the new one, and only by the fit that it belongs to.

``state.json`` has values as :mod:`chainrule._values` writes them, and two more kinds of object:
``{"array": "0"}`` (member ``0.npy``) and ``{"scalar": "0"}`` (the same, of NumPy's scalar types).
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import os
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import MethodType
from typing import IO, Any

import numpy as np
from scipy.sparse import issparse

from chainrule._files import replace_file
from chainrule._types import Array
from chainrule._values import decode, encode
from chainrule.engine.schedules import Clock
from chainrule.errors import DataFormatError, InvalidValueError, Words
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.checkpoint_state import difference, fault
from chainrule.training.history import Epoch
from chainrule.training.loop import Trainer
from chainrule.training.pages import Pages
from chainrule.training.source import InOrder, SuccessiveShuffles

FORMAT = 1
SECONDS = 10.0  # between one save and the next, at most
SHARE = 0.05  # of the time, at most, that saves take where they are more frequent than that
PIECE_BYTES = 2**22  # of an array, hashed at a time
END_BYTES = 22  # of the record that ends an archive without a comment
NAMED = 4  # of the differences that an error lists

_KIND = "chainrule checkpoint"
_START_ANEW = "pass another path, or delete the file to start anew"


class Checkpoint(Callback):
    """Saves a training now and then, and goes on from what is saved; the last of the callbacks.

    An epoch is saved if it is the first or the last, or if the last save is some seconds ago. So a
    kill or Ctrl-C loses these seconds and the epoch that was running: ten, or less where a save is
    quick.

    Parameters
    ----------
    path : path
        Of the file; what is there must be a checkpoint of the same fit.
    fingerprint : mapping from str to str
        What decides about the result, by the names that an error should have for it; see
        :func:`describe`.
    order : SuccessiveShuffles or InOrder
        The order of each epoch.
    random_state : numpy.random.RandomState
        What the order draws from; a training that goes on sets it to where it was.
    callbacks : sequence of Callback
        All the others, in their order.
    n_rows : int
        How many rows are learnt from.
    drawn : mapping, optional
        What was drawn before training and must be the same when it goes on.
    seconds : float, optional
        Between one save and the next. If left out, saves take a twentieth of the time, and are no
        more than :data:`SECONDS` apart.

    Attributes
    ----------
    goes_on : bool
        Whether there is a checkpoint to go on from.
    drawn : dict
        As given, or as it was when the checkpoint was begun.

    Raises
    ------
    InvalidValueError
        If no file can be made at that path, or if the file there is of another fit.
    DataFormatError
        If the file there is damaged or no checkpoint, or if its state is none of this training's,
        which is known when training begins.
    """

    def __init__(
        self,
        path: str | Path,
        fingerprint: Mapping[str, str],
        *,
        order: SuccessiveShuffles | InOrder,
        random_state: np.random.RandomState,
        callbacks: Sequence[Callback],
        n_rows: int,
        drawn: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> None:
        self.path, self.fingerprint = Path(path).resolve(), dict(fingerprint)
        self.order, self.random_state = order, random_state
        self.callbacks = [callback for callback in callbacks if keeps_state(callback)]
        self.drawn = dict(drawn or {})
        self.n_rows = n_rows
        self.seconds = seconds
        self._next_save = -math.inf
        self._saved: dict[str, Any] | None = None
        check_checkpoint_place(self.path)
        if self.path.exists():
            self._refuse_others()
            self._saved = read(self.path)[1]
            self.refuse(difference(self._saved.get("drawn"), self.drawn, {}, "the state.drawn"))
            self.drawn = self._saved["drawn"]

    @property
    def goes_on(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return self._saved is not None

    def train_begin(self, progress: Progress) -> None:
        self._next_save = -math.inf
        saved, self._saved = self._saved, None
        if saved is not None:
            shuffled = self.n_rows if isinstance(self.order, SuccessiveShuffles) else None
            self.refuse(fault(saved, self._state(progress), shuffled, self.callbacks))
            self._refuse_fewer(progress.epochs, saved["epochs_done"])
            self._restore(progress, saved)

    def epoch_end(self, progress: Progress) -> bool:
        is_last = progress.stopped or progress.epochs_done >= progress.epochs
        if is_last or monotonic() >= self._next_save:
            begun = monotonic()
            self._refuse_others()  # another process may have begun one here
            write(self.path, self.fingerprint, self._state(progress))
            ended = monotonic()
            apart = min(SECONDS, (ended - begun) / SHARE) if self.seconds is None else self.seconds
            self._next_save = ended + apart
        return False

    def _refuse_others(self) -> None:
        if not self.path.exists():
            return
        other = read_fingerprint(self.path)
        names = [*self.fingerprint, *(name for name in other if name not in self.fingerprint)]
        differing = [name for name in names if self.fingerprint.get(name) != other.get(name)]
        if differing:
            more = len(differing) - NAMED
            listed = ", ".join(differing[:NAMED]) + (f" and {more} more" if more > 0 else "")
            raise InvalidValueError(
                f"the checkpoint {self.path} must be of this fit",
                Words(f"other values of {listed}"),
                _START_ANEW,
            )

    def refuse(self, found: str | None) -> None:
        """Raise DataFormatError if something was found that is wrong in the file."""
        if found is not None:
            raise DataFormatError(
                f"{self.path} must be a checkpoint that this training can go on from, "
                f"but {found}: {_START_ANEW}"
            )

    def _refuse_fewer(self, epochs: int, done: int) -> None:
        if epochs < done:
            raise InvalidValueError(
                f"max_iter must be at least {done}, the epochs in the checkpoint {self.path}",
                epochs,
                f"raise it; or {_START_ANEW}",
            )

    def _state(self, progress: Progress) -> dict[str, Any]:
        trainer, history = progress.trainer, progress.history
        dropout, order = trainer.dropout_rng, self.order
        return {
            "epochs_done": progress.epochs_done,
            "stopped": progress.stopped,
            "rows": [list(row._replace(scores=dict(row.scores))) for row in history],
            "best_epoch": history.best_epoch,
            "parameters": trainer.params.flat,
            "slots": trainer.state.slots,
            "t": trainer.state.t,
            "clock": list(trainer.clock),
            "learning_rate": trainer.learning_rate,
            "dropout": None if dropout is None else dict(dropout.bit_generator.state),
            "permutation": order.permutation if isinstance(order, SuccessiveShuffles) else None,
            "random_state": self.random_state.get_state(legacy=False),
            "callbacks": [callback.state_dict() for callback in self.callbacks],
            "drawn": self.drawn,
        }

    def _restore(self, progress: Progress, saved: dict[str, Any]) -> None:
        trainer, history = progress.trainer, progress.history
        self._restore_generators(trainer, saved)
        progress.epochs_done, progress.stopped = saved["epochs_done"], saved["stopped"]
        history.epochs[:] = [Epoch(*row) for row in saved["rows"]]
        history.best_epoch = saved["best_epoch"]
        np.copyto(trainer.params.flat, saved["parameters"])
        np.copyto(trainer.state.slots, saved["slots"])
        trainer.state.t = saved["t"]
        trainer.clock, trainer.learning_rate = Clock(*saved["clock"]), saved["learning_rate"]
        if isinstance(self.order, SuccessiveShuffles):
            self.order.permutation = saved["permutation"]
        for callback, state in zip(self.callbacks, saved["callbacks"], strict=True):
            callback.load_state_dict(state)

    def _restore_generators(self, trainer: Trainer, saved: dict[str, Any]) -> None:
        before = self.random_state.get_state(legacy=False)
        try:
            self.random_state.set_state(saved["random_state"])
            if trainer.dropout_rng is not None:
                trainer.dropout_rng.bit_generator.state = saved["dropout"]
        except (ValueError, TypeError, OverflowError) as error:  # words that are too large
            self.random_state.set_state(before)
            self.refuse(f"its random numbers cannot go on: {error}")


def keeps_state(callback: Callback) -> bool:
    """Return whether a callback has something to save."""
    kind = type(callback)
    return getattr(kind, "state_dict", Callback.state_dict) is not Callback.state_dict


# -- what a fit is ---------------------------------------------------------------------------------


def describe(value: Any, inside: tuple[int, ...] = ()) -> str:
    """Return a text for a value: the same in every process, another for another value.

    Arrays and sparse matrices are hashed in pieces, without a copy. A function is its module and
    name, an object its class and attributes.

    Parameters
    ----------
    value : object
        Anything.
    inside : tuple of int
        The objects around it, by their ids, as a value may be inside itself.
    """
    if id(value) in inside:
        return "itself"
    one = functools.partial(describe, inside=(*inside, id(value)))
    for kind, text in _TEXTS:
        if isinstance(value, kind):
            return text(value, one)
    if issparse(value) or hasattr(value, "__array__"):
        return digest(value)
    if hasattr(value, "__qualname__"):  # a function or a class
        return _name(value)
    if hasattr(value, "__dict__"):
        return f"{_name(type(value))}({one(vars(value))})"
    return re.sub(" at 0x[0-9a-fA-F]+", "", repr(value))  # an address differs each time


_Text = Callable[[Any, Callable[[Any], str]], str]


def _name(value: Any) -> str:
    return f"{getattr(value, '__module__', None)}.{value.__qualname__}"


def _joined(values: Iterable[Any], one: Callable[[Any], str]) -> str:
    return ", ".join(map(one, values))


_TEXTS: list[tuple[Any, _Text]] = [
    (bool | int | float | complex | str | bytes | np.generic | None, lambda v, one: repr(v)),
    (list, lambda v, one: f"[{_joined(v, one)}]"),
    (tuple, lambda v, one: f"({_joined(v, one)})"),
    (set | frozenset, lambda v, one: f"{{{', '.join(sorted(map(one, v)))}}}"),
    (Mapping, lambda v, one: f"dict({_joined(v.items(), one)})"),
    (functools.partial, lambda v, one: f"partial{one((v.func, v.args, v.keywords))}"),
    (MethodType, lambda v, one: f"{one(v.__self__)}.{v.__name__}"),
    (np.random.RandomState, lambda v, one: f"RandomState({one(v.get_state(legacy=False))})"),
]


def digest(array: Any) -> str:
    """Return dtype, shape and a hash of the numbers of an array or a CSR matrix.

    The same numbers have the same digest, whatever the memory layout.
    """
    hashed = hashlib.blake2b(digest_size=16)
    if issparse(array):
        whole: Any = array
        whole = whole.tocsr()
        parts = [whole.indptr, whole.indices, whole.data]
    else:
        whole = np.asarray(array)
        parts = [whole]
    for part in parts:
        _feed(hashed, np.atleast_1d(part))
    return f"{whole.dtype.str} {whole.shape} {hashed.hexdigest()}"


def _feed(hashed: Any, array: Array) -> None:
    rows = max(1, PIECE_BYTES * len(array) // max(array.nbytes, 1))
    pages = Pages(array)
    for begin in range(0, len(array), rows):
        piece = array[begin : begin + rows]
        # The bytes of objects are addresses, and some of a long double's mean nothing.
        if _has_objects(array.dtype) or array.dtype.char in "gG":
            for item in piece.ravel():
                hashed.update(f"{describe(item)}\0".encode(errors="surrogatepass"))
        elif piece.nbytes:
            hashed.update(np.ascontiguousarray(piece).reshape(-1).view(np.uint8))
        pages.read(len(piece))


def _has_objects(dtype: np.dtype) -> bool:
    return bool(dtype.hasobject) or dtype.kind == "T"  # NumPy's texts of any length


# -- the file --------------------------------------------------------------------------------------


def check_checkpoint_place(path: Path) -> None:
    """Raise InvalidValueError unless a file is at ``path``, or can be made there."""
    if not path.parent.is_dir():
        rule, remedy = "be in a folder that exists", "make the folder"
    elif path.is_dir():
        rule, remedy = "be a file, not a folder", "add a file's name"
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        rule, remedy = "be in a folder that you may write to", "change its permissions"
    elif not path.exists():
        return
    elif not path.is_file():
        rule, remedy = "be a regular file", "remove what is there"
    elif not os.access(path, os.R_OK | os.W_OK):
        rule, remedy = "be a file that you may read and write", "change its permissions"
    else:
        return
    raise InvalidValueError(f"checkpoint must {rule}", str(path), f"{remedy}, or pass another path")


def write(path: Path, fingerprint: Mapping[str, str], state: Mapping[str, Any]) -> None:
    """Replace a checkpoint in one step.

    Parameters
    ----------
    path : Path
        Of the file.
    fingerprint : mapping from str to str
        Of the fit.
    state : mapping
        Made of None, bools, numbers, texts, lists, tuples, dicts by texts, and arrays.

    Raises
    ------
    InvalidValueError
        If there is something else in the state.
    OSError
        If the file cannot be written; the old one is then untouched.
    """
    arrays: list[Array] = []
    encoded = _encode(dict(state), arrays)
    header = {"kind": _KIND, "format": FORMAT, "fingerprint": dict(fingerprint)}

    def into(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(zipfile.ZipInfo("header.json"), _json(header))
            archive.writestr(zipfile.ZipInfo("state.json"), _json(encoded))
            for number, array in enumerate(arrays):
                info = zipfile.ZipInfo(f"{number}.npy")
                with archive.open(info, "w", force_zip64=True) as member:
                    # Version 3 takes every dtype without a warning.
                    np.lib.format.write_array(member, array, version=(3, 0), allow_pickle=False)

    replace_file(path, into)


def read(path: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the fingerprint and the state in a checkpoint, every checksum checked.

    Raises
    ------
    DataFormatError
        If the file is damaged, or no checkpoint.
    OSError
        If it cannot be read.
    """
    with _opened(path) as archive:
        fingerprint = _fingerprint(archive)

        def array(number: str) -> Array:
            with archive.open(f"{number}.npy") as member:
                found: Array = np.lib.format.read_array(member, allow_pickle=False)
                if member.read():  # at the end the checksum is looked at
                    raise ValueError("more than an array")
            return found

        state: dict[str, Any] = _decode(json.loads(archive.read("state.json")), array)
        if not isinstance(state, dict):
            raise TypeError(state)
    return fingerprint, state


def read_fingerprint(path: Path) -> dict[str, str]:
    """Return the fingerprint in a checkpoint; errors are :func:`read`'s."""
    with _opened(path) as archive:
        return _fingerprint(archive)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                _check_ends(archive, file)
                yield archive
        except Exception as error:  # a damaged file makes its readers raise almost anything
            what = "a damaged file, or one of another kind"
            raise DataFormatError(
                f"{path} must be a checkpoint in format {FORMAT} of chainrule, "
                f"got {error if isinstance(error, _OtherFormat) else what}: {_START_ANEW}"
            ) from error


def _check_ends(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    """Raise ValueError if something stands before or after an archive, which zipfile looks past."""
    file.seek(-END_BYTES, os.SEEK_END)
    signature, *_, comment_size = struct.unpack("<4s4H2LH", file.read())
    first = min(info.header_offset for info in archive.infolist())
    if signature != b"PK\5\6" or comment_size or first:
        raise ValueError("more than an archive")


class _OtherFormat(Exception):  # noqa: N818 - never leaves this module
    pass


def _fingerprint(archive: zipfile.ZipFile) -> dict[str, str]:
    header = json.loads(archive.read("header.json"))
    if header["kind"] != _KIND:
        raise ValueError(header["kind"])
    if header["format"] != FORMAT:
        raise _OtherFormat(f"one in format {header['format']}")
    fingerprint: dict[str, str] = header["fingerprint"]
    if not isinstance(fingerprint, dict):
        raise TypeError(fingerprint)
    return fingerprint


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def _encode(value: Any, arrays: list[Array]) -> Any:
    def other(value: Any, place: str) -> Any:
        if isinstance(value, np.ndarray | np.generic) and not _has_objects(value.dtype):
            arrays.append(np.asarray(value))
            kind = "scalar" if isinstance(value, np.generic) else "array"
            return {kind: str(len(arrays) - 1)}
        raise InvalidValueError(
            f"what a checkpoint keeps{place and f' at {place}'} must be made of None, bools, "
            "numbers, texts, lists, tuples, dicts by texts, and arrays without objects",
            value,
            "return something else from state_dict",
        )

    return encode(value, other)


def _decode(value: Any, array: Callable[[str], Array]) -> Any:
    return decode(value, {"array": array, "scalar": lambda number: array(number)[()]})
