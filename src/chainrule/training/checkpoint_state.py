"""What the state in a checkpoint must be: like the state that the training would save now.

A file that somebody has edited is refused before anything of it is used. Arrays have the dtype and
shape of the training's own, mappings the same keys, and what stands where a number stands is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

from chainrule._values import EXACT
from chainrule.training.callbacks import Callback
from chainrule.training.history import Epoch
from chainrule.training.source import row_dtype

# Where a bit generator's state says which of its words is next, without a look at whether it is.
_POSITIONS = {"pos": "key", "buffer_pos": "buffer"}
_ROW = Epoch(0, 0.0, 0.0, {}, 0.0, 0.0, 0.0)._asdict()

ANYTHING = object()

# What may be None, by its key, and what it is like otherwise.
Maybe = Mapping[str, Any]


def difference(saved: Any, now: Any, maybe: Maybe, place: str = "the state") -> str | None:
    """Return in what a saved value differs in kind from one of this training, None if in nothing.

    Parameters
    ----------
    saved : object
        From a file.
    now : object
        Made of dicts, lists, tuples, arrays, numbers, bools, texts and None. A text must be the
        same, and the empty one stands for any; no integer is negative.
    maybe : mapping from str to object
        What may be None, by its key, and what it is like otherwise.
    place : str
        Where the value is.
    """
    return next(filter(None, _differences(saved, now, maybe, place)), None)


def _differences(saved: Any, now: Any, maybe: Maybe, place: str) -> Iterator[str | None]:
    if isinstance(now, dict):
        if not isinstance(saved, dict) or saved.keys() != now.keys():
            yield f"{place} must have the keys {', '.join(now)}"
        for key, value in saved.items():
            if key not in maybe or value is not None:
                yield difference(value, maybe.get(key, now[key]), maybe, f"{place}.{key}")
        for key, words in _POSITIONS.items():
            if {key, words} <= saved.keys() and saved[key] > len(saved[words]):
                yield f"{place}.{key} must be at most {len(saved[words])}"
    elif isinstance(now, list | tuple):
        if type(saved) is not type(now) or len(saved) != len(now):
            yield f"{place} must have {len(now)} entries"
        for number, (value, like) in enumerate(zip(saved, now, strict=True)):
            yield difference(value, like, maybe, f"{place}[{number}]")
    else:
        fits, rule = _compared(saved, now)
        yield None if fits else f"{place} must be {rule}"


def _compared(saved: Any, now: Any) -> tuple[bool, str]:
    if now is ANYTHING:
        return True, ""
    if isinstance(now, np.ndarray):
        same = isinstance(saved, np.ndarray) and (saved.dtype, saved.shape) == (
            now.dtype,
            now.shape,
        )
        return same, f"{now.dtype} numbers of shape {now.shape}"
    if isinstance(now, bool):
        return isinstance(saved, bool), "true or false"
    if isinstance(now, str):
        return isinstance(saved, str) and now in ("", saved), f"the text {now!r}"
    if now is None:
        return saved is None, "null"
    is_number = isinstance(saved, Real) and not isinstance(saved, bool)
    if isinstance(now, Integral):
        whole = is_number and isinstance(saved, Integral) and int(saved) >= 0
        return whole, "an integer of at least 0"
    return is_number, "a number"


def fault(
    saved: Any, now: dict[str, Any], shuffled: int | None, callbacks: Iterable[Callback]
) -> str | None:
    """Return what is wrong in the state of a file; None if a training can go on from it.

    Parameters
    ----------
    saved : object
        From the file.
    now : dict
        What the training would save.
    shuffled : int or None
        How many rows have a permutation; None where they come in order.
    callbacks : iterable of Callback
        Whose states are in it. One that keeps its state in its own way has to look at it itself.
    """
    return next(filter(None, _faults(saved, now, shuffled, callbacks)), None)


def _faults(
    saved: Any, now: dict[str, Any], shuffled: int | None, callbacks: Iterable[Callback]
) -> Iterator[str | None]:
    # Each looks at what those before it have found to be there.
    varies = dict.fromkeys(("rows", "permutation", "callbacks"), ANYTHING)
    yield difference(saved, {**now, **varies}, {"best_epoch": 0})
    if max(saved["t"], *saved["clock"]) > EXACT:
        yield f"no count in the state may be above {EXACT}"
    yield from _faults_of_rows(saved["rows"])
    if not 1 <= saved["epochs_done"] <= len(saved["rows"]) >= (saved["best_epoch"] or 0):
        yield f"the state must be of some of the epochs in its {len(saved['rows'])} rows"
    if shuffled is None:
        yield difference(saved["permutation"], None, {}, "the state.permutation")
    else:
        every = np.arange(shuffled, dtype=row_dtype(shuffled))
        yield difference(saved["permutation"], every, {}, "the state.permutation")
        if not np.array_equal(np.sort(saved["permutation"]), every):
            yield f"the state.permutation must have each number below {shuffled} once"
    kept = [
        state if _is_own(callback) else ANYTHING
        for callback, state in zip(callbacks, now["callbacks"], strict=True)
    ]
    maybe = {"epoch": 0, "flat": now["parameters"], "run": ""}
    yield difference(saved["callbacks"], kept, maybe, "the state.callbacks")


def _is_own(callback: Callback) -> bool:
    # Whether the library, and not a subclass or an object of the user's, says what it keeps.
    home = getattr(type(callback).state_dict, "__module__", None)
    return str(home).startswith("chainrule.")


def _faults_of_rows(rows: Any) -> Iterator[str | None]:
    width = len(_ROW)
    if not isinstance(rows, list) or not all(isinstance(r, list) and len(r) == width for r in rows):
        yield f"the state.rows must be a list of lists of {width}"
    for number, row in enumerate(rows):
        named = dict(zip(_ROW, row, strict=True))
        if not isinstance(named["scores"], dict):
            yield f"the state.rows[{number}].scores must have names"
        # A scorer of the user's may return a bool.
        truths = bool | np.bool_
        scores = {k: ANYTHING if isinstance(v, truths) else 0.0 for k, v in named["scores"].items()}
        place = f"the state.rows[{number}]"
        yield difference(named, {**_ROW, "scores": scores}, {"validation_loss": 0.0}, place)
