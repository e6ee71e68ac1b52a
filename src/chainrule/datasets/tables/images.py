"""A folder of images: its folders are classes; without folders there is no target.

Files are listed when the folder is opened, in the order of their names, and decoded when they are
read. The first image says what the others must be like: its size, and grey or colour. What is
hidden, or no image by its suffix, is passed over.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables.digests import digest_of, file_digest
from chainrule.datasets.tables.faults import check_unicode, fault, listed
from chainrule.datasets.tables.idx_files import IMAGE
from chainrule.datasets.tables.table import PIECE_ROWS, Column, Piece, Table
from chainrule.errors import DataFormatError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
"""The files of a folder that are taken for images."""

CLASS = "class"
"""What the column of the folders' names is called."""

MOST_PIXELS = 2**24
"""The most pixels of an image; a small file may unpack to many more."""

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
# How a mode of Pillow is read: grey, or red, green and blue. Transparency is left out.
_MODES = {"1": "L", "L": "L", "LA": "L"} | dict.fromkeys(
    ("P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV"), "RGB"
)


class ImageFolder(Table):
    """Images of one size, with the names of their folders as classes.

    Parameters
    ----------
    name : str
        As the user gave it.
    folder : Path
        The folder.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self._folder = name, folder
        self._files, self.class_names = _found(name, folder)
        self.n_rows = len(self._files)
        first = self._decoded(self._files[0])
        self._shape, self._first = first.shape, self._files[0]
        self.columns = (Column(IMAGE, first.shape, np.dtype(np.uint8)),)
        if self.class_names is not None:
            self.target = CLASS
            self.columns += (Column(CLASS),)

    def pieces(self, rows: int = PIECE_ROWS) -> Iterator[Piece]:
        step = self._rows_at_once(rows)
        for first in range(0, len(self._files), step):
            files = self._files[first : first + step]
            images = np.empty((len(files), math.prod(self._shape)), np.uint8)
            for row, file in enumerate(files):
                images[row] = self._checked(file).ravel()
            columns = {IMAGE: images}
            if self.class_names is not None:
                columns[CLASS] = np.array([file.parent.name for file in files], dtype=object)
            yield Piece(columns, first)

    def place(self, row: int) -> str:
        return self._relative(self._files[row])

    def digest(self) -> str:
        return digest_of(f"{self._relative(file)} {file_digest(file)}" for file in self._files)

    def _relative(self, file: Path) -> str:
        return file.relative_to(self._folder).as_posix()

    def _checked(self, file: Path) -> Array:
        image = self._decoded(file)
        if len(self._shape) == 3 and image.ndim == 2:  # nothing is lost
            image = np.repeat(image[:, :, None], 3, axis=2)
        if image.shape != self._shape:
            first = self._relative(self._first)
            rule = f"every image must be as {first}: {_in_words(self._shape)}"
            remedy = "bring all images to one size and kind"
            raise fault(self.name, rule, _in_words(image.shape), remedy, place=self._relative(file))
        return image

    def _decoded(self, file: Path) -> Array:
        """Return an image's pixels, (height, width) or (height, width, 3)."""
        from PIL import Image, UnidentifiedImageError

        place = self._relative(file)
        try:
            with warnings.catch_warnings():  # of sizes, which are refused below
                warnings.simplefilter("ignore")
                with Image.open(file, formats=_FORMATS) as image:
                    if image.width * image.height > MOST_PIXELS:
                        rule = f"an image may have at most {MOST_PIXELS:,} pixels"
                        value = f"{image.width} x {image.height}"
                        raise fault(self.name, rule, value, "make it smaller", place=place)
                    if image.mode not in _MODES:
                        rule = "an image must have 8 bits for each of its values"
                        value = f"Pillow's mode {image.mode}"
                        raise fault(self.name, rule, value, "save it with 8 bits", place=place)
                    return np.asarray(image.convert(_MODES[image.mode]))
        except Image.DecompressionBombError:
            rule = f"an image may have at most {MOST_PIXELS:,} pixels"
            raise fault(self.name, rule, "many more", "make it smaller", place=place) from None
        except DataFormatError:
            raise
        except Exception as error:
            # Pillow's decoders fail in many ways.
            unknown = isinstance(error, UnidentifiedImageError)
            value = "something else" if unknown else str(error)
            rule, remedy = "an image must be whole", "replace it, or take it out of the folder"
            raise fault(self.name, rule, value, remedy, place=place) from error


def _found(name: str, folder: Path) -> tuple[list[Path], tuple[str, ...] | None]:
    """Return a folder's images and its classes, if it has any."""
    images = _images_in(folder)
    classes = sorted(one for one in folder.iterdir() if one.is_dir() and not _hidden(one))
    check_unicode(name, [one.name for one in classes], "rename the class's folder")
    by_class = {one: _images_in(one) for one in classes}
    without = [one.name for one in classes if not by_class[one]]
    if images and len(without) < len(classes):
        rule = "its images must all be in folders named by their classes, or all beside each other"
        value = f"{images[0].name} beside the folder {classes[0].name}"
        raise fault(name, rule, value, "move them")
    if images:
        return images, None
    if not classes or len(without) == len(classes):
        rule = f"a folder must have images in it, or folders of them ({', '.join(SUFFIXES)})"
        raise fault(name, rule, "none", _remedy(name, folder))
    if without:
        rule, remedy = "every class's folder must have images", "fill it, or remove it"
        raise fault(name, rule, f"none in {listed(without)}", remedy)
    return [image for one in classes for image in by_class[one]], tuple(one.name for one in classes)


def _remedy(name: str, folder: Path) -> str:
    """Point to the folder or the file that was meant, if there is one."""
    deeper = sorted(one.parent.parent for one in folder.glob("*/*/*") if _is_image(one))
    if deeper:
        return f"name one of its folders, {Path(name, deeper[0].name)}"
    return "name a folder of images, or a file"


def _images_in(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if _is_image(one))


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not _hidden(path) and path.is_file()


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _in_words(shape: tuple[int, ...]) -> str:
    kind = "colour" if len(shape) == 3 else "grey"
    return f"{shape[1]} x {shape[0]} pixels, {kind}"
