"""``chainrule study best``: the best candidate, and the model that it makes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from chainrule._files import put_in_place
from chainrule._output import refuse_inputs
from chainrule._text import printable
from chainrule.cli.command import command
from chainrule.cli.options import JSON, QUIET, OutFile, may_write_over, over_file
from chainrule.cli.output import print_json, say
from chainrule.cli.study.options import OUT
from chainrule.errors import InvalidValueError, Words

if TYPE_CHECKING:
    from chainrule.study.statistics import Estimate


@command(
    "chainrule study best -o activations",
    "chainrule study best -o activations --export best.safetensors",
)
@OUT
@click.option("--sort", "metric", metavar="METRIC", help="A metric.  [default: the study's first]")
@click.option(
    "--export",
    type=OutFile((".safetensors",)),
    metavar="FILE",
    help="Train it with the first seed on all of the study's data, and save the model.",
)
@over_file
@QUIET
@JSON
def best(out: Path, metric: str | None, export: Path | None, as_json: bool) -> None:
    """Show the best candidate of a study, and make a model of it.

    The model is trained anew on all rows, also on those that were held out to judge.
    """
    from chainrule.cli.study.show import document
    from chainrule.report.study.words import ties
    from chainrule.study.best import fit_best
    from chainrule.study.folder import StudyFolder
    from chainrule.study.store import STORE

    folder = StudyFolder.open(out)
    results = folder.results
    ranked = [one for one in results.candidates(metric) if one.rank is not None]
    if not ranked:
        raise InvalidValueError(
            "the study must have a candidate with a score",
            Words(f"{len(results.pairs)} finished trials without one"),
            "see chainrule study show",
        )
    first = ranked[0]
    if export is not None:
        refuse_inputs([export], [out / STORE, *folder.data_files])
        _save(fit_best(folder.study, results, metric), export)
    if as_json:
        print_json(document(first, results))
    else:
        print(printable(first.name) + ties(sum(one.rank == 1 for one in ranked[1:])))
        for name in results.metrics:
            print(f"  {name}: {_in_words(first.metrics.get(name))}")
    if export is not None and not as_json:
        say(f"written: {export}")


def _save(model: Any, path: Path) -> None:
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        written = Path(folder) / path.name
        model.save(written)
        put_in_place(written, path.resolve(), over=may_write_over())


def _in_words(found: Estimate | None) -> str:
    if found is None:
        return "undefined"
    spread = "" if found.std is None else f" ± {found.std:.4f} over {found.n} {found.over}"
    return f"{found.mean:z.4f}{spread}"
