"""Writers that are killed, or find the disk full, leave the old file or the new one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from chainrule import NeuralNetwork, load


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def network(seed, width=20):
    model = NeuralNetwork(3, [50, width, 2], 0.1, "relu", "normal", 1, 4, random_state=seed)
    return model.fit(np.ones((4, 50)), [0, 1, 0, 1])


# Imports once, then for each line that it reads starts a writer, and tells its number.
WRITERS = """
import os, sys
from chainrule import load
models = [load(sys.argv[1] + f".{seed}") for seed in (1, 2)]
for line in sys.stdin:
    child = os.fork()
    if not child:
        while True:
            for model in models:
                model.save(sys.argv[1])
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_the_old_file_or_the_new_one(path):
    whole, kept = set(), {path}
    for seed in (1, 2):
        file = Path(f"{path}.{seed}")
        network(seed, 20_000).save(file)
        whole.add(file.read_bytes())
        kept.add(file)
    litter = 0
    command = [sys.executable, "-c", WRITERS, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as writers:
        for delay in np.random.default_rng(5).uniform(0, 0.05, 30):
            writers.stdin.write("\n")
            child = int(writers.stdout.readline())
            threading.Event().wait(delay)  # a moment of the save that chance decides about
            os.kill(child, signal.SIGKILL)
            assert writers.stdout.readline() == "dead\n"
            assert not path.exists() or path.read_bytes() in whole
            left = set(path.parent.iterdir()) - kept
            assert len(left) <= 1
            assert all(file.name.startswith(f".{path.name}.") for file in left)
            litter += len(left)
        writers.stdin.close()
    assert litter > 3  # some were killed while they wrote
    load(path)
    network(0).save(path)  # the next save clears up
    assert set(path.parent.iterdir()) == kept


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
