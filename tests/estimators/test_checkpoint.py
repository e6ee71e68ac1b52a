"""A fit that is killed and run again ends where one that was never killed does.

The processes that get killed are forks of this file, which runs as a script too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from sklearn.utils import check_random_state

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor
from chainrule.engine.optimizers import Lion
from chainrule.engine.schedules import Cosine
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.estimators.settings import has_horizon
from chainrule.training import checkpoint
from chainrule.training.callbacks import Callback, EarlyStopping

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N, BATCH = 90, 16  # six steps an epoch
KILLED_IN = 5  # the epoch, counted from 1, in whose third step the process dies
EPOCHS = 9


def bits(name):
    """Return numbers that are the same everywhere, and of no other data."""
    return np.random.default_rng(list(name.encode()))


def seed_none(seed):
    """Set what ``random_state=None`` draws from."""
    np.random.seed(seed)  # noqa: NPY002


def features(kind="dense"):
    X = bits("X").normal(size=(N, 6))
    if kind == "pixels":
        return (X * 40 + 100).astype(np.uint8)
    return scipy.sparse.csr_matrix(np.maximum(X, 0)) if kind == "sparse" else X


def labels():
    return np.array(["ash", "elm", "oak"])[bits("y").integers(3, size=N)]


def numbers(n_columns=None):
    shape = N if n_columns is None else (N, n_columns)
    return features().sum(axis=1, keepdims=n_columns is not None) + bits("y").normal(size=shape)


def weights():
    return bits("weights").integers(0, 4, size=N) / 2


def softsign(z):
    return z / (1 + np.abs(z))


def softsign_slope(a):
    return (1 - np.abs(a)) ** 2


softsign.__module__ = softsign_slope.__module__ = "users_module"  # also in the script


# name -> (class, parameters, arguments of fit); a function is called in each process.
CASES = {
    "sgd adaptive": (
        MLPClassifier,
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 1},
        lambda: (features(), labels()),
    ),
    "adam early stopping": (
        MLPClassifier,
        {"early_stopping": True, "n_iter_no_change": 4, "random_state": np.random.RandomState},
        lambda: (features(), labels()),
    ),
    "adamw dropout cosine": (
        MLPClassifier,
        {"solver": "adamw", "dropout": 0.3, "input_dropout": 0.1, "learning_rate": "cosine"},
        lambda: (features("pixels"), labels()),
    ),
    "lion in order": (
        MLPClassifier,
        {"solver": Lion(beta_1=0.8), "shuffle": False, "learning_rate": "one_cycle"},
        lambda: (features(), labels()),
    ),
    "regressor with weights": (
        MLPRegressor,
        {"solver": "rmsprop", "loss": "huber", "dtype": "float64", "learning_rate": "step"},
        lambda: (features(), numbers(), weights()),
    ),
    "regressor with inverse scaling": (
        MLPRegressor,
        {
            "solver": "sgd",
            "learning_rate": "invscaling",
            "nesterovs_momentum": False,
            "clip_norm": 1.0,
            "random_state": np.random.RandomState,
        },
        lambda: (features("sparse"), numbers(2)),
    ),
    "not seeded": (
        MLPRegressor,
        {"early_stopping": True, "input_scaling": "standard", "random_state": None, "dropout": 0.2},
        lambda: (features(), numbers()),
    ),
    "validation data": (
        MLPClassifier,
        {
            "scoring": ["accuracy", "neg_log_loss"],
            "class_weight": "balanced",
            "activation": (softsign, softsign_slope),
        },
        lambda: (features(), labels(), weights(), features()[:20], labels()[:20]),
    ),
    "a callback with a state": (
        MLPRegressor,
        {"loss": "quantile", "quantile": [0.2, 0.8], "callbacks": lambda: [EarlyStopping(2, 0.1)]},
        lambda: (features(), numbers()),
    ),
    "autoencoder": (
        MLPAutoencoder,
        {"hidden_layer_sizes": (5, 2), "input_scaling": "minmax", "l1": 0.001},
        lambda: (features(), None),
    ),
}


class Kill(Callback):
    """Kills its own process, as the out-of-memory killer does."""

    def __init__(self):
        self.steps = 0

    def batch_end(self, progress):
        self.steps += 1
        if progress.epochs_done == KILLED_IN - 1 and progress.trainer.clock.step % 6 == 3:
            os.kill(os.getpid(), signal.SIGKILL)


def estimator_of(case, path=None, *, callbacks=(), **changed):
    """Return an unfitted estimator, made anew as another process would."""
    cls, given, _ = CASES[case]
    params = {
        "hidden_layer_sizes": (7,),
        "batch_size": BATCH,
        "max_iter": EPOCHS,
        "learning_rate_init": 0.01,
        "random_state": 3,
        **given,
    }
    if params["random_state"] is np.random.RandomState:
        params["random_state"] = np.random.RandomState(3)
    own = params.pop("callbacks", list)()
    return cls(checkpoint=path, callbacks=[*own, *callbacks], **{**params, **changed})


def fitted(case, path=None, *, callbacks=(), **changed):
    return estimator_of(case, path, callbacks=callbacks, **changed).fit(*CASES[case][2]())


def kill_all(folder):
    """Fit each case in a process that is killed in the middle, and print how it ended."""
    warnings.simplefilter("ignore")
    checkpoint.SECONDS = 0
    for case in CASES:
        child = os.fork()  # quicker than to import everything again
        if not child:
            seed_none(11)
            fitted(case, folder / case, callbacks=[Kill()])
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return a folder with what each case has left when it was killed."""
    folder = tmp_path_factory.mktemp("killed")
    run = subprocess.run(
        [sys.executable, __file__, str(folder)], capture_output=True, text=True, check=True
    )
    assert (run.stdout.split(), run.stderr) == ([str(-signal.SIGKILL)] * len(CASES), "")
    return folder


def left_behind(estimator):
    """Return all that a fit leaves, but for the seconds that epochs took."""
    rows = [tuple(row._replace(seconds=0, scores=dict(row.scores))) for row in estimator.history_]
    state = estimator._fitted
    found = {
        "weights": state.params.flat.tobytes(),
        "slots": state.state.slots.tobytes(),
        "t": state.state.t,
        "clock": tuple(state.clock),
        "rows": rows,
        "best": state.convergence.best,
        "stale": state.convergence.stale,
    }
    if state.scaling is not None:
        found["scaling"] = state.scaling.shift.tobytes(), state.scaling.scale.tobytes()
    for name in ("loss_curve_", "loss_", "best_loss_", "n_iter_", "t_", "best_epoch_"):
        found[name] = getattr(estimator, name)
    for name in ("validation_scores_", "best_validation_score_"):
        found[name] = getattr(estimator, name)
    if not isinstance(estimator.random_state, int):
        drawn_from = check_random_state(estimator.random_state)
        found["random_state"] = drawn_from.get_state()[1].tobytes()
    return found


def test_left_behind_tells_fits_apart():
    one, other = left_behind(fitted("not seeded")), left_behind(fitted("not seeded"))
    assert {name for name in one if one[name] != other[name]} >= {"weights", "rows", "scaling"}


def after_partial_fit(case, estimator):
    X, y, *_ = CASES[case][2]()
    without = {"checkpoint": None, "early_stopping": False, "class_weight": None, "scoring": None}
    known = estimator.get_params()
    estimator.set_params(**{name: value for name, value in without.items() if name in known})
    seed_none(13)
    return left_behind(estimator.partial_fit(X, y))


@pytest.mark.parametrize("case", CASES)
def test_a_killed_fit_goes_on_to_the_same_bits(case, killed):
    seed_none(11)
    straight = fitted(case)
    expected = left_behind(straight)
    path = killed / case
    assert checkpoint.read(path)[1]["epochs_done"] == KILLED_IN - 1
    seed_none(12)  # as good as none: another process knows nothing of the first
    again = fitted(case, path)
    assert left_behind(again) == expected
    assert after_partial_fit(case, again) == after_partial_fit(case, straight)


def test_cases_are_what_they_say():
    # A case that stops before it is killed, or never lowers its rate, would test nothing.
    rates = {row.learning_rate for row in fitted("sgd adaptive").history_}
    assert len(rates) > 1
    assert all(fitted(case).n_iter_ >= KILLED_IN for case in CASES)
    assert fitted("adam early stopping").n_iter_ < EPOCHS
    assert fitted("a callback with a state").n_iter_ < EPOCHS


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Return a path for a checkpoint that is written after every epoch."""
    monkeypatch.setattr(checkpoint, "SECONDS", 0)
    return tmp_path / "a.ckpt"


class Epochs(Callback):
    """Counts the epochs that run."""

    def __init__(self):
        self.count = 0

    def epoch_end(self, progress):
        self.count += 1
        return False


class Raise(Callback):
    """Raises in the middle of an epoch, counted from 1."""

    def __init__(self, error, epoch=KILLED_IN):
        self.error, self.epoch = error, epoch

    def batch_end(self, progress):
        if progress.epochs_done == self.epoch - 1 and progress.trainer.clock.step % 6 == 3:
            raise self.error


class Halve(Callback):
    """Changes the weights after the last epoch, as averaging does."""

    def train_end(self, progress):
        progress.params.flat[:] /= 2


@pytest.mark.parametrize("case", CASES)
def test_a_finished_fit_is_not_run_again(case, path):
    seed_none(11)
    expected = left_behind(fitted(case, callbacks=[Halve()]))
    seed_none(11)
    assert left_behind(fitted(case, path, callbacks=[Halve()])) == expected
    written, epochs = path.read_bytes(), Epochs()
    seed_none(12)
    again = fitted(case, path, callbacks=[Halve(), epochs])
    assert left_behind(again) == expected
    assert epochs.count == 0
    assert path.read_bytes() == written


LONGER = [case for case in CASES if not has_horizon(CASES[case][1].get("learning_rate"))]


@pytest.mark.parametrize("case", LONGER)
@pytest.mark.parametrize("ends", [(1,), (2, 3, 7), (EPOCHS - 1,)])
def test_a_fit_that_is_over_goes_on_where_more_epochs_are_asked_for(case, ends, path):
    seed_none(11)
    straight = fitted(case, callbacks=[Halve()])
    epochs = Epochs()
    seed_none(11)
    for end in ends:  # each ends as a fit of so many epochs does
        fitted(case, path, max_iter=end, callbacks=[Halve(), epochs])
        assert checkpoint.read(path)[1]["epochs_done"] == min(end, straight.n_iter_)
        seed_none(12)
    again = fitted(case, path, callbacks=[Halve(), epochs])
    assert left_behind(again) == left_behind(straight)
    assert epochs.count == straight.n_iter_  # none ran twice
    assert after_partial_fit(case, again) == after_partial_fit(case, straight)


def test_a_killed_fit_may_be_asked_for_more_epochs(path):
    with pytest.raises(ZeroDivisionError):
        fitted("sgd adaptive", path, max_iter=7, callbacks=[Raise(ZeroDivisionError)])
    assert left_behind(fitted("sgd adaptive", path)) == left_behind(fitted("sgd adaptive"))


def test_fewer_epochs_than_there_are_are_refused(path, message_of):
    fitted("sgd adaptive", path, max_iter=4)
    written = path.read_bytes()
    message = message_of(
        InvalidValueError, estimator_of("sgd adaptive", path, max_iter=3).fit, features(), labels()
    )
    assert message == (
        f"max_iter must be at least 4, the epochs in the checkpoint {path}, got 3: raise it; "
        "or pass another path, or delete the file to start anew"
    )
    assert path.read_bytes() == written


@pytest.mark.parametrize("name", ["cosine", "warmup_cosine", "one_cycle"])
def test_max_iter_must_stay_where_the_rates_depend_on_it(name, path, message_of):
    base_fit(path, learning_rate=name)
    message = message_of(InvalidValueError, base_fit, path, learning_rate=name, max_iter=3)
    assert message == refusal(path, "max_iter")


def test_max_iter_may_rise_where_a_schedule_says_itself_when_it_ends(path):
    # The rate at its highest is the schedule's own.
    rates = {"learning_rate": Cosine(0.01, total_steps=54), "learning_rate_init": 0.001}
    fitted("sgd adaptive", path, **rates, max_iter=4)
    expected = left_behind(fitted("sgd adaptive", **rates))
    assert left_behind(fitted("sgd adaptive", path, **rates)) == expected


def test_seconds_of_epochs_before_the_kill_are_kept(path):
    with pytest.raises(ZeroDivisionError):
        fitted("sgd adaptive", path, callbacks=[Raise(ZeroDivisionError)])
    _, saved = checkpoint.read(path)
    again = fitted("sgd adaptive", path)
    seconds = again.history_.column("seconds")
    assert seconds[: KILLED_IN - 1] == [row[5] for row in saved["rows"]]
    assert len(seconds) == EPOCHS


def test_what_ctrl_c_has_left_goes_on(path):
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        short = fitted("adamw dropout cosine", path, callbacks=[Raise(KeyboardInterrupt)])
    assert short.n_iter_ == KILLED_IN - 1
    # Half an epoch is in the interrupted estimator, not in the file.
    saved = checkpoint.read(path)[1]["parameters"]
    assert (saved != short._fitted.params.flat).any()
    expected = left_behind(fitted("adamw dropout cosine"))
    assert left_behind(fitted("adamw dropout cosine", path)) == expected


def test_a_fit_that_fails_leaves_the_last_epoch_behind(path):
    with pytest.raises(ZeroDivisionError):
        fitted("lion in order", path, callbacks=[Raise(ZeroDivisionError)])
    assert checkpoint.read(path)[1]["epochs_done"] == KILLED_IN - 1
    assert left_behind(fitted("lion in order", path)) == left_behind(fitted("lion in order"))


def test_it_may_fail_several_times(path):
    for epoch in (1, 3, 3, 8):
        with pytest.raises(ZeroDivisionError):
            fitted("sgd adaptive", path, callbacks=[Raise(ZeroDivisionError, epoch)])
        assert path.exists() == (epoch > 1)
    assert left_behind(fitted("sgd adaptive", path)) == left_behind(fitted("sgd adaptive"))


def test_it_goes_on_from_the_last_save_however_old_that_is(path, monkeypatch):
    monkeypatch.setattr(checkpoint, "SECONDS", 1e9)
    monkeypatch.setattr(checkpoint, "SHARE", 1e-12)
    with pytest.raises(ZeroDivisionError):
        fitted("adam early stopping", path, callbacks=[Raise(ZeroDivisionError)])
    assert checkpoint.read(path)[1]["epochs_done"] == 1
    expected = left_behind(fitted("adam early stopping"))
    assert left_behind(fitted("adam early stopping", path)) == expected


def test_a_generator_of_the_user_s_is_left_where_it_would_have_been(path):
    straight, broken, again = (np.random.RandomState(3) for _ in range(3))
    fitted("adam early stopping", random_state=straight)
    with pytest.raises(ZeroDivisionError):
        fitted(
            "adam early stopping", path, random_state=broken, callbacks=[Raise(ZeroDivisionError)]
        )
    fitted("adam early stopping", path, random_state=again)
    assert again.random_sample() == straight.random_sample()


BASE = {
    "X": features(),
    "y": labels(),
    "sample_weight": weights(),
    "X_val": features()[:20],
    "y_val": labels()[:20],
}


def base_fit(path, data=(), **params):
    settings = {"max_iter": 2, "random_state": 3, "hidden_layer_sizes": (7,), **params}
    return MLPClassifier(checkpoint=path, **settings).fit(**{**BASE, **dict(data)})


def refusal(path, names):
    return (
        f"the checkpoint {path} must be of this fit, got other values of {names}: "
        "pass another path, or delete the file to start anew"
    )


@pytest.mark.parametrize(
    ("names", "params"),
    [
        ("alpha", {"alpha": 0.01}),
        ("hidden_layer_sizes", {"hidden_layer_sizes": (7, 7)}),
        ("activation", {"activation": "tanh"}),
        ("activation", {"activation": (softsign, softsign_slope)}),
        ("solver", {"solver": Lion()}),
        ("learning_rate, max_iter", {"learning_rate": "cosine"}),
        ("batch_size", {"batch_size": 30}),
        ("shuffle", {"shuffle": False}),
        ("random_state", {"random_state": 4}),
        ("random_state", {"random_state": None}),
        ("random_state", {"random_state": np.random.RandomState(3)}),
        ("dtype", {"dtype": "float64"}),
        ("dropout", {"dropout": [0.1]}),
        ("early_stopping", {"early_stopping": True}),
        ("scoring", {"scoring": "neg_log_loss"}),
        ("class_weight, sample weights", {"class_weight": {"ash": 2}}),
        ("callbacks", {"callbacks": [EarlyStopping(3)]}),
        ("alpha, l1, tol", {"alpha": 0.01, "tol": 0.1, "l1": 0.01}),
        (
            "alpha, batch_size, beta_1, beta_2 and 2 more",
            {"alpha": 0.01, "batch_size": 30, "beta_1": 0.8, "beta_2": 0.9, "tol": 0.1, "l1": 0.01},
        ),
    ],
)
def test_other_parameters_are_refused(names, params, path, message_of):
    base_fit(path)
    written = path.read_bytes()
    assert message_of(InvalidValueError, base_fit, path, **params) == refusal(path, names)
    assert path.read_bytes() == written


def changed(name):
    values = BASE[name].copy()
    different = np.flatnonzero((values != values[0]).reshape(len(values), -1).any(axis=1))[-1]
    values[different] = values[0]
    return values


@pytest.mark.parametrize(
    ("names", "data"),
    [
        ("X", {"X": changed("X")}),
        ("X", {"X": features().astype(np.float32)}),
        ("X", {"X": scipy.sparse.csr_matrix(features())}),
        (
            "X, y, sample weights",
            {"X": features()[1:], "y": labels()[1:], "sample_weight": weights()[1:]},
        ),
        ("y", {"y": changed("y")}),
        ("sample weights", {"sample_weight": changed("sample_weight")}),
        ("sample weights", {"sample_weight": None}),
        ("X_val", {"X_val": changed("X_val")}),
        ("y_val", {"y_val": changed("y_val")}),
        ("X_val, y_val", {"X_val": None, "y_val": None}),
    ],
)
def test_other_data_is_refused(names, data, path, message_of):
    base_fit(path)
    written = path.read_bytes()
    assert message_of(InvalidValueError, base_fit, path, data) == refusal(path, names)
    assert path.read_bytes() == written


def test_another_estimator_is_refused(path, message_of):
    base_fit(path)

    class Mine(MLPClassifier):
        pass

    message = message_of(
        InvalidValueError,
        Mine(checkpoint=path, max_iter=2, random_state=3, hidden_layer_sizes=(7,)).fit,
        **BASE,
    )
    assert message == refusal(path, "estimator")


def test_another_version_is_refused(path, message_of, monkeypatch):
    base_fit(path)
    monkeypatch.setattr("chainrule.estimators.stochastic.__version__", "1.0")
    message = message_of(InvalidValueError, base_fit, path)
    assert message == refusal(path, "version of chainrule")


def test_a_used_generator_is_refused(path, message_of):
    state = np.random.RandomState(3)
    base_fit(path, random_state=state)
    message = message_of(InvalidValueError, base_fit, path, random_state=state)
    assert message == refusal(path, "random_state")


def test_what_does_not_change_the_result_may_change(path, tmp_path, capsys):
    base_fit(path)
    X = np.memmap(tmp_path / "X", np.float64, "w+", shape=BASE["X"].shape, order="F")
    X[...] = BASE["X"]
    data = {"X": X, "y": BASE["y"].tolist(), "sample_weight": BASE["sample_weight"].tolist()}
    again = base_fit(str(path), data, verbose=True, callbacks=[Epochs()])
    assert left_behind(again) == left_behind(base_fit(None))


def test_a_refused_fit_leaves_the_estimator_as_it_was(path):
    base_fit(path)
    estimator = MLPClassifier(checkpoint=path)
    with pytest.raises(InvalidValueError):
        estimator.fit(**BASE)
    assert not hasattr(estimator, "coefs_")


def test_a_damaged_file_is_refused_and_kept(path, message_of):
    base_fit(path)
    half = path.read_bytes()[:-100]
    path.write_bytes(half)
    assert message_of(DataFormatError, base_fit, path) == (
        f"{path} must be a checkpoint in format 1 of chainrule, got a damaged file, or one of "
        "another kind: pass another path, or delete the file to start anew"
    )
    assert path.read_bytes() == half


def test_a_checkpoint_that_another_fit_has_begun_meanwhile_is_kept(path, message_of):
    class Meanwhile(Callback):
        def train_begin(self, progress):
            base_fit(path, alpha=0.1)

    message = message_of(InvalidValueError, base_fit, path, callbacks=[Meanwhile()])
    assert message == refusal(path, "alpha")
    base_fit(path, alpha=0.1)


def test_a_place_where_no_file_can_be_is_refused_before_training(tmp_path, message_of):
    epochs = Epochs()
    path = tmp_path / "missing" / "a.ckpt"
    assert message_of(InvalidValueError, base_fit, path, callbacks=[epochs]) == (
        f"checkpoint must be in a folder that exists, got '{path}': "
        "make the folder, or pass another path"
    )
    assert epochs.count == 0


def test_partial_fit_takes_no_checkpoint(path, message_of):
    estimator = MLPClassifier(checkpoint=str(path))
    message = message_of(
        InvalidValueError,
        estimator.partial_fit,
        BASE["X"],
        BASE["y"],
        classes=["ash", "elm", "oak"],
    )
    assert message == (
        "checkpoint must be None with partial_fit, which is over after one epoch, "
        f"got '{path}': call fit, or set_params(checkpoint=None)"
    )
    assert not path.exists()


def warm_fit(path, first=2, callbacks=(), **params):
    """Return an estimator fitted twice, the second time with a checkpoint."""
    settings = {"solver": "sgd", "learning_rate": "invscaling", "random_state": 3, **params}
    estimator = MLPClassifier((7,), warm_start=True, max_iter=first, **settings)
    estimator.fit(BASE["X"], BASE["y"])
    estimator.set_params(max_iter=6, checkpoint=path, callbacks=list(callbacks))
    return estimator.fit(BASE["X"], BASE["y"])


@pytest.mark.parametrize("params", [{}, {"early_stopping": True, "random_state": None}])
def test_a_warm_start_goes_on_from_a_checkpoint(params, path):
    seed_none(11)
    expected = left_behind(warm_fit(None, **params))
    seed_none(11)
    with pytest.raises(ZeroDivisionError):
        warm_fit(path, callbacks=[Stop(3)], **params)
    seed_none(11)
    assert left_behind(warm_fit(path, **params)) == expected


class Stop(Callback):
    """Raises after an epoch, before the checkpoint is written."""

    def __init__(self, epochs):
        self.epochs = epochs

    def epoch_end(self, progress):
        if progress.epochs_done == self.epochs:
            raise ZeroDivisionError
        return False


def test_a_warm_start_from_other_weights_is_refused(path, message_of):
    warm_fit(path)
    written = path.read_bytes()
    message = message_of(InvalidValueError, warm_fit, path, first=3)
    assert message == refusal(path, "starting weights")
    estimator = warm_fit(path)
    message = message_of(InvalidValueError, estimator.fit, BASE["X"], BASE["y"])
    assert message == refusal(path, "starting weights")
    assert path.read_bytes() == written


def test_a_warm_start_from_weights_set_by_hand_is_told_apart(path, message_of):
    def fit(weight):
        estimator = MLPClassifier((7,), warm_start=True, max_iter=2, random_state=3)
        estimator.initialize(BASE["X"], BASE["y"])
        estimator.coefs_ = [np.full(W.shape, weight) for W in estimator.coefs_]
        return estimator.set_params(checkpoint=path).fit(BASE["X"], BASE["y"])

    fit(0.5)
    assert message_of(InvalidValueError, fit, 0.25) == refusal(path, "starting weights")


if __name__ == "__main__":
    kill_all(Path(sys.argv[1]))
