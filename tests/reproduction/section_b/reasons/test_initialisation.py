import pytest

from chainrule.reproduction.claims import Verdict
from chainrule.reproduction.section_b.experiments import STUDIED
from chainrule.reproduction.section_b.reasons import initialisation
from chainrule.reproduction.section_b.reasons.initialisation_figures import draw

STABLE, BASELINE, SYMMETRY = initialisation.CLAIMS
FALLS = [8, 7, 6, 5, 4, 3, 2, 1, 0.5, 0.4, 0.3, 0.2]  # ten inner epochs
TURNS_ONCE = [8, 7, 6, 5, 4, 3, 2, 1, 0.5, 0.4, 0.3, 0.35]
TURNS_TWICE = [8, 7, 6, 5, 4, 3, 2, 1, 0.5, 0.4, 0.45, 0.3]


def four(normal=(0.95, 0.95), random=(0.92, 0.92), curve=FALLS, random_curve=FALLS):
    return {
        (name, init): [{"losses": losses, "test_accuracy": value} for value in values]
        for name in ("relu", "tanh")
        for init, values, losses in (("normal", normal, curve), ("random", random, random_curve))
    }


@pytest.mark.parametrize(
    ("changes", "verdict", "compared"),
    [
        ({}, Verdict.REPRODUCED, "Both are stable"),
        ({"curve": TURNS_ONCE}, Verdict.REPRODUCED, "Both are stable"),
        ({"random_curve": TURNS_TWICE}, Verdict.REPRODUCED, "random is not"),
        ({"random": (0.90, 0.92)}, Verdict.REPRODUCED, "random is not"),
        ({"curve": TURNS_TWICE}, Verdict.DIFFERS, "and random is"),
        ({"normal": (0.93, 0.95)}, Verdict.DIFFERS, "and random is"),
        ({"curve": TURNS_TWICE, "random_curve": TURNS_TWICE}, Verdict.DIFFERS, "Neither"),
        ({"normal": (0.5,), "random": (0.9,)}, Verdict.REPRODUCED, "Both are stable"),
    ],
)
def test_stable_means_few_turns_and_seeds_that_agree(
    results_of, judgement, changes, verdict, compared
):
    judged = judgement(STABLE, results_of(four(**changes)))
    assert judged.verdict is verdict
    assert compared in judged.answer


def test_one_of_the_two_activations_that_is_not_stable_is_enough(results_of, judgement):
    table = four()
    table["tanh", "normal"] = [{"losses": TURNS_TWICE, "test_accuracy": 0.95}] * 2
    assert judgement(STABLE, results_of(table)).verdict is Verdict.DIFFERS


@pytest.mark.parametrize(
    ("random", "verdict"),
    [((0.90, 0.90), Verdict.REPRODUCED), ((0.92, 0.87), Verdict.DIFFERS)],
)
def test_a_good_baseline_does_well_in_the_mean(results_of, judgement, random, verdict):
    judged = judgement(BASELINE, results_of(four(random=random)))
    assert judged.verdict is verdict
    mean = sum(random) / 2
    assert judged.measured["test_accuracy"]["tanh"]["mean"] == pytest.approx(mean)


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_a_good_baseline_does_well_with_both(results_of, judgement, name):
    table = four() | {(name, "random"): [{"test_accuracy": 0.89}] * 2}
    assert judgement(BASELINE, results_of(table)).verdict is Verdict.DIFFERS


STILL = [[0.0] * 5] * 3
MOVES = [[0.0, 0.0, 0.0, 0.0, 0.5], [0.0, 0.0, 0.0, 1e-30, 0.4]]


def zeros(distinct=(1, 1, 1, 1), sizes=STILL):
    table = {
        (name, "zero"): [{"distinct_units": [1, 1, 1, 1], "gradient_sizes": STILL}] * 2
        for name in STUDIED
    }
    table["sigmoid", "zero"] = [
        {"distinct_units": [1, 1, 1, 1], "gradient_sizes": MOVES},
        {"distinct_units": list(distinct), "gradient_sizes": sizes},
    ]
    return table


@pytest.mark.parametrize("layer", range(4))
def test_one_unit_of_one_seed_that_differs_breaks_the_symmetry(results_of, judgement, layer):
    distinct = [1, 1, 1, 1]
    assert judgement(SYMMETRY, results_of(zeros(distinct))).verdict is Verdict.REPRODUCED
    distinct[layer] = 2
    assert judgement(SYMMETRY, results_of(zeros(distinct))).verdict is Verdict.DIFFERS


def test_the_layers_that_never_move_have_a_gradient_of_exactly_0_in_every_seed(
    results_of, judgement
):
    results = results_of(zeros())
    assert initialisation.still_layers(results, "sigmoid") == [1, 2, 3]
    assert initialisation.still_layers(results, "relu") == [1, 2, 3, 4, 5]
    judged = judgement(SYMMETRY, results)
    assert "sigmoid 1, 2, 3; tanh 1, 2, 3, 4, 5; relu" in judged.note
    assert "With tanh, relu, leaky_relu no weight ever moves" in judged.answer


def test_the_pictures_have_what_decides(results_of):
    table = four(curve=TURNS_ONCE, random_curve=TURNS_TWICE) | zeros()
    table["relu", "normal"] = [
        {
            "losses": TURNS_ONCE,
            "test_accuracy": 0.9,
            "gradient_sizes": [[0.1] * 5, [0.3] * 5],
            "distinct_units": [256, 128, 64, 32],
        }
    ]
    learning, zero = draw(results_of(table))
    losses, turns = learning.panels
    assert losses.header == [
        "epoch",
        "relu, normal",
        "relu, random",
        "tanh, normal",
        "tanh, random",
    ]
    assert turns.rows == [["normal", "10.0%", "10.0%"], ["random", "20.0%", "20.0%"]]
    gradients, distinct = zero.panels
    assert gradients.rows[4] == ["layer 5", "0.25", "0", "0", "0", "0.3"]
    assert [row[1:] for row in distinct.rows] == [
        ["1", "1", "1", "1", width] for width in ("256", "128", "64", "32")
    ]
    assert [f"{name}, zero" for name in STUDIED] == list(zero.legend)[:4]


def test_without_runs_there_is_nothing_to_draw(results_of):
    assert not any(drawing.panels for drawing in draw(results_of({})))


def test_one_seed_has_no_deviation_and_none_is_told(results_of, judgement):
    judged = judgement(STABLE, results_of(four(normal=(0.5,), random=(0.9,))))
    assert "standard deviation" not in judged.answer
    assert set(judged.measured["std_accuracy"].values()) == {None}
    several = judgement(STABLE, results_of(four(normal=(0.94, 0.95))))
    assert "standard deviation of relu 0.71%" in several.answer
