"""Where the time of a workload goes: python -m benchmarks.profile WORKLOAD ….

Runs chainrule's fits in a process of its own under Linux's perf, and prints the share of the
samples, of all threads together, by what the processor was doing. Needs perf and a build with
symbols, which builds from source have.
"""  # noqa: A005  (it is run by its name)

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.contenders import CONTENDERS, OURS
from benchmarks.processes import Process
from benchmarks.runner import thread_counts
from benchmarks.workloads import WORKLOADS

SECONDS = 3.0
RATE = 1999  # samples a second, out of step with timers
TOP = 8  # symbols that are printed

# Group, a part of the library's name, parts of which the symbol has one. The first counts.
RULES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("products: packing", "openblas", ("copy", "beta")),
    ("products: kernels", "openblas", ("",)),
    ("optimiser's step", "kernels", ("update", "collect", "sum_of_squares", "largest")),
    ("gather", "kernels", ("gather",)),
    ("activations", "kernels", ("activate", "derive", "exponential", "repeat", "sum_rows")),
    ("loss", "kernels", ("loss", "softmax")),
    ("waiting, and the loop itself", "kernels", ("",)),
    ("waiting, and the loop itself", "", ("sched", "futex")),
    ("NumPy", "umath", ("",)),
    ("Python", "python", ("",)),
    ("system", "[kernel", ("",)),
    ("system", "libc.", ("",)),
    ("other", "", ("",)),
)


def group(symbol: str, library: str) -> str:
    """Return what a function of a library does."""
    file = library.rpartition("/")[2]
    return next(
        name
        for name, part, symbols in RULES
        if part in file and any(one in symbol for one in symbols)
    )


def shares(lines: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """Return the samples of each group and of each symbol.

    Parameters
    ----------
    lines : iterable of str
        Of ``perf script -F sym,dso``: a function, and its library in brackets.
    """
    groups: Counter[str] = Counter()
    symbols: Counter[str] = Counter()
    for line in lines:
        symbol, _, library = line.strip().rpartition(" (")
        if symbol:
            groups[group(symbol, library)] += 1
            symbols[symbol] += 1
    return groups, symbols


def sampled(workload: str, seconds: float) -> list[str]:
    """Fit again and again under perf, and return a line a sample."""
    entry = next(one for one in CONTENDERS if one.name == OURS)
    process = Process(entry, thread_counts(entry)[-1])
    try:
        process.ask("prepare", WORKLOADS[workload], seconds)
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder, "perf.data"))
            command = f"perf record -q -F {RATE} -p {process.pid} -o {path}".split()
            recorder = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            process.ask("turn")
            recorder.send_signal(signal.SIGINT)
            recorder.wait()
            script = f"perf script -F ip,sym,dso -i {path}".split()
            done = subprocess.run(script, check=True, capture_output=True, text=True)
    finally:
        process.close()
    # The address comes first, in hexadecimal digits.
    return [line.strip().partition(" ")[2] for line in done.stdout.splitlines() if line.strip()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("workloads", nargs="+", choices=list(WORKLOADS), metavar="WORKLOAD")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    if shutil.which("perf") is None:
        sys.exit("error: needs perf, in Debian's package linux-perf")
    for workload in options.workloads:
        groups, symbols = shares(sampled(workload, options.seconds))
        total = groups.total()
        print(f"{workload}: {total:,} samples\n")
        for table in (groups.most_common(), symbols.most_common(TOP)):
            for name, count in table:
                print(f"{100 * count / total:5.1f} %  {name}")
            print()


if __name__ == "__main__":
    main()
