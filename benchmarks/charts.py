"""Charts as SVG files that follow a reader's light or dark colours: collect, then draw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.contenders import LIMIT, OURS
from benchmarks.records import Record, bests, fastest
from benchmarks.report import GROWTH, RATIOS
from chainrule.report.figures import FAINT, GRID, INK, SERIES, to_svg

# Contender -> colour, marker, filled; two of a library's have its colour.
LOOKS = {
    OURS: (SERIES[0], "o", True),
    "chainrule, NumPy": (SERIES[0], "o", False),
    "scikit-learn, float64": (SERIES[1], "s", True),
    "scikit-learn, float32": (SERIES[1], "s", False),
    "PyTorch": (SERIES[2], "^", True),
    "PyTorch, compiled": (SERIES[2], "^", False),
    "JAX": (SERIES[3], "D", True),
    LIMIT: (INK, "|", True),
}


class Ratios(NamedTuple):
    """Workloads, and for each contender its time by ours in those that it has."""

    workloads: list[str]
    ratios: dict[str, list[float | None]]


def collect_ratios(records: Record) -> Ratios:
    """Return what the first chart shows."""
    names, rows = [], []
    for name, workload in records["workloads"].items():
        ours, limit = fastest(workload, OURS), fastest(workload, LIMIT)
        if ours is None:
            continue
        found = {who: best.median / ours.median for who, best in bests(workload).items()}
        if limit is not None:
            found[LIMIT] = limit.median / ours.median
        names.append(name)
        rows.append(found)
    return Ratios(names, {who: [row.get(who) for row in rows] for who in LOOKS})


def draw_ratios(data: Ratios, axes: Axes) -> None:
    """Draw a line a workload with a mark a contender, on a logarithmic axis."""
    axes.set_xscale("log")
    for who, ratios in data.ratios.items():
        color, marker, filled = LOOKS[who]
        points = [(ratio, y) for y, ratio in enumerate(ratios) if ratio is not None]
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            linestyle="none",
            marker=marker,
            markersize=13 if who == LIMIT else 7,
            markeredgewidth=2 if who == LIMIT else 1.6,
            color=color,
            markerfacecolor=color if filled else "none",
            label=who,
            zorder=4 if who == OURS else 3,
        )
    axes.axvline(1, color=FAINT, linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(data.workloads)), data.workloads)
    axes.set_ylim(len(data.workloads) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("time by chainrule's, logarithmic")
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=4, frameon=False)
    axes.figure.subplots_adjust(left=0.18, right=0.97, top=0.86, bottom=0.11)


def draw_growth(data: Record, axes: Axes) -> None:
    """Draw a panel for each of the sizes that grow, both axes logarithmic."""
    axes.set_axis_off()
    axes.figure.subplots_adjust(left=0.08, right=0.985, top=0.8, bottom=0.17)
    shared: Axes | None = None
    for number, (axis, found) in enumerate(data.items()):
        panel = axes.inset_axes((0.255 * number, 0, 0.235, 1), sharey=shared)
        for who, seconds in found["seconds"].items():
            color, marker, filled = LOOKS[who]
            panel.plot(
                found["factors"],
                [1000 * value for value in seconds],
                color=color,
                marker="" if who == LIMIT else marker,
                markersize=4.5,
                markerfacecolor=color if filled else "none",
                linestyle="--" if who == LIMIT else "-",
                label=who,
            )
        _scales(panel, found["factors"])
        panel.set_title(axis, fontsize=10, color=INK)
        if shared is None:
            shared = panel
            panel.set_ylabel("ms an epoch")
        else:
            panel.tick_params(labelleft=False)
    handles, labels = shared.get_legend_handles_labels() if shared else ([], [])
    axes.legend(
        handles, labels, loc="lower center", bbox_to_anchor=(0.5, 1.08), ncols=3, frameon=False
    )


def _scales(panel: Axes, factors: Sequence[int]) -> None:
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    panel.set_xticks(factors[::2], [f"{factor}×" for factor in factors[::2]])
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.yaxis.set_minor_formatter(NullFormatter())
    panel.grid(color=GRID)


def charts(records: Record) -> dict[str, str]:
    """Return each chart's file name and SVG, of those that there are figures for."""
    drawn = {}
    ratios = collect_ratios(records)
    if ratios.workloads:
        drawn[RATIOS] = to_svg(
            draw_ratios,
            ratios,
            description="How many times as long as chainrule each library takes, by workload",
            size=(9, 5.6),
        )
    if records["growth"]:
        drawn[GROWTH] = to_svg(
            draw_growth,
            records["growth"],
            description="How the time of an epoch grows",
            size=(9.6, 3.4),
        )
    return {name: _standalone(svg) for name, svg in drawn.items()}


def _standalone(svg: str) -> str:
    # A file of its own has the page's colours and font with it.
    style = files("chainrule.report").joinpath("templates/style.css").read_text(encoding="utf-8")
    colors = style[: style.index("\n* {")]
    own = f"{colors}\nsvg {{ font-family: system-ui, sans-serif; background: var(--card); }}"
    return re.sub(r"(<svg[^>]*>)", rf"\1<style>{own}</style>", str(svg), count=1) + "\n"
