from __future__ import annotations

from dataclasses import replace

import pytest

from chainrule.datasets.catalogue import CATALOGUE
from chainrule.datasets.locate import BUNDLED
from chainrule.errors import UnknownNameError

BUNDLED_FILES = {
    f"{entry.name}-{file.name}": file
    for entry in CATALOGUE.values()
    if entry.bundled
    for file in entry.files
}


def test_the_names_are_those_of_the_entries():
    assert [entry.name for entry in CATALOGUE.values()] == list(CATALOGUE)
    assert list(CATALOGUE) == ["mnist", "fashion-mnist-report", "fashion-mnist"]


def test_a_misspelt_name_gets_a_hint():
    with pytest.raises(UnknownNameError, match='did you mean "mnist"'):
        CATALOGUE["minst"]


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_an_entry_is_whole(entry):
    assert entry.bundled != (entry.url is not None)
    assert len(entry.class_names) == len(set(entry.class_names)) == 10
    assert entry.description
    assert entry.credit
    assert entry.licence
    for images, labels in (
        (entry.train_images, entry.train_labels),
        (entry.test_images, entry.test_labels),
    ):
        assert images.shape == (*labels.shape, 28, 28)
        assert images.n_values == 784 * labels.n_values
    for file in entry.files:
        assert len(bytes.fromhex(file.sha256)) == 32
        assert len(bytes.fromhex(file.gz_sha256)) == (32 if entry.url else 0)
        assert bool(file.gz_size) == bool(entry.url)


def test_no_two_files_have_the_same_digest():
    digests = [
        digest
        for entry in CATALOGUE.values()
        for file in entry.files
        for digest in (file.sha256, file.gz_sha256)
        if digest
    ]
    assert len(set(digests)) == len(digests)


def test_the_digest_of_an_entry_is_that_of_its_files_and_nothing_else():
    entry = CATALOGUE["mnist"]
    assert replace(entry, name="other", url="https://elsewhere/").digest == entry.digest
    changed = replace(entry, test_labels=replace(entry.test_labels, sha256="0" * 64))
    assert changed.digest != entry.digest
    # Pinned: it is part of the identity of results that are already stored.
    assert entry.digest == "ca679089cd9dd461d7b26e36e51216fc71f9271f8082e09656a7c1d29a50483b"


def test_the_bundled_folder_holds_these_files_and_their_notices():
    expected = {f"{name}.xz" for name in BUNDLED_FILES} | {"LICENSES.md", "SHA256SUMS"}
    assert {path.name for path in BUNDLED.iterdir()} == expected


def test_the_list_of_digests_is_the_catalogues():
    lines = (BUNDLED / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    assert lines == [f"{file.sha256}  {name}" for name, file in BUNDLED_FILES.items()]


def test_the_notices_name_every_bundled_file_licence_and_change():
    notices = (BUNDLED / "LICENSES.md").read_text(encoding="utf-8")
    for name in BUNDLED_FILES:
        assert f"`{name}.xz`" in notices
    for words in (
        "Copyright (c) 2017 Zalando SE",
        "The above copyright notice and this permission notice shall be included",
        "Yann LeCun, Corinna Cortes and Christopher J. C. Burges",
        "https://creativecommons.org/licenses/by-sa/3.0/",
        "recompressed with xz",
        "only the first 8,000 training and the first 2,000 test images",
    ):
        assert words in notices
