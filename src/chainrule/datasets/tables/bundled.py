"""A part of a data set of the catalogue."""

from __future__ import annotations

from chainrule.datasets.catalogue import Entry, Part
from chainrule.datasets.load import load_part
from chainrule.datasets.tables.arrays import ArrayTable
from chainrule.datasets.tables.digests import digest_of
from chainrule.datasets.tables.idx_files import IMAGE, LABEL
from chainrule.datasets.tables.table import Table


def open_bundled(entry: Entry, part: Part) -> Table:
    """Open a part of a data set: images and labels, as an IDX file has them.

    Raises
    ------
    DataNotFoundError
        If it has to be downloaded first; the error says how.
    DataFormatError
        If a file is not the published one.
    """
    images, labels = load_part(entry, part)
    files = entry.part(part)
    return ArrayTable(
        entry.name,
        {IMAGE: images, LABEL: labels},
        target=LABEL,
        class_names=entry.class_names,
        digest=lambda: digest_of(file.sha256 for file in files),
    )
