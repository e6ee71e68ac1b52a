"""From a name to a :class:`Dataset`: locate, read, check, put together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, get_args

import numpy as np

from chainrule.datasets.catalogue import CATALOGUE, Entry, Part
from chainrule.datasets.dataset import Dataset
from chainrule.datasets.fetch import fetch
from chainrule.datasets.idx import read_idx
from chainrule.datasets.locate import Location, locate
from chainrule.errors import DataNotFoundError, FetchError, InvalidValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def load_mnist(data_dir: str | os.PathLike[str] | None = None) -> Dataset:
    """Return MNIST: 60,000 and 10,000 handwritten digits, complete.

    Parameters
    ----------
    data_dir : path-like, optional
        A folder with the IDX files, plain or compressed, directly or in a subfolder
        ``mnist``. By default the files that are bundled with the package are read.

    Returns
    -------
    Dataset
        ``X_train`` of shape (60000, 784), ``X_test`` of shape (10000, 784).

    Raises
    ------
    DataNotFoundError
        If ``data_dir`` lacks a file.
    DataFormatError
        If a file is not the published one.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86 (11), 1998.
    """
    return load(CATALOGUE["mnist"], data_dir=data_dir)


def load_fashion_mnist(
    *,
    full: bool = False,
    data_dir: str | os.PathLike[str] | None = None,
    download: bool = True,
) -> Dataset:
    """Return Fashion-MNIST: the bundled part, or all of it.

    Parameters
    ----------
    full : bool, default False
        If False, the first 8,000 training and 2,000 test images, which are bundled with the
        package. If True, all 60,000 and 10,000.
    data_dir : path-like, optional
        With ``full=True``, a folder with the IDX files, plain or compressed, directly or in
        a subfolder ``fashion-mnist``; nothing else is searched. By default these are
        searched: the folder that the variable ``CHAINRULE_DATA`` names, the folder of
        Debian's package ``dataset-fashion-mnist``, the cache.
    download : bool, default True
        With ``full=True``, whether to download the files into the cache (30 MB) if they are
        in none of these.

    Returns
    -------
    Dataset
        ``X_train`` of shape (8000, 784) or (60000, 784), ``X_test`` of shape (2000, 784) or
        (10000, 784).

    Raises
    ------
    InvalidValueError
        If ``data_dir`` is given without ``full=True``.
    DataNotFoundError
        If the files are in none of the places and may not be downloaded.
    DataFormatError
        If a file is not the published one.
    FetchError
        If the download fails.

    References
    ----------
    H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset for
    benchmarking machine learning algorithms", arXiv 1708.07747, 2017.
    """
    if full:
        return load(CATALOGUE["fashion-mnist"], data_dir=data_dir, download=download)
    if data_dir is not None:
        rule = "data_dir must be left out with full=False, which reads the bundled part"
        raise InvalidValueError(rule, os.fspath(data_dir), "pass full=True")
    return load(CATALOGUE["fashion-mnist-report"])


def load(
    entry: Entry, *, data_dir: str | os.PathLike[str] | None = None, download: bool = False
) -> Dataset:
    """Read a data set of the catalogue; every file must have its pinned digest.

    Parameters
    ----------
    entry : Entry
        The data set.
    data_dir : path-like, optional
        The only folder to look in; by default the places of
        :data:`chainrule.datasets.locate.PLACES`.
    download : bool, default False
        Whether to download it if it is in none of them. A ``data_dir`` rules that out.

    Returns
    -------
    Dataset
        Its arrays, and the place that they were read from.

    Raises
    ------
    DataNotFoundError, DataFormatError, FetchError
        As :func:`load_fashion_mnist`.
    """
    try:
        location = locate(entry, data_dir)
    except DataNotFoundError as missing:
        if data_dir is not None or entry.url is None or not download:
            raise
        location = _downloaded(entry, missing)
    return _read(entry, location)


def load_part(entry: Entry, part: Part) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Read a part of a data set of the catalogue, from the places that :func:`load` searches.

    Parameters
    ----------
    entry : Entry
        The data set.
    part : {"train", "test"}
        Which files to read.

    Returns
    -------
    images : ndarray of uint8, shape (n, height, width)
    labels : ndarray of int64, shape (n,)

    Raises
    ------
    DataNotFoundError, DataFormatError
        As :func:`load`.
    """
    return _read_part(entry, locate(entry), part)


def _downloaded(entry: Entry, missing: DataNotFoundError) -> Location:
    try:
        fetch(entry)
    except FetchError as error:
        raise FetchError(f"{error}. It was needed because {missing}") from error
    return locate(entry)


def _read(entry: Entry, location: Location) -> Dataset:
    train, test = (_read_part(entry, location, part) for part in get_args(Part))
    return Dataset(
        name=entry.name,
        X_train=train[0].reshape(len(train[0]), -1),
        y_train=train[1],
        X_test=test[0].reshape(len(test[0]), -1),
        y_test=test[1],
        class_names=entry.class_names,
        image_shape=entry.train_images.shape[1:],
        source=location.source,
        licence=entry.licence,
        digest=entry.digest,
    )


def _read_part(
    entry: Entry, location: Location, part: Part
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    images, labels = (
        read_idx(location.paths[file.name], max_bytes=file.n_values, sha256=file.sha256)
        for file in entry.part(part)
    )
    return images, labels.astype(np.int64)
