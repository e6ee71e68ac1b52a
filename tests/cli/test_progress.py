from io import StringIO

import pytest
from rich.console import Console

from chainrule.cli.progress import SILENT, PlainLines, listen, summary
from chainrule.study.pace import Pace
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.history import Epoch

TRIALS = [Trial("B", name, 0, {}, "digest") for name in ("relu, [normal]", "tanh, zero")]
EPOCH = Epoch(1, 2.0, 1.5, {"validation_accuracy": 0.5}, 0.002, 1.0)


def result(trial, error=None):
    metrics = {} if error else {"test_accuracy": 0.9, "test_loss": 0.3}
    return TrialResult(trial.id, trial.configuration, 0, metrics, [EPOCH], 2.5, error)


def shown(terminal):
    text = StringIO()
    console = Console(file=text, force_terminal=terminal, width=120, color_system=None)
    with listen(console) as listener:
        listener.begin(2)
        listener.started(TRIALS[0])
        listener.epoch(TRIALS[0], EPOCH, 4)
        listener.finished(TRIALS[0], result(TRIALS[0]))
        listener.started(TRIALS[1])
        listener.finished(TRIALS[1], result(TRIALS[1], "training diverged"))
    return text.getvalue()


def test_elsewhere_than_on_a_terminal_there_are_plain_lines():
    first, second = shown(terminal=False).splitlines()
    assert first.startswith("[1/2] relu, [normal], seed 0: accuracy 90.00\u202f%, loss 0.3000, ")
    assert first.endswith(" left")
    assert second == "[2/2] tanh, zero, seed 0: training diverged; all done"


def test_on_a_terminal_there_are_bars():
    text = shown(terminal=True)
    assert "relu, [normal], seed 0: accuracy 90.00" in text
    assert "all trainings" in text
    assert "\x1b[" in text  # the bars are drawn over


@pytest.mark.parametrize("error", [None, "training diverged"])
def test_a_summary_names_the_trial(error):
    assert summary(TRIALS[0], result(TRIALS[0], error)).startswith("relu, [normal], seed 0: ")


def test_a_summary_of_a_study_s_trial_has_its_fold_and_its_metrics():
    settings = {"fold": 0, "metrics": ["r2", "max_error", "neg_log_loss"]}
    trial = Trial("study", "alpha=1\x1b", 3, settings, "digest")
    found = TrialResult(trial.id, trial.configuration, 3, {"r2": 0.5, "max_error": None}, [], 2.5)
    assert summary(trial, found) == (
        "alpha=1\\x1b, seed 3, fold 1: r2 0.5000, max_error undefined, 0 epochs, 2.5\u202fs"
    )


def test_trials_from_the_store_do_not_count_for_the_remaining_time():
    text = StringIO()
    console = Console(file=text, force_terminal=False, width=120)
    with listen(console) as listener:
        listener.begin(3)
        listener.finished(TRIALS[0], result(TRIALS[0]))
        listener.started(TRIALS[1])
        listener.finished(TRIALS[1], result(TRIALS[1]))
    first, second = text.getvalue().splitlines()
    assert first == "[1/3] 1 from an earlier run"
    assert second.endswith(" left")


@pytest.mark.parametrize("kind", [{"width": 60}, {"width": 120, "_environ": {"TERM": "dumb"}}])
def test_a_terminal_that_cannot_show_bars_gets_lines(kind):
    text = StringIO()
    with listen(Console(file=text, force_terminal=True, color_system=None, **kind)) as listener:
        listener.begin(2)
        listener.started(TRIALS[0])
        listener.finished(TRIALS[0], result(TRIALS[0]))
    assert text.getvalue().startswith("[1/2] ")


@pytest.mark.parametrize(
    ("terminal", "lines"), [(False, ["[2/2] 2 from an earlier run"]), (True, [])]
)
def test_a_study_that_was_finished_has_one_line_at_most(terminal, lines):
    text = StringIO()
    console = Console(file=text, force_terminal=terminal, width=120, color_system=None)
    with listen(console) as listener:
        listener.begin(2)
        for trial in TRIALS:
            listener.finished(trial, result(trial))
    assert [
        line for line in text.getvalue().splitlines() if "seed" in line or "run" in line
    ] == lines


def test_a_loss_of_nothing_has_no_sign():
    trial = Trial("study", "as is", 0, {"metrics": ["neg_log_loss"]}, "digest")
    found = TrialResult(trial.id, trial.configuration, 0, {"neg_log_loss": -1e-9})
    assert "neg_log_loss 0.0000, " in summary(trial, found)


def test_where_no_line_comes_for_a_while_an_epoch_gets_one(clock):
    text = StringIO()
    lines = PlainLines(Console(file=text, width=120), Pace(), clock)
    lines.begin(2)
    lines.started(TRIALS[0])
    for n in range(1, 5):
        clock.now += 0.6 * SILENT
        lines.epoch(TRIALS[0], EPOCH._replace(epoch=n), 4)
    assert text.getvalue().splitlines() == [
        f"[0/2] relu, [normal], seed 0: epoch {n}/4, loss 1.5000" for n in (2, 4)
    ]
