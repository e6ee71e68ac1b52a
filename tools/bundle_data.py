"""Make the bundled data files from the published ones.

    python tools/bundle_data.py SOURCE_DIR

SOURCE_DIR holds the complete data sets as IDX files, plain or compressed, in the folders
``mnist`` and ``fashion-mnist``. Every file that is read, and every file that is written,
must have the digest that the catalogue pins. The output is the same on every run with the
same version of liblzma.
"""

from __future__ import annotations

import hashlib
import lzma
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.datasets.catalogue import CATALOGUE, Entry
from chainrule.datasets.idx import read_idx
from chainrule.datasets.locate import BUNDLED, locate

if TYPE_CHECKING:
    import numpy as np

# Each bundled data set, and the one whose first rows it has.
SOURCES = {"mnist": "mnist", "fashion-mnist-report": "fashion-mnist"}


def idx_bytes(array: np.ndarray) -> bytes:
    """Return the IDX file of an array of uint8."""
    header = struct.pack(f">4B{array.ndim}I", 0, 0, 0x08, array.ndim, *array.shape)
    return header + array.tobytes()


def bundle(entry: Entry, source: Entry, source_dir: Path) -> list[str]:
    """Write the four files of a data set; return their lines for SHA256SUMS."""
    location = locate(source, source_dir)
    lines = []
    for file, whole in zip(entry.files, source.files, strict=True):
        array = read_idx(location.paths[whole.name], sha256=whole.sha256)
        content = idx_bytes(array[: file.shape[0]])
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise SystemExit(f"{entry.name}: {file.name} has another digest than the catalogue")
        name = f"{entry.name}-{file.name}"
        packed = lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)
        (BUNDLED / f"{name}.xz").write_bytes(packed)
        lines.append(f"{file.sha256}  {name}")
        print(f"{name}.xz: {len(packed):,} bytes of {len(content):,}")
    return lines


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        raise SystemExit("usage: python tools/bundle_data.py SOURCE_DIR")
    BUNDLED.mkdir(exist_ok=True)
    lines = [
        line
        for name, source in SOURCES.items()
        for line in bundle(CATALOGUE[name], CATALOGUE[source], Path(arguments[0]))
    ]
    (BUNDLED / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
