"""Writes the reference runs, by which ``chainrule reproduce`` says how long it will take.

Usage: ``python tools/reference_run.py FULL QUICK``, the folders of finished runs, at full scale and
in the quick form, with two models at a time on two cores, alone on the machine that this runs on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from chainrule.reproduction import expected
from chainrule.study.store import STORE, read

OUT = Path(expected.__file__).with_name("reference_run.json")


def main(*folders: str) -> None:
    trainings: dict[str, dict[str, list[dict[str, float]]]] = {}
    for folder in folders:
        with read(Path(folder) / STORE) as stored:
            for trial, result in stored.results():
                if result.epochs and trial.seed == 0:
                    section = trainings.setdefault(trial.section, {})
                    section.setdefault(trial.configuration, []).append(
                        {
                            "epochs": len(result.epochs),
                            "planned": expected.planned_epochs(trial),
                            "samples": trial.settings["train_samples"],
                            "seconds": round(result.seconds, 3),
                        }
                    )
    document = {"product_seconds": expected.product_seconds(), "trainings": trainings}
    OUT.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{sum(map(len, trainings.values()))} trainings -> {OUT}")


if __name__ == "__main__":
    main(*sys.argv[1:])
