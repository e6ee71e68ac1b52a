"""How long a model file takes beside its bytes alone: python -m benchmarks.files.

A network of ten million parameters is saved and loaded; the same number of bytes is written, with
fsync of file and folder, and read. The four are interleaved, medians count. The memory that a load
adds is what a new process's peak rises by, as Linux
tells it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from chainrule import NeuralNetwork, load

ROUNDS = 15
LIMIT, MEMORY_LIMIT = 1.5, 20  # times, MB beyond the file

PEAK = """
import sys
from pathlib import Path
from chainrule import load

def kilobytes(name):
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(name + ":")[1].split()[0])

load(sys.argv[1])
Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
before = kilobytes("VmRSS")
model = load(sys.argv[2])
print(kilobytes("VmHWM") - before)
"""


def network(width: int) -> NeuralNetwork:
    model = NeuralNetwork(3, [1000, width, 10], 0.1, "relu", "normal", 1, 2, random_state=0)
    return model.fit(np.zeros((2, 1000), np.uint8), [0, 1])


def write_bytes(path: Path, content: memoryview) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def read_bytes(path: Path) -> np.ndarray:
    return np.fromfile(path, np.uint8)


def timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", help="Where the files are written; a temporary one if not.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        compare(Path(folder))


def compare(folder: Path) -> None:
    ours, theirs, small = folder / "model", folder / "bytes", folder / "small"
    model = network(9900)
    network(1).save(small)
    model.save(ours)
    content = memoryview(np.fromfile(ours, np.uint8))
    write_bytes(theirs, content)
    calls = {
        "write the bytes": lambda: write_bytes(theirs, content),
        "save": lambda: model.save(ours),
        "read the bytes": lambda: read_bytes(theirs),
        "load": lambda: load(ours),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            times[name].append(timed(call))
    medians = {name: statistics.median(values) for name, values in times.items()}
    n, size = model.params_.spec.n_parameters, len(content)
    print(f"{n:,} parameters, {size / 1e6:.1f} MB; medians of {ROUNDS} interleaved rounds")
    for name, bare in (("save", "write the bytes"), ("load", "read the bytes")):
        ratio = medians[name] / medians[bare]
        print(
            f"{name}: {1e3 * medians[name]:.1f} ms; to {bare}: {1e3 * medians[bare]:.1f} ms; "
            f"{ratio:.2f} times as long (wanted: at most {LIMIT})"
        )
    command = [sys.executable, "-c", PEAK, str(small), str(ours)]
    added = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    beyond = added / 1024 - size / 2**20
    print(f"memory: load adds the file's size and {beyond:.1f} MB (wanted: at most {MEMORY_LIMIT})")


if __name__ == "__main__":
    main()
