"""Data files of many formats as tables of named columns, read in pieces.

``table`` is what every reader gives, ``opening`` finds the reader for a file, ``memory`` makes a
table of what is in memory.
"""

from __future__ import annotations

from chainrule.datasets.tables.memory import table_of
from chainrule.datasets.tables.opening import open_table
from chainrule.datasets.tables.table import Column, Piece, Table

__all__ = ["Column", "Piece", "Table", "open_table", "table_of"]
