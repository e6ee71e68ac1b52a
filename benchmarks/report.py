"""The page: pure functions from what was recorded to Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.contenders import CONTENDERS, LIMIT, OURS
from benchmarks.records import Best, Record, bests, fastest, ratio, reached

INTRODUCTION = """\
# Side by side

Written by `python -m benchmarks` (`make bench`): chainrule, scikit-learn, PyTorch and JAX, each
in a process of its own, in turns on the same machine and the same bytes. Figures are medians over
{rounds} rounds, in which each contender has one turn; each was tried with one thread and with all
cores, and the better one counts. [speed.md](speed.md) says how chainrule does it.
"""

ROUGH = """\
**This was a quick run: few and short turns, with all cores only. Its figures are rough.**
"""

METHOD = """\
## How it is measured

- A contender's process waits while another one has its turn, and there is a pause between turns
  for threads that spin. Where one number of threads is slower by far in the first two rounds, it
  is left out of the others.
- Everybody has the same float32 samples, Adam with a learning rate of 0.001, an L2 penalty of
  0.0001, and shuffles in each epoch. Two classes are one logistic output, more are a softmax with
  cross-entropy, an autoencoder has the squared error. *scikit-learn, float64* is fed what it
  mostly gets: float64.
- chainrule and scikit-learn are timed as users call them: `fit`, divided by its epochs. PyTorch
  has its samples as tensors, put in order once an epoch, and fused Adam; compiled, a step
  (forward, backward and Adam) is one graph. With JAX an epoch is one compiled call, with a scan
  over its batches and donated buffers. A compilation is not counted, but in *first fit*: that is
  a fit of a new process, imports left out.
- Prediction is `predict_proba`, or its like, from a NumPy array to a NumPy array.
- *grid* is the report's search of 18 candidates on three folds, on a third of its images and a
  fifth of its epochs, two fits at a time: as `chainrule reproduce` runs it, and as
  `GridSearchCV(n_jobs=2)` does. It takes so long that it has three rounds, with all cores.
- The limit is the matrix products of forward and backward pass in float32, from a loop in C on
  SciPy's BLAS, on buffers that stay the same: the best of one thread, BLAS's threads, and threads
  with one BLAS thread each that have rows, or rows and parts of the weights' gradients, of their
  own and never wait for each other. No training can be faster with this BLAS, and one with
  several threads must wait.
"""

_SHOWN = [entry.name for entry in CONTENDERS if entry.family != LIMIT]


def page(records: Record, pictures: Sequence[str] = ()) -> str:
    """Return everything as Markdown; ``pictures`` are names of files in images/."""
    workloads, growth = records["workloads"], records["growth"]
    parts = [INTRODUCTION.format(rounds=records["rounds"])]
    if records["quick"]:
        parts.append(ROUGH)
    parts.append(_machine(records))
    parts += [f"![{_ALT[name]}](images/{name})\n" for name in pictures if name == RATIOS]
    if workloads:
        parts += [_medians(workloads), _ratios(workloads), _targets(records)]
    if growth:
        parts += [_growth(growth, [name for name in pictures if name == GROWTH])]
    if workloads:
        parts += [_details(workloads)]
    return "\n".join([*parts, METHOD])


RATIOS, GROWTH = "benchmarks.svg", "growth.svg"
_ALT = {
    RATIOS: "How many times as long as chainrule each library takes, by workload",
    GROWTH: "How the time of an epoch grows with samples, width, depth and batch size",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def figure(value: float) -> str:
    """Return a number with three significant digits."""
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:#.3g}".rstrip(".")


def _times(value: float | None) -> str:
    return "" if value is None else figure(value)


def _time(workload: Record, seconds: float) -> str:
    return figure(seconds * workload["scale"])


def _machine(records: Record) -> str:
    rows = [(name, value) for name, value in records["environment"].items()]
    text = "## Machine\n\n" + "".join(f"- {name}: {value}\n" for name, value in rows)
    if records["missing"]:
        text += f"\nNot installed, so not measured: {', '.join(records['missing'])}.\n"
    return text


def _medians(workloads: Record) -> str:
    def cell(workload: Record, best: Best | None) -> str:
        if best is None:
            return ""
        return f"{_time(workload, best.median)} ({best.threads})"

    rows = []
    for name, workload in workloads.items():
        found = bests(workload)
        cells = [cell(workload, found.get(who)) for who in _SHOWN]
        cells.append(cell(workload, fastest(workload, LIMIT)))
        rows.append([f"**{name}**, {workload['unit']} {workload['per']}", *cells])
    head = ["workload", *_SHOWN, LIMIT]
    return f"## Medians\n\nIn brackets: the number of threads.\n\n{table(head, rows)}"


def _ratios(workloads: Record) -> str:
    names = [name for name in _SHOWN if name != OURS]
    rows = []
    for name, workload in workloads.items():
        found, ours = bests(workload), fastest(workload, OURS)
        if ours is None:
            continue
        cells = [figure(found[who].median / ours.median) if who in found else "" for who in names]
        rows.append([f"**{name}**", *cells, _share(ratio(workload, LIMIT))])
    return "\n".join(
        [
            "## How many times as long as chainrule\n",
            "The last column is the share of the limit that chainrule reaches.\n",
            table(["workload", *names, "share of the limit"], rows),
        ]
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _targets(records: Record) -> str:
    rows = [
        (
            f"**{target.workload}**",
            "share of the limit" if target.family == LIMIT else f"against {target.family}",
            f"{target.wanted:g}",
            "not measured" if got is None else f"{got:.2f}",
            "" if got is None else "reached" if got >= target.wanted else "**not reached**",
        )
        for target, got in reached(records)
    ]
    head = ["workload", "figure", "wanted", "measured", ""]
    return (
        "## Figures to reach\n\nHow many times as fast as scikit-learn on float64, the faster of "
        f"PyTorch's two, and JAX.\n\n{table(head, rows)}"
    )


def _growth(growth: Record, pictures: Sequence[str]) -> str:
    parts = ["## How cost grows\n"]
    parts += [f"![{_ALT[name]}](images/{name})\n" for name in pictures]
    for axis, found in growth.items():
        factors = found["factors"]
        head = [f"**{axis}**: {found['words']}", *(f"{factor}×" for factor in factors)]
        rows = [
            [f"{who}, ms an epoch", *(figure(1000 * value) for value in seconds)]
            for who, seconds in found["seconds"].items()
        ]
        parts.append(table(head, rows))
    return "\n".join(parts)


def _details(workloads: Record) -> str:
    parts = ["## Each workload\n"]
    for name, workload in workloads.items():
        parts.append(f"### {name}\n\n{workload['words']}; {workload['unit']} {workload['per']}\n")
        parts.append(_turns(workload))
        if workload["failures"]:
            parts.append("".join(f"- {who}: {why}\n" for who, why in workload["failures"].items()))
    return "\n".join(parts)


def _turns(workload: Record) -> str:
    ours = fastest(workload, OURS)
    rows = []
    for name, best in bests(workload).items():
        low, high = min(best.seconds), max(best.seconds)
        rows.append(
            [
                name,
                best.threads,
                _time(workload, best.median),
                f"{_time(workload, low)} to {_time(workload, high)}",
                figure(best.median / ours.median) if ours else "",
                f"{best.first:.2f}" if workload["warm"] else "",
            ]
        )
    head = ["contender", "threads", "median", "lowest to highest", "times ours", "first time, s"]
    return table(head, rows)
