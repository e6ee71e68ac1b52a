"""The document alone gives Python's numbers, whatever the model and however its data comes."""

import numpy as np
import pytest

from chainrule import load
from chainrule.datasets.tables import open_table
from chainrule.explore.measures import probabilities_of

from .reading import Page, array, layers

RUNS = ["flowers", "petals", "copies", "bars", "bar copies"]
IN_MEMORY = [
    "two classes", "three classes", "labels", "number", "numbers", "counts", "quantiles", "copies",
    "images", "report's", "double", "dropout", "flat",
]  # fmt: skip


def in_units(document):
    """Return what the page says of its samples: probabilities, or numbers in the data's units."""
    outputs = layers(document, array(document["samples"]["X"]))[-1]
    if document["task"] == "classification":
        return probabilities_of(outputs)
    if document["task"] == "multilabel":
        return outputs
    target = document["target"]
    return outputs * np.array(target["scale"]) + np.array(target["mean"])


@pytest.mark.parametrize("name", RUNS)
def test_a_run_s_page_has_its_predictions(runs, page_of, name):
    folder, data = runs[name]
    document = Page(page_of(folder, data, samples=50)[1]).document
    model, rows = load(folder / "model.safetensors"), document["samples"]["rows"]
    table = open_table(data, part="test")
    if name in ("flowers", "bars"):
        wanted = model.predict_proba(table)
    elif name == "petals":
        wanted = model.predict(table)[:, np.newaxis]
    else:  # an autoencoder's pixels are from 0 to 255 in the page, and from 0 to 1 in Python
        wanted = model.predict(table) * (255 if name == "bar copies" else 1)
    np.testing.assert_allclose(in_units(document), wanted[rows], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", IN_MEMORY)
def test_an_estimator_s_page_has_its_predictions(in_memory, page_of, name):
    model, (X, y) = in_memory[name]
    data = X if y is None else (X, y)
    document = Page(page_of(model, data)[1]).document
    predict = model.predict_proba if hasattr(model, "classes_") else model.predict
    wanted = predict(X[document["samples"]["rows"]]).reshape(document["samples"]["n"], -1)
    found = in_units(document)
    if name == "quantiles":  # the page has outputs, and shows them in ascending order
        found = np.sort(found, axis=1)
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", ["three classes", "labels", "number", "counts", "quantiles"])
def test_the_samples_targets_are_what_the_loss_takes(in_memory, page_of, name):
    model, (X, y) = in_memory[name]
    document = Page(page_of(model, (X, y))[1]).document
    model = model.set_params(alpha=0)
    raw_losses = [
        model.loss_and_gradient(X[[row]], y[[row]])[0] for row in document["samples"]["rows"][:8]
    ]
    from chainrule.engine.network import loss_and_gradient
    from chainrule.engine.params import Parameters
    from chainrule.engine.workspace import Workspace

    from .reading import network, network_input

    params = network(document)
    found = []
    for x, target in zip(
        array(document["samples"]["X"])[:8], document["samples"]["target"], strict=False
    ):
        work = Workspace(params.spec, 1)
        work.x[...] = network_input(document, x)
        classes = params.spec.loss.takes_classes
        truth = np.array([target]) if classes else np.array([target], np.float64)
        found.append(loss_and_gradient(params, work, truth, Parameters(params.spec)))
    np.testing.assert_allclose(found, raw_losses, rtol=1e-4, atol=1e-5)
