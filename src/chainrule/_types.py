"""The one type alias that every module shares."""

from typing import Any

from numpy.typing import NDArray

# Shapes are in comments and docstrings, in the code's own letters; dtypes are checked at run time.
Array = NDArray[Any]
