"""Data sets: bundled, found on this machine, or downloaded; always checked.

``catalogue`` says what there is, ``locate`` where it is, ``fetch`` downloads, ``idx`` reads,
``load`` puts them together.
"""

from __future__ import annotations

from chainrule.datasets.dataset import Dataset
from chainrule.datasets.load import load_fashion_mnist, load_mnist

__all__ = ["Dataset", "load_fashion_mnist", "load_mnist"]
