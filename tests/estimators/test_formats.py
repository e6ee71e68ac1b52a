"""Files of every version of the format that there was; tools/make_model_files.py writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainrule import MLPAutoencoder, load
from chainrule.persist.model_file import FORMAT

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FORMATS = Path(__file__).parents[1] / "formats"


@pytest.mark.parametrize("stored", sorted(FORMATS.glob("*.safetensors")), ids=lambda p: p.stem)
def test_files_of_every_version_are_loaded(stored, tmp_path):
    data = np.load(stored.with_suffix(".npz"))
    model = load(stored)
    close = {"rtol": 1e-5, "atol": 1e-6}  # other machines round in another order
    predict = getattr(model, "predict_proba", model.predict)
    outputs = data["outputs"]
    if "quantiles" in stored.stem:  # written before they were put in order
        outputs = np.sort(outputs, axis=-1)
    np.testing.assert_allclose(predict(data["X"]), outputs, **close)
    model.save(tmp_path / "again")
    assert (load(tmp_path / "again").predict(data["X"]) == model.predict(data["X"])).all()
    if hasattr(model, "partial_fit"):
        y = None if isinstance(model, MLPAutoencoder) else data["y"]
        model.partial_fit(data["X"], y)


def test_there_are_files_of_every_version():
    assert {int(file.stem.split("-")[0][1:]) for file in FORMATS.glob("*.safetensors")} == set(
        range(1, FORMAT + 1)
    )
