from __future__ import annotations

from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest

from chainrule.worked.formula import (
    OPERATORS,
    Equation,
    Group,
    Number,
    Root,
    Sum,
    Symbol,
    Words,
    as_ratio,
    call,
    listed,
    partial,
    product,
    row,
    squared,
    total,
)
from chainrule.worked.notation import LatexNotation, MathmlNotation, TextNotation

W = Symbol("W", sub="12", sup="(1)")
THIRD = Fraction(1, 3)


def plain(expression, digits=4):
    return expression.write(TextNotation(digits)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("expression", "text", "latex"),
    [
        (W, "W⁽¹⁾₁₂", "W^{(1)}_{12}"),
        (Symbol("y", hat=True), "ŷ", r"\hat{y}"),
        (Symbol("η"), "η", r"\eta "),
        (Symbol("W", sub="1,12"), "W[1,12]", "W_{1,12}"),
        (partial("L", W), "∂L/∂W⁽¹⁾₁₂", r"\frac{\partial L}{\partial W^{(1)}_{12}}"),
        (product(2, -3), "2 · (-3)", r"2\cdot (-3)"),
        (product(-3, 2), "-3 · 2", r"-3\cdot 2"),
        (product(THIRD, row("a", "-", "b")), "0.3333 · (a - b)", r"0.3333\cdot (a-b)"),
        (total("a", product(-1, "b")), "a + (-1 · b)", r"a+(-1\cdot b)"),
        (squared(row("y", "-", 1)), "(y - 1)²", "{(y-1)}^{2}"),
        (squared("y"), "y²", "{y}^{2}"),
        (squared(-2), "(-2)²", "{(-2)}^{2}"),
        (as_ratio(Fraction(-2, 3)), "-2/3", r"-\frac{2}{3}"),
        (as_ratio(Fraction(4)), "4", "4"),
        (listed(1, -2), "(1, -2)", r"(1,\ -2)"),
        (Group(Symbol("w"), "‖‖"), "‖w‖", r"\Vert w\Vert "),
        (Root(row("a", "+", "b")), "√(a + b)", r"\sqrt{a+b}"),
        (call("max", 0, "z"), "max(0, z)", r"\text{max}(0,\ z)"),
        (row(Sum(row("i", "=", 1), Symbol("n")), "x"), "Σ[i = 1 … n] x", r"\sum_{i=1}^{n}x"),
        (Number(1e-9), "1·10⁻⁹", r"1\cdot 10^{-9}"),
        (Equation.of("x", THIRD), "x ≈ 0.3333", r"x\approx 0.3333"),
        (Equation.of("x", Fraction(1, 4)), "x = 0.25", "x=0.25"),
    ],
)
def test_formulas_in_plain_text_and_latex(expression, text, latex):
    assert plain(expression) == text
    assert expression.write(LatexNotation()) == latex
    ET.fromstring(f"<math>{expression.write(MathmlNotation())}</math>")


def test_mathml_of_a_derivative():
    assert partial("L", W).write(MathmlNotation()) == (
        "<mfrac><mrow><mi>∂</mi><mi>L</mi></mrow><mrow><mi>∂</mi><msubsup><mi>W</mi>"
        "<mtext>12</mtext><mtext>(1)</mtext></msubsup></mrow></mfrac>"
    )


def test_digits_decide_whether_equal_or_about_equal():
    equation = Equation.of("x", Fraction(1, 8))
    assert plain(equation, 2) == "x ≈ 0.13"
    assert plain(equation, 3) == "x = 0.125"


def test_numbers_are_found_wherever_they_are():
    formula = Equation.of(squared(2), product(3, Group(total(4, Root(Number(5))))))
    assert set(formula.numbers()) == {2, 3, 4, 5}


def test_text_in_formulas_is_escaped():
    for node in (Symbol("<b>&"), Words("<b>&")):
        assert "<b>" not in node.write(MathmlNotation())
        assert r"\&" in node.write(LatexNotation())


@pytest.mark.parametrize("sign", OPERATORS)
def test_every_operator_can_be_written(sign):
    for notation in (TextNotation(), LatexNotation(), MathmlNotation()):
        assert row("a", sign, "b").write(notation)
