"""IDX files of images; the labels are in a file of their own, found by its name.

MNIST calls them ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte``; either may be
compressed, and some have a dot before ``idx``.
"""

from __future__ import annotations

import re
from pathlib import Path

from chainrule.datasets.idx import read_idx
from chainrule.datasets.packing import ENDINGS
from chainrule.datasets.tables.arrays import ArrayTable
from chainrule.datasets.tables.digests import digest_of, file_digest
from chainrule.datasets.tables.faults import fault
from chainrule.datasets.tables.table import Table

IMAGE, LABEL = "image", "label"
"""What the columns are called."""

_DIMENSIONS = re.compile(r"idx\d+")


def open_idx(name: str, path: Path) -> Table:
    """Open an IDX file of images, with the labels if their file lies beside it."""
    images = read_idx(path)
    if images.ndim < 2:
        rule = "it must be the file of the images, which has two dimensions or more"
        raise fault(name, rule, f"the shape {images.shape}", "name that file; labels are found")
    arrays, paths = {IMAGE: images}, [path]
    labels = _labels_of(path)
    if labels is not None:
        arrays[LABEL] = read_idx(labels)
        paths.append(labels)
        if arrays[LABEL].shape != images.shape[:1]:
            rule = f"{labels.name} must have {len(images)} labels, one for each image"
            value = f"the shape {arrays[LABEL].shape}"
            raise fault(name, rule, value, "put the labels that belong to the images beside them")
    return ArrayTable(
        name,
        arrays,
        target=None if labels is None else LABEL,
        digest=lambda: digest_of(map(file_digest, paths)),
    )


def _labels_of(path: Path) -> Path | None:
    stem = path.name
    for ending in filter(None, ENDINGS):
        stem = stem.removesuffix(ending)
    stem = _DIMENSIONS.sub("idx1", stem.replace("images", "labels"))
    candidates = (path.with_name(stem + ending) for ending in ENDINGS)
    return next((one for one in candidates if one.is_file() and one.name != path.name), None)
