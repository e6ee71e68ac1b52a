import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from chainrule.explore.packing import pack, unpack


@given(arrays(np.float32, array_shapes(min_side=0), elements=st.floats(width=32)))
def test_float32_is_kept_to_the_bit(values):
    found = unpack(pack(values, "float32"))
    assert found.tobytes() == values.tobytes()
    assert found.shape == values.shape


@pytest.mark.parametrize(("dtype", "data"), [("uint8", "AP8="), ("float16", "AAD4Ww==")])
def test_bytes_are_little_endian_whatever_the_array_s_order(dtype, data):
    values = np.array([0, 255], ">f4")
    packed = pack(values, dtype)
    assert packed.data == data
    assert (packed.dtype, packed.shape) == (dtype, (2,))
    np.testing.assert_array_equal(unpack(packed), [0, 255])
