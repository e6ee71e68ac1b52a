"""The best network of a section has a page beside the report, however the run came about."""

import re

import numpy as np
import pytest

from chainrule import load
from chainrule.reproduction.run import reproduce

from ..explore.reading import Page, array, layers
from .test_run import StopAfter


def opened(folder):
    """Return whose page it is, by the report, and the page."""
    text = (folder / "index.html").read_text(encoding="utf-8")
    (name,) = re.findall(r'<a href="explore-b.html">Look inside (.+?)</a>', text)
    return name, Page(folder / "explore-b.html")


def test_the_report_links_its_best_network_s_page(finished, tmp_path, plan_in):
    folder, _ = finished
    name, page = opened(folder)
    document = page.document
    assert document["title"] == f"Section B's best network: {name}"
    model, mnist = load(folder / "best-b.safetensors"), plan_in(tmp_path).loaded["B"]
    assert model.random_state == int(name[-1])
    assert document["measured"]["n"] == len(mnist.X_test)
    assert document["measured"]["figures"]["accuracy"] == model.score(mnist.X_test, mnist.y_test)
    rows = document["samples"]["rows"]
    found = layers(document, array(document["samples"]["X"]))[-1]
    np.testing.assert_allclose(found, model.predict_proba(mnist.X_test[rows]), atol=1e-5)
    assert {"MODEL = 'best-b.safetensors'", "DATA = 'mnist'"} <= set(document["code"]["lines"])


def test_weights_are_those_that_early_stopping_went_back_to(finished):
    folder, _ = finished
    model = load(folder / "best-b.safetensors")
    history = model.history_
    losses = [row.monitored_loss for row in history]
    assert history.best_epoch == 1 + int(np.argmin(losses))
    (kept,) = (folder / "networks").iterdir()  # only this one
    assert kept.read_bytes() == (folder / "best-b.safetensors").read_bytes()


@pytest.mark.slow
def test_a_stopped_run_has_the_page_when_it_has_gone_on(finished, tmp_path, plan_in, silent):
    with pytest.raises(KeyboardInterrupt):
        reproduce(plan_in(tmp_path), listener=StopAfter(17))
    assert not (tmp_path / "explore-b.html").exists()
    assert "explore-b.html" not in (tmp_path / "index.html").read_text(encoding="utf-8")
    reproduce(plan_in(tmp_path, resume=True), listener=silent)
    name, page = opened(tmp_path)
    wanted, other = opened(finished[0])
    assert name == wanted
    assert page.document["network"] == other.document["network"]
    # Once more, with all trials taken from the store.
    reproduce(plan_in(tmp_path, resume=True), listener=silent)
    assert opened(tmp_path)[0] == wanted


def test_results_without_their_weights_have_no_page(finished, tmp_path, plan_in, silent):
    (tmp_path / "trials.sqlite").write_bytes((finished[0] / "trials.sqlite").read_bytes())
    reproduce(plan_in(tmp_path, resume=True), listener=silent)
    assert not (tmp_path / "explore-b.html").exists()
    assert "Look inside" not in (tmp_path / "index.html").read_text(encoding="utf-8")
