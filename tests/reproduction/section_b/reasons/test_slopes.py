import pytest

from chainrule.reproduction.claims import Verdict
from chainrule.reproduction.section_b.reasons import slopes

WORSE, UNSTABLE = slopes.CLAIMS
FALLS = [8, 7, 6, 5, 4, 3, 2, 1, 0.5, 0.4, 0.3, 0.2]  # ten inner epochs
TURNS_ONCE = [8, 7, 6, 5, 4, 3, 2, 1, 0.5, 0.4, 0.3, 0.35]
TURNS_TWICE = [8, 7, 6, 5, 4, 3, 2, 1, 0.5, 0.4, 0.45, 0.3]


def accuracies(normal, random, relu=(0.95, 0.95)):
    of = {
        ("relu", "normal"): relu,
        ("relu", "random"): relu,
        ("leaky_relu", "normal"): normal,
        ("leaky_relu", "random"): random,
    }
    return {names: [{"test_accuracy": value} for value in values] for names, values in of.items()}


@pytest.mark.parametrize(
    ("normal", "random", "verdict"),
    [
        ((0.93, 0.93), (0.90, 0.93), Verdict.REPRODUCED),
        ((0.93, 0.93), (0.95, 0.95), Verdict.DIFFERS),
        ((0.945, 0.945), (0.93, 0.93), Verdict.DIFFERS),
        ((0.97, 0.97), (0.97, 0.97), Verdict.DIFFERS),
    ],
)
def test_worse_means_with_both_initialisations(results_of, judgement, normal, random, verdict):
    judged = judgement(WORSE, results_of(accuracies(normal, random)))
    assert judged.verdict is verdict
    mean = judged.measured["relu_less_leaky_share"]["normal"]["mean"]
    assert mean == pytest.approx(0.95 - sum(normal) / 2)


def turning(*curves, error=None):
    runs = [[{"losses": curve, "test_accuracy": 0.9}] for curve in curves]
    if error:
        runs[-1] = [{"losses": curves[-1], "error": error}]
    names = [(name, "normal") for name in slopes.SLOPES.values()]
    return dict(zip(names, runs, strict=True))


@pytest.mark.parametrize(
    ("relu", "leaky", "verdict"),
    [
        (FALLS, FALLS, Verdict.DIFFERS),
        (FALLS, TURNS_ONCE, Verdict.REPRODUCED),
        (TURNS_ONCE, TURNS_ONCE, Verdict.DIFFERS),
        (TURNS_ONCE, TURNS_TWICE, Verdict.REPRODUCED),
        (TURNS_ONCE, FALLS, Verdict.DIFFERS),
    ],
)
def test_unstable_means_more_turns_than_without_a_slope(
    results_of, judgement, relu, leaky, verdict
):
    results = results_of(turning(relu, leaky, FALLS, FALLS))
    assert judgement(UNSTABLE, results).verdict is verdict


def test_a_steep_slope_may_diverge_and_is_said_to(results_of, judgement):
    results = results_of(turning(FALLS, TURNS_ONCE, TURNS_TWICE, [9.0], error="diverged"))
    judged = judgement(UNSTABLE, results)
    assert judged.verdict is Verdict.REPRODUCED
    assert "Diverged: leaky_relu 0.3, normal (seed 0)." in judged.note
    assert "steeper: 0.1 20%. Diverged: leaky_relu 0.3, normal (seed 0)." in judged.answer
    assert judged.per_seed[0]["loss_turning_share_0.3"] is None
    shares = judged.measured["loss_turning_share"]
    assert [share["mean"] for share in shares.values()] == [0.0, 0.1, 0.2]


def test_the_pictures_have_what_decides(results_of):
    table = accuracies((0.93, 0.91), (0.90, 0.93)) | turning(
        FALLS, TURNS_ONCE, TURNS_TWICE, [9.0], error="diverged"
    )
    (drawing,) = slopes.draw(results_of(table))
    losses, random_losses, gaps, turns = drawing.panels
    assert random_losses.header == ["epoch", "slope 0", "slope 0.01"]
    assert losses.header == ["epoch", *drawing.legend]
    assert turns.rows == [["normal", "0.0%", "10.0%", "20.0%"]]
    assert gaps.rows[0] == ["normal", "0.0%", "0.0%", "–"]
    assert gaps.rows[1] == ["random", "-3.5%", "–", "–"]


def test_a_slope_that_diverged_in_one_seed_has_the_others_turns(results_of, judgement):
    table = {
        names: [{"losses": TURNS_ONCE}, {"losses": TURNS_ONCE}]
        for names in [(name, "normal") for name in slopes.SLOPES.values()]
    }
    table["leaky_relu 0.3", "normal"][1] = {"losses": [9.0], "error": "diverged"}
    judged = judgement(UNSTABLE, results_of(table))
    assert judged.measured["loss_turning_share"]["slope 0.3"]["mean"] == 0.1
    assert "(seed 1)" in judged.answer


def test_where_no_seed_has_both_there_is_no_bar(results_of):
    well, diverged = {"test_accuracy": 0.9}, {"error": "diverged", "losses": [9.0]}
    table = {
        ("relu", "normal"): [well, diverged],
        ("leaky_relu", "normal"): [well, well],
        ("leaky_relu 0.3", "normal"): [diverged, well],
    }
    (drawing,) = slopes.draw(results_of(table))
    gaps = drawing.panels[1]
    assert gaps.rows[0] == ["normal", "0.0%", "–", "–"]


@pytest.mark.parametrize(
    ("normal", "random", "found"),
    [
        ((0.93, 0.93), (0.90, 0.93), "worse with both."),
        ((0.93, 0.93), (0.95, 0.95), "worse with normal alone."),
        ((0.95, 0.95), (0.95, 0.95), "worse with neither."),
    ],
)
def test_worse_is_said_of_what_it_holds_for(results_of, judgement, normal, random, found):
    judged = judgement(WORSE, results_of(accuracies(normal, random)))
    assert judged.answer.endswith(found)


def test_without_runs_there_is_nothing_to_draw(results_of):
    (drawing,) = slopes.draw(results_of({}))
    assert not drawing.panels
