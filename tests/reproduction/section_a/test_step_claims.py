from fractions import Fraction

import pytest

from chainrule.reproduction.claims import Verdict, judge
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_a.page import steps
from chainrule.reproduction.section_a.step_claims import CLAIMS, rounds_to, wrong

JUDGED = {judgement.id: judgement for judgement in judge(CLAIMS, Results.of([], [], {}, None))}


def test_ids_and_figures_are_the_report_s():
    claimed = {claim.id: claim.claimed["printed"] for claim in CLAIMS}
    assert claimed == {
        "A1.predictions": [0.16, 0.19, 0.22],
        "A1.mse": [15.1434],
        "A1.output_gradients": [-1.893, -2.540, -3.187],
        "A1.dW2_per_sample": [-0.379, -0.762, -1.275],
        "A1.dhidden": [-0.568, -0.762, -0.956],
        "A1.dW1_per_sample": [-0.568, -1.524, -2.868],
        "A1.mean_gradients": {"W2": -0.825, "b2": -2.540, "W1": -1.653, "b1": -0.762},
        "A1.updated": {"W1": 0.1165, "b1": 0.1076, "W2": 0.3081, "b2": 0.1254},
    }


def test_what_arithmetic_confirms_is_reproduced_and_the_step_is_an_erratum():
    errata = {name for name, judgement in JUDGED.items() if judgement.verdict is Verdict.ERRATUM}
    assert errata == {"A1.mean_gradients", "A1.updated"}
    assert {judgement.verdict for judgement in JUDGED.values()} == {
        Verdict.REPRODUCED,
        Verdict.ERRATUM,
    }


def test_the_true_gradient_is_three_times_the_report_s():
    measured = JUDGED["A1.mean_gradients"].measured
    for name, value in measured["by_the_report's_steps"].items():
        assert measured["exact"][name] == pytest.approx(3 * value)


def test_the_true_step_by_hand():
    # 0.1 + 0.01 * (0.568 + 1.524 + 2.868) and so on, from the terms that the report prints.
    exact = JUDGED["A1.updated"].measured["exact"]
    assert exact["W1"] == pytest.approx(0.1496)
    assert exact["b2"] == pytest.approx(0.1 + 0.01 * (2 / 3) * (2.84 + 3.81 + 4.78))


def test_the_notes_name_the_slip():
    note = JUDGED["A1.mean_gradients"].note
    assert note.startswith("Exact arithmetic gives other values for W2, b2, W1, b1.")
    assert note.endswith("The report's own steps lead to another figure than it prints for W2.")
    assert JUDGED["A1.updated"].note.endswith("The report's own steps lead to what it prints.")


@pytest.mark.parametrize(
    ("value", "printed", "same"),
    [
        (Fraction(2, 3), "0.667", True),
        (Fraction(2, 3), "0.666", False),
        (Fraction(5, 1000), "0.01", True),
        (Fraction(4999, 1000000), "0.01", False),
        (Fraction(3), "3", True),
    ],
)
def test_rounding_to_the_printed_digits(value, printed, same):
    assert rounds_to(value, printed) is same


def test_wrong_values_are_named():
    assert wrong(("0.1", "0.2"), (Fraction(1, 10), Fraction(1, 3))) == ["2"]


def test_the_page_has_every_number():
    rows = steps()
    assert len(rows) == 3 + 1 + 3 * 4 + 4 + 4
    assert [row.of for row in rows[:4]] == ["sample 1", "sample 2", "sample 3", "all samples"]
    start = next(i for i, row in enumerate(rows) if row.title.startswith("Averaged"))
    assert rows[start].span == 4
    w2 = next(row for row in rows[start:] if row.of == "W2")
    assert (w2.printed, w2.true, w2.report_s_way, w2.agrees) == (
        "-0.825",
        "-2.4153",
        "-0.8051",
        False,
    )
