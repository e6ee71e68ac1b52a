from __future__ import annotations

import copy
import multiprocessing
import pickle
import re
import subprocess
import sys

import joblib
import numpy as np
import pytest
from rich.console import Console
from rich.live import Live
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

from chainrule import MLPClassifier
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.history import Epoch, History
from chainrule.training.loop import Plan, Trainer, train
from chainrule.training.progress_bar import LIVE_WIDTH, ProgressBar
from chainrule.training.source import InOrder, Source

SPEC = NetworkSpec.of([2, 3])
TRAINER = Trainer(Parameters(SPEC), Plan(3, 1))


@pytest.fixture(autouse=True)
def _nothing_is_said_of_terminals(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def screen(monkeypatch, capsys):
    """Make standard error a terminal; return what reads it, without colours and cursor moves."""
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    return lambda: plain(capsys.readouterr().err)


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def begin(estimator=None):
    """Return a bar at the beginning of a training of three epochs."""
    bar, progress = ProgressBar(), Progress(TRAINER, History(), 3, estimator=estimator)
    bar.train_begin(progress)
    return bar, progress


def show(bar, progress, loss, validation=None, seconds=0.5):
    number = len(progress.history) + 1
    progress.history.epochs.append(Epoch(number, loss, validation, {}, 0.1, seconds))
    progress.epochs_done += 1
    assert bar.epoch_end(progress) is False


def end(bar, progress):
    bar.train_end(progress)
    bar.close()


def whole(estimator=None):
    bar, progress = begin(estimator)
    for loss in (0.5, 0.25, 0.125):
        show(bar, progress, loss, 2 * loss)
    end(bar, progress)


LINE = "training: 3 of 3 epochs in 1.5 s, loss 0.125, validation loss 0.25\n"


def test_elsewhere_than_on_a_terminal_there_is_one_line(capsys):
    whole()
    assert capsys.readouterr() == ("", LINE)


def test_on_a_terminal_there_is_a_bar_and_then_the_line(screen, capsys):
    whole()
    err = capsys.readouterr().err
    assert err.endswith(f"\x1b[1A\x1b[2K{LINE}")  # in the place of the bar
    text = plain(err)
    assert "epoch 0/3" in text
    assert re.search(r"epoch 3/3 +\S+ +loss 0\.125, validation 0\.25 +0:00:00", text)
    assert text.endswith(LINE)


@pytest.mark.parametrize(
    ("name", "value"), [("TERM", "dumb"), ("COLUMNS", str(LIVE_WIDTH - 1))], ids=["dumb", "narrow"]
)
def test_a_terminal_that_cannot_show_a_bar_gets_the_line(name, value, screen, monkeypatch):
    monkeypatch.setenv(name, value)
    whole()
    assert screen() == LINE


def test_all_of_the_bar_fits_into_the_width_that_it_asks_for(screen, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(LIVE_WIDTH))
    bar, progress = ProgressBar(), Progress(TRAINER, History(), 200)
    bar.train_begin(progress)
    progress.epochs_done = 99
    show(bar, progress, 0.0001234, 0.0001234)
    bar.close()
    assert re.search(r"epoch 100/200 \S+ loss 0\.0001234, validation 0\.0001234 -:--:--", screen())


def test_a_worker_process_gets_the_line(screen, monkeypatch):
    monkeypatch.setattr(multiprocessing, "parent_process", object)
    whole()
    assert screen() == LINE


def test_under_another_live_display_there_is_the_line(screen):
    with Live("theirs", console=Console(stderr=True), auto_refresh=False):
        whole()
    text = screen()
    assert LINE in text
    assert "epoch 0/3" not in text


def test_of_two_fits_at_once_the_second_has_the_line(screen):
    first, one = begin()
    second, two = begin()
    show(first, one, 0.5)
    show(second, two, 0.75)
    end(second, two)
    end(first, one)
    text = screen()
    assert "training: 1 of 3 epochs in 0.5 s, loss 0.75\n" in text
    assert "loss 0.5 " in text
    assert "loss 0.75 " not in text
    whole()  # the first one has given its place back
    assert "epoch 3/3" in screen()


def test_of_two_fits_that_begin_together_one_has_the_bar(screen, monkeypatch):
    stderr = sys.stderr
    first, one = begin()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)  # the second looked before the first took it
        second, two = begin()
        show(second, two, 0.75)
        end(second, two)
    end(first, one)
    assert sys.stderr is stderr
    assert "loss 0.75 " not in screen()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_fits_in_threads_do_not_disturb_each_other(screen):
    X, y = load_iris(return_X_y=True)
    net = MLPClassifier((3,), max_iter=3, callbacks=[ProgressBar()])
    with joblib.parallel_config("threading"):
        search = GridSearchCV(net, {"alpha": [0, 1]}, cv=4, n_jobs=4, error_score="raise")
        search.fit(X, y)
    lines = re.findall(r"MLPClassifier: 3 of 3 epochs in \d+\.\d s, loss \d", screen())
    assert len(lines) == 9


class Fail(Callback):
    def batch_end(self, progress):
        raise ZeroDivisionError


def test_the_bar_is_gone_where_training_fails(screen):
    source = Source(np.zeros((4, 2), np.float32), np.zeros(4, int))
    bar, stderr = ProgressBar(), sys.stderr
    with pytest.raises(ZeroDivisionError):
        train(Trainer(Parameters(SPEC), Plan(3, 1)), source, InOrder(), callbacks=[bar, Fail()])
    assert sys.stderr is stderr  # rich has it no more
    assert "training:" not in screen()
    whole()
    assert "epoch 3/3" in screen()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_estimator_shows_it_on_request_and_ends_it_where_a_fit_fails(screen):
    X, y = load_iris(return_X_y=True)
    stderr = sys.stderr
    MLPClassifier((3,), max_iter=2).fit(X, y)
    assert screen() == ""
    net = MLPClassifier((3,), max_iter=2, progress=True).fit(X, y)
    assert re.search(r"MLPClassifier: 2 of 2 epochs in \d+\.\d s, loss \d", screen())
    with pytest.raises(ZeroDivisionError):
        net.set_params(callbacks=[Fail()]).fit(X, y)
    assert sys.stderr is stderr
    screen()
    net.set_params(callbacks=None).partial_fit(X, y)
    assert screen() == ""


def test_what_goes_into_a_file_stays_there(screen, capsys):
    bar, progress = begin()
    print("result")
    assert capsys.readouterr().out == "result\n"
    end(bar, progress)


def test_what_is_printed_on_the_same_terminal_goes_above_the_bar(screen, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    bar, progress = begin()
    print("Iteration 1")
    out, err = capsys.readouterr()
    end(bar, progress)
    assert out == ""
    assert "Iteration 1" in err


def test_a_training_that_goes_on_counts_its_own_epochs(capsys):
    progress = Progress(TRAINER, History([Epoch(1, 9.0, None, {}, 0.1, 100.0)]), 3)
    bar = ProgressBar()
    bar.train_begin(progress)
    show(bar, progress, 0.5)
    end(bar, progress)
    assert capsys.readouterr().err == "training: 1 of 3 epochs in 0.5 s, loss 0.5\n"


def test_a_training_that_was_interrupted_in_its_first_epoch_has_a_line_too(capsys):
    end(*begin(MLPClassifier()))
    assert capsys.readouterr().err == "MLPClassifier: 0 of 3 epochs in 0.0 s\n"


def test_it_can_be_copied_while_it_is_shown(screen):
    bar, progress = begin()
    for other in (copy.deepcopy(bar), pickle.loads(pickle.dumps(bar))):
        other.close()
    show(bar, progress, 0.5)
    end(bar, progress)
    assert "epoch 1/3" in screen()


def test_closing_twice_or_without_a_training_does_nothing(screen):
    bar = ProgressBar()
    bar.close()
    bar, progress = begin()
    end(bar, progress)
    bar.close()
    whole()
    assert "epoch 3/3" in screen()


def test_rich_is_imported_when_it_is_used():
    code = "import sys, chainrule.training.progress_bar; print('rich' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
