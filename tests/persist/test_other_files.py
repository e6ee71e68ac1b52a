"""What a file is that is no model file: files that their own libraries have written."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickle
import sqlite3
from io import BytesIO

import joblib
import numpy as np
import pytest
from PIL import Image

from chainrule.persist.other_files import N_BYTES, kind_of


def written(write, *arguments):
    file = BytesIO()
    write(file, *arguments)
    return file.getvalue()


def database(path):
    with sqlite3.connect(path) as store:
        store.execute("create table a (b)")
    store.close()
    return path.read_bytes()


WORDS = "l\u00e4nge,breite\n1,2\n"
FILES = {
    "an empty file": [b""],
    "a ZIP archive": [written(np.savez, np.eye(2))],
    "a NPY file": [written(np.save, np.eye(2))],
    "a file compressed by gzip": [gzip.compress(b"x")],
    "a file compressed by xz": [lzma.compress(b"x")],
    "a file compressed by bzip2": [bz2.compress(b"x")],
    "a pickle": [pickle.dumps(1, protocol) for protocol in (2, 3, 4, 5)]
    + [written(lambda file: joblib.dump(np.eye(2), file))],
    "an image": [
        written(lambda file, kind=kind: Image.new("L", (2, 2)).save(file, kind))
        for kind in ("png", "jpeg")
    ],
    "a page of HTML": [b"<!doctype html><p>not found"],
    "JSON": [json.dumps({"a": 1}).encode()],
    "a pointer of Git LFS": [b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"],
    "a CSV": [WORDS.encode(), WORDS.replace(",", ";").encode("utf-8-sig"), b"a\tb\r\n1\t2\r\n"],
    "a text": [b"# Notes\nThere is nothing here.\n"],
}


@pytest.mark.parametrize("kind", FILES)
def test_what_a_file_looks_like(kind):
    for content in FILES[kind]:
        assert kind_of(content[:N_BYTES]).startswith(kind)


def test_a_database(tmp_path):
    assert kind_of(database(tmp_path / "a.sqlite")[:N_BYTES]).startswith("a database of SQLite")


def test_a_parquet_file():
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    content = written(lambda file: parquet.write_table(pa.table({"a": [1]}), file))
    assert kind_of(content[:N_BYTES]) == "a Parquet file"


def test_a_text_that_is_cut_within_a_character_is_one():
    assert kind_of(("\u00e9;" * N_BYTES).encode()[:N_BYTES]).startswith("a CSV")
    assert kind_of(("x" + "\u00e9;" * N_BYTES).encode()[:N_BYTES]).startswith("a CSV")


@pytest.mark.parametrize(
    "content", [bytes(100), b"a,b\n\xff", b"\x01\x02abc", "a,b".encode("utf-16")]
)
def test_what_could_be_anything(content):
    assert kind_of(content) is None
