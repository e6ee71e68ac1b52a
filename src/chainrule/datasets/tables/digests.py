"""SHA-256 of what a table was read from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file as it lies on the disk, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(texts: Iterable[str]) -> str:
    """Return the SHA-256 of some texts in their order: names and digests of several files."""
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogateescape")).hexdigest()
