"""What ``chainrule data`` shows: which data sets there are, what is in one, pictures of it.

Pictures are drawn with half blocks: one character shows two pixels, one above the other,
with the upper one as its colour and the lower one as its background. Without colours a
pixel is on or off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rich.columns import Columns
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from chainrule.datasets.catalogue import Entry
from chainrule.datasets.locate import locate
from chainrule.errors import DataNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from rich.console import JustifyMethod

    from chainrule.datasets import Dataset

_BLOCKS, _ASCII = " ▀▄█", " '.#"  # nothing, upper, lower, both
_INK = 96  # from this value on a pixel is on


def show_list(rows: Sequence[dict[str, Any]]) -> None:
    """Print a table of data sets."""
    # Folded and not cut: names must stay whole, and the sign for a cut is not ASCII.
    table = Table(box=None)
    for heading in ("name", "train", "test", "classes", "size", "licence", "where"):
        side: JustifyMethod = "left" if heading in {"name", "licence", "where"} else "right"
        table.add_column(heading, justify=side, no_wrap=heading != "where", overflow="fold")
    for row in rows:
        table.add_row(
            row["name"],
            f"{row['n_train']:,}",
            f"{row['n_test']:,}",
            str(row["n_classes"]),
            f"{row['n_bytes'] / 1e6:.1f} MB",
            row["licence"],
            row["place"] or "not here",
        )
    _console().print(table)


def show_dataset(facts: dict[str, Any], dataset: Dataset) -> None:
    """Print what is in a data set, with a picture of each class."""
    console = _console()
    console.print(f"[bold]{dataset.name}[/bold]: {facts['description']}")
    console.print(_fact_table(facts))
    console.print(_class_table(facts))
    console.print()
    console.print(_gallery(dataset, console))


def _console() -> Console:
    return Console(highlight=False)


def summary(entry: Entry) -> dict[str, Any]:
    """Return what the list has of a data set."""
    try:
        location = locate(entry)
    except DataNotFoundError:
        location = None
    return {
        "name": entry.name,
        "description": entry.description,
        "n_train": entry.train_images.shape[0],
        "n_test": entry.test_images.shape[0],
        "n_classes": len(entry.class_names),
        "n_bytes": sum(file.n_values for file in entry.files),
        "bundled": entry.bundled,
        "place": location and location.place,
        "folder": location and str(location.folder),
        "licence": entry.licence,
    }


def facts_of(entry: Entry, dataset: Dataset) -> dict[str, Any]:
    """Return what is in a data set, as JSON has it."""
    names = dataset.class_names
    train, test = (np.bincount(y, minlength=len(names)) for y in (dataset.y_train, dataset.y_test))
    return {
        "name": dataset.name,
        "description": entry.description,
        "credit": entry.credit,
        "licence": dataset.licence,
        "source": dataset.source,
        "digest": dataset.digest,
        "n_train": len(dataset.X_train),
        "n_test": len(dataset.X_test),
        "image_shape": list(dataset.image_shape),
        "dtype": str(dataset.X_train.dtype),
        "classes": [
            {"name": label, "n_train": int(n_train), "n_test": int(n_test)}
            for label, n_train, n_test in zip(names, train, test, strict=True)
        ],
    }


def _fact_table(facts: dict[str, Any]) -> Table:
    size = " x ".join(map(str, facts["image_shape"]))
    table = Table(box=None, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for key in ("credit", "licence", "source", "digest"):
        table.add_row(key, Text(facts[key]))
    for part in ("train", "test"):
        count = f"{facts[f'n_{part}']:,}"
        table.add_row(part, f"{count} images of {size} pixels, {facts['dtype']}")
    return table


def _class_table(facts: dict[str, Any]) -> Table:
    table = Table(box=None)
    table.add_column("class", overflow="fold")
    table.add_column("train", justify="right")
    table.add_column("test", justify="right")
    for row in facts["classes"]:
        table.add_row(Text(row["name"]), f"{row['n_train']:,}", f"{row['n_test']:,}")
    return table


def _gallery(dataset: Dataset, console: Console) -> Columns:
    """Return the first training image of each class, as many a row as there is room for."""
    width = dataset.image_shape[1]
    labels, first = np.unique(dataset.y_train, return_index=True)
    step = 1 if len(labels) * (width + 1) <= console.width else 2
    pictures = [
        Group(
            _drawn(_half_blocks(dataset.X_train[i].reshape(dataset.image_shape), step), console),
            Text(dataset.class_names[label][: width // step]),
        )
        for label, i in zip(labels, first, strict=True)
    ]
    return Columns(pictures, padding=(0, 1))


def _half_blocks(image: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """Return the characters' upper and lower pixels: (h, w) -> (h / 2 step, w / step, 2).

    Each pixel is the mean of ``step`` by ``step`` of the image, which is cut or padded with
    0 at the lower and right edges to make that come out even.
    """
    height, width = -(-image.shape[0] // (2 * step)), image.shape[1] // step
    even = np.zeros((height * 2 * step, width * step), dtype=np.uint8)
    even[: image.shape[0]] = image[:, : width * step]
    pixels: NDArray[np.float64] = even.reshape(height, 2, step, width, step).mean(axis=(2, 4))
    return pixels.transpose(0, 2, 1).astype(np.uint8)


def _drawn(characters: NDArray[np.uint8], console: Console) -> Text:
    has_blocks = console.encoding.startswith("utf")
    glyphs = _BLOCKS if has_blocks else _ASCII
    text = Text(no_wrap=True)
    for row in characters:
        for upper, lower in row:
            if has_blocks and console.color_system is not None:
                text.append("▀", f"rgb({upper},{upper},{upper}) on rgb({lower},{lower},{lower})")
            else:
                text.append(glyphs[(upper >= _INK) + 2 * (lower >= _INK)])
        text.append("\n")
    text.right_crop(1)
    return text
