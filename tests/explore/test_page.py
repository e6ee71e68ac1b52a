"""The file: it asks for nothing, runs only its own scripts, and takes names for text."""

import base64
import hashlib
import json
import re

import numpy as np
import pytest

from chainrule import MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule.explore.packing import LARGEST_PAGE
from chainrule.explore.page import embedded, scripts

from .reading import Page, array, imports

HOSTILE = '</script><script>alert("x")</script><img src=x onerror=alert(1)>\u2028&amp;\u202e'


@pytest.fixture
def hostile(page_of, rng):
    """Return the page of a model whose names are attacks."""
    X = {f"{HOSTILE} {i}": rng.normal(size=30) for i in range(2)}
    import pandas as pd

    frame, y = pd.DataFrame(X), np.array([HOSTILE, "plain", "{{ 7 * 7 }}"])[np.arange(30) % 3]
    model = MLPClassifier(hidden_layer_sizes=(3,), solver="lbfgs", random_state=0).fit(frame, y)
    return page_of(model, (frame, y), title=HOSTILE)[1]


def test_names_stay_text(hostile):
    text = hostile.read_text(encoding="utf-8")
    page = Page(hostile)
    assert list(page.scripts) == ["application/json", "importmap", "module"]
    assert text.count("<script") == 3
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not [tag for tag, _, _ in page.attributes if tag == "img"]
    assert HOSTILE in page.document["target"]["classes"]
    assert "{{ 7 * 7 }}" in page.document["target"]["classes"]
    fields = page.document["input"]["fields"]
    assert [field["name"] for field in fields] == [f"{HOSTILE} 0", f"{HOSTILE} 1"]
    # In the title nothing turns the direction of writing.
    assert page.document["title"].endswith(r"\u2028&amp;\u202e")
    assert page.document["title"] in page.text


def test_json_in_a_script_has_no_markup_and_is_the_same():
    value = {"a": [HOSTILE, 1.5, None], "<b>": "é"}
    text = embedded(value)
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == value
    with pytest.raises(ValueError, match="not JSON compliant"):
        embedded(float("nan"))


def test_the_policy_lets_nothing_be_asked_for_and_only_its_scripts_run(hostile):
    page = Page(hostile)
    (policy,) = [value for tag, name, value in page.attributes if (tag, name) == ("meta", "content")
                 and value.startswith("default-src")]  # fmt: skip
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    assert rules["default-src"] == ["'none'"]
    inline = [page.scripts["importmap"], page.scripts["module"]]
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in inline]
    assert rules["script-src"] == [*(f"'sha256-{digest}'" for digest in digests), "data:"]
    assert rules["img-src"] == ["data:", "blob:"]
    assert not set(rules) & {"connect-src", "font-src", "media-src", "frame-src", "object-src"}
    assert rules["base-uri"] == rules["form-action"] == ["'none'"]


def test_no_address_leads_out_of_the_page(hostile):
    page = Page(hostile)
    for _, name, value in page.attributes:
        if name in ("src", "href", "srcset", "action", "poster"):
            assert value.startswith(("data:", "#"))
    assert "url(" not in hostile.read_text(encoding="utf-8").split("</style>")[0]
    for name, module in page.modules.items():
        for call in ("fetch(", "XMLHttpRequest", "WebSocket", "innerHTML", "eval(", "sendBeacon"):
            assert call not in module, name


def test_every_module_that_is_imported_is_there(hostile):
    page = Page(hostile)
    wanted = set(imports(page.scripts["module"]))
    assert wanted == {"#main"}
    for module in page.modules.values():
        wanted |= set(imports(module))
    assert wanted == set(page.modules)  # and none is there that nobody needs


def test_modules_are_the_files(tmp_path):
    found = scripts()
    assert list(found) == sorted(found)
    assert found["#main"].startswith("data:text/javascript;base64,")


# -- size ------------------------------------------------------------------------------------------


def untrained(sizes, y=(0, 9)):
    """Return a network as section B's, with weights as drawn."""
    net = NeuralNetwork(len(sizes), sizes, 0.1, "relu", "normal", 1, 9, random_state=0)
    X = np.zeros((2, sizes[0]), np.uint8)
    return net.fit(X, np.array(y))


def digits(n=700):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, 784), np.uint8), rng.integers(0, 10, n)


def test_section_b_s_network_takes_less_than_3_mb_with_500_samples(page_of):
    model = untrained((784, 256, 128, 64, 32, 10))
    content, path = page_of(model, digits())
    assert content.samples.n == 500
    assert content.network.weights.dtype == "float32"
    assert content.weights_rounding == content.outputs_rounding == 0
    assert path.stat().st_size <= LARGEST_PAGE == 3_000_000
    np.testing.assert_array_equal(
        array(Page(path).document["network"]["weights"]), model.params_.flat
    )
    assert "weights, as in the model" in Page(path).text


def test_a_larger_network_is_rounded_and_the_page_says_how_far(page_of):
    model = untrained((784, 800, 10))
    content, path = page_of(model, digits(40))
    page = Page(path)
    assert path.stat().st_size <= LARGEST_PAGE
    stored = array(page.document["network"]["weights"])
    assert stored.dtype == np.float16
    np.testing.assert_array_equal(stored, model.params_.flat.astype(np.float16))
    X = array(page.document["samples"]["X"])
    before = model.predict_proba(X)
    model.params_.flat[:] = stored
    moved = np.abs(model.predict_proba(X) - before).max()
    assert content.outputs_rounding == pytest.approx(moved, rel=1e-3)
    assert 0 < moved < 0.01
    said = re.search(
        r"float16\s+weights, rounded from float32, as in full they take 3.4 MB: on these samples "
        r"a probability moves by at most (.+)",
        page.text,
    )
    assert said


def test_weights_are_rounded_where_that_makes_the_page_small_enough(page_of):
    model = untrained((784, 600, 10))
    content, path = page_of(model, digits())
    assert content.network.weights.dtype == "float16"
    assert path.stat().st_size <= LARGEST_PAGE
    assert "rounded from float32 to keep the page below 3 MB: on" in Page(path).text


def test_weights_are_in_full_where_samples_make_the_page_large(page_of):
    model = untrained((784, 16, 10))
    content, path = page_of(model, digits(3000), samples=3000)
    assert path.stat().st_size > LARGEST_PAGE
    assert content.network.weights.dtype == "float32"
    assert "weights, as in the model" in Page(path).text


def test_weights_that_are_large_by_themselves_are_halved(page_of):
    content, path = page_of(untrained((784, 1500, 10)), digits(40))
    assert content.network.weights.dtype == "float16"
    assert path.stat().st_size > LARGEST_PAGE
    assert "rounded from float32, as in full they take 6.4 MB: on" in Page(path).text


def test_weights_beyond_float16_are_kept_however_large_the_page(page_of):
    model = untrained((784, 800, 10))
    model.params_.flat[0] = 70_000
    content, _ = page_of(model)
    assert content.network.weights.dtype == "float32"


def test_float64_is_rounded_to_float32(in_memory, page_of):
    model, data = in_memory["double"]
    content, path = page_of(model, data)
    assert 0 < content.weights_rounding < 1e-6
    assert 0 < content.outputs_rounding < 1e-6
    assert "weights, rounded from float64: on these samples" in Page(path).text


def test_a_regressor_s_rounding_is_of_predictions(page_of, rng):
    X = rng.normal(size=(30, 3))
    model = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0, dtype="float64")
    _, path = page_of(model.fit(X, X[:, 0]), (X, X[:, 0]))
    assert "on these samples a prediction moves by at most" in Page(path).text
