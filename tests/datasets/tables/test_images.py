from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image

from chainrule.datasets.tables import Column, images, open_table
from chainrule.errors import DataFormatError

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)
COLOUR = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
SUFFIXES = ".png, .jpg, .jpeg, .bmp, .gif, .tif, .tiff, .webp, .ppm, .pgm"


def put(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(here):
    """Two classes of grey images."""
    for number, name in enumerate(("b/1.png", "a/2.png", "a/10.BMP")):
        put(here / "data" / name, GREY + number)
    return here / "data"


def test_folders_are_classes(folder, content):
    for other in ("a/notes.txt", ".hidden/x.png", "a/.x.png"):
        (folder / other).parent.mkdir(exist_ok=True)
        (folder / other).write_text("no image")
    table = open_table("data")
    assert table.columns == (Column("image", (3, 4), np.dtype("u1")), Column("class"))
    assert (table.target, table.class_names, table.n_rows) == ("class", ("a", "b"), 3)
    columns = content(table, 2)
    assert columns["class"] == ["a", "a", "b"]
    assert columns["image"] == [(GREY + k).ravel().tolist() for k in (2, 1, 0)]
    assert [table.place(row) for row in range(3)] == ["a/10.BMP", "a/2.png", "b/1.png"]


def test_images_beside_each_other_have_no_class(folder, content):
    table = open_table(folder / "a")
    assert (table.target, table.class_names) == (None, None)
    assert content(table) == {"image": [(GREY + k).ravel().tolist() for k in (2, 1)]}
    assert table.place(0) == "10.BMP"


def test_images_in_colour_take_grey_ones_too(here, content):
    put(here / "data" / "0.png", COLOUR)
    put(here / "data" / "1.png", GREY)
    Image.fromarray(COLOUR).convert("RGBA").save(here / "data" / "2.png")
    table = open_table("data")
    assert table.columns[0].shape == (3, 4, 3)
    grey = np.repeat(GREY.ravel(), 3)
    assert content(table)["image"] == [
        COLOUR.ravel().tolist(),
        grey.tolist(),
        COLOUR.ravel().tolist(),
    ]


def test_the_digest_is_of_names_and_contents(folder):
    first = open_table("data").digest()
    lines = [
        f"{name} {hashlib.sha256((folder / name).read_bytes()).hexdigest()}"
        for name in ("a/10.BMP", "a/2.png", "b/1.png")
    ]
    assert first == hashlib.sha256("\n".join(lines).encode()).hexdigest()
    (folder / "b/1.png").rename(folder / "b/2.png")
    assert open_table("data").digest() != first


AS_FIRST = "every image must be as a/10.BMP: 4 x 3 pixels, grey, got "
BRING = ": bring all images to one size and kind"
REPLACE = ": replace it, or take it out of the folder"


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((5, 4), "u1"), f"{AS_FIRST}4 x 5 pixels, grey{BRING}"),
        (COLOUR, f"{AS_FIRST}4 x 3 pixels, colour{BRING}"),
        (
            GREY.astype("u2"),
            "an image must have 8 bits for each of its values, got Pillow's mode MODE: "
            "save it with 8 bits",
        ),
    ],
)
def test_an_image_that_differs_is_named(folder, fault_of, pixels, message):
    put(folder / "b" / "9.png", pixels)
    with Image.open(folder / "b" / "9.png") as image:
        message = message.replace("MODE", image.mode)  # Pillow's versions have other words
    assert fault_of(DataFormatError, "data") == f"data, b/9.png: {message}"


def test_broken_images_are_named(folder, fault_of):
    path = folder / "b" / "9.png"
    path.write_bytes(b"no image")
    message = fault_of(DataFormatError, "data")
    assert message == f"data, b/9.png: an image must be whole, got something else{REPLACE}"
    put(path, np.random.default_rng(0).integers(0, 256, (3, 4), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:50])
    message = fault_of(DataFormatError, "data")
    assert message.startswith("data, b/9.png: an image must be whole, got ")
    assert message.endswith(REPLACE)


@pytest.mark.parametrize(
    ("size", "value"), [((4097, 4097), "4097 x 4097"), ((20_000, 20_000), "many more")]
)
def test_an_image_that_unpacks_to_much_is_refused(folder, fault_of, size, value):
    Image.new("1", size).save(folder / "b" / "9.png")
    assert fault_of(DataFormatError, "data") == (
        f"data, b/9.png: an image may have at most {images.MOST_PIXELS:,} pixels, "
        f"got {value}: make it smaller"
    )


def test_an_empty_class_is_refused(folder, fault_of):
    (folder / "c").mkdir()
    assert fault_of(DataFormatError, "data") == (
        "data: every class's folder must have images, got none in c: fill it, or remove it"
    )


def test_a_class_in_bytes_that_are_no_utf8_is_refused(folder, fault_of):
    put(folder / "t\udce9" / "1.png", GREY)
    assert fault_of(DataFormatError, "data") == (
        'data: its text must be Unicode, got "t\\udce9": rename the class\'s folder'
    )


def test_images_beside_classes_are_refused(folder, fault_of):
    put(folder / "z.png", GREY)
    assert fault_of(DataFormatError, "data") == (
        "data: its images must all be in folders named by their classes, or all beside each "
        "other, got z.png beside the folder a: move them"
    )


def test_a_folder_without_images_is_refused(here, folder, fault_of):
    rule = f"a folder must have images in it, or folders of them ({SUFFIXES}), got none: "
    (here / "empty").mkdir()
    assert fault_of(DataFormatError, "empty") == (
        f"empty: {rule}name a folder of images, or a file"
    )
    (here / "all").mkdir()
    folder.rename(here / "all" / "train")
    assert fault_of(DataFormatError, "all") == (f"all: {rule}name one of its folders, all/train")
