"""A table of named columns, for pandas, CSV and Parquet.

Rows are dictionaries; what a row lacks is missing. What a column holds follows from its values:
whole numbers, numbers, truth values or texts. Anything else, and a mixture, is written as JSON.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule._files import replace_file, write_text
from chainrule._text import encodable, no_formulas
from chainrule.errors import InvalidValueError, Words

# pandas' names of the kinds: those that know missing values, and for columns without any.
_DTYPES = {"integer": "Int64", "number": "float64", "truth": "boolean", "text": "string"}
_FULL_DTYPES = _DTYPES | {"integer": "int64", "truth": "bool"}
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Table:
    """Rows with the same columns.

    Attributes
    ----------
    columns : tuple of str
        In order.
    rows : list of dict
        Each by column.
    """

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> Table:
        """Return a table with every column that a row has, in the order in which they come up."""
        columns = tuple(dict.fromkeys(name for row in rows for name in row))
        return cls(columns, [{name: row.get(name) for name in columns} for row in rows])

    def kinds(self) -> dict[str, str]:
        """Return what each column holds: "integer", "number", "truth" or "text"."""
        return {name: _kind([row[name] for row in self.rows]) for name in self.columns}

    def column(self, name: str) -> list[Any]:
        """Return a column's values as its kind has them, None where there is none."""
        values = [row[name] for row in self.rows]
        return _as_texts(values) if _kind(values) == "text" else values

    def to_pandas(self) -> Any:
        """Return a DataFrame; pandas must be installed.

        Whole numbers are ``int64``, with gaps ``Int64``; numbers ``float64``, with NaN for gaps;
        texts ``string``; truth values ``bool``, with gaps ``boolean``.
        """
        from pandas import DataFrame, Series

        def series(name: str, kind: str) -> Any:
            values = self.column(name)
            return Series(values, dtype=(_DTYPES if None in values else _FULL_DTYPES)[kind])

        return DataFrame({name: series(name, kind) for name, kind in self.kinds().items()})

    def to_csv(self) -> str:
        """Return comma-separated values, with a header; nothing stands for what is missing.

        A text that a spreadsheet would compute gets an apostrophe before it.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(no_formulas(self.columns))
        columns = [no_formulas(self.column(name)) for name in self.columns]
        writer.writerows(zip(*columns, strict=True))
        return text.getvalue()

    def write_csv(self, path: str | Path) -> None:
        """Write :meth:`to_csv` to a file, in one step; OSError if that fails."""
        write_text(Path(path), self.to_csv())

    def write_parquet(self, path: str | Path) -> None:
        """Write a Parquet file, in one step; needs ``pip install pyarrow``.

        Raises
        ------
        InvalidValueError
            If pyarrow is not installed.
        OSError
            If the file cannot be written.
        """
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError as error:
            raise InvalidValueError(
                "Parquet needs the pyarrow package",
                Words("none"),
                "run pip install pyarrow",
            ) from error
        types = {
            "integer": pa.int64(),
            "number": pa.float64(),
            "truth": pa.bool_(),
            "text": pa.string(),
        }
        table = pa.table(
            {name: pa.array(self.column(name), types[kind]) for name, kind in self.kinds().items()}
        )
        replace_file(Path(path), lambda file: parquet.write_table(table, file))


def _kind(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "truth"
    if not kinds or not kinds <= {int, float} or _too_long(values):
        return "text"
    return "integer" if kinds == {int} else "number"


def _too_long(values: Sequence[Any]) -> bool:
    return any(isinstance(value, int) and value not in _INT64 for value in values)


def _as_texts(values: Sequence[Any]) -> list[str | None]:
    plain = all(value is None or isinstance(value, str) for value in values)
    return [
        None if value is None else encodable(value if plain else json.dumps(value))
        for value in values
    ]
