import math
from types import SimpleNamespace

import pytest

from chainrule.runs.document import why_it_ended


@pytest.mark.parametrize(
    ("losses", "n_iter", "ended"),
    [
        ([], 0, "no improvement"),
        ([(0.1, 0.2)], 9, "no improvement"),
        ([(0.1, 0.2)], 10, "max_iter"),
        ([(math.nan, 1.0), (0.1, None)], 9, "no improvement"),
        ([(0.1, math.nan)], 9, "diverged"),
        ([(math.inf, 0.2)], 10, "diverged"),
    ],
)
def test_what_has_ended_a_fit(losses, n_iter, ended):
    rows = [SimpleNamespace(train_loss=a, validation_loss=b) for a, b in losses]
    history = SimpleNamespace(epochs=rows)
    estimator = SimpleNamespace(history_=history, n_iter_=n_iter, max_iter=10)
    assert why_it_ended(estimator) == ended
