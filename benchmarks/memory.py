"""What a fit on a memory map adds to the process: python -m benchmarks.memory.

Makes a uint8 array of 6 GB, sparse on disk, in a temporary folder, fits MLPClassifier on it in a
new process, and prints how far that process's memory rose: the pages that are its own, and all that
are resident, pages of the file included, which the system may take back at any time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np

N_FEATURES = 784
LIMIT = 300  # MB


def resident() -> dict[str, int]:
    """Return this process's resident memory in kB by kind, as Linux tells it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return {
        name: int(value.split()[0])
        for name, value in (line.split(":", 1) for line in lines)
        if name in ("RssAnon", "RssFile", "VmRSS")
    }


def fit(path: str, rows: int, scaling: str | None) -> None:
    """Fit on the file, and print by how many MB the process grew at most."""
    import chainrule

    y = np.arange(rows) % 10
    model = chainrule.MLPClassifier(
        (32,), batch_size=1000, max_iter=1, input_scaling=scaling, random_state=0
    )
    model.fit(np.zeros((100, N_FEATURES), np.uint8), y[:100])  # what any fit loads
    X = np.load(path, mmap_mode="r")
    before, peak, done = resident(), resident(), threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            for name, value in resident().items():
                peak[name] = max(peak[name], value)

    watcher = threading.Thread(target=watch)
    watcher.start()
    model.fit(X, y)
    done.set()
    watcher.join()
    for name, words in (("RssAnon", "of its own"), ("VmRSS", "resident, file pages included")):
        print(f"{(peak[name] - before[name]) / 1024:.0f} MB {words}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=6.0)
    parser.add_argument("--scaling", choices=["standard", "minmax", "robust"])
    parser.add_argument("--file", help=argparse.SUPPRESS)
    options = parser.parse_args()
    rows = int(options.gigabytes * 1e9 / N_FEATURES)
    if options.file:
        fit(options.file, rows, options.scaling)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "X.npy")
        # Never written, so it takes no room on disk.
        np.lib.format.open_memmap(path, "w+", np.uint8, (rows, N_FEATURES)).flush()
        print(f"{rows:,} x {N_FEATURES} uint8, {path.stat().st_size / 1e9:.1f} GB; at most:")
        arguments = [*sys.argv[1:], "--file", str(path)]
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.memory", *arguments]
        subprocess.run(command, check=True)
        print(f"wanted: {LIMIT} MB")


if __name__ == "__main__":
    main()
