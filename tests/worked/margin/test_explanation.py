from __future__ import annotations

import json
from fractions import Fraction

import pytest

from chainrule import explain_max_margin
from chainrule.errors import InvalidValueError
from chainrule.worked.margin import explanation, soft, widest
from chainrule.worked.margin.figure import collect_margin, figure_of
from chainrule.worked.margin.points import build_points
from chainrule.worked.render import FORMATS

F = Fraction
REPORT = [[0, 0], [1, 0], [0, 1], [1, 1], [2, 2], [2, 0]], [1, 1, 1, -1, -1, -1]
XOR = [[0, 0], [2, 2], [0, 2], [2, 0]], ["a", "a", "b", "b"]
HOSTILE = "<script>alert(1)</script> $x_1$ \\input{/etc/passwd} #010101"


def words(document, **options):
    return " ".join(document.render(**options).split())


def test_the_report_s_points():
    document = explain_max_margin(*REPORT)
    text = document.render()
    for line in (
        "* Yes: every y · f(x) is positive, and the smallest is 0.5.",
        "  minimise 1/2 · ‖w‖²",
        "with y · f(x) ≥ 1 for every point.",
        "  p = 0.75 · (1, 0) + 0.25 · (0, 1) = (0.75, 0.25)",
        "  q = 0.75 · (1, 1) + 0.25 · (2, 0) = (1.25, 0.75)",
        "  b = 1 - w · p = 1 - (-2) = 3",
        "  f(x) = w · x + b = -2 · x₁ - 2 · x₂ + 3",
        "  1/‖w‖ = 1/√8 ≈ 0.3536",
        "  2/‖w‖ = 2/√8 ≈ 0.7071",
        " 4       (1, 1)   -1          1   3           2",
        "  Σ α · y · x = 3 · (1, 0) + (0, 1) - 3 · (1, 1) - (2, 0) = (-2, -2)",
        "  Σ α · y = 3 + 1 - 3 - 1 = 0",
        "* All conditions hold exactly.",
    ):
        assert f"\n{line}\n" in text
    assert "The multipliers are not unique" in text
    assert "soft margin" not in text
    data = document.data
    assert data["separable"] is True
    assert (data["widest"]["w"], data["widest"]["b"]) == ((-2, -2), 3)
    assert data["widest"]["support_vectors"] == [2, 3, 4, 6]
    assert data["widest"]["conditions_hold"] is True
    assert data["widest"]["distance_to_margin"] == pytest.approx(8**-0.5, rel=1e-15)
    assert data["soft"] is None


def test_points_that_cannot_be_separated():
    document = explain_max_margin(*XOR)
    text = words(document)
    assert "The label “a” is +1, “b” is -1." in text
    assert "m = 0.5 · (0, 0) + 0.5 · (2, 2) = (1, 1)" in text
    assert "m = 0.5 · (0, 2) + 0.5 · (2, 0) = (1, 1)" in text
    assert "would give f(m) > 0, as the first mixture is of points with f(x) > 0" in text
    assert "w is 0: for these points and this C nothing is gained by any direction" in text
    assert "Where f(x) is 0: points 1, 2, 3 and 4." in text
    assert "wrong side" not in text
    data = document.data
    assert data["separable"] is False
    assert data["widest"] is None
    assert data["common_point"] == {"x": (1, 1), "shares": (F(1, 2),) * 4}
    assert data["soft"]["exact"] is True
    assert data["soft"]["objective"] == 4
    assert "width_of_gap" not in data["soft"]


def test_the_same_point_in_both_classes():
    document = explain_max_margin([[1, 2], [1, 2], [5, 5]], [1, -1, -1])
    assert document.data["common_point"] == {"x": (1, 2), "shares": (1, 1, 0)}
    assert "m = (1, 2)\n" in document.render()


def test_all_points_equal():
    document = explain_max_margin([[1, 2]] * 4, [1, 1, -1, -1])
    assert document.data["separable"] is False
    assert document.data["soft"]["w"] == (0, 0)
    assert all(document.render(name) for name in FORMATS)


def test_a_soft_margin_on_demand():
    document = explain_max_margin(*REPORT, C="1/2")
    assert document.data["widest"]["w"] == (-2, -2)
    assert document.data["soft"]["C"] == F(1, 2)
    assert document.data["soft"]["objective"] == document.data["soft"]["dual_objective"]
    assert "A soft margin may be violated, by ξ ≥ 0 for each point" in words(document)


def test_who_violates_a_soft_margin():
    text = words(explain_max_margin([0, 1, 2, 3, 4, 5], list("aababb")))
    assert "On the wrong side: points 3 and 4." in text
    text = words(explain_max_margin([0, 1, 3, 4], list("aabb"), C="0.1"))
    assert "On the right side, but inside the margin: points 2 and 3." in text


def test_one_dimension():
    document = explain_max_margin([0, 1, 3], ["l", "l", "r"], positive="r")
    text = document.render()
    assert "is there a point between them" in text
    assert "\n  f(x) = w · x + b = x - 2\n" in text
    assert document.data["widest"]["support_vectors"] == [2, 3]
    assert "<svg" not in document.render("html")


def test_five_dimensions():
    X = [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [-1, 0, 2, 0, 0]]
    document = explain_max_margin(X, [1, -1, 1])
    assert document.data["widest"]["conditions_hold"] is True
    assert "is there a hyperplane between them" in words(document)


def test_numbers_too_different_for_floats():
    X = [["1e12", 0], ["1e-12", 1], ["2e-12", -1], [-5, 2]]
    document = explain_max_margin(X, [1, 1, -1, -1])
    assert "Floating-point numbers are too coarse for these points" in words(document)
    assert document.data["widest"]["conditions_hold"] is True
    assert all(document.render(name) for name in FORMATS)


def test_points_without_a_multiplier_on_the_margin():
    text = words(explain_max_margin([[0, 0], [1, 0], [1, 1]], [1, -1, -1]))
    assert "lie points 1, 2 and 3: the support vectors" in text
    assert "On the margin, point 3 has multiplier 0: without it the line would be the same." in text
    assert "not unique" not in text


def test_corrections_are_told(monkeypatch):
    monkeypatch.setattr(widest, "_proposal", lambda points: {0, 4})
    text = words(explain_max_margin(*REPORT))
    assert "exact arithmetic added points 2 times." in text


def test_a_condition_that_fails_is_told(monkeypatch):
    points = build_points([[0], [2]], [-1, 1])
    found = widest.widest_margin(points)
    wrong = widest.conditions(points, found.plane, (F(1), F(1)))
    monkeypatch.setattr(explanation, "conditions", lambda *arguments: wrong)
    assert "! A condition does not hold.\n" in explain_max_margin([[0], [2]], [-1, 1]).render()


def test_a_soft_margin_in_floats(monkeypatch):
    monkeypatch.setattr(soft, "_exactly", lambda points, C, multipliers: None)
    document = explain_max_margin([0, 1, 2, 3, 4, 5], list("aababb"))
    assert "They agree within rounding" in words(document)
    assert isinstance(document.data["soft"]["b"], float)
    assert document.data["soft"]["conditions_hold"] is True
    monkeypatch.setattr(soft, "_proposal", lambda points, C: (F(1, 7),) * len(points.X))
    document = explain_max_margin([0, 1, 2, 3, 4, 5], list("aababb"))
    assert "the solver did not come to an end" in words(document)
    assert document.data["soft"]["conditions_hold"] is False


@pytest.mark.parametrize("C", [0, -1, "0"])
def test_a_price_must_be_positive(C, message_of):
    assert message_of(InvalidValueError, explain_max_margin, *XOR, C=C) == (
        f"C must be greater than 0, got {C!r}: such as 1 or 100"
    )


def test_texts_are_escaped_in_every_format(compile_latex):
    document = explain_max_margin(XOR[0], [HOSTILE, HOSTILE, "b", "b"], title=HOSTILE)
    page = document.render("html")
    assert "<script" not in page
    assert "#010101" in page  # no colour of the figure: it is in no drawing
    compile_latex(document.render("latex"))
    assert "<script" not in document.render("markdown")
    data = json.loads(document.render("json"))
    assert data["classes"]["+1"] == HOSTILE
    assert HOSTILE[:25] in document.render()


def test_many_points_are_quick_to_tell(rng):
    X = rng.normal(size=(100, 12)).round(3)
    y = (X @ rng.normal(size=12) > 0).astype(int)
    document = explain_max_margin(X, y)
    assert document.data["widest"]["conditions_hold"] is True
    assert "Σ α · y · x =" not in document.render().split("Checks")[1].split("condition")[0]


def test_the_figure_has_lines_points_and_rings():
    points = build_points(*REPORT)
    found = widest.widest_margin(points)
    picture = collect_margin(points.X, points.y, found.plane, found.on_margin)
    assert picture.X.tolist() == [[float(v) for v in x] for x in REPORT[0]]
    assert picture.names == ("1", "2", "3", "4", "5", "6")
    assert (picture.w.tolist(), picture.b) == ([-2.0, -2.0], 3.0)
    svg = str(figure_of(picture, "A picture.", "").svg)
    for text in ("f(x) = 0", "support vector", "class +1", "class −1", "x₁", "x₂"):
        assert f">{text}</text>" in svg
    assert "var(--series-1)" in svg
    assert "#0" not in svg.replace("#0000", "")  # every stand-in became a variable


def test_points_at_one_place_share_their_names():
    points = build_points([[0, 0], [0, 0], [1, 0]], [1, 1, -1])
    picture = collect_margin(points.X, points.y, None)
    svg = str(figure_of(picture, "A picture.", "").svg)
    assert ">1, 2</text>" in svg
    assert "f(x) = 0" not in svg


@pytest.mark.parametrize(
    "X", [[["1e30", 0], ["-1e30", 0]], [[0, "1e-30"], [0, 0]], [[0, 5], [1e6, 6]]]
)
def test_any_box_can_be_drawn(X):
    document = explain_max_margin(X, [1, -1])
    assert "<svg" in document.render("html")
