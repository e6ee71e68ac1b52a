from __future__ import annotations

import copy
import importlib.util
import math
import pickle
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.evaluator import Measured
from chainrule.training.history import Epoch, History
from chainrule.training.loop import Plan, Trainer, train
from chainrule.training.source import InOrder, Source
from chainrule.training.tensorboard import TensorBoard

SPEC = NetworkSpec.of([2, 4, 3], dtype="float64")
ROW = Epoch(1, 0.5, 0.25, {"validation_accuracy": 0.75, "f1": 0.125}, 0.01, 1.0)
installed = importlib.util.find_spec("tensorboardX") is not None


class Writer:
    """tensorboardX's, as far as it is used."""

    def __init__(self, logdir, *, purge_step, flush_secs, filename_suffix):
        assert isinstance(logdir, str)
        self.folder, self.purge_step, self.suffix = logdir, purge_step, filename_suffix
        self.scalars, self.histograms, self.closed = [], [], False
        self.lock = threading.Lock()  # can't be copied, as the real one's

    def add_scalar(self, tag, value, step):
        self.scalars.append((tag, value, step))

    def add_histogram(self, tag, values, step):
        self.histograms.append((tag, np.array(values), step))

    def close(self):
        assert not self.closed
        self.closed = True


@pytest.fixture
def writers(monkeypatch):
    """Return all writers that are made from now on."""
    made = []

    def make(*args, **kwargs):
        made.append(Writer(*args, **kwargs))
        return made[-1]

    monkeypatch.setitem(sys.modules, "tensorboardX", SimpleNamespace(SummaryWriter=make))
    return made


def progress_of(*rows):
    params = Parameters(SPEC, np.arange(SPEC.n_parameters, dtype=float))
    return Progress(Trainer(params, Plan(9, 1)), History(list(rows)), 9)


def show(board, progress, row=ROW):
    number = len(progress.history) + 1
    progress.history.epochs.append(row._replace(epoch=number))
    progress.epochs_done += 1
    assert board.epoch_end(progress) is False


def whole(board, epochs, progress=None):
    progress = progress or progress_of()
    board.train_begin(progress)
    for _ in range(epochs):
        show(board, progress)
    board.train_end(progress)
    board.close()
    return progress


def test_losses_scores_and_the_learning_rate_are_written(tmp_path, writers):
    whole(TensorBoard(tmp_path, every=0), 2)
    (writer,) = writers
    assert writer.scalars == [
        (name, value, step)
        for step in (1, 2)
        for name, value in (
            ("train_loss", 0.5),
            ("validation_loss", 0.25),
            ("learning_rate", 0.01),
            ("validation_accuracy", 0.75),
            ("f1", 0.125),
        )
    ]
    assert not writer.histograms
    assert writer.closed


def test_what_was_not_measured_is_left_out(tmp_path, writers):
    board, progress = TensorBoard(tmp_path), progress_of()
    board.train_begin(progress)
    show(board, progress, ROW._replace(validation_loss=None, scores={}))
    assert [name for name, _, _ in writers[0].scalars] == ["train_loss", "learning_rate"]


def test_the_weights_of_each_layer_are_written_every_few_epochs(tmp_path, writers):
    progress = whole(TensorBoard(tmp_path, every=2), 5)
    shown = [(tag, step) for tag, _, step in writers[0].histograms]
    assert shown == [(f"weights/layer_{layer}", step) for step in (2, 4) for layer in (1, 2)]
    for _, values, _ in writers[0].histograms[:2]:
        assert values.size in {8, 12}
    np.testing.assert_array_equal(writers[0].histograms[0][1], progress.params.W[0].ravel())


def test_weights_that_no_histogram_has_a_place_for_are_left_out(tmp_path, writers):
    board, progress = TensorBoard(tmp_path), progress_of()
    progress.params.W[0][0] = [math.nan, math.inf, -math.inf, 1e30]
    progress.params.W[1][:] = math.nan
    board.train_begin(progress)
    show(board, progress)
    ((tag, values, _),) = writers[0].histograms
    assert tag == "weights/layer_1"
    np.testing.assert_array_equal(values, progress.params.W[0][1])


def test_each_training_is_a_run(tmp_path, writers):
    board = TensorBoard(tmp_path / "logs")
    assert board.run is None
    whole(board, 1)
    whole(board, 1)
    whole(copy.deepcopy(board), 1)
    names = ["run-1", "run-2", "run-3"]
    assert [writer.folder for writer in writers] == [str(tmp_path / "logs" / n) for n in names]
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == names
    assert [writer.purge_step for writer in writers] == [None] * 3
    assert board.run == tmp_path / "logs" / "run-2"


def test_a_training_without_an_epoch_leaves_no_run(tmp_path, writers):
    whole(TensorBoard(tmp_path), 0)
    assert not writers
    assert not [*tmp_path.iterdir()]


def test_a_training_that_goes_on_stays_in_its_run(tmp_path, writers):
    board = TensorBoard(tmp_path, every=0)
    history = whole(board, 2).history
    whole(board, 1, progress_of(*history))
    first, second = writers
    assert first.folder == second.folder
    assert second.scalars[0] == ("train_loss", 0.5, 3)
    # A file of its own, after the first one in the order of their names, however fast it comes.
    assert (first.suffix, second.suffix) == (".000001", ".000003")


def test_a_training_from_a_checkpoint_goes_on_in_its_run(tmp_path, writers):
    first, progress = TensorBoard(tmp_path, every=0), progress_of()
    first.train_begin(progress)
    show(first, progress)
    state = pickle.loads(pickle.dumps(first.state_dict()))
    show(first, progress)  # the checkpoint does not know this epoch, and the process is killed
    second, progress = TensorBoard(tmp_path, every=0), progress_of()
    second.train_begin(progress)
    progress.history.epochs.append(ROW)
    second.load_state_dict(state)
    show(second, progress)
    assert [writer.folder for writer in writers] == [str(tmp_path / "run-1")] * 2
    assert writers[1].purge_step == 2
    assert [*tmp_path.iterdir()] == [tmp_path / "run-1"]


def test_a_checkpoint_may_come_before_the_first_epoch(tmp_path, writers):
    first, second = TensorBoard(tmp_path), TensorBoard(tmp_path)
    second.load_state_dict(first.state_dict())
    whole(second, 1)
    assert second.run == tmp_path / "run-1"


class Fail(Callback):
    def epoch_end(self, progress):
        raise ZeroDivisionError


def test_the_file_is_closed_where_training_fails(tmp_path, writers):
    source = Source(np.zeros((4, 2)), np.zeros(4, int))
    board, trainer = TensorBoard(tmp_path), Trainer(Parameters(SPEC), Plan(3, 1))
    with pytest.raises(ZeroDivisionError):
        train(trainer, source, InOrder(), callbacks=[board, Fail()])
    assert writers[0].closed
    board.close()


def test_it_can_be_copied_while_its_file_is_open(tmp_path, writers):
    board, progress = TensorBoard(str(tmp_path), every=3), progress_of()
    board.train_begin(progress)
    show(board, progress)
    for other in (copy.deepcopy(board), pickle.loads(pickle.dumps(board))):
        other.close()
        assert (other.folder, other.every, other.run) == (tmp_path, 3, tmp_path / "run-1")
    assert not writers[0].closed


def test_without_tensorboardx_the_error_says_what_to_install(tmp_path, monkeypatch, message_of):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    message = message_of(ImportError, TensorBoard, tmp_path)
    assert message == "TensorBoard needs tensorboardX: pip install tensorboardX"


def test_an_installation_that_is_broken_says_what_is_broken(tmp_path, monkeypatch, message_of):
    (tmp_path / "tensorboardX.py").write_text("import no_such_module_of_protobuf")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorboardX", raising=False)
    message = message_of(ModuleNotFoundError, TensorBoard, tmp_path)
    assert message == "No module named 'no_such_module_of_protobuf'"


def test_a_negative_number_of_epochs_is_refused(tmp_path, writers, message_of):
    message = message_of(InvalidValueError, TensorBoard, tmp_path, every=-1)
    assert message == "every must be at least 0, got -1: pass 0 for no histograms"


def test_tensorboardx_is_imported_when_it_is_used():
    code = "import sys, chainrule.training.tensorboard; print('tensorboardX' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


@pytest.mark.skipif(not installed, reason="needs tensorboardX")
def test_the_real_writer_takes_it(tmp_path):
    source = Source(np.ones((4, 2)), np.zeros(4, int))
    board = TensorBoard(tmp_path)
    for epochs in (3, 2):
        history = train(
            Trainer(progress_of().params, Plan(epochs, 2)),
            source,
            InOrder(),
            measure=lambda: Measured(0.5, {"validation_accuracy": 0.25}),
            callbacks=[board],
        )
        assert len(history) == epochs
    for run in ("run-1", "run-2"):
        (file,) = (tmp_path / run).iterdir()
        assert file.stat().st_size > 1000


@pytest.mark.skipif(
    not installed or importlib.util.find_spec("tensorboard") is None, reason="needs TensorBoard"
)
def test_tensorboard_reads_it(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    first = TensorBoard(tmp_path, every=2)
    progress = progress_of()
    first.train_begin(progress)
    for _ in range(2):
        show(first, progress)
    state = first.state_dict()
    show(first, progress, ROW._replace(train_loss=9.0))  # lost, as if by a kill
    first.close()
    second, again = TensorBoard(tmp_path, every=2), progress_of(ROW, ROW)
    second.train_begin(again)
    second.load_state_dict(state)
    show(second, again)
    show(second, again)
    second.close()
    events = EventAccumulator(str(tmp_path / "run-1")).Reload()
    tags = events.Tags()
    assert set(tags["scalars"]) == {
        *("train_loss", "validation_loss", "learning_rate", "validation_accuracy", "f1")
    }
    assert set(tags["histograms"]) == {"weights/layer_1", "weights/layer_2"}
    losses = [(event.step, event.value) for event in events.Scalars("train_loss")]
    assert losses == [(1, 0.5), (2, 0.5), (3, 0.5), (4, 0.5)]
    histogram = events.Histograms("weights/layer_1")[-1]
    assert histogram.step == 4
    value = histogram.histogram_value
    assert (value.num, value.min, value.max, value.sum) == (8, 0, 7, 28)
