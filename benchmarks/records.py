"""What was measured, as plain data: what benchmarks.json has, and what reports are made of."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from typing import Any

from benchmarks.contenders import CONTENDERS, LIMIT, OURS
from benchmarks.runner import Length, Measured
from benchmarks.targets import TARGETS, Target
from benchmarks.workload import Workload
from chainrule.study.environment import environment

Record = Mapping[str, Any]
FAMILIES = {entry.name: entry.family for entry in CONTENDERS}


def machine(length: Length) -> dict[str, Any]:
    """Return what ran: machine, versions, rounds; and who is not installed."""
    peers = sorted({entry.needs for entry in CONTENDERS if entry.installed()})
    return {
        "environment": environment()
        | {name: version(name) for name in peers}
        | {"kernel": platform.release().split("-")[0], "date": date.today().isoformat()},
        "rounds": length.rounds,
        "missing": [entry.name for entry in CONTENDERS if not entry.installed()],
    }


def record(workload: Workload, measured: Measured) -> dict[str, Any]:
    """Return a workload's turns as plain data, in seconds."""
    contenders: dict[str, Any] = {}
    for (name, n_threads), seconds in measured.seconds.items():
        own = contenders.setdefault(name, {"seconds": {}, "first": {}})
        own["seconds"][str(n_threads)] = seconds
        own["first"][str(n_threads)] = measured.first[name, n_threads]
    failures = {
        f"{name}, {n} thread{'s' * (n > 1)}": why for (name, n), why in measured.failures.items()
    }
    task = workload.task
    return {
        "words": workload.words,
        "unit": task.unit,
        "scale": task.scale,
        "per": task.per,
        "warm": task.warm,
        "contenders": contenders,
        "failures": failures,
    }


class Best:
    """A contender with its better number of threads."""

    def __init__(self, name: str, own: Record) -> None:
        self.name, self.family = name, FAMILIES.get(name, name)
        self.threads, self.seconds = min(
            own["seconds"].items(), key=lambda item: statistics.median(item[1])
        )
        self.first = own["first"][self.threads]
        self.median = statistics.median(self.seconds)


def bests(workload: Record) -> dict[str, Best]:
    """Return each contender's better setting."""
    return {name: Best(name, own) for name, own in workload["contenders"].items()}


def fastest(workload: Record, family: str) -> Best | None:
    """Return the fastest of a family, if any was measured."""
    own = [best for best in bests(workload).values() if best.family == family]
    return min(own, key=lambda best: best.median) if own else None


def ratio(workload: Record, family: str) -> float | None:
    """Return a family's time by ours; of the limit it is the share that is reached."""
    ours, theirs = fastest(workload, OURS), fastest(workload, family)
    return theirs.median / ours.median if ours and theirs else None


def reached(records: Record) -> list[tuple[Target, float | None]]:
    """Return each target of a workload that was measured, with what came of it."""
    workloads = records["workloads"]
    return [
        (target, ratio(workloads[target.workload], target.family))
        for target in TARGETS
        if target.workload in workloads
    ]


def growth(factors: list[int], records: list[Record], words: str) -> dict[str, Any]:
    """Return the medians of the workloads of an axis, each contender's in a row."""
    rows: dict[str, list[float]] = {}
    for one in records:
        found = bests(one)
        limit = fastest(one, LIMIT)
        for best in found.values():
            if best.family != LIMIT:
                rows.setdefault(best.name, []).append(best.median)
        if limit:
            rows.setdefault(LIMIT, []).append(limit.median)
    return {"words": words, "factors": factors, "seconds": rows}
