import base64
from io import BytesIO

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chainrule.datasets.tables import Piece, open_table, table_of
from chainrule.preparation import inspect
from chainrule.runs.evaluating import measure
from chainrule.runs.looking import Histograms, Mistakes, Thinned, picture
from chainrule.runs.measuring import Outputs


def some(n, first, width=1):
    x = np.arange(first, first + n, dtype=float)
    return Outputs(Piece({"x": x}, first), x[:, None], x, x)


def test_few_rows_are_all_kept():
    thinned = Thinned(10)
    for begin in (0, 4, 8):
        thinned.add(some(min(4, 10 - begin), begin))
    assert thinned.result().truth.tolist() == list(range(10))


def test_of_many_rows_every_so_many_are_kept_however_they_come():
    results = []
    for size in (1, 7, 1000):
        thinned = Thinned(50)
        for begin in range(0, 1000, size):
            thinned.add(some(min(size, 1000 - begin), begin))
        results.append(thinned.result().truth.tolist())
    assert results[0] == results[1] == results[2] == list(range(0, 1000, 32))


def test_mistakes_are_the_surest_with_their_place_and_cells(flower_run, flowers):
    table = open_table(str(flowers))
    found = measure(flower_run.model, table)
    wrong = sum(map(sum, found.figures["confusion"])) - sum(
        row[i] for i, row in enumerate(found.figures["confusion"])
    )
    assert len(found.mistakes) == min(10, wrong)
    lines = flowers.read_text().splitlines()
    shares = [row["share"] for row in found.mistakes]
    assert shares == sorted(shares, reverse=True)
    for row in found.mistakes:
        line = lines[int(row["place"].removeprefix("line ")) - 1].split(",")
        assert [row["cells"]["length"] or "", row["cells"]["colour"], row["truth"]] == [
            line[0],
            line[1],
            line[3],
        ]
        assert row["said"] != row["truth"]


def test_the_largest_errors_come_first(price_run, prices):
    mistakes = Mistakes(price_run.model, str)
    truth = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    found = truth + np.array([0, 5, -7, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    columns = {name: np.array(["1"] * 12, object) for name in ("area", "town")}
    for rows in (slice(0, 5), slice(5, 12)):
        piece = Piece({name: values[rows] for name, values in columns.items()}, rows.start)
        mistakes.add(Outputs(piece, truth[rows, None], truth[rows], found[rows]))
    rows = mistakes.result()
    assert [row["place"] for row in rows] == ["2", "1", *"345678", "9", "10"]
    assert (rows[0]["truth"], rows[0]["said"]) == (3.0, -4.0)


def test_mistakes_on_images_are_images(shape_run, shapes):
    model = shape_run.model
    table = open_table(str(shapes))
    piece = next(table.pieces())
    wrong = np.float32([[0.9, 0.1], [0.1, 0.9]])[1 - piece.columns["y"]]
    mistakes = Mistakes(model, table.place)
    mistakes.add(Outputs(piece, piece.columns["X"] / 255, piece.columns["y"], wrong))
    row = mistakes.result()[0]
    address = row["image"].removeprefix("data:image/png;base64,")
    image = np.asarray(Image.open(BytesIO(base64.b64decode(address))).convert("L"))
    # matplotlib draws grey through a table of 256 colours, which rounds
    np.testing.assert_allclose(image, piece.columns["X"][0].reshape(6, 6), atol=1)
    assert (row["said"], row["truth"]) == ("1", "0")


def test_a_colour_image_is_one():
    pixels = np.arange(12, dtype=np.uint8)
    address = picture(pixels, (2, 2, 3)).removeprefix("data:image/png;base64,")
    image = np.asarray(Image.open(BytesIO(base64.b64decode(address))).convert("RGB"))
    np.testing.assert_array_equal(image, pixels.reshape(2, 2, 3))


def test_histograms_are_numpy_s_and_leave_out_what_is_missing(rng):
    x = rng.normal(size=300)
    x[::7] = np.nan
    table = table_of({"x": x, "flat": np.r_[1.0, np.full(299, np.nan)], "y": rng.normal(size=300)})
    histograms = Histograms(inspect(table, target="y"))
    for _ in range(2):
        histograms.begin()
        for piece in table.pieces(40):
            histograms.add(piece)
    known = x[~np.isnan(x)]
    assert histograms.result()["x"] == np.histogram(known, 16)[0].tolist()
    assert set(histograms.result()) == {"x", "y"}


columns = st.lists(
    st.lists(st.none() | st.integers(-16, 16), min_size=12, max_size=12), min_size=1, max_size=4
)


@given(columns, st.integers(1, 12))
def test_numbers_on_the_edges_of_bins_are_where_numpy_has_them(drawn, step):
    numbers = {f"c{i}": np.array(column, float) / 4 for i, column in enumerate(drawn)}
    texts = {
        f"t{i}": np.array([x if x is None else str(x / 4) for x in column], object)
        for i, column in enumerate(drawn)
    }
    table = table_of(numbers | texts | {"x": np.arange(12) % 5, "y": ["a", "b"] * 6})
    said = dict.fromkeys([*numbers, *texts], "number")
    histograms = Histograms(inspect(table, target="y", columns=said))
    for piece in table.pieces(step):
        histograms.add(piece)
    for name, counts in histograms.result().items():
        known = np.arange(12.0) % 5 if name == "x" else numbers[f"c{name[1:]}"]
        assert counts == np.histogram(known[~np.isnan(known)], 16)[0].tolist()
