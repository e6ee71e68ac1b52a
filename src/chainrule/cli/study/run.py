"""``chainrule study run``: trains what a study's folder lacks."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from chainrule.cli.command import command
from chainrule.cli.options import QUIET, AnyPath
from chainrule.cli.output import is_quiet, say, warn
from chainrule.cli.study.options import OUT

SHOWN = 10  # candidates in the table at the end
BACKENDS = ("threads", "processes", "dask", "ray")


@command(
    "chainrule study run examples/studies/activations.toml -o activations",
    "chainrule study run grid.toml -o grid --backend processes --jobs 4",
)
@click.argument("spec", type=AnyPath())
@OUT
@click.option(
    "--jobs",
    type=int,
    default=-1,
    help="Trials at a time; -1 means one for each core.",
    show_default=True,
)
@click.option(
    "--backend",
    type=click.Choice(BACKENDS),
    default=BACKENDS[0],
    help="Where trials run; dask and ray are extras.",
    show_default=True,
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Of a Dask or Ray cluster, such as tcp://10.0.0.1:8786; without it one is started here.",
)
@QUIET
def run(spec: Path, out: Path, jobs: int, backend: str, scheduler: str | None) -> None:
    """Run the study of the TOML file SPEC, or go on with it.

    Finished trials are kept, one by one. Ctrl-C stops; the same command goes on. More seeds or
    candidates in SPEC are trained in addition.
    """
    from chainrule.cli.progress import listen
    from chainrule.cli.study.show import print_table, table
    from chainrule.study.spec import Study

    study = Study.from_toml(spec)
    try:
        with listen() as listener:
            results = study.run(
                out, jobs=jobs, backend=backend, scheduler=scheduler, listener=listener
            )
    except KeyboardInterrupt:
        warn(f"stopped; what is finished is in {out}. The same command goes on.")
        raise
    if not is_quiet():
        print_table(table(results, results.metric(), SHOWN))
    folder = shlex.quote(str(out))
    say(f"all candidates: chainrule study show --out {folder}")
    say(f"the whole page: chainrule study report --out {folder}")
