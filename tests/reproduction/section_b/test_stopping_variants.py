from types import SimpleNamespace

import pytest

from chainrule.reproduction.results import Results, configuration
from chainrule.reproduction.section_b.stopping_variants import (
    VARIANTS,
    Variant,
    count,
    endings,
    in_words,
    passes,
)
from chainrule.study.trial import TrialResult
from chainrule.training.history import Epoch

BEST, LAST = False, True


def run(losses, accuracies=None, error=None, names=("leaky_relu", "random"), seed=0):
    epochs = [
        Epoch(n, v, v, {"validation_accuracy": v / 10}, 0.002, 1.0) for n, v in enumerate(losses, 1)
    ]
    metrics = {"test_accuracies": accuracies or [0.1 * n for n in range(1, len(losses) + 1)]}
    return TrialResult("id", configuration(*names), seed, metrics, epochs, 1.0, error)


def results_of(*runs):
    planned = [SimpleNamespace(configuration=r.configuration, seed=r.seed) for r in runs]
    return Results.of(runs, planned, {}, None)


@pytest.mark.parametrize(
    ("variant", "epoch"),
    [
        (Variant(BEST, 1), 2),
        (Variant(LAST, 1), 3),
        (Variant(BEST, 2), 5),
        (Variant(LAST, 2), 6),
        (Variant(LAST, 1, 0.6), 2),
        (Variant(BEST, 1, 0.6), 2),
        (Variant(LAST, epochs=1), 1),
        (Variant(LAST, epochs=2), 2),
    ],
)
def test_the_epoch_whose_weights_a_variant_ends_with(variant, epoch):
    assert variant.final_epoch(run([3, 2.5, 2.7, 2.4, 2, 2.1])) == epoch


def test_a_run_that_diverges_has_its_best_weights_but_no_last_ones():
    diverged = run([3, 2, 2.5], error="diverged")
    assert Variant(BEST, 5).final_epoch(diverged) == 2
    assert Variant(LAST, 5).final_epoch(diverged) is None
    assert Variant(LAST, 1).final_epoch(diverged) == 3  # the counter was quicker
    assert Variant(LAST, epochs=2).final_epoch(diverged) == 2
    assert Variant(LAST, epochs=2).final_epoch(run([3], error="diverged")) is None
    assert Variant(BEST, 1).final_epoch(run([], error="diverged")) is None


def test_endings_have_means_over_seeds_and_the_nearest_is_first():
    results = results_of(
        run([3, 2], [0.21, 0.9], seed=0),
        run([3, 2], [0.25, 0.8], seed=1),
    )
    ends = endings(results, 0.2247)
    assert count(ends) == len(VARIANTS)
    assert len(ends) == 2  # after one epoch or after two
    assert ends[0].epochs == (1, 1)
    assert ends[0].variants == (Variant(LAST, epochs=1),)
    assert ends[0].accuracy.mean == pytest.approx(0.23)
    assert ends[0].off == pytest.approx(0.0053)
    assert ends[0].seeds_within == 0  # neither 21 nor 25 is within a point
    assert ends[0].within
    assert ends[-1].accuracy.mean == pytest.approx(0.85)


def test_the_nearest_is_so_from_either_side():
    ends = endings(results_of(run([3, 2], [0.05, 0.3])), 0.25)
    assert [end.off for end in ends] == pytest.approx([0.05, -0.2])


def test_beside_a_variant_stands_what_it_leaves_of_relu():
    relu = run([9, 8, 7], names=("relu", "random"))
    (first, *_) = endings(results_of(run([3, 2], [0.22, 0.9]), relu), 0.2247)
    assert first.variants == (Variant(LAST, epochs=1),)
    assert first.relu.mean == 0.9  # after ReLU's own first epoch
    assert first.spares_relu
    assert "of those, 1 would have left ReLU at 90% or more" in in_words([first])
    for missing in ([], [run([9], error="diverged", names=("relu", "random"))]):
        ends = endings(results_of(run([3, 2]), *missing), 0.2247)
        (end,) = (end for end in ends if Variant(LAST, epochs=2) in end.variants)
        assert end.relu is None
        assert not end.spares_relu


def test_variants_that_differ_in_what_they_leave_of_relu_are_told_apart():
    relu = run([9, 9.5, 8], names=("relu", "random"))
    ends = [end for end in endings(results_of(run([3, 2, 1]), relu), 0.3) if end.epochs == (3,)]
    variants = {end.relu.mean: end.variants for end in ends}
    assert Variant(BEST, 1) in variants[0.9]
    assert Variant(LAST, 1) in variants[0.95]
    assert Variant(BEST, 2) in variants[0.8]


def test_a_variant_without_numbers_in_some_seed_is_left_out():
    results = results_of(run([3, 2], seed=0), run([3], error="diverged", seed=1))
    kept = {variant for end in endings(results, 0.1) for variant in end.variants}
    assert Variant(BEST, 10) in kept
    assert Variant(LAST, 10) not in kept


def test_the_sentence_says_how_many_fit_and_which_is_nearest():
    (one, *_) = ends = endings(results_of(run([3, 2], [0.22, 0.9])), 0.2247)
    assert in_words(ends).startswith(f"Of {len(VARIANTS)} variants")
    assert "one ends within 1.00 percentage points of the claim; of those, none" in in_words(ends)
    assert f"Nearest: {one.network}, " in in_words(ends)
    assert "none ends within" in in_words(endings(results_of(run([3, 2], [0.5, 0.9])), 0.2247))
    assert in_words([]) == ""


def test_the_epoch_that_passes_a_figure():
    results = results_of(run([3, 2, 1], [0.1, 0.3, 0.2]), run([3], [0.1], seed=1))
    assert passes(results, 0.2, "random") == [2, None]
    assert passes(results, 0.2, "zero") == []


def test_variants_are_told_apart_by_their_words():
    assert len(set(map(str, VARIANTS))) == len(VARIANTS) == 42
