"""What is wrong with a CSV, and in which line: found by reading it once more, leniently.

Only errors come here, so this may take a while; it takes no more memory than reading does.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from chainrule.datasets.tables.faults import changed, fault
from chainrule.datasets.tables.text_stream import (
    ROW_BYTES,
    EndlessRowError,
    Watched,
    csv_reader,
    open_text,
    rows_of,
)
from chainrule.errors import DataFormatError

_PART = 2**16  # characters
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NO_TEXT = re.compile("[\0\udc80-\udcff]")  # "surrogateescape" makes the latter of wrong bytes
_NEWLINE = re.compile("\r\n|\r|\n")


def line_of_row(path: Path, delimiter: str, row: int) -> int:
    """Return the line where a row begins; row 0 is the first below the names."""
    with open_text(path, strict=False) as (watched, text):
        lines = _lines_of_rows(watched, text, delimiter)
        return next(islice(lines, row + 1, None))


def not_text(name: str, path: Path) -> DataFormatError:
    """Return the error for the first byte that is zero or not UTF-8."""
    rule, remedy = "its text must be UTF-8 without zero bytes", "save it as UTF-8"
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            return fault(name, rule, "UTF-16", remedy)
    with open_text(path, strict=False) as (watched, text):
        line, begin = 1, 1
        while content := text.readline(_PART):  # a line may be longer than a row may
            watched.since_row = 0
            if found := _NO_TEXT.search(content):
                byte = ord(found[0]) & 0xFF
                place = f"line {line}, character {begin + found.start()}"
                return fault(name, rule, f"the byte 0x{byte:02X}", remedy, place=place)
            ended = content.endswith(("\r", "\n"))
            line, begin = (line + 1, 1) if ended else (line, begin + len(content))
    return changed(name)


def malformed(name: str, path: Path, delimiter: str) -> DataFormatError:
    """Return the error for the first row that cannot be taken apart."""
    line, last, why = _bad_row(name, path, delimiter)
    quote = _open_quote(path, delimiter, line, last)
    if quote is not None:
        rule = "a quote that opens a value must be closed"
        remedy = 'close it; a quote inside a quoted value is written twice, ""'
        return fault(name, rule, "none that closes it", remedy, place=f"line {quote}")
    if "expected after" in why:
        rule = "a quote that closes a value must be followed by the next value"
        remedy = 'write a quote inside a quoted value twice, ""'
        return fault(name, rule, "more text", remedy, place=f"line {last}")
    most = csv.field_size_limit()
    rule = (
        f"a value may have {most:,} characters, and a row with the blank lines before it "
        f"{ROW_BYTES:,} bytes"
    )
    return fault(name, rule, "more", "check that it is a table", place=f"line {line}")


def _lines_of_rows(watched: Watched, text: Iterable[str], delimiter: str) -> Iterator[int]:
    number, line = 0, ""
    for number, line in enumerate(text, 1):
        if '"' in line:  # from here on a row may have several lines
            break
        if line.strip("\r\n"):  # a blank line is no row
            watched.since_row = 0
            yield number
    else:
        return
    reader, begin = csv_reader(chain([line], text), delimiter), number
    for row in reader:
        if row:
            watched.since_row = 0
            yield begin
        begin = number + reader.line_num


def _bad_row(name: str, path: Path, delimiter: str) -> tuple[int, int, str]:
    """Return a bad row's first line, the line where that showed, and the parser's complaint."""
    line = 1
    with open_text(path, strict=False) as (watched, text):
        reader = csv_reader(text, delimiter)
        try:
            for _ in rows_of(watched, reader):
                line = reader.line_num + 1
        except (csv.Error, EndlessRowError) as error:
            return line, max(line, reader.line_num), str(error)
    raise changed(name)


def _open_quote(path: Path, delimiter: str, line: int, last: int) -> int | None:
    """Return the line of the quote that is open at the end of a row's lines, if one is.

    Where the parser gave up within the last line, the lines before it tell.
    """
    for end in (last, last - 1):
        try:
            _row_of(path, delimiter, line, end, strict=True)
        except (csv.Error, EndlessRowError) as error:
            if "unexpected end" in str(error):
                value = _row_of(path, delimiter, line, end, strict=False)[-1]
                return end - len(_NEWLINE.findall(value)) + value.endswith(("\r", "\n"))
    return None


def _row_of(path: Path, delimiter: str, line: int, end: int, *, strict: bool) -> list[str]:
    """Return the row that some lines make."""
    with open_text(path, strict=False) as (watched, text):
        for _ in islice(text, line - 1):
            watched.since_row = 0
        lines = islice(text, end - line + 1)
        return next(csv_reader(lines, delimiter, strict=strict), [])
