"""The data sets that chainrule knows, and what their files must be.

Each file's SHA-256 is taken over the uncompressed IDX bytes, so it holds for the plain
file and for every way of packing it. A file that can be downloaded also has the size and
the SHA-256 of the gzip file as it is published.

A data set is one :class:`Entry` and one line in :data:`CATALOGUE`.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chainrule.registry import Registry

Part = Literal["train", "test"]
"""The parts that every data set has."""


@dataclass(frozen=True)
class IdxFile:
    """One IDX file of unsigned bytes.

    Parameters
    ----------
    name : str
        Its name, without the ending of a compressed file.
    shape : tuple of int
        The shape of the array inside.
    sha256 : str
        The digest of the uncompressed file, in hexadecimal.
    gz_size : int, default 0
        The length in bytes of the published gzip file, 0 if there is no download.
    gz_sha256 : str, default ""
        The digest of the published gzip file, empty if there is no download.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str
    gz_size: int = 0
    gz_sha256: str = ""

    @property
    def n_values(self) -> int:
        """The number of values, which is also their number of bytes."""
        return math.prod(self.shape)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One data set of the catalogue.

    Parameters
    ----------
    name : str
        The name that users type; also the name of its folder.
    description, credit, licence : str
        What it is, whose it is, and what may be done with it.
    class_names : tuple of str
        The classes, in the order of their numbers.
    train_images, train_labels, test_images, test_labels : IdxFile
        The four files.
    bundled : bool, default False
        Whether the files come with the package.
    system_folder : Path, optional
        Where a system package puts the files.
    url : str, optional
        The address of the published gzip files, with the last slash.
    """

    name: str
    description: str
    credit: str
    licence: str
    class_names: tuple[str, ...]
    train_images: IdxFile
    train_labels: IdxFile
    test_images: IdxFile
    test_labels: IdxFile
    bundled: bool = False
    system_folder: Path | None = None
    url: str | None = None

    @property
    def files(self) -> tuple[IdxFile, ...]:
        """The four files: training images and labels, test images and labels."""
        return self.part("train") + self.part("test")

    def part(self, part: Part) -> tuple[IdxFile, IdxFile]:
        """Return the files of a part: images and labels."""
        if part == "train":
            return self.train_images, self.train_labels
        return self.test_images, self.test_labels

    @property
    def digest(self) -> str:
        """A SHA-256 over the digests of the four files, in their order."""
        return hashlib.sha256("\n".join(file.sha256 for file in self.files).encode()).hexdigest()


_DIGITS = tuple("0123456789")
_CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

_MNIST = Entry(
    name="mnist",
    description="70,000 handwritten digits, grey, 28 x 28 pixels",
    credit="Yann LeCun, Corinna Cortes and Christopher J. C. Burges, from NIST's databases",
    licence="CC BY-SA 3.0",
    class_names=_DIGITS,
    train_images=IdxFile(
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    train_labels=IdxFile(
        "train-labels-idx1-ubyte",
        (60000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    test_images=IdxFile(
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    test_labels=IdxFile(
        "t10k-labels-idx1-ubyte",
        (10000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    bundled=True,
)

_FASHION_MNIST = Entry(
    name="fashion-mnist",
    description="70,000 pictures of clothing from a shop's catalogue, grey, 28 x 28 pixels",
    credit="Zalando SE (Han Xiao, Kashif Rasul, Roland Vollgraf), 2017",
    licence="MIT",
    class_names=_CLOTHES,
    train_images=IdxFile(
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        26421880,
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    train_labels=IdxFile(
        "train-labels-idx1-ubyte",
        (60000,),
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        29515,
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    test_images=IdxFile(
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        4422102,
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    test_labels=IdxFile(
        "t10k-labels-idx1-ubyte",
        (10000,),
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        5148,
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
    system_folder=Path("/usr/share/datasets/fashion-mnist"),  # Debian: dataset-fashion-mnist
    url="https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)

_FASHION_MNIST_REPORT = Entry(
    name="fashion-mnist-report",
    description="The first 8,000 training and 2,000 test images of Fashion-MNIST",
    credit=_FASHION_MNIST.credit,
    licence=_FASHION_MNIST.licence,
    class_names=_CLOTHES,
    train_images=IdxFile(
        "train-images-idx3-ubyte",
        (8000, 28, 28),
        "9ddac0dec83f58be1469bae68ccc841e9397247fc68ccee036d7fbdc71da3fa8",
    ),
    train_labels=IdxFile(
        "train-labels-idx1-ubyte",
        (8000,),
        "e37df6ecdd9dd86f8dc00c05dc24dbbc5ac9aa591c3b389d170f9c824c41a6b6",
    ),
    test_images=IdxFile(
        "t10k-images-idx3-ubyte",
        (2000, 28, 28),
        "862035b0a96959b614c9574f4c2b0ae9584ca234813e8d6d7adb7838b12ca46b",
    ),
    test_labels=IdxFile(
        "t10k-labels-idx1-ubyte",
        (2000,),
        "aa3f574d30afaf0d4d9da084a6f8541771e20693d6a97fae6e9a4953fca8f078",
    ),
    bundled=True,
)

CATALOGUE: Registry[Entry] = Registry(
    "data set",
    {entry.name: entry for entry in (_MNIST, _FASHION_MNIST_REPORT, _FASHION_MNIST)},
)
"""Every data set by name, in the order in which they are listed."""
