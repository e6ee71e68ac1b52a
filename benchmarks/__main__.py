"""Everything side by side, in one run: python -m benchmarks.

Each contender has a process of its own for each number of threads, and they take turns. Writes
benchmarks.md, benchmarks.json and charts to a folder, or prints the page.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import growth, records
from benchmarks.charts import charts
from benchmarks.contenders import CONTENDERS, LIMIT, Entry
from benchmarks.processes import Process
from benchmarks.report import page
from benchmarks.runner import Key, Length, measure, running, thread_counts
from benchmarks.workload import GRID, Workload
from benchmarks.workloads import WORKLOADS

GROWTH = "growth"
PARTS = (*WORKLOADS, GROWTH)
QUICK, SHORT = Length(2, 0.05), Length(3, 0.1)  # of quick runs; of curves


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    length = QUICK if options.quick else Length()
    if options.rounds:
        length = replace(length, rounds=options.rounds)
    entries = _entries(quick=options.quick)
    found: dict[str, Any] = {
        **records.machine(length),
        "quick": options.quick,
        "workloads": {},
        "growth": {},
    }
    with running() as processes:
        for name in options.only:
            if name == GROWTH:
                found["growth"] = _grown(options.quick, entries, processes)
            else:
                workload = _shorter(WORKLOADS[name]) if options.quick else WORKLOADS[name]
                found["workloads"][name] = _measured(name, workload, length, entries, processes)
            if options.out is not None:  # also of a run that is stopped later
                _write(found, options.out)
    if options.out is None:
        print(page(found))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--out", type=Path, help="folder to write to; the page is printed without")
    parser.add_argument(
        "--only", type=_parts, default=PARTS, metavar="NAME,…", help=f"some of: {', '.join(PARTS)}"
    )
    parser.add_argument("--rounds", type=_at_least_one, help="turns of each contender")
    parser.add_argument(
        "--quick", action="store_true", help="two short rounds with all cores, in two minutes"
    )
    return parser.parse_args(arguments)


def _parts(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in PARTS:
            hint = f"must be some of {', '.join(PARTS)}, got {name!r}"
            raise argparse.ArgumentTypeError(hint)
    return names


def _at_least_one(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be an integer of at least 1, got {text!r}")
    return number


def _entries(*, quick: bool) -> list[tuple[Entry, int]]:
    return [
        (entry, n_threads)
        for entry in CONTENDERS
        if entry.installed()
        for n_threads in thread_counts(entry)[-1 if quick else 0 :]
    ]


def _shorter(workload: Workload) -> Workload:
    if workload.task is not GRID:
        return workload
    return replace(workload, epochs=workload.epochs // 5)


Entries = Sequence[tuple[Entry, int]]


def _measured(
    name: str, workload: Workload, length: Length, entries: Entries, processes: dict[Key, Process]
) -> dict[str, Any]:
    begun = perf_counter()
    found = records.record(workload, measure(workload, length, entries, processes))
    print(f"{name}: {perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    for who, why in found["failures"].items():
        print(f"  {who}: {why}", file=sys.stderr, flush=True)
    return found


def _grown(quick: bool, entries: Entries, processes: dict[Key, Process]) -> dict[str, Any]:
    length, factors = (QUICK, growth.FEW) if quick else (SHORT, growth.FACTORS)
    # chainrule and scikit-learn as they come, with all cores; the limit whichever way is best.
    chosen = [
        (entry, n_threads)
        for entry, n_threads in entries
        if entry.family == LIMIT
        or (entry.name in growth.CONTENDERS and n_threads == thread_counts(entry)[-1])
    ]
    found, known = {}, {}
    for axis, sized in growth.AXES.items():
        for factor in factors:
            workload = sized(factor)
            if workload not in known:
                name = f"{axis} x {factor}"
                known[workload] = _measured(name, workload, length, chosen, processes)
        rows = [known[sized(factor)] for factor in factors]
        found[axis] = records.growth(factors, rows, growth.WORDS[axis])
    return found


def _write(found: dict[str, Any], folder: Path) -> None:
    pictures = folder / "images"
    pictures.mkdir(parents=True, exist_ok=True)
    drawn = charts(found)
    for name, svg in drawn.items():
        (pictures / name).write_text(svg, encoding="utf-8")
    (folder / "benchmarks.md").write_text(page(found, list(drawn)), encoding="utf-8")
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    (folder / "benchmarks.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
