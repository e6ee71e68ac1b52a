"""Writes the reference run, by which ``chainrule reproduce`` says how long it will take.

Usage: ``python tools/reference_run.py FOLDER``, the folder of a finished run at full scale, with
two models at a time on two cores, alone on the machine that this runs on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from chainrule.reproduction import expected
from chainrule.study.store import STORE, read

OUT = Path(expected.__file__).with_name("reference_run.json")


def main() -> None:
    with read(Path(sys.argv[1]) / STORE) as stored:
        pairs = stored.results()
    trainings: dict[str, dict[str, dict[str, float]]] = {}
    for trial, result in pairs:
        if result.epochs:
            trainings.setdefault(trial.section, {})[trial.configuration] = {
                "epochs": len(result.epochs),
                "planned": expected.planned_epochs(trial),
                "samples": trial.settings["train_samples"],
                "seconds": round(result.seconds, 3),
            }
    document = {"product_seconds": expected.product_seconds(), "trainings": trainings}
    OUT.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{sum(map(len, trainings.values()))} trainings -> {OUT}")


if __name__ == "__main__":
    main()
