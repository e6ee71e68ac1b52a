from __future__ import annotations

import bz2
import csv
import gzip
import hashlib
import lzma
import tracemalloc

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.datasets.tables import Column, open_table, text_stream
from chainrule.datasets.tables.cells import MISSING_WORDS
from chainrule.datasets.tables.text_stream import ROW_BYTES, Watched
from chainrule.errors import DataFormatError

PACK = {".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress}


@pytest.fixture
def written(here):
    def write(content, name="a.csv"):
        raw = content if isinstance(content, bytes) else content.encode()
        (here / name).write_bytes(raw)
        return name

    return write


def test_cells_are_text_and_rows_are_in_order(written, content):
    table = open_table(written("a,b\n1,x\n2,y\n3,z\n4,\n"))
    assert table.columns == (Column("a"), Column("b"))
    assert (table.name, table.target, table.n_rows, table.class_names) == (
        "a.csv",
        None,
        None,
        None,
    )
    assert content(table) == {"a": ["1", "2", "3", "4"], "b": ["x", "y", "z", None]}
    assert content(table, 1) == content(table, 100)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", ["1"]),
        ("\ufeffa,b\n1,2\n", ["1"]),
        ("a;b\n1,5;2\n", ["1,5"]),
        ("a\tb\n1,5\t2;5\n", ["1,5"]),
        ("weight, kg;b\n1;2\n3;4\n", None),
        ("a,b\r\n1,2\r\n", ["1"]),
        ("a,b\r1,2\r", ["1"]),
        ("a,b\n1,2", ["1"]),
        ("\n\na,b\n\n1,2\n\n", ["1"]),
        (' a , b \n\t1\u00a0, "2"\n', ["1"]),
        ('a,b\n"1, ""2""\n3",4\n', ['1, "2"\n3']),
        ('a\n""\n', [None]),
    ],
)
def test_forms_of_csv(written, content, text, expected):
    columns = content(open_table(written(text)))
    assert columns["a"] == expected if expected else columns["weight, kg"] == ["1", "3"]


def test_what_is_missing(written, content):
    words = ["", "NA", "N/A", "NaN", "nan", "null", "None", "?", " NA "]
    lines = "\n".join(f"{word},1" for word in [*words, "#N/A", "0"])
    columns = content(open_table(written(f"a,b\n{lines}\n")))
    assert columns["a"] == [None] * len(words) + ["#N/A", "0"]
    assert set(MISSING_WORDS) == {word.strip() for word in words}


def test_a_tsv_has_tabs_alone(written, content):
    assert content(open_table(written("a,b\tc\n1\t2\n", "a.tsv"))) == {"a,b": ["1"], "c": ["2"]}


@pytest.mark.parametrize("ending", PACK)
def test_compressed_files(written, content, fault_of, ending):
    packed = PACK[ending](b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(999)))
    table = open_table(written(packed, f"a.csv{ending}"))
    assert content(table)["b"] == [str(i * i) for i in range(999)]
    assert content(open_table(written(packed, "named otherwise.CSV")))["a"][0] == "0"
    message = fault_of(DataFormatError, written(packed[:-9], f"a.csv{ending}"))
    assert message.startswith(f"a.csv{ending}: its compressed content must be whole, got ")


def test_a_damaged_bzip2_file_is_no_fault_of_the_disk(written, fault_of):
    packed = bytearray(bz2.compress(b"a,b\n1,2\n" * 9))
    packed[30] ^= 0xFF
    assert "its compressed content must be whole" in fault_of(
        DataFormatError, written(bytes(packed))
    )


def test_a_text_may_begin_as_bzip2_does(written, content):
    assert content(open_table(written("BZh9,b\n1,2\n"))) == {"BZh9": ["1"], "b": ["2"]}


def test_a_rows_place_is_its_first_line(written):
    table = open_table(written('\na,b\n1,2\n\n3,"x\ny"\n5,6\n'))
    assert [table.place(row) for row in range(3)] == ["line 3", "line 5", "line 7"]


def test_the_digest_is_of_the_file(written):
    table = open_table(written("a\n1\n"))
    assert table.digest() == hashlib.sha256(b"a\n1\n").hexdigest()


RAGGED = "every row must have 2 values, one for each column"
QUOTE = (
    "a quote that opens a value must be closed, got none that closes it: "
    'close it; a quote inside a quoted value is written twice, ""'
)
TEXT = "its text must be UTF-8 without zero bytes"
MORE = (
    "a value may have 131,072 characters, and a row with the blank lines before it "
    f"{ROW_BYTES:,} bytes, got more: check that "
)
EMPTY = "it must have a row of columns' names and rows of values, got an empty file: "
NAMES = "name it, or leave the column out (pandas writes its index so: index=False)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a,b\n1,2\n3\n",
            f", line 3: {RAGGED}, got 1: complete the row, or put quotes around a value "
            'that has a ","',
        ),
        (
            'a;b\n"1\n2";2\n3;4;5\n',
            f", line 4: {RAGGED}, got 3: complete the row, or put quotes around a value "
            'that has a ";"',
        ),
        ('a,b\n1,"2\n3,4\n', f", line 2: {QUOTE}"),
        ('a,b\n1,"2\n3,4', f", line 2: {QUOTE}"),
        ('a,b\n1,2\n"1\n2","3\n4,5\n', f", line 4: {QUOTE}"),
        ('a,b\n1,2\n3,"' + "x\n" * 70_000, f", line 3: {QUOTE}"),
        (
            'a,b\n1,2\n3,"4"5\n',
            ", line 3: a quote that closes a value must be followed by the next value, got more "
            'text: write a quote inside a quoted value twice, ""',
        ),
        ("a,b\n1," + "x" * 140_000, f", line 2: {MORE}it is a table"),
        (
            b"a,b\n1,2\n\xe9,4\n",
            f", line 3, character 1: {TEXT}, got the byte 0xE9: save it as UTF-8",
        ),
        (
            b"a,b\n1,2\n3\0,4\n",
            f", line 3, character 2: {TEXT}, got the byte 0x00: save it as UTF-8",
        ),
        ("a,b\n1,2\n".encode("utf-16"), f": {TEXT}, got UTF-16: save it as UTF-8"),
        ("", f": {EMPTY}check that it was written"),
        (" \n\n"[1:], f": {EMPTY}check that it was written"),
        (
            "a,b\n",
            ": it must have at least one row below the columns' names, got none: add rows, or "
            "check that it was written",
        ),
        (
            "a,b, a\n1,2,3\n",
            ', line 1: every column must have a name of its own, got "a" for column 1 and column 3'
            ": rename one of them",
        ),
        (
            ",b\n1,2\n",
            f", line 1: every column must have a name, got none for column 1 of 2: {NAMES}",
        ),
        (
            "5.1,3.5,0\n4.9,3,0\n",
            ", line 1: its first row must name the columns, got numbers (5.1, 3.5, 0): put a row "
            "of names above it",
        ),
        (
            "0,5,0\n1,3,0\n",
            ", line 1: its first row must name the columns, got numbers (0, 5, 0): put a row "
            "of names above it",
        ),
    ],
)
def test_what_is_refused(written, fault_of, text, message):
    assert fault_of(DataFormatError, written(text)) == f"a.csv{message}"


@pytest.mark.parametrize("header", ["0,1,2", "400.5,401,402.5"])
def test_numbers_that_ascend_may_be_names(written, header):
    table = open_table(written(f"{header}\n1,2,3\n"))
    assert ",".join(column.name for column in table.columns) == header


def test_control_characters_are_shown_as_escapes(written, fault_of):
    assert "\x1b" not in fault_of(DataFormatError, written("a,\x1b[2J,\x1b[2J\n1,2,3\n"))


def test_a_file_that_changes_is_noticed(written, message_of):
    table = open_table(written("a,b\n1,2\n"))
    written("b,a\n1,2\n")
    assert message_of(DataFormatError, lambda: list(table.pieces())) == (
        "a.csv: a file must stay as it is while it is read, got another content than at first: "
        "wait until it is written, try again"
    )


@pytest.mark.parametrize(
    "pattern", ['"a\n",', "x,"], ids=["values over many lines", "a line without end"]
)
def test_a_row_without_end_is_refused_in_bounded_memory(written, fault_of, monkeypatch, pattern):
    most = 2**20
    monkeypatch.setattr(text_stream, "ROW_BYTES", most)
    # compressed, as a hostile file may be
    name = written(gzip.compress(b"a,b\n1,2\n" + pattern.encode() * most, 1), "a.csv.gz")
    tracemalloc.start()
    message = fault_of(DataFormatError, name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message.startswith("a.csv.gz, line ")
    assert peak < 32 * most


LONG = b",".join([b"c%06d" % i for i in range(15_000)])  # 120 kB
BLANK = b"\n" * 120_000


@pytest.mark.parametrize(
    ("content", "n_rows"),
    [
        (LONG + b"\n" + LONG + b"\n", 1),
        (BLANK + b"a,b" + BLANK + b"1,2\n" + BLANK + b"3,4" + BLANK, 2),
        (b"a,b\n" + 20 * (b"x" * 20_000 + b"," + b"y" * 20_000 + b"\n"), 20),
    ],
    ids=["long names above a long row", "blank lines", "twenty long lines"],
)
def test_no_row_is_too_long_where_all_together_are(written, monkeypatch, content, n_rows):
    monkeypatch.setattr(text_stream, "ROW_BYTES", 200_000)
    assert sum(map(len, open_table(written(content)).pieces())) == n_rows


def test_blank_lines_without_end_are_refused_before_they_end(written, fault_of, monkeypatch):
    monkeypatch.setattr(text_stream, "ROW_BYTES", 2**17)
    name = written(gzip.compress(b"a,b\n1,2\n" + b"\n" * 2**24, 1), "a.csv.gz")
    read = []
    monkeypatch.setattr(Watched, "readinto", _counting(Watched.readinto, read))
    assert fault_of(DataFormatError, name) == f"a.csv.gz, line 3: {MORE}it is a table"
    assert sum(read) < 2**21


def _counting(readinto, read):
    def counted(self, buffer):
        read.append(readinto(self, buffer))
        return read[-1]

    return counted


def test_a_wrong_byte_in_a_line_longer_than_a_row(written, fault_of, monkeypatch):
    monkeypatch.setattr(text_stream, "ROW_BYTES", 2**18)
    name = written(b"a,b\n" + b"x" * 70_000 + b"\xe9" + b"x" * 2**19)
    assert fault_of(DataFormatError, name) == (
        f"a.csv, line 2, character 70001: {TEXT}, got the byte 0xE9: save it as UTF-8"
    )


def test_memory_is_bounded_whatever_the_file_s_length(here):
    row = ",".join(str(i) for i in range(20))
    peaks = []
    for n_rows in (10_000, 40_000):
        (here / "a.csv").write_text(f"{row}\n" + f"{row}\n" * n_rows)
        table = open_table("a.csv")
        tracemalloc.start()
        assert sum(map(len, table.pieces(5_000))) == n_rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_wide_rows_come_in_smaller_pieces(here):
    row = ",".join(f"{i:06}" for i in range(2_000))
    (here / "a.csv").write_text(f"{row}\n" * 700)
    lengths = [len(piece) for piece in open_table("a.csv").pieces()]
    assert sum(lengths) == 699
    assert max(lengths) < 699


names = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs")), min_size=1),
    min_size=1,
    max_size=4,
    unique=True,
).filter(lambda some: not any(_is_number(name.strip()) for name in some))
cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


@settings(max_examples=150)
@given(data=st.data(), header=names, delimiter=st.sampled_from("\t,"), size=st.integers(1, 5))
def test_what_csv_writes_is_read(tmp_path_factory, data, header, delimiter, size):
    if len({name.strip() for name in header}) < len(header) or "" in map(str.strip, header):
        return
    width = len(header)
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1))
    path = tmp_path_factory.getbasetemp() / ("a.tsv" if delimiter == "\t" else "a.csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    table = open_table(path)
    if table.columns != tuple(Column(name.strip()) for name in header):
        # another delimiter splits these lines as well
        assert any(mark in "".join(header) for mark in ";\t,")
        return
    read = [
        list(row)
        for piece in table.pieces(size)
        for row in zip(*piece.columns.values(), strict=True)
    ]
    assert read == [
        [None if cell.strip() in MISSING_WORDS else cell.strip() for cell in row] for row in rows
    ]


@settings(max_examples=60)
@given(
    numbers=st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1),
    size=st.integers(1, 5),
)
def test_what_pandas_writes_is_read(tmp_path_factory, numbers, size):
    path = tmp_path_factory.getbasetemp() / "frame.csv"
    frame = pd.DataFrame({"x": numbers, "text, quoted": [f'a"{i}\n' for i in range(len(numbers))]})
    frame.to_csv(path, index=False)
    pieces = [pd.DataFrame(piece.columns) for piece in open_table(path).pieces(size)]
    ours = pd.concat(pieces, ignore_index=True)
    assert ours["x"].astype(float).equals(frame["x"].astype(float))
    assert ours["text, quoted"].tolist() == frame["text, quoted"].str.strip().tolist()


cell = st.sampled_from(["1", "b", '"two\nlines"', '"a ""quote"""', '"r\r\nn"', " "])
newline = st.sampled_from(["\n", "\r\n", "\n\n"])


@given(st.lists(st.tuples(cell, cell, newline), min_size=1))
def test_a_row_s_line_is_where_the_parser_is(tmp_path_factory, rows):
    """Lines are rows until there is a quote: only then the rows have to be taken apart."""
    content = "a,b\n" + "".join(f"{one},{two}{end}" for one, two, end in rows)
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    path.write_bytes(content.encode())
    reader = csv.reader(content.splitlines(keepends=True))
    lines, begin = [], 1
    for row in reader:
        if row:
            lines.append(f"line {begin}")
        begin = reader.line_num + 1
    table = open_table(path)
    assert [table.place(i) for i in range(len(rows))] == lines[1:]
