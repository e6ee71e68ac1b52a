"""Checkpoints that were edited: refused as a whole, by an error of ours, before they are used."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.engine.optimizers import Adam
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.training.callbacks import Callback, Convergence, EarlyStopping
from chainrule.training.checkpoint import Checkpoint, read, write
from chainrule.training.evaluator import Measured
from chainrule.training.history import History
from chainrule.training.loop import Plan, Trainer, train
from chainrule.training.source import InOrder, Source, SuccessiveShuffles
from chainrule.training.time_limit import TimeLimit

N = 9
SPEC = NetworkSpec.of([2, 3, 2], dropout=0.2)
X, LABELS = np.linspace(-1, 1, 2 * N).reshape(N, 2), np.arange(N) % 2


class Listed(Callback):
    """Keeps a list that grows: what a callback of the user's keeps is its own."""

    def __init__(self):
        self.seen = []

    def epoch_end(self, progress):
        self.seen.append("an epoch")
        return False

    def state_dict(self):
        return {"seen": list(self.seen)}

    def load_state_dict(self, state):
        self.seen = list(state["seen"])


def training(path, epochs=4, bits=np.random.MT19937, shuffle=True):
    """Return a trainer and its history after training with a checkpoint, or going on from it."""
    params = Parameters(SPEC)
    plan = Plan(epochs, 4, optimizer=Adam())
    trainer = Trainer(params, plan, dropout_rng=np.random.default_rng(5))
    random_state = np.random.RandomState(bits(3))
    order = SuccessiveShuffles(random_state) if shuffle else InOrder()
    callbacks = [Convergence(math.inf, 0.0, score="score"), EarlyStopping(9), TimeLimit(1e9)]
    callbacks += [Listed()]
    fit = {"order": order, "random_state": random_state, "n_rows": N, "seconds": 0}
    callbacks += [Checkpoint(path, {}, callbacks=callbacks, **fit)]
    scores = {"score": np.float64(0.25), "single": np.float32(1), "passed": True, "np": np.True_}
    measured = Measured(0.5, scores)
    arguments = {"measure": lambda: measured, "callbacks": callbacks}
    return trainer, train(trainer, Source(X, LABELS), order, **arguments)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.ckpt"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "a.ckpt"
    training(path, epochs=2)
    return read(path)[1]


def goes_on(path, state):
    write(path, {}, state)
    return training(path)


def test_a_state_goes_on_as_it_was_written(saved, path):
    _, history = goes_on(path, saved)
    assert isinstance(history, History)
    assert len(history) == 4


def leaves(value, place=()):
    """Yield where every value in a state is, but for what is a callback's of the user."""
    if place == ("callbacks", 3):
        return
    yield place
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], (*place, key))


def edited(state, place, value):
    state = copy.deepcopy(state)
    if not place:
        return value
    inside = state
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    return state


def value_at(state, place):
    return value_at(state[place[0]], place[1:]) if place else state


OTHERS = [
    *(None, True, -1, 3, 10**40, 2.5, math.nan, "x", [], {}, [1, 2], (1,), {"a": 1}, {"a": "b"}),
    *(np.zeros(3), np.float32(2), np.zeros((2, 2), np.float32), np.array(1.0)),
]


@settings(max_examples=40)
@given(data=st.data())
def test_whatever_is_edited_it_goes_on_or_is_refused_by_an_error_of_ours(
    data, saved, tmp_path_factory
):
    path = tmp_path_factory.getbasetemp() / "edited.ckpt"
    place = data.draw(st.sampled_from(list(leaves(saved))))
    new = data.draw(st.sampled_from(OTHERS).filter(lambda new: place or isinstance(new, dict)))
    try:
        goes_on(path, edited(saved, place, new))
    except DataFormatError as error:
        assert str(path) in str(error)  # noqa: PT017 - it need not be raised


EDITS = {
    "parameters of another length": (("parameters",), lambda flat: flat[:-1]),
    "one number for all parameters": (("parameters",), lambda flat: flat[:1]),
    "parameters of another dtype": (("parameters",), lambda flat: flat.astype(float)),
    "slots of another shape": (("slots",), lambda slots: slots[:1]),
    "slots of a number": (("slots",), lambda slots: slots[0, 0]),
    "a shorter permutation": (("permutation",), lambda order: order[:1]),
    "a longer permutation": (("permutation",), lambda order: np.arange(N + 1)),
    "a permutation that goes beyond": (("permutation",), lambda order: order + 1),
    "a permutation that goes below": (("permutation",), lambda order: order - 1),
    "a permutation of one row": (("permutation",), lambda order: order * 0),
    "a permutation of floats": (("permutation",), lambda order: order.astype(float)),
    "no permutation": (("permutation",), lambda order: None),
    "epochs as a text": (("epochs_done",), str),
    "epochs that were never run": (("epochs_done",), lambda done: done + 1),
    "no epochs": (("epochs_done",), lambda done: 0),
    "steps below 0": (("t",), lambda t: -1),
    "steps beyond the machine's integers": (("t",), lambda t: 2**70),
    "a clock of three": (("clock",), lambda clock: clock[:3]),
    "a clock that goes back": (("clock", 1), lambda epoch: -epoch),
    "a truth that is a number": (("stopped",), int),
    "a row of six": (("rows", 0), lambda row: row[:6]),
    "a loss as a text": (("rows", 1, 1), str),
    "a score as a text": (("rows", 1, 3), lambda scores: {"score": "high"}),
    "a best epoch that there is not": (("best_epoch",), lambda best: 3),
    "no rows": (("rows",), lambda rows: []),
    "a word too few in a generator": (
        ("random_state", "state", "key"),
        lambda words: words[:-1],
    ),
    "the word after a generator's last": (("random_state", "state", "pos"), lambda pos: 625),
    "another generator": (("random_state", "bit_generator"), lambda name: "PCG64"),
    "another generator of masks": (("dropout", "bit_generator"), lambda name: "MT19937"),
    "a generator's number that is too large": (("dropout", "state", "inc"), lambda inc: 2**140),
    "no masks": (("dropout",), lambda state: None),
    "a callback too few": (("callbacks",), lambda states: states[:-1]),
    "a snapshot of one number": (("callbacks", 0, "snapshot", "flat"), lambda flat: flat[:1]),
    "a best score as a text": (("callbacks", 0, "best"), str),
    "patience without an end": (("callbacks", 1, "patience"), lambda patience: patience[:1]),
    "seconds as a text": (("callbacks", 2, "used"), str),
    "another key": (("callbacks", 2), lambda state: {"left": 1.0}),
    "nothing": ((), lambda state: {}),
    "something more": ((), lambda state: {**state, "more": 1}),
    "other rows that were drawn": (("drawn",), lambda drawn: {"rows": np.arange(3)}),
}


@pytest.mark.parametrize(("place", "edit"), EDITS.values(), ids=list(EDITS))
def test_an_edited_state_is_refused_and_the_file_kept(place, edit, saved, path):
    write(path, {}, edited(saved, place, edit(value_at(saved, place))))
    written = path.read_bytes()
    with pytest.raises(DataFormatError):
        training(path)
    assert path.read_bytes() == written


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_any_bit_generator_goes_on(bits, path):
    training(path, epochs=2, bits=bits)
    assert len(training(path, bits=bits)[1]) == 4


def test_a_position_in_a_buffer_is_looked_at_too(path):
    training(path, epochs=2, bits=np.random.Philox)
    state = edited(read(path)[1], ("random_state", "buffer_pos"), 10**6)
    write(path, {}, state)
    with pytest.raises(DataFormatError, match="buffer_pos must be at most 4"):
        training(path, bits=np.random.Philox)


def test_rows_in_order_have_no_permutation(path):
    training(path, epochs=2, shuffle=False)
    write(path, {}, edited(read(path)[1], ("permutation",), np.arange(N)))
    with pytest.raises(DataFormatError, match="permutation must be null"):
        training(path, shuffle=False)


def test_what_is_wrong_and_what_to_do_is_told(saved, path, message_of):
    write(path, {}, edited(saved, ("permutation",), np.arange(3)))
    assert message_of(DataFormatError, training, path) == (
        f"{path} must be a checkpoint that this training can go on from, but the state.permutation "
        "must be int64 numbers of shape (9,): pass another path, or delete the file to start anew"
    )


def test_a_permutation_set_by_hand_must_be_of_the_rows():
    order = SuccessiveShuffles(np.random.RandomState(0))
    order.permutation = np.arange(3)
    with pytest.raises(InvalidValueError, match=r"permutation must be an array of integers"):
        order(np.arange(9))
