"""NumPy's files, without pickle: the header is checked before anything is mapped or read.

NPY files are mapped into memory. NPZ files (``npz``) are read as streams and have such headers too.
"""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from chainrule.datasets.tables.arrays import ArrayTable
from chainrule.datasets.tables.digests import file_digest
from chainrule.datasets.tables.faults import fault
from chainrule.datasets.tables.memory import array_columns
from chainrule.datasets.tables.table import Table

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True)
class NpyHeader:
    """What a NPY file says of its array.

    Parameters
    ----------
    shape : tuple of int
        The array's.
    dtype : dtype
        Of its values; no objects.
    fortran_order : bool
        Whether the first index changes fastest.
    length : int
        How many bytes come before the values.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool
    length: int


def read_header(name: str, file: IO[bytes], n_bytes: int, *, place: str = "") -> NpyHeader:
    """Read the header of a NPY file and check it.

    Parameters
    ----------
    name, place : str
        The file, and the array in it, for errors.
    file : binary file
        At its start.
    n_bytes : int
        How long it is.

    Raises
    ------
    DataFormatError
        If it is no NPY file, has Python objects, no rows, or another length than it says.
    """
    try:
        with warnings.catch_warnings():  # of headers that Python 2 wrote
            warnings.simplefilter("ignore")
            version = np.lib.format.read_magic(file)
            shape, fortran_order, dtype = _HEADERS[version](file)
    except Exception as error:
        rule = "it must begin with the header of a NumPy array, version 1.0 or 2.0"
        why = f"another ({error})"
        raise fault(name, rule, why, "save it by numpy.save or numpy.savez", place=place) from None
    if dtype.hasobject:
        rule, remedy = "an array must hold numbers or text", "convert it before it is saved"
        raise fault(name, rule, "Python objects, which are never loaded", remedy, place=place)
    header = NpyHeader(shape, dtype, fortran_order, file.tell())
    if min(shape, default=1) < 1:
        rule = "an array must have at least one row and one column"
        raise fault(name, rule, f"the shape {shape}", "check how it was made", place=place)
    needed = math.prod(shape) * dtype.itemsize
    if needed != n_bytes - header.length:
        rule = f"an array of shape {shape} and type {dtype} must have {needed} bytes"
        remedy = "it was cut short or damaged; get it again"
        raise fault(name, rule, n_bytes - header.length, remedy, place=place)
    return header


def open_npy(name: str, path: Path) -> Table:
    """Open a NPY file: two dimensions, names of its own, or more dimensions as one wide column."""
    with path.open("rb") as file:
        header = read_header(name, file, os.fstat(file.fileno()).st_size)
    array: np.memmap[Any, Any] = np.memmap(
        path,
        header.dtype,
        "r",
        header.length,
        header.shape,
        "F" if header.fortran_order else "C",
    )
    if header.dtype.names is None and len(header.shape) < 2:
        rule = "an array without names must have a row for each sample and a column for each value"
        raise fault(name, rule, f"the shape {header.shape}", "array.reshape(-1, 1) is one column")
    return ArrayTable(name, dict(array_columns(name, array)), digest=lambda: file_digest(path))
