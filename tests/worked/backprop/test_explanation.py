from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule
from chainrule import explain_backprop
from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.losses import LOSSES
from chainrule.errors import InvalidValueError, UnknownNameError
from chainrule.worked.backprop import check as checking
from chainrule.worked.backprop.calculation import calculate
from chainrule.worked.backprop.example import build
from chainrule.worked.backprop.explanation import explain
from chainrule.worked.backprop.functions import function_of
from chainrule.worked.backprop.losses import WORKED_LOSSES
from chainrule.worked.backprop.reading import EXAMPLES

F = Fraction
MAZUR = {  # Mazur, "A step by step backpropagation example", 2015; he leaves biases as they are
    "weights": [[["0.15", "0.25"], ["0.20", "0.30"]], [["0.40", "0.50"], ["0.45", "0.55"]]],
    "biases": [["0.35", "0.35"], ["0.60", "0.60"]],
    "x": [["0.05", "0.10"]],
    "y": [["0.01", "0.99"]],
    "activation": "sigmoid",
    "output_activation": "sigmoid",
    "loss": "half_squared",
    "learning_rate": "0.5",
}


def test_a_known_example_of_textbooks():
    data = explain_backprop(**MAZUR).data
    assert data["loss"] == pytest.approx(0.298371109, abs=5e-10)
    first, second = (np.array(w).T.ravel() for w in data["updated"]["weights"])
    assert first == pytest.approx([0.149780716, 0.19956143, 0.24975114, 0.29950229], abs=5e-9)
    assert second == pytest.approx([0.35891648, 0.408666186, 0.511301270, 0.561370121], abs=5e-9)
    assert not data["exact"]


def test_the_report_s_example_is_exact():
    data = explain_backprop(**EXAMPLES["report"]).data
    assert data["exact"]
    assert data["loss"] == F(454301, 30000)
    assert data["gradient"] == {
        "weights": [[[F("-4.96")]], [[F(-1, 3) * F("7.246")]]],
        "biases": [[F("-2.286")], [F("-7.62")]],
    }
    differences, engine = data["checks"]
    assert differences["largest_difference"] == 0
    assert differences["gradient"] == data["gradient"]
    assert engine["agrees"]


def test_the_loss_after_the_step_is_that_of_the_updated_network():
    data = explain_backprop(**EXAMPLES["report"]).data
    again = explain_backprop(
        data["updated"]["weights"], data["updated"]["biases"], [1, 2, 3], [3, 4, 5]
    )
    assert again.data["loss"] == data["loss_after"] < data["loss"]


@st.composite
def examples(draw):
    """Draw small networks with exact numbers; widths up to 3, up to 3 layers, 2 samples."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    number = st.fractions(-2, 2, max_denominator=7)

    def vector(n):
        return draw(st.lists(number, min_size=n, max_size=n))

    hidden = len(sizes) - 2
    loss = draw(st.sampled_from(list(WORKED_LOSSES)))
    exact_only = draw(st.booleans())
    names = ["relu", "leaky_relu", "identity"] if exact_only else list(ACTIVATIONS)
    classes = [draw(st.integers(0, sizes[-1] - 1)) for _ in range(2)]
    positive = [[abs(value) / 2 for value in vector(sizes[-1])] for _ in range(2)]
    own = WORKED_LOSSES[loss].output
    activations = [draw(st.sampled_from(names)) for _ in range(hidden)]
    output = "identity" if own else draw(st.sampled_from(names))
    leaks = "leaky_relu" in [*activations, output]
    return {
        "weights": [[vector(b) for _ in range(a)] for a, b in pairwise(sizes)],
        "biases": [vector(b) for b in sizes[1:]],
        "x": [vector(sizes[0]) for _ in range(2)],
        "y": classes if WORKED_LOSSES[loss].takes_classes else positive,
        "activation": activations,
        "output_activation": output,
        "loss": loss,
        "reduction": draw(st.sampled_from(["mean", "sum"])),
        "slope": draw(st.sampled_from([None, "1/5"])) if leaks else None,
    }


@given(examples())
@settings(max_examples=40)
def test_gradients_agree_in_three_ways(example):
    step = calculate(build(**example))
    differences, engine = checking.check(step)
    if checking.kinks(step):
        return
    assert differences.agrees, differences.difference
    assert engine.agrees, engine.difference
    if step.example.exact:
        if step.example.loss.name != "huber":  # two parabolas may meet exactly there
            assert differences.difference == 0
        assert all(isinstance(value, Fraction) for value in step.updated.values())
    document = explain(step)
    assert "They disagree" not in document.render()
    json.loads(document.render("json"))


def test_every_activation_and_every_loss_that_makes_sense_is_there():
    assert {loss.engine.name for loss in WORKED_LOSSES.values()} == set(LOSSES) - {"quantile"}
    for name in ACTIVATIONS:
        label = function_of(name, F(1, 100)).label
        assert (label == name) == (name in ("identity", "tanh", "softplus"))


def test_a_wrong_gradient_is_loud(monkeypatch):
    right = checking.by_engine
    monkeypatch.setattr(
        checking, "by_engine", lambda example: {k: v + 0.5 for k, v in right(example).items()}
    )
    document = explain_backprop(**EXAMPLES["report"])
    assert not document.data["checks"][1]["agrees"]
    assert (
        "! They disagree. The largest difference between the chain rule and the engine is 0.5, "
        "and rounding explains at most 1.514·10⁻⁸."
    ) in " ".join(document.render().split())
    assert 'class="notice bad"' in document.render("html")


def test_a_kink_is_told():
    document = explain_backprop([[[1]], [[1]]], [[-1], [0]], [1, 2], [1, 1])
    text = " ".join(document.render().split())
    assert (
        "In sample 1, z⁽¹⁾ is exactly 0, where the activation has a kink and no derivative; the "
        "one from the left is taken, as everywhere in the field."
    ) in text
    assert "is 0.5: at a kink they mix the slopes of both sides." in text
    assert "They disagree" not in text
    assert document.data["samples_at_a_kink"] == [1]


def test_a_prediction_that_meets_its_target_is_told():
    document = explain_backprop([[[1]]], [[0]], [1, 3], [1, 2], loss="absolute")
    assert "In sample 1 a prediction meets its target exactly" in document.render()


def test_the_chain_rule_is_written_factor_by_factor():
    text = explain_backprop(**EXAMPLES["report"]).render(width=200)
    assert (
        "∂ℓ/∂W⁽¹⁾ = ∂ℓ/∂ŷ · ∂ŷ/∂h⁽¹⁾ · ∂h⁽¹⁾/∂z⁽¹⁾ · ∂z⁽¹⁾/∂W⁽¹⁾ = -7.62 · 0.3 · 1 · 2 = -4.572"
    ) in text
    assert "new W⁽²⁾ = W⁽²⁾ - η · ∂L/∂W⁽²⁾ ≈ 0.3 - 0.01 · (-2.4153) ≈ 0.3242" in text


def test_each_path_to_the_loss_is_a_term_until_there_are_too_many():
    two = [[[1, 2]], [[3], [4]]]
    text = explain_backprop([[[1]], *two], [[0], [0, 0], [0]], [1], [2]).render(width=250)
    assert (
        "∂ℓ/∂b⁽¹⁾ = ∂ℓ/∂ŷ · ∂ŷ/∂h⁽²⁾₁ · ∂h⁽²⁾₁/∂z⁽²⁾₁ · ∂z⁽²⁾₁/∂h⁽¹⁾ · ∂h⁽¹⁾/∂z⁽¹⁾ · ∂z⁽¹⁾/∂b⁽¹⁾ + "
    ) in text
    five = explain_backprop([[[1]], [[1] * 5], [[1]] * 5], [[0], [0] * 5, [0]], [1], [2])
    assert "∂ℓ/∂b⁽¹⁾ = ∂ℓ/∂z⁽¹⁾ · ∂z⁽¹⁾/∂b⁽¹⁾ = 30 · 1 = 30" in five.render(width=250)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("squared", "the squared error, without a factor ½"),
        ("half_squared", "half the squared error"),
    ],
)
def test_the_convention_is_said(loss, words):
    document = explain_backprop([[[1]]], [[0]], [1], [2], loss=loss, reduction="sum")
    assert f"is the sum over samples of each sample's loss ℓ, {words}." in " ".join(
        document.render().split()
    )


@pytest.mark.parametrize("name", ["squared", "softmax_cross_entropy", "sigmoid_cross_entropy"])
def test_latex_of_several_layers_compiles(name, compile_latex):
    y = [0, 1] if name == "softmax_cross_entropy" else [[0, 1], [1, 0]]
    document = explain_backprop(
        [[["0.3", "-0.7"]], [["0.2", "1/3"], ["0.5", "-1"]], [[1, 2], [3, 4]]],
        [[0, 0], ["0.1", 0], [0, 0]],
        [1, 2],
        y,
        activation=["mish", "leaky_relu"],
        loss=name,
        title="A & B_1",
    )
    assert "Missing character" not in compile_latex(document.render("latex"))


def test_public_names_are_there():
    assert chainrule.explain_backprop is explain_backprop
    with pytest.raises(UnknownNameError):
        explain_backprop([[[1]]], [[0]], [1], [2], loss="square")


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_slope_that_no_layer_has_is_refused(activation):
    example = {"weights": [[[1]], [[1]]], "biases": [[0], [0]], "x": [[-1]], "y": [[1]]}
    with pytest.raises(InvalidValueError) as caught:
        explain_backprop(**example, activation=activation, slope="1/5")
    assert str(caught.value) == (
        "slope has an effect only with the activation \"leaky_relu\", got '1/5': leave it out, or "
        "change the activation"
    )
    hidden = {"activation": "leaky_relu"}
    left_out = explain_backprop(**example, **hidden).data
    assert left_out == explain_backprop(**example, **hidden, slope="0.01").data
    assert left_out != explain_backprop(**example, **hidden, slope="1/5").data
    output = {"activation": activation, "output_activation": "leaky_relu"}
    explain_backprop(**example, **output, slope="1/5")
