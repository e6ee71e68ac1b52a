"""The chain rule, all samples, the code and the other tasks' answers, in Chromium beside Python."""

import contextlib
import io
import re
import shutil
from collections import Counter

import numpy as np
import pytest
from scipy.special import expit, ndtr

from chainrule import load
from chainrule.datasets.tables import open_table
from chainrule.engine.activations import ACTIVATIONS
from chainrule.explore import explore

from ..pages import check_width

sync = pytest.importorskip("playwright.sync_api")

SHOWN = {"rtol": 6e-4, "atol": 1e-9}  # four digits

RATE = 0.05


@pytest.fixture(scope="session")
def page_at(tmp_path_factory, in_memory, runs):
    """Return (file of the page, its content) by the model's name; each is made once."""
    made = {}

    def make(name):
        if name not in made:
            folder = tmp_path_factory.mktemp("insight")
            if name in in_memory:
                model, (X, y) = in_memory[name]
                path, data = folder / "model.safetensors", X if y is None else (X, y)
                model.save(path)
            else:
                path, data = runs[name]
            made[name] = folder / "page.html", explore(path, data, folder / "page.html")
        return made[name]

    return make


@pytest.fixture
def open_view(open_page, page_at):
    """Open a model's page at one of its tabs: open_view(name, tab, address, …)."""

    def open_it(name, tab=None, address="", **window):
        page = open_page(page_at(name)[0], **window)
        if address:
            page.evaluate("text => { location.hash = text }", address)
        if tab is not None:
            page.get_by_role("tab", name=tab).click()
        settle(page)
        return page

    return open_it


def settle(page):
    """Wait until what was changed is shown: panels are told of changes in the next frame."""
    page.evaluate("() => new Promise(done => setTimeout(() => requestAnimationFrame(() =>"
                  " requestAnimationFrame(done)), 20))")  # fmt: skip


def number(text):
    """Return a number as the page writes it."""
    return float(text.strip().replace("−", "-"))


def numbers(locator):
    return [number(text) for text in locator.all_inner_texts()]


def unpenalised(model):
    """Return a copy whose loss is that of the page: of the sample alone."""
    copy = type(model)(**model.get_params())
    copy.__dict__.update(model.__dict__)
    return copy.set_params(alpha=0)


# -- the chain rule --------------------------------------------------------------------------------


@pytest.fixture
def double(in_memory):
    """Return the model in float64, and its rows."""
    model, (X, y) = in_memory["double"]
    return unpenalised(model), X, y


def test_loss_and_arriving_gradient_are_python_s(open_view, double):
    model, X, y = double
    page = open_view("double", "Chain rule")
    for label in (int(y[0]), (int(y[0]) + 1) % 3):
        page.get_by_label("it is").select_option(str(label))
        settle(page)
        loss, _, by_bias = model.loss_and_gradient(X[:1], np.array([label]))
        assert number(page.locator(".true-label .loss").inner_text()) == pytest.approx(loss, 6e-4)
        lengths = numbers(page.locator(".arriving .length b"))
        wanted = [np.linalg.norm(delta) for delta in reversed(by_bias)]
        np.testing.assert_allclose(lengths, wanted, rtol=6e-3)


def test_saliency_is_the_gradient_by_the_input(open_view, double):
    model, X, y = double
    page = open_view("double", "Chain rule")
    rows = page.locator("#saliency li")
    found = dict(zip(rows.locator("> :first-child").all_inner_texts(), numbers(rows.locator("b")),
                     strict=True))  # fmt: skip
    spread, step = X.std(axis=0), 1e-5
    for i in range(X.shape[1]):
        there, back = X[:1].copy(), X[:1].copy()
        there[0, i] += step * spread[i]
        back[0, i] -= step * spread[i]
        losses = [model.loss_and_gradient(row, y[:1])[0] for row in (there, back)]
        name = next(name for name in found if name.endswith((f"[{i}]", f" {i}")))
        assert found[name] == pytest.approx(
            (losses[0] - losses[1]) / (2 * step), rel=6e-3, abs=6e-5
        )


@pytest.mark.parametrize("weight", [(0, 2, 1), (1, 3, 2), (2, 1, 0)])
def test_the_written_product_is_the_gradient(open_view, double, weight):
    model, X, y = double
    layer, i, j = weight
    gradients = model.loss_and_gradient(X[:1], y[:1])[1]
    page = open_view("double", "Chain rule", f"weight={layer}.{i}.{j}")
    gradient, *factors = numbers(page.locator(".product .factor b"))
    assert len(factors) == (2 if layer == 2 else 3)
    assert np.prod(factors) == pytest.approx(gradient, rel=1e-3)
    np.testing.assert_allclose(gradient, gradients[layer][i, j], **SHOWN)
    if layer < 2:
        *terms, total = numbers(page.locator(".terms td:last-child"))
        np.testing.assert_allclose(sum(terms), total, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(total, factors[0], **SHOWN)


def test_a_changed_unit_is_a_factor_of_its_own(open_view):
    page = open_view("double", "Chain rule", "scales=1.2_0.5&weight=1.3.2")
    gradient, *factors = numbers(page.locator(".product .factor b"))
    assert factors[1] == 0.5
    assert np.prod(factors) == pytest.approx(gradient, rel=1e-3)


def test_steps_change_the_loss_by_python_s_numbers_and_can_be_reset(open_view, double):
    model, X, y = double
    page = open_view("double", "Chain rule")
    page.get_by_label("learning rate").fill(str(RATE))
    page.get_by_label("learning rate").press("Enter")
    losses = [model.loss_and_gradient(X[:1], y[:1])[0]]
    stepped = stepping(model)
    for _ in range(2):
        losses.append(stepped(X[:1], y[:1], RATE))
        page.get_by_role("button", name="Step once").click()
        settle(page)
        shown = [
            number(page.locator(f".steps-said .{at}").inner_text()) for at in ("before", "after")
        ]
        np.testing.assert_allclose(shown, [losses[0], losses[-1]], **SHOWN)
        assert number(page.locator(".true-label .loss").inner_text()) == shown[1]
    assert losses[2] < losses[1] < losses[0]
    page.get_by_role("button", name="Reset the weights").click()
    settle(page)
    assert page.locator(".steps-said .after").count() == 0
    assert number(page.locator(".true-label .loss").inner_text()) == pytest.approx(losses[0], 6e-4)


def stepping(model):
    """Return a function that steps copies of a model's weights and returns the loss after it."""
    coefs = [W.copy() for W in model.coefs_]
    intercepts = [b.copy() for b in model.intercepts_]

    def step(X, y, rate):
        kept = [array.copy() for array in (*model.coefs_, *model.intercepts_)]
        live = [*model.coefs_, *model.intercepts_]
        try:
            fill(live, [*coefs, *intercepts])
            _, by_weight, by_bias = model.loss_and_gradient(X, y)
            gradient = [*by_weight, *by_bias]
            for array, by in zip([*coefs, *intercepts], gradient, strict=True):
                np.subtract(array, rate * by, out=array)
            fill(live, [*coefs, *intercepts])
            return model.loss_and_gradient(X, y)[0]
        finally:
            fill(live, kept)

    return step


def fill(arrays, values):
    for array, value in zip(arrays, values, strict=True):
        array[...] = value


# -- all samples -----------------------------------------------------------------------------------


def test_a_cell_lists_the_samples_that_are_in_it(open_view, in_memory, page_at):
    model, (X, y) = in_memory["three classes"]
    predicted, rows = model.predict(X), page_at("three classes")[1].samples.rows
    page = open_view("three classes", "All samples")
    truth, taken = next((i, j) for i in range(3) for j in range(3)
                        if i != j and ((y == i) & (predicted == j)).any())  # fmt: skip
    wanted = np.flatnonzero((y == truth) & (predicted == taken))
    cell = page.get_by_role("button", name=f"{truth} taken for {taken}: {len(wanted)}", exact=True)
    cell.click()
    tiles = page.locator("#cell [data-sample]")
    tiles.first.wait_for()
    listed = tiles.evaluate_all("tiles => tiles.map(tile => Number(tile.dataset.sample))")
    assert sorted(rows[sample] for sample in listed) == wanted.tolist()
    sure = model.predict_proba(X)[[rows[sample] for sample in listed], taken]
    assert (np.diff(sure) <= 0).all()


def test_the_matrix_is_walked_over_by_arrows(open_view):
    page = open_view("three classes", "All samples")
    page.get_by_role("button", name=re.compile("^0 taken for 0")).focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    settle(page)
    page.wait_for_url("**cell=1.1*")
    assert "cell=1.1" in page.evaluate("location.hash")


def test_of_many_classes_the_confused_pairs_are_listed(open_view, in_memory):
    model, (X, y) = in_memory["many classes"]
    said = zip(y, model.predict(X), strict=True)
    wanted = Counter((truth, taken) for truth, taken in said if truth != taken)
    page = open_view("many classes", "All samples")
    assert page.locator("#confusion .matrix").count() == 0
    rows = page.locator("#confusion .pairs tbody tr")
    assert rows.count() == 25
    page.get_by_role("button", name="Show more of the").click()
    assert rows.count() == 50
    listed = [(*pair, int(n)) for *pair, n, _ in map(cells_of, rows.all())]
    assert all(wanted[truth, taken] == n for truth, taken, n in listed)
    assert [n for *_, n in listed] == sorted(wanted.values(), reverse=True)[:50]
    button = rows.first.get_by_role("button")
    button.click()
    sync.expect(button).to_have_attribute("aria-pressed", "true")
    tiles = page.locator("#cell [data-sample]")
    tiles.first.wait_for()
    assert tiles.count() == listed[0][2]


def cells_of(row):
    return row.locator("th, td").all_inner_texts()


def test_of_many_classes_one_is_chosen_from_a_list(open_view):
    page = open_view("many classes", "All samples")
    assert page.locator(".class-legend button").count() == 0
    page.locator(".class-legend select").select_option("kind 7")
    seen = page.locator("#space .scatter .dot:not(.faded)")
    assert seen.count() == 4
    assert all(": kind 7" in dot.get_attribute("aria-label") for dot in seen.all())
    page.locator(".class-legend select").select_option("all 60 classes")
    assert seen.count() == 240


def test_the_most_confident_mistake_comes_first(open_view, in_memory, page_at):
    model, (X, y) = in_memory["three classes"]
    rows = np.array(page_at("three classes")[1].samples.rows)
    probabilities = model.predict_proba(X)[rows]
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != y[rows])
    wanted = wrong[np.argsort(-probabilities[wrong].max(axis=1))]
    page = open_view("three classes", "All samples")
    tiles = page.locator("#mistakes [data-sample]")
    tiles.first.wait_for()
    listed = tiles.evaluate_all("tiles => tiles.map(tile => Number(tile.dataset.sample))")
    assert listed == wanted[: len(listed)].tolist()
    tiles.first.click()
    settle(page)
    page.wait_for_url(f"**sample={listed[0]}*")


def test_the_input_at_hand_stands_on_its_own_point(open_view):
    page = open_view("three classes", "All samples")
    for layer in ("hidden layer 1", "hidden layer 2"):
        page.get_by_role("radio", name=layer).check()
        for sample in (0, 5):
            page.locator("#space .dot").nth(sample).dispatch_event("click")
            page.wait_for_selector(f"#space .dot[aria-selected=true]:nth-of-type({sample + 1})")
            spots = [
                page.locator(where).get_attribute("transform")
                for where in ("#space .dot[aria-selected=true]", "#space .here")
            ]
            places = [[float(x) for x in re.findall(r"-?\d+\.\d+", spot)] for spot in spots]
            np.testing.assert_allclose(places[0], places[1], atol=0.11)


def test_hidden_space_is_walked_over_by_arrows(open_view):
    page = open_view("three classes", "All samples")
    page.locator("#space .dot[tabindex='0']").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#space .dot[aria-selected=true][tabindex='0']")
    chosen = page.locator("#space .dot[aria-selected=true]").get_attribute("aria-label")
    assert chosen.startswith("row ")
    assert chosen.split(":")[0] == name.split(":")[0]
    page.wait_for_url("**sample=*")


def test_the_calibration_error_is_said(open_view, in_memory):
    model, (X, y) = in_memory["three classes"]
    probabilities = model.predict_proba(X)
    sure, hits = probabilities.max(axis=1), probabilities.argmax(axis=1) == y
    places = np.ceil(sure * 10).astype(int)
    error = sum(
        abs(hits[places == k].mean() - sure[places == k].mean()) * (places == k).mean()
        for k in np.unique(places)
    )
    page = open_view("three classes", "All samples")
    assert page.locator(".calibration b").last.inner_text() == f"{100 * error:.1f} %"
    counts = numbers(page.locator(".bins td:nth-child(2)"))
    assert counts == [(places == k).sum() for k in np.unique(places)]


# -- the code --------------------------------------------------------------------------------------

CASES = {
    "three classes": [
        "",
        "scales=0.2_0~1.1_0.5",
        "steps=3&rate=0.1",
        "steps=2&rate=0.1&scales=0.2_0~1.1_2",
        "source=fields&input=1.5,-2,0.25,3",
    ],
    "two classes": ["steps=2&rate=0.1"],
    "labels": ["steps=2&rate=0.1&sample=4"],
    "number": ["steps=2&rate=0.01"],
    "numbers": ["scales=0.1_0"],
    "counts": ["steps=2&rate=0.001"],
    "quantiles": ["steps=2&rate=0.01"],
    "copies": ["steps=2&rate=0.01", "bottleneck=1,0.5", "bottleneck=1,0.5&scales=2.1_0.5"],
    "report's": ["steps=2&rate=0.1&scales=0.1_0"],
    "flat": ["steps=2&rate=0.1"],
    "flowers": ["sample=3"],
    "petals": ["steps=1&rate=0.01"],
    "bars": ["steps=1&rate=0.1", "source=drawn&input=" + "_" * 85 + "8"],
    "bar copies": ["sample=2", "bottleneck=0.5,1,0,0.25,2"],
}


@pytest.mark.parametrize("name", CASES)
def test_the_code_runs_and_gives_the_page_s_numbers(
    open_view, in_memory, runs, page_at, monkeypatch, tmp_path, name
):
    files, names = [page_at(name)[0].parent / "model.safetensors"], {}
    if name in in_memory:
        names = {"X": in_memory[name][1][0]}
    else:
        files = [runs[name][0] / "model.safetensors", runs[name][1]]
    for file in files:
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    page = open_view(name, "Code")
    for address in CASES[name]:
        page.evaluate("text => { location.hash = text }", f"{address}&tab=code")
        settle(page)
        code = page.locator("#code code").inner_text()
        assert ("for step in range" in code) == ("steps" in address)
        remark = code.split("# In the page:")[1].replace("#", "")
        said = [float(text) for text in re.findall(r"-?\d[\d.e+-]*", remark)]
        printed = run(code, dict(names))
        np.testing.assert_allclose(printed[: len(said)], said, rtol=1e-4, atol=2e-6)


def run(code, names):
    """Run lines as a reader does, and return the numbers that they print."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "page", "exec"), names)
    return [float(text) for text in re.findall(r"-?\d[\d.]*(?:e[+-]?\d+)?", said.getvalue())]


def test_the_code_s_activations_are_the_engine_s(open_view):
    page = open_view("number")
    table = page.evaluate("async () => (await import('#python_code')).ACTIVATIONS")
    assert set(table) == set(ACTIVATIONS)
    z = np.linspace(-4, 4, 41) + 0.01
    names = {"np": np, "expit": expit, "ndtr": ndtr, "SLOPE": 0.01, "z": z}
    for name, (value, slope) in table.items():
        a, by_z = np.empty((1, 41)), np.ones((1, 41))
        scratch = (np.empty((1, 41)), np.empty((1, 41)))
        ACTIVATIONS[name].forward(z[np.newaxis].copy(), a, scratch)
        ACTIVATIONS[name].backward(z[np.newaxis], a, by_z, scratch)
        found = eval(value, names)
        np.testing.assert_allclose(found, a[0], rtol=1e-9, atol=1e-12, err_msg=name)
        slopes = eval(slope, {**names, "a": found}) * np.ones(41)
        np.testing.assert_allclose(slopes, by_z[0], rtol=1e-9, atol=1e-9, err_msg=name)


def test_what_is_drawn_or_changed_is_said_to_be(open_view):
    page = open_view("bars", "Code", "source=drawn&input=" + "_" * 85 + "8&scales=0.1_0")
    code = page.locator("#code code").inner_text()
    assert "# What you have drawn: the pixels." in code
    assert "# Units that you have changed" in code
    assert "X[[" not in code


def test_that_the_page_s_weights_are_rounded_is_said(open_view, page_at):
    moved = page_at("double")[1].outputs_rounding
    code = open_view("double", "Code").locator("#code code").inner_text()
    assert code.startswith(
        "# The page has the weights as float32, the file as float64: the numbers differ a little,\n"
        "# over the page's samples by "
    )
    assert float(re.search(r"samples by (\S+) at most", code)[1]) == pytest.approx(moved, rel=0.06)


# -- other tasks -----------------------------------------------------------------------------------


def test_a_reconstruction_stands_beside_its_input(open_view, in_memory):
    model, (X, _) = in_memory["copies"]
    page = open_view("copies")
    found = model.reconstruct(X[:1])
    error = np.sqrt(np.mean((found - X[:1]) ** 2))
    assert number(page.locator("#reconstruction .error").inner_text()) == pytest.approx(error, 6e-3)
    cells = np.reshape(numbers(page.locator("#reconstruction td")), (-1, 2))
    order = np.argsort(-np.abs(found[0] - X[0]))
    np.testing.assert_allclose(cells, np.column_stack([X[0], found[0]])[order], rtol=6e-3)


def test_a_table_is_reconstructed_in_its_own_units(open_page, runs, tmp_path):
    folder, data = runs["copies"]
    content = explore(folder, data, tmp_path / "page.html")
    row, fields = content.samples.rows[0], {field.name: field for field in content.input.fields}
    page = open_page(tmp_path / "page.html")
    settle(page)
    model = load(folder / "model.safetensors")
    table = open_table(data)
    found = model.network_.reconstruct(model.prepare(table)[row : row + 1])
    rows = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in page.locator("#reconstruction tbody tr").all()
    }
    piece = next(iter(table.pieces()))
    assert {"length", "colour", "petals", "kind"} <= set(rows)
    for name in ("length", "petals"):
        field = fields[name]
        wanted = found[0, field.feature] * field.scale + field.mean
        assert number(rows[name][1]) == pytest.approx(wanted, rel=6e-3)
        assert number(rows[name][0]) == pytest.approx(float(piece.columns[name][row]), rel=6e-3)
    assert rows["kind"][0] == piece.columns["kind"][row]
    assert "numbers in standard deviations" in page.locator("#reconstruction").inner_text()


def test_the_largest_error_comes_first_in_the_target_s_units(open_view, in_memory, page_at):
    model, (X, y) = in_memory["number"]
    rows = np.array(page_at("number")[1].samples.rows)
    errors = np.abs(model.predict(X) - y)[rows]
    page = open_view("number", "All samples")
    first = page.locator("#mistakes [data-sample]").first
    first.wait_for()
    off = number(first.locator("b").inner_text().removeprefix("off by "))
    assert off == pytest.approx(errors.max(), rel=6e-3)


def test_the_largest_output_is_the_best(open_view, in_memory):
    model, (X, _) = in_memory["three classes"]
    page = open_view("three classes")
    raw = np.log(model.predict_proba(X[:1])[0])
    links = page.locator(".layer").last.locator(".summary button.link")
    assert links.all_inner_texts() == [str(i) for i in np.argsort(-raw)]


def reconstructed(page):
    """Return the pixels of the reconstruction, from 0 to 255."""
    return np.array(
        page.evaluate(
            """() => {
              const context = document.createElement("canvas")
                .getContext("2d", {willReadFrequently: true});
              const shown = document.querySelector("canvas[aria-label=Reconstruction]");
              context.drawImage(shown, 0, 0);
              return [...context.getImageData(0, 0, 8, 8).data];
            }"""
        )
    )[::4]


def test_images_are_reconstructed_and_sliders_drive_the_decoder(open_view, runs):
    folder, data = runs["bar copies"]
    model = load(folder / "model.safetensors")
    x = model.prepare(open_table(data, part="test"))[:1]
    page = open_view("bar copies")
    own = np.clip(model.network_.reconstruct(x)[0], 0, 1) * 255
    np.testing.assert_allclose(reconstructed(page), own, atol=1)
    codes = model.network_.transform(x)
    for i, slider in enumerate(page.locator(".bottleneck-sliders input").all()):
        slider.focus()
        slider.press("End")
        codes[0, i] = float(slider.input_value())
    settle(page)
    wanted = np.clip(model.network_.inverse_transform(codes)[0], 0, 1) * 255
    np.testing.assert_allclose(reconstructed(page), wanted, atol=1)
    assert np.abs(wanted - own).max() > 20
    page.wait_for_url("**bottleneck=**")  # a link has it
    page.get_by_role("tab", name="Chain rule").click()  # what is before it is without effect
    settle(page)
    lengths = numbers(page.locator(".arriving .length b"))
    assert lengths[-1] == 0
    assert lengths[0] > 0
    page.get_by_role("button", name="Back to the input's own").click()
    settle(page)
    np.testing.assert_allclose(reconstructed(page), own, atol=1)


def test_predictions_are_in_the_target_s_units_beside_the_truth(open_view, in_memory):
    model, (X, y) = in_memory["numbers"]
    page = open_view("numbers")
    views = page.locator("#prediction .prediction")
    assert views.count() == 2
    for view, wanted, truth in zip(views.all(), model.predict(X[:1])[0], y[0], strict=True):
        assert number(view.locator(".predicted").inner_text()) == pytest.approx(wanted, 6e-3)
        said = re.findall(r"−?\d+\.?\d*", view.locator(".reading").inner_text())
        assert [number(text) for text in said] == pytest.approx([truth, wanted - truth], 6e-3)


def test_a_prediction_beyond_what_was_there_is_called_a_guess(open_view, in_memory):
    model, (_, y) = in_memory["number"]
    far = np.array([[-9000.0, 9000, 0, 0]])
    side = "below" if model.predict(far)[0] < y.min() else "above"
    page = open_view("number", address="source=fields&input=-9000,9000,0,0")
    assert page.locator("#prediction .beyond").inner_text() == (
        f"That is {side} every value in the data: it is a guess."
    )
    assert page.locator("#prediction .reading").inner_text() == (
        "The truth is not known for this input."
    )


def test_quantiles_are_said_each(open_view):
    page = open_view("quantiles")
    assert re.fullmatch(
        r"10\.0 %: \S+, 50\.0 %: \S+, 90\.0 %: \S+", page.locator(".predicted").inner_text()
    )


# -- looks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["three classes", "long names", "many classes", "bar copies"])
def test_nothing_sticks_out(open_view, name):
    page = open_view(name, address="steps=2&rate=0.01&cell=1.1")
    for tab in ("Chain rule", "All samples", "Code"):
        page.get_by_role("tab", name=tab).click()
        for width in (360, 1180, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            check_width(page, width)
