import pytest
from matplotlib.figure import Figure

from chainrule.report import curves
from chainrule.reproduction.results import Results, configuration
from chainrule.reproduction.section_b import figures
from chainrule.reproduction.section_b.experiments import FAULTY
from chainrule.study.trial import TrialResult
from chainrule.training.history import Epoch


def run(activation, init, seed, losses):
    epochs = [
        Epoch(n, 2 * v, v, {"validation_accuracy": 1 - v / 10}, 0.002, 1.0)
        for n, v in enumerate(losses, 1)
    ]
    return TrialResult("id", configuration(activation, init), seed, {}, epochs)


RESULTS = Results.of(
    [
        run("relu", "normal", 0, [3.0, 2.0, 1.0]),
        run("relu", "normal", 1, [5.0, 4.0]),
        run("relu", "zero", 0, [2.3]),
        run("leaky_relu", "random", 0, [1.0, 0.5]),
        run(FAULTY.name, "random", 0, [2.0, 2.5]),
        run("leaky_relu", "zero", 0, [2.3, 2.2]),
        TrialResult("id", configuration("tanh", "normal"), 0, error="diverged"),
    ],
    [],
    {},
    None,
)


def test_losses_are_means_and_ranges_of_the_seeds_that_got_so_far():
    lines = {line.label: line for line in figures.collect_losses(RESULTS, "relu")}
    assert list(lines) == [
        "zero, training",
        "zero, validation",
        "normal, training",
        "normal, validation",
    ]
    normal = lines["normal, validation"]
    assert list(normal.x) == [1, 2, 3]
    assert list(normal.mean) == [4.0, 3.0, 1.0]
    assert list(normal.low) == [3.0, 2.0, 1.0]
    assert list(normal.high) == [5.0, 4.0, 1.0]
    assert list(lines["normal, training"].mean) == [8.0, 6.0, 2.0]
    assert lines["normal, training"].dashed
    assert not normal.dashed


def test_an_initialisation_keeps_its_colour():
    lines = figures.collect_accuracies(RESULTS, "relu")
    assert [line.series for line in lines] == [0, 2]


def test_accuracies_are_those_on_the_validation_images():
    _, normal = figures.collect_accuracies(RESULTS, "relu")
    assert list(normal.mean) == pytest.approx([0.6, 0.7, 0.9])
    assert list(normal.low) == pytest.approx([0.5, 0.6, 0.9])
    assert list(normal.high) == pytest.approx([0.7, 0.8, 0.9])


def test_zero_shows_one_seed_of_each_activation():
    lines = figures.collect_zero(RESULTS)
    assert [line.label for line in lines] == ["relu", "leaky_relu"]
    assert list(lines[1].mean) == [2.3, 2.2]


def test_the_ablation_sets_right_and_faulty_side_by_side():
    lines = figures.collect_ablation(RESULTS)
    assert [(line.label, line.dashed) for line in lines] == [
        ("leaky_relu, random", False),
        (f"{FAULTY.name}, random", True),
    ]


def test_a_run_that_failed_has_no_curve():
    assert figures.collect_losses(RESULTS, "tanh") == []


@pytest.mark.parametrize(
    ("draw", "limits"),
    [
        (curves.draw_losses, (0, None)),
        (figures.draw_zero, (None, None)),
        (curves.draw_shares, (0, 1)),
    ],
)
def test_drawings_have_every_line_and_their_limits(draw, limits):
    axes = Figure().add_subplot()
    draw(figures.collect_losses(RESULTS, "relu"), axes)
    assert axes.get_xlabel() == "epoch"
    assert len(axes.lines) == 4
    for found, wanted in zip(axes.get_ylim(), limits, strict=True):
        assert wanted is None or found == wanted


def test_statistics_are_of_each_layer_that_is_not_always_zero():
    measured = [[[1.0, 0.0], [2.0, 0.0]], [[3.0, 0.0], [6.0, 0.0], [1.0, 0.0]]]
    runs = [
        TrialResult("id", configuration("relu", "zero"), seed, {"gradient_norms": moments})
        for seed, moments in enumerate(measured)
    ]
    results = Results.of(runs, [], {}, None)
    (line,) = figures.collect_statistics(results, "gradient_norms", "relu", "zero")
    assert (line.label, list(line.x)) == ("layer 1", [0, 1, 2])
    assert list(line.mean) == [2.0, 4.0, 1.0]
    assert (list(line.low), list(line.high)) == ([1.0, 2.0, 1.0], [3.0, 6.0, 1.0])
    assert figures.collect_statistics(results, "gradient_norms", "tanh", "zero") == []
