"""The estimator's settings where a user leaves them open: by the number of rows learnt from.

They were chosen on scikit-learn's bundled data sets and the penguins; docs/own-data.md has the
figures. What a user sets goes before them, and what no longer fits then is left out: AdamW's weight
decay with another solver, early stopping where no rows decide about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from chainrule.errors import InvalidValueError, Words


class Size(NamedTuple):
    """Settings for up to so many rows."""

    rows: float
    hidden_layer_sizes: list[int]
    batch_size: int
    max_iter: int
    n_iter_no_change: int


SIZES = (
    Size(10_000, [100], 32, 500, 20),
    Size(100_000, [256, 128], 128, 100, 10),
    Size(1_000_000, [256, 128], 256, 50, 5),
    Size(float("inf"), [256, 128], 512, 20, 3),
)
WITHOUT_STOPPING = 100  # epochs where nothing says when to stop
BOTTLENECK = 4  # an autoencoder's: one unit for so many features, at least 2, at most 32

ALWAYS: dict[str, Any] = {
    "solver": "adamw",
    "learning_rate_init": 0.001,
    "weight_decay": 0.1,
    "early_stopping": True,
}
# What is measured on the stopping rows; the first decides. The log loss is smoother than the
# accuracy, which few rows know coarsely.
SCORING = {"classification": ["neg_log_loss", "accuracy"], "regression": ["r2"]}


def settings(
    task: str, n_rows: int, n_features: int, *, stops: bool, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the estimator's parameters.

    Parameters
    ----------
    task : {"classification", "regression", "autoencoder"}
        What is learnt.
    n_rows, n_features : int
        Of X.
    stops : bool
        Whether there are rows that decide when to stop.
    given : mapping from str to object
        What the user has set.
    """
    size = next(size for size in SIZES if n_rows <= size.rows)
    found = {**ALWAYS, **size._asdict()}
    del found["rows"]
    found["batch_size"] = min(size.batch_size, n_rows)
    if task == "autoencoder":
        narrow = min(32, max(2, n_features // BOTTLENECK))
        found["hidden_layer_sizes"] = [4 * narrow, narrow]
    elif stops:
        found["scoring"] = SCORING[task]
    if not stops:
        found |= {"early_stopping": False, "max_iter": WITHOUT_STOPPING}
    if not stops and wants_stopping(given) and given.get("early_stopping"):
        raise InvalidValueError(
            "early_stopping needs at least 10 rows that decide when to stop",
            Words(f"none beside the {n_rows:,} to learn from"),
            "leave it out, or add rows",
        )
    if given.get("solver", "adamw") != "adamw":
        del found["weight_decay"]
    return {**found, **given}


def wants_stopping(given: Mapping[str, Any]) -> bool:
    """Return whether early stopping has a meaning with what a user has set."""
    return bool(given.get("early_stopping", True)) and given.get("solver") != "lbfgs"
