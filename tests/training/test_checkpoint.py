from __future__ import annotations

import enum
import functools
import io
import json
import math
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from sklearn.metrics import fbeta_score, make_scorer

from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.optimizers import OPTIMIZERS, AdamW
from chainrule.engine.params import Parameters
from chainrule.engine.schedules import Cosine, OneCycle
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import DataFormatError, InvalidValueError, TrainingInterrupted
from chainrule.training import checkpoint
from chainrule.training.callbacks import Callback, Convergence, EarlyStopping, StopWhen
from chainrule.training.checkpoint import (
    Checkpoint,
    check_checkpoint_place,
    describe,
    digest,
    read,
    write,
)
from chainrule.training.loop import Plan, Trainer, train
from chainrule.training.source import InOrder, Source, SuccessiveShuffles

from ..parts import Ears

START_ANEW = "pass another path, or delete the file to start anew"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.ckpt"


def not_a_checkpoint(path, what="a damaged file, or one of another kind"):
    return f"{path} must be a checkpoint in format 1 of chainrule, got {what}: {START_ANEW}"


# -- the state in the file -------------------------------------------------------------------------

dtypes = (
    st_numpy.boolean_dtypes()
    | st_numpy.integer_dtypes(endianness="?")
    | st_numpy.unsigned_integer_dtypes(endianness="?")
    | st_numpy.floating_dtypes(endianness="?", sizes=(16, 32, 64, 128))
    | st_numpy.complex_number_dtypes(endianness="?")
    | st_numpy.datetime64_dtypes()
    | st_numpy.timedelta64_dtypes()
    | st_numpy.byte_string_dtypes()
    | st_numpy.unicode_string_dtypes()
)
arrays = dtypes.flatmap(
    lambda dtype: st_numpy.arrays(dtype, st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0))
)
scalars = dtypes.flatmap(lambda dtype: st_numpy.arrays(dtype, ())).map(lambda array: array[()])
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**130), 2**130)
    | st.floats()
    | st.text(st.characters())
    | arrays
    | scalars
)
states = st.dictionaries(
    st.text(),
    st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.lists(inner, max_size=4).map(tuple)
            | st.dictionaries(st.text(), inner, max_size=4)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


def exact(value):
    """Return a value in a form in which equal means equal to the bit, types too."""
    if isinstance(value, np.ndarray | np.generic):
        padded = value.dtype.char in "gG"  # a long double's last bytes mean nothing
        content = repr(value.tolist()) if padded else value.tobytes()
        return type(value), value.dtype.str, value.shape, content
    if isinstance(value, list | tuple):
        return type(value), [exact(item) for item in value]
    if isinstance(value, dict):
        return [(key, exact(item)) for key, item in value.items()]
    return type(value), repr(value)


@settings(max_examples=50)
@given(states)
def test_a_state_comes_back_to_the_bit(tmp_path_factory, state):
    path = tmp_path_factory.getbasetemp() / "state.ckpt"
    write(path, {"alpha": "0.1"}, state)
    fingerprint, again = read(path)
    assert fingerprint == {"alpha": "0.1"}
    assert exact(again) == exact(state)


@pytest.mark.parametrize(
    "value",
    [
        *(0.1, -0.0, 5e-324, 1.7976931348623157e308, math.nan, math.inf, -math.inf),
        *(2**53, -(2**53), 2**53 + 1, -(2**64), 10**300, True),
        *("", "é\ud800\0", [], (), {}, [[]], {"dict": {"array": "0"}}, ((1,), [2])),
        *(np.float64(0.1), np.bool_(True), np.str_("a"), np.float16("nan"), np.longdouble(1) / 3),
        *(np.empty((0, 3), np.float32), np.array(5), np.array(["a", "bcd"])),
        *(np.arange(6).reshape(2, 3).T, np.arange(9)[::2], np.arange(3, dtype=">i2")),
        np.array([(1, 2.5)], dtype=[("é", "<i4"), ("b", "<f8")]),
    ],
)
def test_a_value_comes_back_to_the_bit(value, path):
    write(path, {}, {"value": value})
    assert exact(read(path)[1]["value"]) == exact(value)


def test_an_integer_may_have_more_digits_than_python_prints(path):
    write(path, {}, {"large": -(10**5000)})
    assert read(path)[1] == {"large": -(10**5000)}


def test_numbers_of_an_enumeration_come_back_as_numbers(path):
    class Level(enum.IntEnum):
        HIGH = 3

    write(path, {}, {"level": Level.HIGH})
    assert exact(read(path)[1]) == exact({"level": 3})


def test_what_is_read_may_be_written_to(path):
    write(path, {}, {"a": np.zeros(3)})
    read(path)[1]["a"][:] = 1


def test_the_file_is_numpy_s_archive_with_strict_json_and_no_objects(path):
    write(path, {"alpha": "0.1"}, {"a": [np.arange(3.0), math.nan]})

    def refuse(constant):
        raise AssertionError(constant)

    with np.load(path, allow_pickle=False) as archive:
        assert sorted(archive) == ["0", "header.json", "state.json"]
        assert archive["0"].tolist() == [0, 1, 2]
        header, state = (
            json.loads(archive[name], parse_constant=refuse)
            for name in ("header.json", "state.json")
        )
    assert header == {
        "kind": "chainrule checkpoint",
        "format": 1,
        "fingerprint": {"alpha": "0.1"},
    }
    assert state == {"dict": {"a": [{"array": "0"}, {"float": "nan"}]}}


def test_the_same_state_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write(tmp_path / name, {"alpha": "0.1"}, {"x": np.arange(3.0), "y": [1]})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("state", "place", "value"),
    [
        ({"a": {1}}, "['a']", "{1}"),
        ({"a": [0, {"b": b"x"}]}, "['a'][1]['b']", "b'x'"),
        ({"a": ({3: 4},)}, "['a'][0]", "{3: 4}"),
        ({"a": np.array([None])}, "['a']", "array([None], dtype=object)"),
        ({"a": 1j}, "['a']", "1j"),
    ],
)
def test_another_kind_of_value_is_refused(state, place, value, path, message_of):
    assert message_of(InvalidValueError, write, path, {}, state) == (
        f"what a checkpoint keeps at {place} must be made of None, bools, numbers, texts, lists, "
        f"tuples, dicts by texts, and arrays without objects, got {value}: "
        "return something else from state_dict"
    )
    assert not path.exists()


# -- files that are no checkpoints -----------------------------------------------------------------


def a_file(path):
    write(path, {"alpha": "0.1"}, {"a": np.arange(3.0), "b": {"c": [1, math.nan]}})
    return path.read_bytes()


def test_a_file_cut_short_anywhere_is_refused(path, message_of):
    whole = a_file(path)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert message_of(DataFormatError, read, path) == not_a_checkpoint(path)


@pytest.mark.parametrize("more", [b"\0", b"more", b"PK", b"x" * 70000])
@pytest.mark.parametrize("place", ["after", "before"])
def test_a_file_with_more_bytes_is_refused(more, place, path, message_of):
    write(path, {"a": "1"}, {"weights": np.ones(3)})
    whole = path.read_bytes()
    path.write_bytes(whole + more if place == "after" else more + whole)
    assert message_of(DataFormatError, read, path) == not_a_checkpoint(path)
    path.write_bytes(whole)
    assert read(path)[0] == {"a": "1"}


@pytest.mark.parametrize("flip", [0x01, 0x08, 0x80, 0xFF])
def test_a_changed_byte_is_noticed_or_does_not_matter(flip, path):
    whole = a_file(path)
    expected = {"alpha": "0.1"}, exact(read(path)[1])

    def outcome():
        try:
            fingerprint, state = read(path)
        except DataFormatError:
            return "refused"
        return fingerprint, exact(state)

    refused = 0
    for place, byte in enumerate(whole):
        path.write_bytes(whole[:place] + bytes([byte ^ flip]) + whole[place + 1 :])
        found = outcome()
        assert found in ("refused", expected)  # dates and permissions do not matter
        refused += found == "refused"
    assert refused > len(whole) / 2


def test_a_large_array_that_says_it_is_smaller_is_noticed(path, message_of):
    # What NumPy then reads ends before the checksum is due.
    write(path, {}, {"a": np.zeros(9000)})
    whole = path.read_bytes()
    assert whole.count(b"(9000,)") == 1
    path.write_bytes(whole.replace(b"(9000,)", b"(8000,)"))
    assert message_of(DataFormatError, read, path) == not_a_checkpoint(path)


def archive(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as into:
        for name, text in members.items():
            into.writestr(f"{name}.json", text)
    return file.getvalue()


def numpy_s(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def header(**changed):
    fields = {"kind": "chainrule checkpoint", "format": 1, "fingerprint": {}, **changed}
    return json.dumps(fields)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# my notes\n",
        archive(),
        numpy_s(a=np.arange(3)),
        archive(header="[]", state="1"),
        archive(header="{", state="1"),
        archive(header=header(kind="chainrule model"), state="1"),
        archive(header=header()),
        archive(header=header(), state='{"array": "0"}'),
        archive(header=header(), state='{"pickle": "0"}'),
        archive(header=header(), state='{"list": [], "dict": {}}'),
    ],
)
def test_another_file_is_refused(content, path, message_of):
    path.write_bytes(content)
    assert message_of(DataFormatError, read, path) == not_a_checkpoint(path)
    assert path.read_bytes() == content


def test_objects_are_not_loaded(path, message_of):
    write(path, {}, {"a": np.arange(3)})
    evil = io.BytesIO()
    np.save(evil, np.array([print], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(path, "w") as into:
        into.writestr("header.json", header())
        into.writestr("state.json", '{"array": "0"}')
        into.writestr("0.npy", evil.getvalue())
    assert message_of(DataFormatError, read, path) == not_a_checkpoint(path)


def test_a_later_format_is_refused_by_its_number(path, message_of):
    path.write_bytes(archive(header=header(format=2), state="1"))
    assert message_of(DataFormatError, read, path) == not_a_checkpoint(path, "one in format 2")


# -- one step --------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", ["os.fsync", "pathlib.Path.replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(path, monkeypatch, broken):
    old = a_file(path)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(broken, full)
    with pytest.raises(
        OSError, match=r"No space left on device; the old file is kept: '.*a\.ckpt'"
    ):
        write(path, {}, {"a": 1})
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("at", ["numpy.lib.format.write_array", "os.fsync", "pathlib.Path.replace"])
def test_a_crash_before_the_last_step_leaves_the_old_file(path, monkeypatch, at):
    old = a_file(path)

    def crash(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(at, crash)
        with pytest.raises(KeyboardInterrupt):
            write(path, {}, {"a": np.arange(9)})
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


def test_everything_is_on_the_disk_before_the_old_file_is_replaced(path, monkeypatch):
    a_file(path)
    steps = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle):
        mode = os.fstat(handle).st_mode
        steps.append("folder" if stat.S_ISDIR(mode) else "file")
        fsync(handle)

    def noted_replace(self, target):
        assert self.parent == target.parent
        assert zipfile.ZipFile(self).testzip() is None
        steps.append("replace")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write(path, {}, {"a": 1})
    assert steps == ["file", "replace", "folder"]


def test_the_permissions_are_the_user_s(path):
    before = os.umask(0o027)
    try:
        write(path, {}, {})
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        write(path, {}, {})
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    ("place", "rule", "remedy"),
    [
        ("none/a", "be in a folder that exists", "make the folder"),
        ("text/a", "be in a folder that exists", "make the folder"),
        ("folder", "be a file, not a folder", "add a file's name"),
        ("pipe", "be a regular file", "remove what is there"),
    ],
)
def test_a_place_for_no_file_is_refused(place, rule, remedy, tmp_path, message_of):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").touch()
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / place
    assert message_of(InvalidValueError, check_checkpoint_place, path) == (
        f"checkpoint must {rule}, got '{path}': {remedy}, or pass another path"
    )


@pytest.mark.parametrize(
    ("refused", "rule"),
    [
        ("folder", "be in a folder that you may write to"),
        ("a.ckpt", "be a file that you may read and write"),
    ],
)
def test_a_place_without_permission_is_refused(refused, rule, tmp_path, monkeypatch, message_of):
    # Tests may run as root, who may do everything.
    path = tmp_path / "folder" / "a.ckpt"
    path.parent.mkdir()
    check_checkpoint_place(path)
    path.touch()
    check_checkpoint_place(path)
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != refused)
    assert message_of(InvalidValueError, check_checkpoint_place, path) == (
        f"checkpoint must {rule}, got '{path}': change its permissions, or pass another path"
    )


# -- descriptions ----------------------------------------------------------------------------------


class Mine:
    def __init__(self, value):
        self.value = value

    def method(self):
        pass


class Recursive:
    def __init__(self):
        self.me = [self]


TEXTS = [
    (None, "None"),
    (True, "True"),
    (0.1, "0.1"),
    (-0.0, "-0.0"),
    (math.nan, "nan"),
    ("a", "'a'"),
    ([1, (2, "a")], "[1, (2, 'a')]"),
    ({"b": 1, "a": 2}, "dict(('b', 1), ('a', 2))"),
    ({"b", "a", "c"}, "{'a', 'b', 'c'}"),
    (np.float32(0.5), "np.float32(0.5)"),
    (np.mean, "numpy.mean"),
    (print, "builtins.print"),
    (OneCycle, "chainrule.engine.schedules.OneCycle"),
    (
        Cosine(0.1, 9),
        "chainrule.engine.schedules.Cosine(dict(('learning_rate', 0.1), ('total_steps', 9)))",
    ),
    (functools.partial(np.mean, axis=1), "partial(numpy.mean, (), dict(('axis', 1)))"),
    (
        make_scorer(fbeta_score, beta=2),
        "sklearn.metrics._scorer._Scorer(dict(('_score_func', "
        "sklearn.metrics._classification.fbeta_score), ('_sign', 1), "
        "('_kwargs', dict(('beta', 2))), ('_response_method', 'predict')))",
    ),
    (object(), "<object object>"),
    (range(3), "range(0, 3)"),
]


@pytest.mark.parametrize(("value", "text"), TEXTS)
def test_a_value_has_a_text(value, text):
    # An older scikit-learn's scorers have an attribute more.
    assert describe(value).replace(", ('_deprecation_msg', None)", "") == text


def test_objects_differ_by_class_and_attributes():
    name = f"{Mine.__module__}.Mine"
    assert describe(Mine(1)) == describe(Mine(1)) == f"{name}(dict(('value', 1)))"
    assert describe(Mine(1).method) == f"{name}(dict(('value', 1))).method"
    assert describe(Recursive()) == f"{Recursive.__module__}.Recursive(dict(('me', [itself])))"
    assert describe([(1,), (1,)]) == "[(1), (1)]"


def test_generators_differ_by_what_they_would_draw():
    one, other = np.random.RandomState(0), np.random.RandomState(0)
    assert describe(one) == describe(other)
    other.random_sample()
    assert describe(one) != describe(other)


def test_texts_are_the_same_in_every_process():
    script = (
        "import numpy as np\n"
        "from chainrule.training.checkpoint import describe\n"
        "print(describe([{str(i) for i in range(50)}, np.tanh, object(), np.arange(3.0),\n"
        "    np.array(['a', 1, None], object), np.random.RandomState(1)]))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


X = np.random.default_rng(0).normal(size=(40, 6))
SPARSE = scipy.sparse.csr_matrix(np.maximum(X, 0))


@pytest.mark.parametrize(
    "same",
    [X.copy(), np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2], X[::-1][::-1]],
    ids=["copy", "columns", "strided", "reversed"],
)
def test_a_digest_is_of_the_numbers_not_of_the_layout(same):
    assert digest(same) == digest(X) == describe(X)


@pytest.mark.parametrize("size", [1, 100, 10**9])
def test_a_digest_is_the_same_in_pieces_of_any_size(size, monkeypatch):
    labels = np.array(["a", "bc", None, 3], object)
    whole = [digest(array) for array in (X, X.T, SPARSE, labels, X[:0])]
    monkeypatch.setattr(checkpoint, "PIECE_BYTES", size)
    assert [digest(array) for array in (X, X.T, SPARSE, labels, X[:0])] == whole


def changed(place):
    other = X.copy()
    other[place] = np.nextafter(other[place], 9)
    return other


def test_digests_of_different_arrays_differ():
    strings = np.array(["ab", "c"])
    arrays = [
        *(X, changed((0, 0)), changed((-1, -1)), X[:-1], X[:, :-1], X.T, X.reshape(6, 40), X[:0]),
        *(X.astype(np.float32), X.astype(">f8"), np.zeros(0), np.zeros((0, 0)), np.array(0.0)),
        *(np.array([0.0]), np.array([-0.0]), np.array([0]), np.array([False])),
        *(strings, strings.astype("U3"), strings.astype(object), np.array(["a", "bc"], object)),
        *(SPARSE, SPARSE[:-1], SPARSE * 2, scipy.sparse.csr_matrix(changed((-1, -1)))),
        scipy.sparse.csr_matrix((SPARSE.data, SPARSE.indices, SPARSE.indptr), (40, 7)),
        scipy.sparse.csr_matrix((SPARSE.data, SPARSE.indices[::-1], SPARSE.indptr), (40, 6)),
    ]
    assert len({digest(array) for array in arrays}) == len(arrays)


def test_the_padding_of_long_doubles_is_not_hashed():
    one, other = np.zeros(3, np.longdouble), np.full(3, 7, np.longdouble)
    other.view(np.uint8)[:] = 0xFF
    one[:], other[:] = 1 / np.longdouble(3), 1 / np.longdouble(3)
    assert digest(one) == digest(other) != digest(one * 2)


def test_objects_are_hashed_by_what_they_are_and_not_where():
    one, other = (np.array(["".join(["lab", "el"]), 10**30, "\ud800"], object) for _ in range(2))
    assert one[0] is not other[0]
    assert digest(one) == digest(other)


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="came with NumPy 2")
def test_strings_of_any_length_are_hashed_by_what_they_are():
    long = "long" * 9
    one, other = (np.array([long, "a"], np.dtypes.StringDType()) for _ in range(2))
    assert digest(one) == digest(other) != digest(np.array([long, "b"], np.dtypes.StringDType()))


@pytest.mark.parametrize("kind", ["rows", "columns", "sparse"])
def test_a_digest_copies_nothing(kind, peak_bytes, monkeypatch):
    monkeypatch.setattr(checkpoint, "PIECE_BYTES", 2**14)
    large = np.ones((2000, 50))  # 800 kB
    array = {"rows": large, "columns": np.asfortranarray(large)}.get(kind)
    if array is None:
        array = scipy.sparse.csr_matrix(large)
    assert peak_bytes(lambda: digest(array)) < 2**16


def test_a_digest_gives_the_pages_of_a_file_back(tmp_path, monkeypatch):
    held = []

    class Noted(checkpoint.Pages):
        def read(self, rows):
            super().read(rows)
            held.append((self.mapped, rows))

    monkeypatch.setattr(checkpoint, "Pages", Noted)
    monkeypatch.setattr(checkpoint, "PIECE_BYTES", X.nbytes // 4)
    mapped = np.memmap(tmp_path / "X", X.dtype, "w+", shape=X.shape)
    mapped[...] = X
    assert digest(mapped) == digest(X)
    assert held == [(True, 10)] * 4 + [(False, 10)] * 4


# -- training --------------------------------------------------------------------------------------

SPEC = NetworkSpec.of([6, 5, 3], dropout=0.2)
LABELS = np.random.default_rng(1).integers(3, size=len(X))


def training(path=None, *, epochs=7, optimizer=None, shuffle=True, callbacks=(), **arguments):
    """Train a network from scratch; return it and its history."""
    params = Parameters(SPEC).initialize(INITIALIZERS["he_uniform"], np.random.default_rng(0))
    optimizer = optimizer or AdamW()
    plan = Plan(epochs, batch_size=16, schedule=Cosine(0.01, 21), optimizer=optimizer)
    trainer = Trainer(params, plan, dropout_rng=np.random.default_rng(5))
    random_state = np.random.RandomState(3)
    order = SuccessiveShuffles(random_state) if shuffle else InOrder()
    callbacks = list(callbacks)
    if path is not None:
        options = {"fingerprint": {"alpha": "1"}, "seconds": 0, "n_rows": len(X), **arguments}
        callbacks.append(
            Checkpoint(path, order=order, random_state=random_state, callbacks=callbacks, **options)
        )
    return trainer, train(trainer, Source(X, LABELS), order, callbacks=callbacks)


def outcome(result):
    trainer, history = result
    rows = [row._replace(seconds=0) for row in history]
    return trainer.params.flat.tobytes(), trainer.state.t, trainer.clock, rows, history.best_epoch


class After(Callback):
    """Stops training by an error after an epoch's callbacks, or in the middle of the next."""

    def __init__(self, epochs):
        self.epochs = epochs

    def batch_end(self, progress):
        if progress.epochs_done == self.epochs:
            raise ZeroDivisionError


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_training_goes_on_to_the_same_bits(optimizer, shuffle, path):
    options = {"optimizer": OPTIMIZERS[optimizer](), "shuffle": shuffle}
    expected = outcome(training(**options))
    for epochs in (0, 1, 4):
        with pytest.raises(ZeroDivisionError):
            training(path, callbacks=[After(epochs)], **options)
    assert outcome(training(path, **options)) == expected
    assert outcome(training(path, **options)) == expected


def test_training_that_a_thread_has_stopped_goes_on(path):
    ears = Ears()
    with pytest.raises(TrainingInterrupted):
        training(path, callbacks=[ears, StopWhen(lambda: ears.epochs == 2)])
    assert read(path)[1]["epochs_done"] == 2
    assert outcome(training(path)) == outcome(training())


@pytest.mark.parametrize("epochs", range(1, 6))
def test_callbacks_go_on_too_each_with_its_own_state(epochs, path):
    def callbacks():
        # The second of them stops after the fifth epoch.
        return [Convergence(math.inf, 0.0), EarlyStopping(99, 9.0), EarlyStopping(4, 9.0)]

    expected = outcome(training(callbacks=callbacks()))
    assert len(expected[3]) == 5
    if epochs < 5:
        with pytest.raises(ZeroDivisionError):
            training(path, callbacks=[After(epochs), *callbacks()])
    else:
        training(path, callbacks=callbacks())
    assert outcome(training(path, callbacks=callbacks())) == expected


class MarksTheSecond(Callback):
    def epoch_end(self, progress):
        if progress.epochs_done == 2:
            progress.history.best_epoch = 2
        return False


def test_the_best_epoch_goes_on_too(path):
    with pytest.raises(ZeroDivisionError):
        training(path, callbacks=[After(4), MarksTheSecond()])
    _, history = training(path, callbacks=[MarksTheSecond()])
    assert history.best_epoch == 2


class Noted(Callback):
    """Notes which epochs the file at a path is of, after each."""

    def __init__(self, path):
        self.path, self.saved = path, []

    def train_begin(self, progress):
        self.saved.clear()

    def batch_end(self, progress):
        if self.path.exists():
            self.saved.append(read(self.path)[1]["epochs_done"])

    def train_end(self, progress):
        self.saved.append(read(self.path)[1]["epochs_done"])


@pytest.mark.parametrize(
    ("seconds", "saved"),
    [(0.0, [1, 2, 3, 4, 5, 6, 7]), (20.0, [1, 3, 5, 7]), (25.0, [1, 4, 7]), (1e9, [1, 7])],
)
def test_an_epoch_is_saved_if_the_last_save_is_some_time_ago(seconds, saved, path, monkeypatch):
    # Each epoch takes ten seconds of this clock.
    noted = Noted(path)
    monkeypatch.setattr(checkpoint, "monotonic", lambda: clock.time)

    class Ticking(Callback):
        time = 100.0

        def epoch_end(self, progress):
            self.time += 10.0
            return False

    clock = Ticking()
    training(path, callbacks=[clock, noted], seconds=seconds)
    assert sorted(set(noted.saved)) == saved


@pytest.mark.parametrize(
    ("cost", "seconds", "epochs"),
    [
        (0.1, None, [1, 2, 3, 4, 5, 6, 7]),  # two seconds are twenty times as long as a save
        (0.25, None, [1, 3, 5, 7]),
        (9.0, None, [1, 5, 7]),  # ten seconds at most
        (0.1, 6.5, [1, 4, 7]),
    ],
)
def test_saves_take_a_twentieth_of_the_time_and_are_ten_seconds_apart_at_most(
    path, monkeypatch, clock, cost, seconds, epochs
):
    saved, write = [], checkpoint.write

    def costly(path, fingerprint, state):
        clock.now += cost
        saved.append(state["epochs_done"])
        write(path, fingerprint, state)

    class Epochs(Callback):
        def epoch_begin(self, progress):
            clock.now += 3.0

    monkeypatch.setattr(checkpoint, "monotonic", clock)
    monkeypatch.setattr(checkpoint, "write", costly)
    training(path, callbacks=[Epochs()], seconds=seconds)
    assert saved == epochs


def test_training_that_stops_early_saves_its_last_epoch(path):
    training(path, callbacks=[EarlyStopping(2, 9.0)], seconds=1e9)
    saved = read(path)[1]
    assert (saved["epochs_done"], saved["stopped"]) == (3, True)


def test_what_was_drawn_before_training_is_kept(path):
    def made(drawn):
        random_state = np.random.RandomState(0)
        arguments = {"order": InOrder(), "random_state": random_state, "callbacks": []}
        return Checkpoint(path, {"alpha": "1"}, drawn=drawn, n_rows=1, **arguments)

    assert (made({"rows": [1, 2]}).goes_on, made({"rows": [1, 2]}).drawn) == (
        False,
        {"rows": [1, 2]},
    )
    training(path, drawn={"rows": [1, 2]})
    again = made({"rows": [3, 4]})
    assert (again.goes_on, again.drawn) == (True, {"rows": [1, 2]})


@pytest.mark.parametrize(
    ("other", "names"),
    [
        ({"alpha": "2"}, "alpha"),
        ({}, "alpha"),
        ({"alpha": "1", "beta": "1"}, "beta"),
        ({"d": "", "c": "", "b": "", "alpha": "2"}, "d, c, b, alpha"),
        ({"e": "", "d": "", "c": "", "b": ""}, "e, d, c, b and 1 more"),
    ],
)
def test_a_file_of_another_fit_is_refused_and_kept(other, names, path, message_of):
    training(path)
    written = path.read_bytes()
    assert message_of(InvalidValueError, training, path, fingerprint=other) == (
        f"the checkpoint {path} must be of this fit, got other values of {names}: {START_ANEW}"
    )
    assert path.read_bytes() == written


def test_a_file_that_gets_damaged_meanwhile_is_kept(path, message_of):
    class Damage(Callback):
        def epoch_end(self, progress):
            if progress.epochs_done == 2:
                path.write_bytes(b"notes")
            return False

    assert message_of(DataFormatError, training, path, callbacks=[Damage()]) == (
        not_a_checkpoint(path)
    )
    assert path.read_bytes() == b"notes"


def test_a_file_that_is_deleted_meanwhile_is_written_again(path):
    class Delete(Callback):
        def epoch_end(self, progress):
            path.unlink(missing_ok=True)
            return False

    training(path, callbacks=[Delete()])
    assert read(path)[1]["epochs_done"] == 7


def test_a_relative_path_stays_where_it_was(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)

    class Move(Callback):
        def epoch_end(self, progress):
            os.chdir(tmp_path / "elsewhere")
            return False

    training("a.ckpt", callbacks=[Move()])
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "a.ckpt", tmp_path / "elsewhere"]


def test_a_link_is_followed_and_not_replaced(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    training(link)
    assert link.is_symlink()
    assert read(target)[1]["epochs_done"] == 7


def test_a_callback_that_is_no_subclass_has_no_state(path):
    class Duck:
        def train_begin(self, progress):
            pass

        batch_end = epoch_end = train_end = train_begin

    training(path, callbacks=[Duck()])
    assert read(path)[1]["callbacks"] == []
