"""The model file: a ``.safetensors`` file with a document in its header, read without trust.

The bytes are those of safetensors: the length of the header as 8 bytes, little-endian; the header,
a JSON object padded with spaces; the numbers of all tensors. In the header each tensor has
``dtype``, ``shape`` and ``data_offsets``; ``__metadata__`` has three texts::

    {"kind": "chainrule model", "format": "2", "model": "{…}"}

where ``model`` is the document, strict JSON again. Any reader of safetensors finds the weights.

This reader asks for more than the format does. Before a tensor is read, the caller has said from
the document which tensors there must be, in which order, with which shapes; they must be these, and
their bytes the rest of the file, without a gap. So nothing is allocated that is not in the file.
Nothing is looked up, imported or opened, and a file that is not as it must be is refused whole.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from chainrule._files import as_path, replace_file
from chainrule._text import printable
from chainrule._types import Array
from chainrule.errors import DataFormatError, DataNotFoundError, InvalidValueError, Words
from chainrule.persist import other_files, strict_json

IN_FOLDER = "model.safetensors"
"""What the model's file is called in a run's folder."""

KIND = "chainrule model"
# version -> the document's key that came with it. A file has the lowest version that has its keys,
# so that older readers read what they can. See CONTRIBUTING.md before adding one.
FORMATS: dict[int, str | None] = {1: None, 2: "preparation"}
FORMAT = max(FORMATS)
LONGEST_HEADER = 16_000_000  # bytes: room for names and categories of 50,000 columns
DTYPES: dict[str, np.dtype] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}
PIECE = 2**18  # bytes read, and looked at while they are in the cache, at a time


@dataclass(frozen=True)
class Block:
    """Tensors that lie one behind the other and are one vector in memory.

    Parameters
    ----------
    dtype : {"F32", "F64"}
        Of all of them.
    shapes : mapping from str to tuple of int
        By their names, in their order.
    """

    dtype: str
    shapes: Mapping[str, tuple[int, ...]]

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return sum(math.prod(shape) for shape in self.shapes.values())


T = TypeVar("T")
Understand = Callable[[Any], tuple[T, Sequence[Block]]]  # from the document


@dataclass(frozen=True)
class Header:
    """What a model file says of itself.

    Attributes
    ----------
    version : int
        Of the format.
    document : object
        Strict JSON's value.
    tensors : mapping from str to mapping
        As in the file.
    begin : int
        Where the tensors' bytes begin.
    size : int
        Of the file, in bytes.
    """

    version: int
    document: Any
    tensors: Mapping[str, Any]
    begin: int
    size: int


# -- writing ---------------------------------------------------------------------------------------


def write(path: Path, document: Any, blocks: Sequence[tuple[Block, Array]]) -> None:
    """Replace a model file in one step.

    Parameters
    ----------
    path : Path
        Of the file.
    document : object
        Made of what JSON has.
    blocks : sequence of (Block, array)
        The tensors, and one contiguous array with the numbers of each block.

    Raises
    ------
    InvalidValueError
        If a number is not finite, or the header becomes longer than a reader takes.
    OSError
        If the file cannot be written; the old one is then untouched.
    """
    for block, array in blocks:
        for begin in range(0, array.size, PIECE):
            if not _all_finite(array.reshape(-1)[begin : begin + PIECE]):
                raise InvalidValueError(
                    f"what is saved must be finite, {next(iter(block.shapes))} and what follows it",
                    Words("NaN or infinity"),
                    "train with a lower learning rate",
                )
    header = _header_bytes(document, [block for block, _ in blocks])

    def into(file: IO[bytes]) -> None:
        file.write(header)
        for block, array in blocks:
            file.write(array.reshape(-1).astype(DTYPES[block.dtype], copy=False).data.cast("B"))

    replace_file(path, into)


def check_length(document: Any, what: str, remedy: str) -> None:
    """Raise InvalidValueError if a part of a document alone is longer than a reader takes.

    Parameters
    ----------
    document : object
        The part.
    what, remedy : str
        What it is, and what to do, for the error.
    """
    # As it is in a file: a text within JSON.
    n_bytes = len(strict_json.dumps(strict_json.dumps(document)).encode())
    if n_bytes > LONGEST_HEADER:
        rule = f"{what} must take at most {LONGEST_HEADER:,} bytes in a model file"
        raise InvalidValueError(rule, n_bytes, remedy)


def _header_bytes(document: Any, blocks: Sequence[Block]) -> bytes:
    try:
        model = strict_json.dumps(document)
    except UnicodeEncodeError as error:
        text = error.object[max(error.start - 20, 0) : error.end]
        rule = "texts in a model must be valid Unicode"
        raise InvalidValueError(rule, text, "rename the class or feature") from None
    metadata = {"kind": KIND, "format": str(_version_of(document)), "model": model}
    text = strict_json.dumps({"__metadata__": metadata, **_entries(blocks)})
    header = text.encode()
    header += b" " * (-len(header) % 8)  # so that the numbers are aligned
    if len(header) > LONGEST_HEADER:
        raise InvalidValueError(
            f"what a file says beside the weights must be at most {LONGEST_HEADER:,} bytes",
            len(header),
            "pass history=False, or shorten the names of classes and features",
        )
    return len(header).to_bytes(8, "little") + header


def _entries(blocks: Sequence[Block]) -> dict[str, Any]:
    entries, begin = {}, 0
    for block in blocks:
        for name, shape in block.shapes.items():
            end = begin + math.prod(shape) * DTYPES[block.dtype].itemsize
            entries[name] = {
                "dtype": block.dtype,
                "shape": list(shape),
                "data_offsets": [begin, end],
            }
            begin = end
    return entries


# -- reading ---------------------------------------------------------------------------------------


def find_model(path: Any) -> Path:
    """Return the model's file of a run's folder, or the file itself.

    Raises
    ------
    DataNotFoundError
        If there is none.
    InvalidValueError
        If it is no path.
    """
    file = as_path(path, "the model's path")
    if file.is_dir():
        file = file / IN_FOLDER
    if not file.exists():
        raise DataNotFoundError(
            f"there is no model {printable(str(file))}: give the folder that chainrule train has "
            "written, or a model file"
        )
    return file


class OtherFileError(DataFormatError):
    """A file that is whole, as far as can be told, and no model file."""


def read(path: Path, understand: Understand[T]) -> tuple[T, list[Array]]:
    """Return what a file says of itself, and the numbers of each block.

    Parameters
    ----------
    path : Path
        Of the file.
    understand : callable
        Given the document, returns what it means and the blocks that there must be, or raises
        DataFormatError.

    Raises
    ------
    DataFormatError
        If the file is not what it must be.
    OSError
        If it cannot be read.
    """
    with _opened(path) as file:
        header = _header(file)
        meaning, blocks = understand(header.document)
        _check_tensors(header, blocks)
        return meaning, [_numbers(file, block) for block in blocks]


def read_header(path: Path, understand: Understand[T]) -> tuple[T, Header]:
    """Return what a file says of itself, with all of :func:`read`'s checks but those of numbers."""
    with _opened(path) as file:
        header = _header(file)
        meaning, blocks = understand(header.document)
        _check_tensors(header, blocks)
        return meaning, header


@contextmanager
def naming(path: Any) -> Iterator[None]:
    """Say in every DataFormatError of which file it is, and what to do."""
    try:
        yield
    except DataFormatError as error:
        remedy = "get it again, or save the model again"
        if isinstance(error, OtherFileError):
            remedy = "give the folder that chainrule train has written, or a file of chainrule.save"
        raise DataFormatError(
            f"{printable(str(path))} is no model file that can be loaded: {error}; {remedy}"
        ) from None


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    # Without O_NONBLOCK a pipe would be waited for.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with naming(path):
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise DataFormatError("it must be a regular file")
        with os.fdopen(handle, "rb", buffering=0) as file:
            yield file


def _header(file: IO[bytes]) -> Header:
    _refuse_other_kinds(file)
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(_bytes(file, 8), "little")
    if length > min(LONGEST_HEADER, size - 8):
        raise DataFormatError(
            f"the header must have at most {min(LONGEST_HEADER, size - 8):,} bytes, got {length:,}"
        )
    tensors = strict_json.loads(bytes(_bytes(file, length)), "the header")
    if not isinstance(tensors, dict):
        raise DataFormatError("the header must be a JSON object")
    metadata = tensors.pop("__metadata__", None)
    version, model = _model_of(metadata)
    document = strict_json.loads(model, "the model's description")
    if version != _version_of(document):
        raise DataFormatError(f"its format must be {_version_of(document)}, got {version}")
    return Header(version, document, tensors, 8 + length, size)


def _refuse_other_kinds(file: IO[bytes]) -> None:
    first = file.read(other_files.N_BYTES)
    file.seek(0)
    # The header begins with a brace, after its length.
    kind = None if first[8:9] == b"{" else other_files.kind_of(first)
    if kind is not None:
        raise OtherFileError(f"it looks like {kind}")


def _version_of(document: Any) -> int:
    """Return the lowest version that has all of a document's keys."""
    keys = document if isinstance(document, dict) else {}
    return max(version for version, key in FORMATS.items() if key is None or key in keys)


def _model_of(metadata: Any) -> tuple[int, str]:
    if not isinstance(metadata, dict) or metadata.get("kind") != KIND:
        raise DataFormatError(f'the header\'s __metadata__ must have the kind "{KIND}"')
    versions = {str(version): version for version in FORMATS}
    found = metadata.get("format")
    if not isinstance(found, str) or found not in versions:
        raise DataFormatError(
            f"its format must be one of {', '.join(versions)}, which this version of chainrule "
            f"knows, got {_short(found)}"
        )
    model = metadata.get("model")
    if len(metadata) != 3 or not isinstance(model, str):
        raise DataFormatError("__metadata__ must have kind, format and model, and nothing else")
    return versions[found], model


def _check_tensors(header: Header, blocks: Sequence[Block]) -> None:
    wanted = _entries(blocks)
    for name, entry in wanted.items():
        if header.tensors.get(name) != entry:
            raise DataFormatError(
                f"tensor {name} must be {_short(entry)}, got {_short(header.tensors.get(name))}"
            )
    others = [name for name in header.tensors if name not in wanted]
    if others:
        raise DataFormatError(f"there must be no tensor {_short(others[0])}")
    end = header.begin + sum(block.size * DTYPES[block.dtype].itemsize for block in blocks)
    if end != header.size:
        raise DataFormatError(f"it must have {end:,} bytes, got {header.size:,}")


def _short(value: Any) -> str:
    text = repr(value)  # has no control characters
    return text if len(text) <= 120 else f"{text[:117]}..."


def _bytes(file: IO[bytes], length: int) -> bytearray:
    found = bytearray(length)
    _fill(file, memoryview(found))
    return found


def _fill(file: Any, view: memoryview) -> None:
    while view:
        got = file.readinto(view)
        if not got:
            raise DataFormatError("it ends too early")
        view = view[got:]


def _numbers(file: IO[bytes], block: Block) -> Array:
    numbers: Array = np.empty((block.size,), DTYPES[block.dtype])
    view, step = numbers.data.cast("B"), PIECE // numbers.itemsize
    for begin in range(0, len(view), PIECE):
        _fill(file, view[begin : begin + PIECE])
        first = begin // numbers.itemsize
        if not _all_finite(numbers[first : first + step]):
            names = ", ".join(list(block.shapes)[:3])
            raise DataFormatError(f"every number must be finite, in {names} …")
    return numbers.astype(numbers.dtype.newbyteorder("="), copy=False)


def _all_finite(numbers: Array) -> bool:
    # One pass: a sum is finite only if all of it is. If it overflows one has to look closer.
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.add.reduce(numbers))) or bool(np.isfinite(numbers).all())
