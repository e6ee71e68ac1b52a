"""Pages of real studies and of made ones."""

import pytest

from chainrule.report.study import render
from chainrule.study.results import Results

HOSTILE = "<script>alert(1)</script></style>\x1b[2J\u202e\x00 $x^2_$ \U0001f600"
EVALUATION = {"fraction": 0.2, "each_epoch": True}


@pytest.fixture(scope="session")
def document():
    return {
        "name": "activations",
        "data": "digits.csv",
        "grid": {"activation": ["relu", "tanh"], "rate": [0.1, 0.01]},
        "fixed": {"max_iter": 3},
        "seeds": [0, 1, 2],
        "evaluation": EVALUATION,
        "metrics": ["accuracy"],
    }


@pytest.fixture(scope="session")
def page_of(document):
    """Write the page of results as a user's: page_of(results, …)."""

    def make(results, planned=None, running=False, **changes):
        return render(
            results,
            document={**document, **changes},
            planned=len(results.pairs) if planned is None else planned,
            command="chainrule study report --out study",
            environment={"chainrule": "1.2.3", "numpy": "2.0"},
            running=running,
        )

    return make


@pytest.fixture(scope="session")
def grid(pair_of):
    """A balanced grid with a failure-free history."""
    values = [{"activation": a, "rate": r} for a in ("relu", "tanh") for r in (0.1, 0.01)]
    return Results.of(
        [
            pair_of(n, 0.6 + 0.1 * n + 0.01 * (seed * n % 3), seed=seed, values=v,
                    losses=[2.0, 1.0, 0.5], evaluation=EVALUATION, metrics={"neg_log_loss": -0.1})
            for n, v in enumerate(values)
            for seed in range(3)
        ]
    )  # fmt: skip


@pytest.fixture(scope="session")
def everything(pair_of):
    """Halving of random candidates of which some fail, with names that are no friends."""
    pairs = []
    for n in range(9):
        values = {HOSTILE: f"{HOSTILE}{n % 2}", "rate": 10.0**-n}
        for seed in range(2):
            if n == 8:
                error = f"ValueError: {HOSTILE}"
                pairs.append(pair_of(n, None, seed=seed, budget=5, values=values, error=error))
                continue
            for budget in (5, 15) if n < 3 else (5,):
                score = 0.5 + 0.04 * n + 0.01 * seed + budget / 100
                pairs.append(
                    pair_of(n, score, seed=seed, budget=budget, values=values,
                            losses=[2.0 / k for k in range(1, budget + 1)], evaluation=EVALUATION)
                )  # fmt: skip
    return Results.of(pairs)
