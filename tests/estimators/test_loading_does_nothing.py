"""What a file may do when it is loaded: nothing. Watched by an audit hook, in a new process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO
from pathlib import Path

import joblib
import numpy as np
import pytest

from chainrule import NeuralNetwork, load
from chainrule.errors import DataFormatError, DataNotFoundError, InvalidValueError

HERE = Path(__file__).parent
_spec = spec_from_file_location("attacks", HERE / "attacks.py")
attacks = module_from_spec(_spec)
sys.modules["attacks"] = attacks  # dataclasses look their module up
_spec.loader.exec_module(attacks)
pytestmark = pytest.mark.slow  # hundreds of files
TARGETS, Parts = attacks.TARGETS, attacks.Parts
ATTACKS = [(target, name) for target, (_, table) in TARGETS.items() for name in table]

CONSTANT = 64 * 2**20  # bytes that a load may take beyond the file's length


@pytest.fixture(scope="module")
def good_files(tmp_path_factory):
    folder, files = tmp_path_factory.mktemp("good"), {}
    for target, (make, _) in TARGETS.items():
        files[target] = folder / f"{len(files)}.safetensors"
        make().save(files[target], optimizer=True)
    return files


@pytest.fixture(scope="module")
def good(good_files):
    return good_files["an estimator"]


@pytest.fixture(scope="module")
def watched(good_files, tmp_path_factory):
    """Return what happened when each file was loaded, by its name."""
    folder = tmp_path_factory.mktemp("files")
    files = dict(good_files)
    parts = {target: Parts.of(path.read_bytes()) for target, path in good_files.items()}
    for target, name in ATTACKS:
        attack, _ = TARGETS[target][1][name]
        files[target, name] = folder / f"{len(files)}.safetensors"
        files[target, name].write_bytes(attack(parts[target].copy()))
    for name, raw in hungry(parts["an estimator"]).items():
        files[name] = folder / f"{len(files)}.safetensors"
        files[name].write_bytes(raw)
    first = good_files["a prepared model"]  # imports all that any file needs
    command = [sys.executable, str(HERE / "loads_under_watch.py"), str(first)]
    run = subprocess.run(
        [*command, *map(str, files.values())], capture_output=True, text=True, check=True
    )
    found = json.loads(run.stdout)
    return {name: (path, found[str(path)]) for name, path in files.items()}


def hungry(parts):
    """Return files whose headers grow most when they are read."""
    n = 990_000
    header = parts.header()

    def filled(one):
        return header[:-1] + b',"a":[' + b",".join([one] * ((n - len(header)) // (len(one) + 1)))

    texts = {"lists": b"[]", "objects": b"{}", "numbers": b"1e9", "texts": b'"\xf0\x9f\x92\xa9"'}
    files = {f"a header of {name}": parts.raw(filled(one) + b"]}") for name, one in texts.items()}
    keys = b",".join(b'"%x":1' % i for i in range(90_000))
    files["a header of keys"] = parts.raw(header[:-1] + b"," + keys + b"}")
    for name, value in {
        "a description of lists": [[]] * 240_000,
        "of numbers": [1e9] * 90_000,
    }.items():
        copy = parts.copy()
        copy.document["parameters"]["alpha"] = value
        files[name] = copy.raw()
    return files


def test_a_load_makes_the_interpreter_do_nothing(watched):
    for name, (_, loads) in watched.items():
        for result, _, events in loads:
            assert events == [], (name, result)


def test_a_load_takes_no_more_memory_than_the_file_is_long_and_a_constant(watched):
    for name, (path, loads) in watched.items():
        for _, peak, _ in loads:
            assert peak <= path.stat().st_size + CONSTANT, name


def test_good_files_are_loaded_and_others_refused(watched):
    for target in TARGETS:
        assert [result for result, _, _ in watched[target][1]] == ["loaded"] * 2
    for name, (_, ((result, _, _), _)) in watched.items():
        assert (result == "loaded") == (name in TARGETS), name


@pytest.mark.parametrize(("target", "name"), ATTACKS)
def test_each_attack_has_its_error(target, name, good_files, tmp_path, message_of):
    attack, expected = TARGETS[target][1][name]
    path = tmp_path / "model.safetensors"
    path.write_bytes(attack(Parts.of(good_files[target].read_bytes())))
    message = message_of(DataFormatError, load, path)
    start = f"{path} is no model file that can be loaded: {expected}"
    assert message.startswith(start)
    remedy = "; get it again, or save the model again"
    if expected.startswith("it looks like"):
        remedy = "; give the folder that chainrule train has written, or a file of chainrule.save"
    assert message.endswith(remedy)
    assert message.isprintable()


def test_no_other_format_is_tried(tmp_path, message_of):
    model = attacks.good_model()
    joblib.dump(model, tmp_path / "model.joblib")
    np.savez(tmp_path / "model.npz", *model.coefs_)
    for name in ("model.joblib", "model.npz"):
        assert "no model file" in message_of(DataFormatError, load, tmp_path / name)


def test_a_pipe_is_not_waited_for(tmp_path, message_of):
    os.mkfifo(tmp_path / "pipe")
    message = message_of(DataFormatError, load, tmp_path / "pipe")
    assert "it must be a regular file" in message


def test_a_folder_without_a_model(tmp_path, message_of):
    assert message_of(DataNotFoundError, load, tmp_path) == (
        f"there is no model {tmp_path}/model.safetensors: give the folder that chainrule train "
        "has written, or a model file"
    )


def test_a_run_s_folder_is_its_model(good, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(good.read_bytes())
    for path in (tmp_path, str(tmp_path), os.fsencode(tmp_path)):
        assert repr(load(path)) == repr(load(good))


@pytest.mark.parametrize("path", [None, 3, BytesIO(b"x"), "", np.eye(2), "a\0b"])
def test_what_is_no_path(path, message_of):
    for use in (load, attacks.good_model().save):
        message = message_of(InvalidValueError, use, path)
        assert message.startswith("the model's path must ")
        assert message.endswith(": pass a file's name")


def test_a_file_that_shrinks_while_it_is_read(good, tmp_path, monkeypatch, message_of):
    from chainrule.persist import model_file

    path = tmp_path / "model.safetensors"
    path.write_bytes(good.read_bytes())
    check = model_file._check_tensors

    def shrinking(header, blocks):
        check(header, blocks)
        with path.open("r+b") as file:
            file.truncate(header.begin + 10)

    monkeypatch.setattr(model_file, "_check_tensors", shrinking)
    assert "it ends too early" in message_of(DataFormatError, load, path)


def test_a_large_network_is_in_memory_once(tmp_path, peak_bytes):
    network = NeuralNetwork(3, [784, 1000, 10], 0.1, "relu", "normal", 1, 10, random_state=0)
    network.fit(np.zeros((10, 784), np.uint8), np.arange(10))
    path = tmp_path / "large.safetensors"
    network.save(path)
    assert peak_bytes(lambda: load(path)) <= path.stat().st_size + 2**20
    assert peak_bytes(lambda: network.save(path)) <= 2**20
