import numpy as np
import pytest

from chainrule.reproduction.claims import Verdict
from chainrule.reproduction.section_b.experiments import ADAM, BIPOLAR, SHIFTED, WIDE
from chainrule.reproduction.section_b.reasons import vanishing
from chainrule.reproduction.section_b.reasons.vanishing_figures import first_layer_shares
from chainrule.reproduction.words import words

VANISHING, CENTRED, KEPT = vanishing.CLAIMS
GUESSING = 0.1  # the largest class of the made-up test labels


def moments(*shares):
    """Mean gradients of the layers at some moments, the first with these shares of the last."""
    return [[2.0 * share, 1.0, 1.0, 1.0, 2.0] for share in shares]


def sigmoid(normal, random, wide, adam):
    """Two seeds: sigmoid's shares before training; what its remedies get, None if diverged."""

    def remedied(accuracy):
        return {"error": "diverged"} if accuracy is None else {"test_accuracy": accuracy}

    return {
        ("sigmoid", "normal"): [
            {"gradient_sizes": moments(share, 0.5, 0.5), "test_accuracy": 0.1} for share in normal
        ],
        ("sigmoid", "random"): [{"gradient_sizes": moments(share, 0.5, 0.5)} for share in random],
        ("sigmoid", WIDE): [remedied(wide)] * 2,
        ("sigmoid", "normal", ADAM): [remedied(adam)] * 2,
    }


@pytest.mark.parametrize(
    ("normal", "random", "wide", "adam", "verdict"),
    [
        ((0.001, 0.001), (0.001, 0.001), 0.5, 0.95, Verdict.REPRODUCED),
        ((0.001, 0.001), (0.001, 0.001), 0.90, 0.1, Verdict.REPRODUCED),
        ((0.001, 0.001), (0.001, 0.001), None, 0.95, Verdict.REPRODUCED),
        ((0.001, 0.001), (0.001, 0.001), 0.5, 0.89, Verdict.UNDECIDED),
        ((0.001, 0.001), (0.001, 0.001), None, None, Verdict.UNDECIDED),
        ((0.001, 0.020), (0.001, 0.001), 0.5, 0.95, Verdict.DIFFERS),
        ((0.001, 0.018), (0.001, 0.001), 0.5, 0.95, Verdict.REPRODUCED),
        ((0.001, 0.001), (0.010, 0.010), 0.5, 0.95, Verdict.DIFFERS),
        ((0.5, 0.5), (0.5, 0.5), 0.5, 0.5, Verdict.DIFFERS),
    ],
)
def test_vanishing_takes_a_tiny_gradient_and_a_remedy(
    results_of, judgement, normal, random, wide, adam, verdict
):
    judged = judgement(VANISHING, results_of(sigmoid(normal, random, wide, adam)))
    assert judged.verdict is verdict
    assert f"{sum(normal) / 2:.2%} (normal)" in judged.answer
    assert judged.measured["first_gradient_share"]["random"]["mean"] == pytest.approx(
        sum(random) / 2
    )
    assert [row["test_accuracy_adam"] for row in judged.per_seed] == [adam] * 2


def test_the_table_has_shares_and_remedies_in_short(results_of, judgement):
    table = sigmoid((0.001, 0.001), (0.002, 0.002), 0.5, 0.95)
    text = words(judgement(VANISHING, results_of(table)).measured)
    assert text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ") == (
        "first layer's gradient, of the last one's: normal 0.10 % ± 0.00, random 0.20 % ± 0.00; "
        "accuracy with weights 4 times as wide 50.00 % ± 0.00, adam 95.00 % ± 0.00"
    )


@pytest.mark.parametrize(
    ("normal", "random", "verdict"),
    [
        ((0.11, 0.11, 0.11), (0.5, 0.2, 0.3), Verdict.REPRODUCED),
        ((0.10, 0.01, 0.30), (0.5, 0.2, 0.3), Verdict.REPRODUCED),  # the median is 0.1
        ((0.09, 0.50, 0.50), (0.5, 0.2, 0.3), Verdict.DIFFERS),
        ((0.11, 0.05, 0.06), (0.5, 0.2, 0.3), Verdict.DIFFERS),
        ((0.11, 0.11, 0.11), (0.05, 0.2, 0.3), Verdict.DIFFERS),
    ],
)
def test_kept_means_before_training_and_during_it(results_of, judgement, normal, random, verdict):
    table = {
        ("relu", "normal"): [{"gradient_sizes": moments(*normal)}] * 2,
        ("relu", "random"): [{"gradient_sizes": moments(*random)}] * 2,
    }
    judged = judgement(KEPT, results_of(table))
    assert judged.verdict is verdict
    during = judged.measured["median_first_gradient_share"]["normal"]["mean"]
    assert during == pytest.approx(np.median(normal))


def test_a_network_without_any_gradient_keeps_nothing(results_of):
    table = {("relu", "zero"): [{"gradient_sizes": [[0.0, 0.0], [0.25, 0.5]]}]}
    assert first_layer_shares(results_of(table), "relu", "zero") == [[0.0, 0.5]]


def pairs(normal, wide, bipolar=0.3):
    """Accuracies of σ and of σ - ½, by weights; two seeds a little apart."""
    table = {
        (name, init): [{"test_accuracy": mean - 0.001}, {"test_accuracy": mean + 0.001}]
        for init, pair in (("normal", normal), (WIDE, wide))
        for name, mean in zip(("sigmoid", SHIFTED.name), pair, strict=True)
    }
    one = {"error": "diverged"} if bipolar is None else {"test_accuracy": bipolar}
    return table | {(BIPOLAR.name, "normal"): [one] * 2}


@pytest.mark.parametrize(
    ("normal", "wide", "verdict"),
    [
        ((GUESSING, GUESSING), (0.2, 0.5), Verdict.REPRODUCED),
        ((0.2, 0.22), (0.5, 0.2), Verdict.REPRODUCED),
        ((GUESSING, GUESSING), (0.105, 0.095), Verdict.UNDECIDED),
        ((0.05, 0.01), (GUESSING, 0.096), Verdict.UNDECIDED),  # always another class
        ((GUESSING, GUESSING), (0.5, 0.509), Verdict.DIFFERS),
        ((GUESSING, GUESSING), (0.5, 0.2), Verdict.DIFFERS),
    ],
)
def test_centring_adds_to_it_where_it_alone_makes_a_difference(
    results_of, judgement, normal, wide, verdict
):
    judged = judgement(CENTRED, results_of(pairs(normal, wide)))
    assert judged.verdict is verdict
    assert judged.measured["centring_gain_share"][WIDE]["mean"] == pytest.approx(wide[1] - wide[0])
    assert "2σ(x) − 1 has 30.00% with normal weights" in judged.answer


def test_what_is_told_beside_it_may_diverge(results_of, judgement):
    judged = judgement(CENTRED, results_of(pairs((0.1, 0.1), (0.2, 0.5), bipolar=None)))
    assert judged.verdict is Verdict.REPRODUCED
    assert "2σ(x) − 1 diverged" in judged.note


def test_the_pictures_have_what_decides(results_of):
    table = sigmoid((0.001, 0.003), (0.002, 0.002), 0.5, 0.95)
    table[("sigmoid", WIDE)] = [{"error": "diverged", "losses": [9.0]}]
    gradients, learning = vanishing.draw(results_of(table))
    by_layer, over_epochs = gradients.panels
    assert by_layer.header == ["", "sigmoid"]
    assert by_layer.rows[0] == ["layer 1", "0.004"]
    assert over_epochs.rows == [["0", "0.002"], ["1", "0.5"], ["2", "0.5"]]
    (accuracies,) = learning.panels
    assert accuracies.header == [
        "epoch",
        "sigmoid, normal",
        f"sigmoid, {WIDE}",
        "sigmoid, normal, adam",
    ]


def test_without_runs_there_is_nothing_to_draw(results_of):
    assert not any(drawing.panels for drawing in vanishing.draw(results_of({})))
