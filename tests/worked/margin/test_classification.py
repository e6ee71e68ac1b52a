from __future__ import annotations

import json
from fractions import Fraction

import pytest

from chainrule import explain_classifier
from chainrule.errors import InvalidValueError

F = Fraction
REPORT = {"w": [-2, 0], "b": 5, "X": [[1, 2], [2, 3], [3, 3], [4, 1]], "predict": [[1, 3]]}


def test_the_report_s_classifier():
    data = explain_classifier(**REPORT).data
    assert [sample["f"] for sample in data["samples"]] == [3, 1, -1, -3]
    assert [sample["class"] for sample in data["samples"]] == [1, 1, -1, -1]
    assert [sample["distance"] for sample in data["samples"]] == [
        F(3, 2),
        F(1, 2),
        F(1, 2),
        F(3, 2),
    ]
    assert [sample["support_vector"] for sample in data["samples"]] == [False, True, True, False]
    assert data["classifier"]["distance_to_margin"] == F(1, 2)
    assert data["classifier"]["width_of_gap"] == 1
    assert [(p["f"], p["class"]) for p in data["predictions"]] == [(3, 1)]


def test_every_step_is_written():
    text = explain_classifier(**REPORT).render()
    for line in (
        "  f(x) = w · x + b = -2 · x₁ + 5",
        "  ‖w‖ = √((-2)² + 0²) = √4 = 2",
        "  1/‖w‖ = 1/2 = 0.5",
        "  2/‖w‖ = 2/2 = 1",
        "  f(3, 3) = -2 · 3 + 0 · 3 + 5 = -1",
        "On the margin, where |f(x)| = 1, lie samples 2 and 3: the support vectors.",
        "  f(1, 3) = -2 · 1 + 0 · 3 + 5 = 3",
    ):
        assert f"\n{line}\n" in text


def test_labels_and_mistakes():
    document = explain_classifier(
        ["1/2", 1],
        "-1",
        [[2, 1], [0, 0], [4, 0], [1, "0.75"]],
        ["no", "no", "yes", "yes"],
        positive="yes",
    )
    samples = document.data["samples"]
    assert [sample["y"] for sample in samples] == [-1, -1, 1, 1]
    assert [sample["functional_margin"] for sample in samples] == [-1, 1, 1, F(1, 4)]
    # The first has |f| = 1 on the wrong side: it is no support vector.
    assert [sample["support_vector"] for sample in samples] == [False, True, True, False]
    assert document.data["classes"] == {"-1": "no", "+1": "yes"}
    text = document.render()
    assert "! Not classified as labelled: sample 1.\n" in text
    assert "The label “yes” is +1, “no” is -1." in " ".join(text.split())
    assert "+1 “yes”" in text
    assert "Inside the margin, |f(x)| < 1: sample 4." in text


def test_all_right_is_said():
    document = explain_classifier([1], 0, [2, -3], ["a", "b"])
    text = document.render()
    assert "* Every sample is classified as it is labelled.\n" in text
    assert "No sample lies on the margin, where y · f(x) = 1." in text


def test_a_point_on_the_line_has_no_class():
    document = explain_classifier([1, 1], 0, [[1, -1]])
    assert document.data["samples"][0]["class"] == 0
    assert "none: f(x) = 0" in document.render()


def test_a_distance_that_is_no_fraction():
    document = explain_classifier([1, 1, 1], 0, [[1, 0, 0]])
    assert document.data["samples"][0]["distance"] == pytest.approx(3**-0.5, rel=1e-15)
    assert "1/‖w‖ = 1/√3 ≈ 0.57735027\n" in document.render(digits=8)
    # The decimals of a root are right as far as anybody may ask.
    assert "≈ 0.57735026918962576450914878050195745564760175127013\n" in document.render(digits=50)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"w": [0, 0]}, "w must not be 0, got [0, 0]: with w = 0 there is no hyperplane"),
        ({"w": []}, "w must not be 0, got []: with w = 0 there is no hyperplane"),
        (
            {"w": ["x", 1]},
            "w must be a number, got 'x': write it as 0.1, -2, 1/3 or 1e-3",
        ),
        ({"b": "x"}, "b must be a number, got 'x': write it as 0.1, -2, 1/3 or 1e-3"),
        (
            {"predict": [[1, 2, 3]]},
            "point 1 of predict must have 2 numbers, one for each of w, got [1, 2, 3]: add or take "
            "away numbers",
        ),
        (
            {"y": [1, 2, 3, 1]},
            "y must have at most two different labels, got ['1', '2', '3']: a hyperplane has two "
            "sides; give each point one of two labels",
        ),
    ],
)
def test_bad_classifiers_are_refused(changes, message, message_of):
    assert message_of(InvalidValueError, explain_classifier, **(REPORT | changes)) == message


def test_json_has_everything():
    data = json.loads(explain_classifier(**REPORT).render("json"))
    assert data["samples"][1]["f"] == {"exact": "1", "decimal": "1"}
    assert data["samples"][1]["y"] is None
