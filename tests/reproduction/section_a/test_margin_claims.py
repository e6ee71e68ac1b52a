import pytest

from chainrule.reproduction.claims import Verdict, judge
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_a import margin_claims
from chainrule.reproduction.section_a.claims import CLAIMS
from chainrule.reproduction.words import claim_text

JUDGED = {
    judgement.id: judgement
    for judgement in judge(margin_claims.CLAIMS, Results.of([], [], {}, None))
}


def test_the_section_has_every_claim():
    ids = [claim.id for claim in CLAIMS]
    assert [i for i in ids if i.startswith(("A2", "A3"))] == list(JUDGED)
    assert sum(i.startswith("A1") for i in ids) == 8


@pytest.mark.parametrize(
    ("claim", "verdict", "measured"),
    [
        ("A2.separable", Verdict.REPRODUCED, {"separable": True}),
        ("A2.hyperplane", Verdict.REPRODUCED, {"w": [-2.0, -2.0], "b": 3.0}),
        (
            "A2.support_vectors",
            Verdict.REPRODUCED,
            {"points": [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 0.0]]},
        ),
        ("A3.margin", Verdict.ERRATUM, {"1/‖w‖": 0.5, "2/‖w‖": 1.0}),
        ("A3.support_vectors", Verdict.REPRODUCED, {"samples": [2, 3]}),
        ("A3.prediction", Verdict.REPRODUCED, {"f": 3.0, "class": 1}),
    ],
)
def test_a_claim_beside_exact_arithmetic(claim, verdict, measured):
    assert JUDGED[claim].measured == measured
    assert JUDGED[claim].verdict is verdict


def test_the_conditions_of_optimality_hold():
    assert JUDGED["A2.hyperplane"].note.startswith("All conditions of optimality hold")


def test_the_margin_s_two_definitions_are_named():
    assert "which is 0.5" in JUDGED["A3.margin"].note
    assert "which is 1:" in JUDGED["A3.margin"].note


def test_another_figure_than_the_report_s_is_an_erratum():
    found = {"separable": False}, "no"
    claim = margin_claims.CLAIMS[0]
    judged = margin_claims._judge(lambda: found)(claim, Results.of([], [], {}, None))
    assert judged.verdict is Verdict.ERRATUM


def test_claims_in_words():
    assert claim_text(JUDGED["A2.hyperplane"]) == ("w -2, -2; b 3", "w -2, -2; b 3")
    assert claim_text(JUDGED["A2.support_vectors"])[0] == "points (1, 0), (0, 1), (1, 1), (2, 0)"
    assert claim_text(JUDGED["A3.margin"]) == ("1/‖w‖ 1", "1/‖w‖ 0.5; 2/‖w‖ 1")
