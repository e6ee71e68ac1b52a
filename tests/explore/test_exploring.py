"""What a page is made of, what it says of gaps, and what is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss

from chainrule import MLPAutoencoder, MLPClassifier, load_fashion_mnist
from chainrule.engine.activations import CallableActivation
from chainrule.errors import DataFormatError, DataNotFoundError, InvalidValueError
from chainrule.explore import explore
from chainrule.explore.exploring import SAMPLES
from chainrule.explore.measures import probabilities_of

from .conftest import bars
from .reading import Page, array, layers


def test_a_run_s_folder_knows_its_data(runs, page_of):
    folder, _ = runs["flowers"]
    content, path = page_of(folder)
    assert content.measured.name == "flowers.csv"
    assert content.measured.learnt_from
    assert content.title == "flowers"
    rows = json.loads((folder / "run.json").read_text(encoding="utf-8"))["data"]["rows"]
    learnt = rows["learnt_from"]
    assert content.notes == [
        f"The model has learnt from {learnt} of these 120 rows, and {rows['stopping']} more "
        "decided when to stop, so on new ones it may do less well than here."
    ]
    text = Page(path).text
    assert content.notes[0] in text
    assert f"right on 120 rows of flowers.csv, {learnt} of which it has learnt from" in text
    assert str(folder.parent) not in path.read_text(encoding="utf-8")  # whose machine it was


def test_a_model_file_alone_has_no_samples(runs, page_of, tmp_path):
    shutil.copy(runs["bars"][0] / "model.safetensors", tmp_path / "small bars.safetensors")
    content, _ = page_of(tmp_path / "small bars.safetensors")
    assert (content.samples, content.measured) == (None, None)
    assert content.title == "small bars"
    assert content.input.shape == (8, 8)
    assert content.notes == [
        "There are no samples here, as no data was given: chainrule explore MODEL --data NAME "
        "puts some in, and what is measured on all of them."
    ]
    assert content.outputs_rounding is None


GONE = (
    "There are no samples here, as flowers.csv, which the model was trained on, is not here as it "
    "was then: chainrule explore MODEL --data NAME puts some in, and what is measured on all of "
    "them."
)


@pytest.mark.parametrize("beside", [".", ".."])
def test_a_run_s_data_is_looked_for_in_its_folder_and_beside_that(
    runs, page_of, tmp_path, monkeypatch, beside
):
    folder, data = runs["flowers"]
    run = tmp_path / "run"
    shutil.copytree(folder, run)
    document = json.loads((run / "run.json").read_text(encoding="utf-8"))
    document["data"]["name"] = "flowers.csv"
    (run / "run.json").write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.chdir(run)
    content, _ = page_of(".")
    assert (content.samples, content.notes[0]) == (None, GONE)
    shutil.copy(data, run / beside / "flowers.csv")
    assert page_of(".")[0].measured.n == 120


@pytest.mark.parametrize("forged", [None, "", "0" * 64])
def test_a_foreign_run_s_folder_chooses_no_file_by_its_name_alone(runs, page_of, tmp_path, forged):
    folder, data = runs["flowers"]
    shutil.copytree(folder, tmp_path / "run")
    document = json.loads((tmp_path / "run/run.json").read_text(encoding="utf-8"))
    assert document["data"]["name"] == data  # an absolute path
    document["data"]["digest"] = forged
    (tmp_path / "run/run.json").write_text(json.dumps(document), encoding="utf-8")
    content, _ = page_of(tmp_path / "run")
    assert content.samples is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"data": 3}', '{"data": {"name": ["x"]}}'])
def test_a_folder_whose_facts_are_broken_is_a_model_file_alone(runs, page_of, tmp_path, text):
    shutil.copy(runs["bars"][0] / "model.safetensors", tmp_path)
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    assert page_of(tmp_path)[0].samples is None


def test_places_are_where_rows_are_in_the_file(runs, page_of):
    content, _ = page_of(*runs["flowers"], samples=30)
    assert content.samples.n == 30
    assert content.samples.places[0] == f"line {content.samples.rows[0] + 2}"


def test_images_come_as_bytes_with_their_shape_and_placement(runs, page_of):
    content, path = page_of(*runs["bars"])
    X = array(Page(path).document["samples"]["X"])
    np.testing.assert_array_equal(X.reshape(-1, 8, 8), bars()[0][content.samples.rows])
    assert X.dtype == np.uint8
    assert (content.input.kind, content.input.shape) == ("image", (8, 8))
    assert content.input.placement.box == 4
    assert content.input.fields == []


def test_data_without_the_target_is_shown_without_judging(runs, page_of, tmp_path):
    folder, data = runs["flowers"]
    lines = Path(data).read_text(encoding="utf-8").splitlines()
    (tmp_path / "new.csv").write_text("\n".join(line.rsplit(",", 1)[0] for line in lines))
    content, _ = page_of(folder, str(tmp_path / "new.csv"))
    assert content.samples.target is None
    assert content.measured.figures == {}
    assert (content.measured.confusion, content.measured.reliability) == (None, None)
    assert content.notes == [
        "The data does not have the target, so nothing here is right or wrong."
    ]


def test_a_target_s_range_is_training_s_where_the_run_says_it(runs, page_of, tmp_path):
    content, _ = page_of(*runs["petals"])
    assert (content.target.low, content.target.high) == ([0.0], [8.0])
    assert content.target.range_of == "training"
    shutil.copy(runs["petals"][0] / "model.safetensors", tmp_path)
    content, _ = page_of(tmp_path, runs["petals"][1])
    np.testing.assert_allclose((content.target.low[0], content.target.high[0]), (0, 8), atol=1e-9)
    assert content.target.range_of == "data"


def test_classes_have_the_names_that_the_data_gives_them(page_of):
    fashion = load_fashion_mnist()
    model = MLPClassifier(hidden_layer_sizes=(4,), max_iter=1, tol=0, random_state=0)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        model.fit(fashion.X_train[:300], fashion.y_train[:300])
    for data in (fashion, "fashion-mnist-report"):
        content, _ = page_of(model, data, samples=60)
        assert content.target.classes == list(fashion.class_names)
        assert content.measured.n == len(fashion.y_test)
        assert content.input.shape == (28, 28)
        assert content.samples.places[0] == f"row {content.samples.rows[0]} (counted from 0)"


def test_quantiles_and_several_numbers_have_names(in_memory, page_of):
    content, _ = page_of(*in_memory["quantiles"])
    assert content.target.names == ["y, quantile 0.1", "y, quantile 0.5", "y, quantile 0.9"]
    content, _ = page_of(*in_memory["numbers"])
    assert content.target.names == ["y 1", "y 2"]


def test_parameters_of_activations_and_losses_are_named(in_memory, page_of):
    content, _ = page_of(*in_memory["quantiles"])
    assert content.network.loss.name == "quantile"
    assert content.network.loss.parameters == {"levels": (0.1, 0.5, 0.9)}
    content, _ = page_of(*in_memory["three classes"])
    assert [one.name for one in content.network.activations] == ["gelu", "gelu"]
    assert content.network.loss.parameters == {"label_smoothing": 0.0}


# -- pixels ----------------------------------------------------------------------------------------


def pixel_model(X, y, **settings):
    settings = {"hidden_layer_sizes": (5,), "solver": "lbfgs", "max_iter": 5000, **settings}
    return MLPClassifier(random_state=0, **settings).fit(X, y)


def check_pixels(page_of, model, data, predict_on, *, unit):
    """Check that a page has pixels as bytes, and the predictions for what the model takes."""
    content, path = page_of(model, data)
    document = Page(path).document
    X = array(document["samples"]["X"])
    rows = content.samples.rows
    np.testing.assert_allclose(X * unit, predict_on[rows], rtol=1e-6, atol=1e-6)
    assert (content.input.kind, content.input.shape) == ("image", (8, 8))
    assert (content.input.low, content.input.high) == ([0.0] * 64, [255.0] * 64)
    found = probabilities_of(layers(document, X)[-1])
    np.testing.assert_allclose(found, model.predict_proba(predict_on[rows]), atol=1e-5)
    names = {"model": model, "np": np}
    line = content.code.values.format(values=", ".join(map(repr, X[0].tolist())))
    exec(f"{line}\noutputs = {content.code.outputs}", names)
    np.testing.assert_allclose(names["outputs"], found[:1], atol=1e-5)
    return content


@pytest.mark.parametrize("scaling", [None, "standard"])
def test_shares_of_1_are_bytes_in_the_page(page_of, scaling):
    images, y = bars()
    shares = images.reshape(len(y), -1) / 255
    model = pixel_model(shares, y, input_scaling=scaling)
    content = check_pixels(page_of, model, (shares, y), shares, unit=1 / 255)
    assert content.code.values == "x = np.array([[{values}]], np.uint8) / np.float32(255)"
    assert content.notes == []


def test_other_brightnesses_are_spread_to_bytes(page_of):
    images, y = bars()
    dim = np.rint(images.reshape(len(y), -1) * (16 / 255))
    for X in (dim, dim.astype(np.uint8)):
        check_pixels(page_of, pixel_model(X, y), (X, y), X, unit=16 / 255)


def test_bytes_for_a_model_that_has_learnt_from_shares_are_divided(page_of):
    # Noise and a penalty, as a model that is always right and sure tells nothing.
    images = np.random.default_rng(0).integers(0, 256, (300, 8, 8), np.uint8)
    pixels = images.reshape(len(images), -1)
    y = (pixels[:, :32].sum(axis=1) > pixels[:, 32:].sum(axis=1)).astype(int)
    model = pixel_model(pixels / 255, y, activation="tanh", alpha=3.0)
    content = check_pixels(page_of, model, (images, y), pixels / 255, unit=1 / 255)
    assert content.notes == [
        "The model seems to have learnt from pixels divided by 255, so the data's are divided, "
        "too: with them as they are it does less well."
    ]
    of_bytes = pixel_model(pixels, y, activation="tanh", alpha=3.0)
    assert check_pixels(page_of, of_bytes, (images, y), pixels, unit=1).notes == [OF_BYTES]


OF_BYTES = (
    "The model seems to have learnt from pixels from 0 to 255, so the data's are left as they are: "
    "divided by 255 it does less well with them."
)


@pytest.mark.parametrize("divisor", [255, 1])
def test_relu_s_answers_hardly_depend_on_the_scale_so_the_loss_tells(page_of, divisor):
    images = np.random.default_rng(0).integers(0, 256, (300, 8, 8), np.uint8)
    pixels = images.reshape(len(images), -1)
    y = (pixels[:, :32].sum(axis=1) > pixels[:, 32:].sum(axis=1)).astype(int)
    taken = pixels / divisor
    model = pixel_model(taken, y, activation="relu", alpha=3.0)
    # Rows that have the same answer either way, and one that the wrong way has right by luck.
    right, wrong = model.predict(taken), model.predict(pixels if divisor == 255 else pixels / 255)
    kept = right == wrong
    lucky = int(np.argmin(kept))
    assert not kept[lucky]
    kept[lucky], y[lucky] = True, wrong[lucky]
    images, y, taken = images[kept], y[kept], taken[kept]
    assert len(y) > 100
    content = check_pixels(page_of, model, (images, y), taken, unit=1 / divisor)
    assert (content.notes == [OF_BYTES]) is (divisor == 1)
    assert content.measured.figures["log_loss"] == pytest.approx(
        log_loss(y, model.predict_proba(taken)), rel=1e-4
    )


@pytest.mark.parametrize("scaling", [None, "standard"])
@pytest.mark.parametrize("divisor", [255, 1])
def test_an_autoencoder_s_pixels_are_those_that_it_gives_back_better(page_of, scaling, divisor):
    images, _ = bars()
    pixels = images.reshape(len(images), -1)
    settings = {"activation": "leaky_relu", "solver": "lbfgs", "max_iter": 60, "random_state": 0}
    net = MLPAutoencoder((6, 3, 6), input_scaling=scaling, **settings)
    with pytest.warns(ConvergenceWarning, match="failed to converge"):
        net.fit(pixels / divisor)
    content, _ = page_of(net, images)
    if divisor == 255:
        assert content.notes[0].startswith("The model seems to have learnt from pixels divided")
    else:  # a scaling has seen bytes itself
        assert content.notes == ([OF_BYTES] if scaling is None else [])
    back = net.reconstruct(pixels / divisor) * divisor
    wanted = 1 - ((pixels - back) ** 2).sum() / ((pixels - pixels.mean(axis=0)) ** 2).sum()
    assert content.measured.figures["r2"] == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize(("scaling", "unit"), [(None, 1 / 255), ("minmax", 1), ("standard", 1)])
def test_without_data_pixels_are_what_the_model_s_own_scaling_says(page_of, scaling, unit):
    images, y = bars()
    X = images.reshape(len(y), -1) / (255 if scaling is None else 1)
    model = pixel_model(X, y, input_scaling=scaling)
    content, _ = page_of(model)
    assert content.input.shape == (8, 8)
    shift, scale = (np.broadcast_to(part, 64) for part in model_scaling(model))
    np.testing.assert_allclose(np.broadcast_to(content.input.scale, 64), scale * unit)
    np.testing.assert_allclose(np.broadcast_to(content.input.shift, 64), shift / unit)


def model_scaling(model):
    scaling = model._known_state().scaling
    return (0.0, 1.0) if scaling is None else (scaling.shift, scaling.scale)


# -- the code --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["flowers", "petals", "copies", "bars", "bar copies"])
def test_the_code_gives_the_outputs_of_a_sample_and_of_its_numbers(
    runs, page_of, monkeypatch, name
):
    folder, data = runs[name]
    content, path = page_of(folder, data, samples=5)
    monkeypatch.chdir(folder)
    shutil.copy(data, folder)
    names = {}
    exec("\n".join(content.code.lines), names)
    wanted = _outputs(content, names, content.code.row.format(row=content.samples.rows[3]))
    x = array(Page(path).document["samples"]["X"])[3]
    values = ", ".join(map(repr, x.tolist()))
    found = _outputs(content, names, content.code.values.format(values=values))
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)
    exec(f"weights, biases = {content.code.weights}, {content.code.biases}", names)
    assert [W.shape for W in names["weights"]] == list(
        zip(content.network.layer_sizes[:-1], content.network.layer_sizes[1:], strict=True)
    )
    names["weights"][0][...] = 0
    names["biases"][0][...] = 0
    changed = _outputs(content, names, content.code.row.format(row=content.samples.rows[3]))
    assert np.abs(changed - wanted).max() > 1e-6  # the arrays are the network's own


def _outputs(content, names, line):
    exec(f"{line}\noutputs = {content.code.outputs}", names)
    return names["outputs"]


@pytest.mark.parametrize("kind", ["bare", "report's"])
def test_the_code_reads_arrays_for_a_model_without_preparation(
    in_memory, page_of, tmp_path, monkeypatch, kind
):
    model, (X, y) = in_memory[{"bare": "three classes", "report's": "report's"}[kind]]
    model.save(tmp_path / "model.safetensors")
    np.savez(tmp_path / "data.npz", X=X.reshape(len(X), 8, 8) if kind == "report's" else X, y=y)
    content, _ = page_of(tmp_path / "model.safetensors", str(tmp_path / "data.npz"), samples=5)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec("\n".join(content.code.lines), names)
    row = content.samples.rows[2]
    found = _outputs(content, names, content.code.row.format(row=row))
    np.testing.assert_allclose(found, model.predict_proba(X[[row]]), atol=1e-6)
    assert content.samples.target == y[content.samples.rows].tolist()


def test_the_code_s_files_may_lie_in_different_folders(runs, page_of):
    folder, data = runs["flowers"]
    lines = page_of(folder, data)[0].code.lines
    assert lines == [
        "import numpy as np",
        "import chainrule",
        "from chainrule.datasets.tables import open_table",
        "",
        "# Set these to where you have the files.",
        "MODEL = 'model.safetensors'",
        "DATA = 'flowers.csv'",
        "",
        "model = chainrule.load(MODEL)",
        'table = open_table(DATA, part="test")',
        "X = model.prepare(table)",
    ]
    places = {"MODEL = 'model.safetensors'": f"MODEL = {str(folder / 'model.safetensors')!r}",
              "DATA = 'flowers.csv'": f"DATA = {data!r}"}  # fmt: skip
    names = {}
    exec("\n".join(places.get(line, line) for line in lines), names)
    assert len(names["X"]) == 120


def test_what_was_in_memory_is_the_caller_s(in_memory, page_of):
    model, data = in_memory["three classes"]
    lines = page_of(model, data)[0].code.lines
    assert lines == [
        "import numpy as np",
        "",
        "# model is yours: it was in memory when this page was made",
        "# X is yours: its rows were in memory when this page was made",
    ]


# -- what is refused -------------------------------------------------------------------------------


@pytest.fixture
def refused(message_of, tmp_path):
    def message(error, model, data=None, out=None, **settings):
        out = tmp_path / "page.html" if out is None else out
        text = message_of(error, explore, model, data, out, **settings)
        assert list(tmp_path.iterdir()) == []
        return text.replace(str(tmp_path), "HERE")

    return message


def test_a_model_that_is_not_there(refused, tmp_path):
    assert refused(DataNotFoundError, str(tmp_path / "run")) == (
        "there is no model HERE/run: give the folder that chainrule train has written, or a model "
        "file"
    )


def test_what_is_no_model(refused):
    assert refused(InvalidValueError, object()) == (
        "model must be one of MLPClassifier, MLPRegressor, MLPAutoencoder, NeuralNetwork, "
        "TableClassifier, TableRegressor, TableAutoencoder, or the path of a model file, got "
        "object: pass the estimator itself, out of its pipeline or search"
    )


def test_an_output_that_cannot_be(refused, in_memory, tmp_path):
    model, _ = in_memory["flat"]
    assert refused(InvalidValueError, model, out=tmp_path / "no" / "page.html") == (
        "the output file's folder must exist, got 'HERE/no/page.html': make it first"
    )
    assert refused(InvalidValueError, model, out=tmp_path) == (
        "the output must be a file, got 'HERE': add a name"
    )
    for samples, typed in {0: "0", 2.5: "2.5", "5": "'5'", True: "True"}.items():
        assert refused(InvalidValueError, model, samples=samples) == (
            f"samples must be an integer of at least 1, got {typed}: 500 is usual"
        )


@pytest.mark.parametrize("name", ["model.safetensors", "run.json", "report.html", "data"])
def test_a_page_takes_the_place_of_nothing_that_it_is_made_from(
    runs, message_of, tmp_path, monkeypatch, name
):
    folder, data = runs["flowers"]
    shutil.copytree(folder, tmp_path / "run")
    shutil.copy(data, tmp_path / "flowers.csv")
    monkeypatch.chdir(tmp_path)
    out = Path("flowers.csv") if name == "data" else Path("run") / name
    before = out.read_bytes()
    for given in ("flowers.csv", tmp_path / "flowers.csv"):
        message = message_of(InvalidValueError, explore, "run", given, out)
        assert message.startswith(
            f"the output must not take the place of a file that is read, got {str(out)!r}"
        )
    assert out.read_bytes() == before


def test_an_activation_that_is_python(refused):
    X = np.arange(12.0).reshape(6, 2)
    sine = CallableActivation(np.sin, np.cos)
    model = MLPClassifier((3,), activation=sine, solver="lbfgs", random_state=0).fit(X, [0, 1] * 3)
    assert refused(InvalidValueError, model) == (
        "every activation must be one of chainrule's own, as a page cannot run Python, got "
        "callable: train with one of sigmoid, tanh, relu, leaky_relu, elu, selu, gelu, silu, mish, "
        "softplus, identity"
    )


def test_several_targets_with_classes(refused):
    X = np.arange(12.0).reshape(6, 2)
    y = np.array([[0, 5], [1, 6], [2, 7]] * 2)
    model = MLPClassifier((3,), solver="lbfgs", random_state=0).fit(X, y)
    assert refused(InvalidValueError, model) == (
        "a page shows a model of one target, or of labels that are each there or not, got one of "
        "2 targets with classes of their own: train one model for each"
    )


def test_data_of_another_shape(refused, in_memory, runs):
    model, _ = in_memory["three classes"]
    assert refused(DataFormatError, model, "mnist") == (
        "mnist: there must be 4 values a row, as in training, got 784: pass data of the same size"
    )
    X = np.zeros((3, 9))
    assert refused(DataFormatError, model, (X, [0, 1, 2])) == (
        "data: there must be 4 values a row, as in training, got 9: pass data of the same size"
    )
    assert refused(DataFormatError, runs["flowers"][0], {"length": [1.0, 2.0]}) == (
        "data: there must be columns colour, petals, as in training, got length: add them"
    )


def test_labels_and_numbers_that_the_model_does_not_know(refused, in_memory):
    model, (X, _) = in_memory["three classes"]
    assert refused(DataFormatError, model, (X[:3], [0, 1, 7])) == (
        "data, row 2 (counted from 0), column y: '7' is no class of the model (0, 1, 2): leave "
        "such rows out, or train with them"
    )
    X = X[:3].copy()
    X[1, 2] = np.nan
    assert refused(DataFormatError, model, (X, [0, 1, 2])) == (
        "data, row 1 (counted from 0), column X: a number is missing: fill it in"
    )


def test_an_old_page_is_replaced_whole(in_memory, page_of):
    model, data = in_memory["flat"]
    _, path = page_of(model)
    before = path.read_bytes()
    page_of(model, data)
    assert path.read_bytes() != before
    assert [one.name for one in path.parent.iterdir()] == ["page.html"]


def test_500_samples_are_usual():
    assert SAMPLES == 500
