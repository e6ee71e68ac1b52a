"""What a file is that is no model file, as far as its first bytes tell: for errors alone."""

from __future__ import annotations

from collections.abc import Mapping

N_BYTES = 1024
"""How many of a file's first bytes are looked at."""

_BEGINNINGS: Mapping[bytes, str] = {
    b"PK\x03\x04": "a ZIP archive, as NPZ files, checkpoints and PyTorch's files are",
    b"\x93NUMPY": "a NPY file",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a file compressed by gzip",
    b"\xfd7zXZ\0": "a file compressed by xz",
    b"BZh": "a file compressed by bzip2",
    b"\x89HDF": "a HDF5 file, as Keras's are",
    b"SQLite format 3": "a database of SQLite, as a study's trials are",
    b"\x80\x02": "a pickle",
    b"\x80\x03": "a pickle",
    b"\x80\x04": "a pickle, as joblib's files are",
    b"\x80\x05": "a pickle",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"version https://git-lfs": "a pointer of Git LFS to a file that is not here yet",
    b"<": "a page of HTML",
    b"{": "JSON",
}
_SPACE = "\t\n\r"


def kind_of(first: bytes) -> str | None:
    """Return what a file looks like: "a NPY file"; None where it could be anything.

    Parameters
    ----------
    first : bytes
        The first :data:`N_BYTES`, or all of a shorter file.
    """
    if not first:
        return "an empty file"
    for beginning, kind in _BEGINNINGS.items():
        if first.startswith(beginning):
            return kind
    text = first.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if len(first) == N_BYTES:
        text = text.rstrip("\ufffd")  # a character that was cut
    if "\ufffd" in text or not all(one.isprintable() or one in _SPACE for one in text):
        return None
    return "a CSV or another table of text" if set(text) & set(",;\t") else "a text"
