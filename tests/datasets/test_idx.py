from __future__ import annotations

import hashlib
import lzma
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.datasets.idx import read_idx
from chainrule.errors import DataFormatError

PACKINGS = ("", ".gz", ".xz")
SMALL = 2**22  # bytes: two pieces of 1 MiB and the buffers of the decompressors
property_test = settings(deadline=None, derandomize=True)
arrays = st.sampled_from(["u1", "i1", "i2", "i4", "f4", "f8"]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0))
)
packings = st.sampled_from(PACKINGS)


@pytest.fixture(scope="session")
def file(tmp_path_factory):
    # The name says nothing: the reader must look inside.
    return tmp_path_factory.mktemp("idx") / "values"


def written(file, content):
    file.write_bytes(content)
    return file


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def refused(path, **options):
    """Return the message with which a file is refused and the peak of memory, in bytes."""
    tracemalloc.start()
    try:
        with pytest.raises(DataFormatError) as caught:
            read_idx(path, **options)
        return str(caught.value), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@property_test
@given(array=arrays, packing=packings)
def test_what_was_written_is_read(file, encode, pack, array, packing):
    content = encode(array)
    read = read_idx(written(file, pack[packing](content)), sha256=sha256(content))
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.shape == array.shape
    assert read.tobytes() == array.tobytes()


@property_test
@given(array=arrays, packing=packings, data=st.data())
def test_a_file_cut_short_anywhere_is_refused(file, encode, pack, array, packing, data):
    content = pack[packing](encode(array))
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(DataFormatError):
        read_idx(written(file, content[:cut]))


@property_test
@given(array=arrays, data=st.data())
def test_a_damaged_header_is_refused_or_promises_the_same_bytes(file, encode, array, data):
    content = bytearray(encode(array))
    digest = sha256(content)
    at = data.draw(st.integers(0, 3 + 4 * array.ndim))
    content[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DataFormatError):
        read_idx(written(file, content), sha256=digest)
    try:
        read = read_idx(file)
    except DataFormatError:
        return
    n_header = 4 + 4 * read.ndim
    assert n_header + read.nbytes == len(content)


@property_test
@given(array=arrays, packing=st.sampled_from([".gz", ".xz"]), data=st.data())
def test_damage_in_a_compressed_file_is_refused_or_without_effect(
    file, encode, pack, array, packing, data
):
    content = bytearray(pack[packing](encode(array)))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    try:
        read = read_idx(written(file, content))
    except DataFormatError:
        return
    assert read.tobytes() == array.tobytes()


@property_test
@given(array=arrays, packing=packings, tail=st.binary(min_size=1, max_size=40))
def test_bytes_after_the_values_are_refused(file, encode, pack, array, packing, tail):
    with pytest.raises(DataFormatError):
        read_idx(written(file, pack[packing](encode(array) + tail)))


@property_test
@given(array=arrays, packing=packings, tail=st.binary(min_size=1, max_size=40))
def test_bytes_after_the_packed_file_are_refused(file, encode, pack, array, packing, tail):
    assume(packing != ".gz" or any(tail))  # gzip itself allows zeros at the end
    with pytest.raises(DataFormatError):
        read_idx(written(file, pack[packing](encode(array)) + tail))


@pytest.mark.parametrize("packing", [".gz", ".xz"])
def test_a_file_packed_in_two_streams_is_whole(file, encode, pack, packing):
    array = np.arange(12, dtype=np.uint8).reshape(3, 4)
    content = encode(array)
    packed = pack[packing](content[:7]) + pack[packing](content[7:])
    np.testing.assert_array_equal(read_idx(written(file, packed)), array)


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(
    "shape", [(2**20, 2**20, 2**20), (2**32 - 1,) * 64, (0, 2**32 - 1, 2**32 - 1)]
)
def test_a_header_that_promises_too_much_takes_no_memory(file, pack, packing, shape):
    header = struct.pack(f">HBB{len(shape)}I", 0, 0x08, len(shape), *shape)
    message, peak = refused(written(file, pack[packing](header)))
    assert "its header may promise at most 2147483648 bytes of values, got " in message
    assert peak < SMALL


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_short_file_takes_no_more_memory_than_it_has_bytes(file, pack, packing):
    header = struct.pack(">HBB3I", 0, 0x08, 3, 2**20, 2**20, 2**20)
    content = pack[packing](header + bytes(100))
    message, peak = refused(written(file, content), max_bytes=2**60)
    assert "it must have 1152921504606846976 bytes of values after its header, got 100" in message
    assert peak < SMALL


@pytest.mark.parametrize("packing", [".gz", ".xz"])
def test_a_small_file_that_unpacks_to_much_is_not_unpacked(file, pack, packing):
    bomb = struct.pack(">HBBI", 0, 0x08, 1, 1000) + bytes(2**26)
    packed = pack[packing](bomb)
    assert len(packed) < 2**17
    message, peak = refused(written(file, packed))
    assert "it must have 1000 bytes of values after its header, got more" in message
    assert peak < SMALL


def test_an_xz_file_that_wants_a_huge_dictionary_is_refused(file, encode):
    packed = bytearray(lzma.compress(encode(np.zeros(5, dtype=np.uint8))))
    # The block header follows the 12 bytes of the stream header: its size in units of four
    # bytes less one, flags, filter (0x21), length of its settings (1), dictionary; at its
    # end, the CRC-32 of all that. 40 means 4 GiB.
    assert packed[14:16] == b"\x21\x01"
    packed[16] = 40
    end = 12 + 4 * packed[12]
    packed[end : end + 4] = struct.pack("<I", zlib.crc32(packed[12:end]))
    message, peak = refused(written(file, packed))
    assert message == (
        f"{file}: its compressed content must be whole, got Memory usage limit exceeded: "
        "get the file again"
    )
    assert peak < SMALL


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (
            b"",
            {},
            "an IDX file must begin with two zero bytes, a type and a number of dimensions, "
            "got b'': give an IDX file, plain or compressed with gzip, xz or bzip2",
        ),
        (
            b"\x89PNG\r\n\x1a\n",
            {},
            "an IDX file must begin with two zero bytes, a type and a number of dimensions, "
            r"got b'\x89PNG': give an IDX file, plain or compressed with gzip, xz or bzip2",
        ),
        (
            b"\0\0\x0a\x01\0\0\0\0",
            {},
            "its type must be one of 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, got 0x0A: get it again",
        ),
        (
            b"\0\0\x08\0",
            {},
            "its number of dimensions must be in [1, 64], got 0: get the file again",
        ),
        (
            b"\0\0\x08\x41" + bytes(400),
            {},
            "its number of dimensions must be in [1, 64], got 65: get the file again",
        ),
        (
            b"\0\0\x08\x03\0\0\0\x01\0",
            {},
            "its header must have 16 bytes, got 9: it was cut short; get it again",
        ),
        (
            b"\0\0\x0c\x01\0\0\0\x02\0\0\0\0",
            {},
            "it must have 8 bytes of values after its header, got 4: "
            "it was cut short; get it again",
        ),
        (
            b"\0\0\x0c\x01\0\0\0\x01\0\0\0\0\0",
            {},
            "it must have 4 bytes of values after its header, got more: "
            "its header is damaged or something was added to it",
        ),
        (
            b"\0\0\x0c\x01\0\0\0\x02" + bytes(8),
            {"max_bytes": 7},
            "its header may promise at most 7 bytes of values, got 8: "
            "the file is damaged, is not the one expected, or needs a larger max_bytes",
        ),
        (
            b"\0\0\x08\x01\0\0\0\x01\x07",
            {"sha256": "00"},
            "the SHA-256 of its content must be 00, got "
            + sha256(b"\0\0\x08\x01\0\0\0\x01\x07")
            + ": it is damaged or belongs to another data set; "
            "put the right file in its place",
        ),
    ],
)
def test_the_error_gives_the_rule_the_value_and_the_remedy(file, content, options, message):
    assert refused(written(file, content), **options)[0] == f"{file}: {message}"


def test_the_limit_itself_is_allowed(file, encode):
    array = np.arange(2, dtype=np.int32)
    np.testing.assert_array_equal(read_idx(written(file, encode(array)), max_bytes=8), array)


def test_a_file_that_does_not_exist_is_the_systems_own_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "nothing")
