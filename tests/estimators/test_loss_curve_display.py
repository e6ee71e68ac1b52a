from __future__ import annotations

import copy
import math
import warnings

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from chainrule import LossCurveDisplay, NeuralNetwork
from chainrule.errors import InvalidValueError
from chainrule.estimators.loss_curve_display import collect_losses


@pytest.fixture(autouse=True)
def _no_figure_is_left():
    before = mpl.get_backend()
    plt.switch_backend("Agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:300] / 16, y[:300]


@pytest.fixture(scope="module")
def fit_mlp(digits):
    def fit(**settings):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return MLPClassifier((6,), random_state=0, **settings).fit(*digits)

    return fit


@pytest.fixture(scope="module")
def plain(fit_mlp):
    return fit_mlp(max_iter=4)


@pytest.fixture(scope="module")
def early(fit_mlp):
    return fit_mlp(max_iter=30, early_stopping=True, n_iter_no_change=2, learning_rate_init=0.05)


def network(**settings):
    settings = {"random_state": 0} | settings
    return NeuralNetwork(3, [64, 6, 10], 0.3, "relu", "normal", 5, 32, **settings)


@pytest.fixture(scope="module")
def net(digits):
    return network(patience=4).fit(*digits)


def losses(**changes):
    """Return a display with everything in it, the best epoch being the third."""
    columns = {
        "epochs": [1, 2, 3, 4],
        "train_loss": [0.9, 0.5, 0.3, 0.2],
        "validation_loss": [0.8, 0.6, 0.4, 0.5],
        "scores": {"validation_accuracy": [0.5, 0.6, 0.8, 0.7], "f1": [0.4, None, 0.7, 0.6]},
        "best_epoch": 3,
    }
    return LossCurveDisplay(**columns | changes)


def points(line):
    return [line.get_xdata().tolist(), line.get_ydata().tolist()]


def legend_of(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


# --- what is collected --------------------------------------------------------------------------


def test_losses_of_a_neural_network(net):
    assert collect_losses(net) == {
        "epochs": [1, 2, 3, 4, 5],
        "train_loss": net.history_.column("train_loss"),
        "validation_loss": net.history_.column("validation_loss"),
        "scores": {"validation_accuracy": net.history_.column("validation_accuracy")},
        "best_epoch": net.history_.best_epoch,
    }


def test_losses_without_validation(digits):
    found = collect_losses(network().fit(*digits))
    assert found["validation_loss"] is None
    assert found["scores"] == {}
    assert found["best_epoch"] is None


def test_losses_of_scikit_learns(plain):
    found = collect_losses(plain)
    assert found["epochs"] == [1, 2, 3, 4]
    assert found["train_loss"] == plain.loss_curve_
    assert found["train_loss"] is not plain.loss_curve_  # which a warm start goes on filling
    assert found["scores"] is found["best_epoch"] is None


def test_losses_of_scikit_learns_with_early_stopping(early):
    found = collect_losses(early)
    assert found["train_loss"] == early.loss_curve_
    assert found["scores"] == {"validation_score": early.validation_scores_}
    best = found["best_epoch"]
    assert 1 < best < len(early.loss_curve_)
    assert early.validation_scores_[best - 1] == early.best_validation_score_
    assert max(early.validation_scores_[: best - 1]) < early.best_validation_score_


def test_an_undefined_score_is_not_the_best(early):
    undefined = copy.copy(early)
    undefined.validation_scores_ = [math.nan, *early.validation_scores_[1:]]
    assert collect_losses(undefined)["best_epoch"] == collect_losses(early)["best_epoch"]
    undefined.validation_scores_ = [math.nan] * len(early.loss_curve_)
    assert collect_losses(undefined)["best_epoch"] is None


# --- what is drawn ------------------------------------------------------------------------------


def test_draws_the_losses_and_marks_the_best_epoch():
    display = losses(estimator_name="Net")
    assert display.plot() is display
    assert list(map(points, display.lines_)) == [
        [[1, 2, 3, 4], [0.9, 0.5, 0.3, 0.2]],
        [[1, 2, 3, 4], [0.8, 0.6, 0.4, 0.5]],
        [[3], [0.4]],
    ]
    assert [line.get_linestyle() for line in display.lines_] == ["--", "-", "None"]
    assert [line.get_marker() for line in display.lines_] == ["None", "None", "o"]
    assert display.score_ax_ is None
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("epoch", "loss")
    assert display.ax_.get_yscale() == "linear"
    assert legend_of(display) == ["Net", "training loss", "validation loss", "best epoch: 3"]
    assert display.figure_ is display.ax_.figure is plt.gcf()


def test_without_validation_the_mark_is_on_the_training_loss():
    display = losses(validation_loss=None).plot()
    assert points(display.lines_[1]) == [[3], [0.3]]
    assert legend_of(display) == ["training loss", "best epoch: 3"]


def test_without_a_best_epoch_there_is_no_mark():
    assert len(losses(best_epoch=None).plot().lines_) == 2


def test_epochs_need_not_start_at_one():
    display = losses(epochs=[11, 12, 13, 14], best_epoch=12).plot()
    assert points(display.lines_[2]) == [[12], [0.6]]


def test_values_that_are_not_there_are_left_out():
    display = losses(train_loss=[math.inf, 0.5, math.nan, 0.2]).plot()
    assert points(display.lines_[0]) == [[2, 4], [0.5, 0.2]]


def test_scores_have_axes_of_their_own():
    display = losses(estimator_name="Net").plot(scores=True, name="mine")
    accuracy, f1 = display.lines_[3:]
    assert points(accuracy) == [[1, 2, 3, 4], [0.5, 0.6, 0.8, 0.7]]
    assert points(f1) == [[1, 3, 4], [0.4, 0.7, 0.6]]
    assert accuracy.axes is f1.axes is display.score_ax_ is not display.ax_
    assert accuracy.get_linestyle() != f1.get_linestyle()
    assert display.score_ax_.get_ylabel() == "score"
    assert legend_of(display)[0] == "mine"
    assert legend_of(display)[4:] == ["validation accuracy (right)", "f1 (right)"]
    assert plt.gca() is display.ax_
    assert display.score_ax_.get_zorder() < display.ax_.get_zorder()  # the legend is on top


def test_the_scale_and_the_lines_style():
    display = losses().plot(log=True, scores=True, lw=3, ls="--", c="red")
    assert display.ax_.get_yscale() == "log"
    assert {line.get_color() for line in display.lines_} == {"red"}
    del display.lines_[2]  # the mark has its own
    assert {line.get_linewidth() for line in display.lines_} == {3}
    assert {line.get_linestyle() for line in display.lines_} == {"--"}


@pytest.mark.parametrize("epochs", [[1], [1, 2, 3, 4]])
def test_ticks_are_epochs(epochs):
    display = LossCurveDisplay(epochs=epochs, train_loss=epochs).plot()
    ticks = display.ax_.get_xticks().tolist()
    assert 1 in ticks
    assert ticks == list(map(int, ticks))


def test_a_single_epoch_can_be_seen():
    display = LossCurveDisplay(epochs=[1], train_loss=[0.5], validation_loss=[0.4]).plot()
    assert [line.get_marker() for line in display.lines_] == [".", "."]


def test_displays_share_axes_in_colours_of_their_own():
    first = losses(estimator_name="one").plot()
    second = losses(estimator_name="two", train_loss=[4, 3, 2, 1]).plot(first.ax_)
    assert first.figure_ is second.figure_
    for number, display in enumerate((first, second)):
        for line in display.lines_:
            assert mpl.colors.same_color(line.get_color(), f"C{number}")
    assert points(second.lines_[0])[1] == [4, 3, 2, 1]
    legend = ["training loss", "validation loss", "best epoch: 3"]
    assert legend_of(first) == ["one", *legend, "two", *legend]


def test_displays_share_the_axes_of_their_scores():
    _, (left, right) = plt.subplots(2, 1, sharex=True, layout="constrained")
    first = losses().plot(left, scores=True)
    first.figure_.canvas.draw()  # the layout moves the axes
    second = losses().plot(left, scores=True)
    other = losses().plot(right, scores=True)
    assert first.score_ax_ is second.score_ax_ is not other.score_ax_
    assert len({line.get_color() for line in second.lines_}) == 1
    assert legend_of(first).count("f1 (right)") == 2
    first.figure_.canvas.draw()


def test_a_display_can_be_drawn_again():
    display = losses()
    first = display.plot(scores=True).ax_
    _, ax = plt.subplots()
    display.plot(ax)
    assert display.ax_ is ax is not first
    assert {line.axes for line in display.lines_} == {ax}
    assert display.score_ax_ is None


def test_losses_in_a_subfigure():
    part = plt.figure(layout="constrained").subfigures(1, 2)[1]
    display = losses().plot(part.subplots(), scores=True)
    assert display.figure_ is part


def test_from_estimator_draws(net, plain, early):
    display = LossCurveDisplay.from_estimator(net, log=True, color="green")
    assert points(display.lines_[0])[1] == net.history_.column("train_loss")
    assert points(display.lines_[1])[1] == net.history_.column("validation_loss")
    assert display.ax_.get_yscale() == "log"
    assert legend_of(display)[0] == "NeuralNetwork"

    _, ax = plt.subplots()
    display = LossCurveDisplay.from_estimator(plain, ax, name="theirs")
    assert display.ax_ is ax
    assert [points(line)[1] for line in display.lines_] == [plain.loss_curve_]
    assert legend_of(display) == ["theirs", "training loss"]

    display = LossCurveDisplay.from_estimator(early, scores=True)
    assert points(display.lines_[2])[1] == early.validation_scores_


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", [network(), MLPClassifier(solver="lbfgs")])
def test_losses_need_a_fit(message_of, estimator):
    message = message_of(NotFittedError, LossCurveDisplay.from_estimator, estimator)
    name = type(estimator).__name__
    assert message == f"this {name} is not fitted yet: call fit(X, y) first"


def test_estimators_that_keep_no_losses(message_of, digits, fit_mlp):
    for model in (
        fit_mlp(solver="lbfgs", max_iter=2),
        LogisticRegression(max_iter=500).fit(*digits),
    ):
        assert message_of(InvalidValueError, LossCurveDisplay.from_estimator, model) == (
            "estimator must have losses, in history_ or loss_curve_, "
            f"got a {type(model).__name__}: "
            'pass a multilayer perceptron, out of its pipeline and fitted with "sgd" or "adam"'
        )


def test_scores_that_are_not_there(message_of, plain):
    call = LossCurveDisplay.from_estimator
    assert message_of(InvalidValueError, call, plain, scores=True) == (
        "scores=True needs scores, got None: "
        "leave it out, or fit with validation data or early stopping"
    )
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("name", "column", "n"),
    [("train_loss", [1], 1), ("validation_loss", [1, 2, 3], 3), ("scores", {"f1": []}, 0)],
)
def test_columns_of_another_length(message_of, name, column, n):
    assert message_of(InvalidValueError, losses, **{name: column}) == (
        f"{'f1' if name == 'scores' else name} must have one value an epoch, 4 in all, got {n}: "
        "pass None for an epoch without one"
    )


def test_the_best_epoch_must_be_there(message_of):
    assert message_of(InvalidValueError, losses, best_epoch=5) == (
        "best_epoch must be one of epochs, got 5: None marks no epoch"
    )
