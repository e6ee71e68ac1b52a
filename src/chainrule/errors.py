"""Every error that chainrule raises on purpose, and its warning.

::

    ChainruleError
    ├── InvalidValueError(ValueError)     an argument breaks a rule
    │   ├── UnknownNameError              a name that no table has
    │   │   └── UnknownParameterError(TypeError)
    │   │                                 a parameter that an estimator does not have
    │   ├── NotEnoughMemoryError(MemoryError)
    │   │                                 a network or a training that memory cannot hold
    │   └── OutputOverflowError(ArithmeticError)
    │                                     rows that are too large for a network
    ├── DataFormatError(ValueError)       a file is not what it claims to be
    ├── DataNotFoundError(FileNotFoundError)
    │                                     a data set is in none of the places searched
    ├── FetchError(OSError)               a download failed or brought the wrong bytes
    ├── DivergenceError(ArithmeticError)  training left the finite numbers
    ├── StoreError(OSError)               a study's file cannot be read or written
    ├── WorkerError(RuntimeError)         where a study's trials shall run, none can
    └── TrainingInterrupted               somebody asked a running fit to stop

    DivergenceWarning(UserWarning)        training diverged; earlier weights are kept

Catch :class:`ChainruleError` for all of them. Each message gives the rule, the value
that broke it and the remedy, in that order.
"""

from __future__ import annotations

import reprlib

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = 120
_repr.maxtuple = _repr.maxlist = 12


class Words(str):
    """A description of a value, such as a shape: stands in an error as it is, without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def an_object(value: object) -> Words:
    """Return what to say of a value that is of the wrong type, and may be large: its type."""
    return Words("None" if value is None else f"an object of the type {type(value).__name__}")


class ChainruleError(Exception):
    """The base of every error that chainrule raises on purpose."""


class InvalidValueError(ChainruleError, ValueError):
    """An argument breaks a rule.

    Parameters
    ----------
    rule : str
        What must hold, in words: ``"batch_size must be in [1, 150] (n_samples)"``.
    value : object
        What was given instead, or :class:`Words` that describe it.
    remedy : str
        What to do: ``'lower it or pass "auto"'``.
    """

    def __init__(self, rule: str, value: object, remedy: str) -> None:
        # The parts are the arguments, so that the error survives pickling.
        super().__init__(rule, value, remedy)
        self.rule, self.value, self.remedy = rule, value, remedy

    def __str__(self) -> str:
        shown = _repr.repr(self.value)
        if "\n" in shown:  # a frame or an array
            shown = " ".join(shown.split())
        return f"{self.rule}, got {shown}: {self.remedy}"


class UnknownNameError(InvalidValueError):
    """A name that is in no table; the remedy names the closest one."""


class UnknownParameterError(UnknownNameError, TypeError):
    """A parameter that an estimator does not have."""


class NotEnoughMemoryError(InvalidValueError, MemoryError):
    """A network, or what its training needs, does not fit into memory."""


class OutputOverflowError(InvalidValueError, ArithmeticError):
    """What a network makes of some rows leaves the finite numbers."""


class DataFormatError(ChainruleError, ValueError):
    """A data file is not what it claims to be: wrong magic, wrong length, wrong digest."""


class DataNotFoundError(ChainruleError, FileNotFoundError):
    """A data set is in none of the places that were searched."""


class FetchError(ChainruleError, OSError):
    """A download failed, or brought something else than was asked for."""


class DivergenceError(ChainruleError, ArithmeticError):
    """Training left the finite numbers.

    Parameters
    ----------
    epoch : int
        The epoch, counted from 1, in which it happened.
    what : str
        What stopped being finite: ``"the training loss"``.
    remedy : str
        What to try.
    """

    def __init__(self, epoch: int, what: str, remedy: str) -> None:
        super().__init__(epoch, what, remedy)
        self.epoch, self.what, self.remedy = epoch, what, remedy

    def __str__(self) -> str:
        return f"training diverged in epoch {self.epoch}: {self.what} is not finite; {self.remedy}"


class DivergenceWarning(UserWarning):
    """Training left the finite numbers, and the weights of an earlier epoch were kept."""


class TrainingInterrupted(ChainruleError):  # noqa: N818 - it reports a wish, not a fault
    """A running fit was asked to stop, and stopped."""


class StoreError(ChainruleError, OSError):
    """The file that keeps a study's finished trials cannot be read or written."""


class WorkerError(ChainruleError, RuntimeError):
    """Where a study's trials shall run, none can: no cluster answers, or a worker is unfit."""
