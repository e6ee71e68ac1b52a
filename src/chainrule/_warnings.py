"""Warnings that point at the line of the user's that they are about.

``skip_file_prefixes`` does this from Python 3.12 on. The number of frames in between differs: the
versions of scikit-learn wrap methods in different ways, and a fit may be inside a search.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib.util import find_spec

# Whose frames are not the user's; joblib runs a search's fits.
_PACKAGES = ("chainrule", "sklearn", "joblib")
_FOLDERS = tuple(
    folder + os.sep
    for name in _PACKAGES
    for folder in getattr(find_spec(name), "submodule_search_locations", None) or ()
)


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Issue a warning at the innermost frame that is neither ours nor scikit-learn's."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_FOLDERS):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
