"""Writers that are killed, or find the disk full, leave the old file or the new one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule import NeuralNetwork, load


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def network(seed):
    model = NeuralNetwork(3, [50, 20, 2], 0.1, "relu", "normal", 1, 4, random_state=seed)
    return model.fit(np.ones((4, 50)), [0, 1, 0, 1])


WRITER = """
import sys, numpy as np
from chainrule import NeuralNetwork
models = []
for seed in (1, 2):
    model = NeuralNetwork(3, [50, 2000, 2], 0.1, "relu", "normal", 1, 4, random_state=seed)
    models.append(model.fit(np.ones((4, 50)), [0, 1, 0, 1]))
    models[-1].save(sys.argv[1] + f".{seed}")
print("ready", flush=True)
while True:
    for model in models:
        model.save(sys.argv[1])
"""


def test_a_writer_killed_at_any_moment_leaves_the_old_file_or_the_new_one(path):
    delays = np.random.default_rng(5).uniform(0, 0.02, 30)
    for delay in delays:
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout.readline() == "ready\n"
            try:
                writer.wait(delay)
            except subprocess.TimeoutExpired:
                writer.kill()
        if path.exists():
            whole = {Path(f"{path}.{seed}").read_bytes() for seed in (1, 2)}
            assert path.read_bytes() in whole
            load(path)
    left = {file.name for file in path.parent.iterdir()}
    expected = {path.name, f"{path.name}.1", f"{path.name}.2"}
    assert all(name.startswith(f".{path.name}.") for name in left - expected)
    network(0).save(path)  # the next save clears up
    assert {file.name for file in path.parent.iterdir() if file.name[-9] != "."} == expected


FULL = """
import resource, signal, sys, numpy as np
from chainrule import NeuralNetwork
model = NeuralNetwork(3, [50, 2000, 2], 0.1, "relu", "normal", 1, 4, random_state=1)
model.fit(np.ones((4, 50)), [0, 1, 0, 1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    model.save(sys.argv[1])
except OSError as error:
    print(error)
"""


@pytest.mark.parametrize("room", [0, 10, 5000, 300_000])
def test_a_full_disk_leaves_the_old_file_and_an_error(room, path):
    network(0).save(path)
    before = path.read_bytes()
    command = [sys.executable, "-c", FULL, str(path), str(room)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == f"[Errno 27] File too large; the old file is kept: '{path}'\n"
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
