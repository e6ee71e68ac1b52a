"""Three ways of writing a formula: plain text, LaTeX, MathML.

A :class:`Notation` has one method for each kind of node, so a new kind cannot be forgotten in one
of them. MathML is MathML Core, which browsers draw without help.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod

from markupsafe import escape

from chainrule.worked.formula import (
    BRACKETS,
    OPERATORS,
    Equation,
    Expression,
    Group,
    Number,
    Operator,
    Power,
    Ratio,
    Root,
    Row,
    Sum,
    Symbol,
    Words,
)
from chainrule.worked.latex import formula_text
from chainrule.worked.numbers import DIGITS, decimal


class Notation(ABC):
    """A way of writing formulas.

    Parameters
    ----------
    digits : int
        Digits after the point of every number.
    """

    def __init__(self, digits: int = DIGITS) -> None:
        self.digits = digits

    @abstractmethod
    def symbol(self, node: Symbol) -> str: ...

    @abstractmethod
    def number(self, node: Number) -> str: ...

    @abstractmethod
    def words(self, node: Words) -> str: ...

    @abstractmethod
    def operator(self, node: Operator) -> str: ...

    @abstractmethod
    def ratio(self, node: Ratio) -> str: ...

    @abstractmethod
    def power(self, node: Power) -> str: ...

    @abstractmethod
    def root(self, node: Root) -> str: ...

    @abstractmethod
    def group(self, node: Group) -> str: ...

    @abstractmethod
    def sum(self, node: Sum) -> str: ...

    def row(self, node: Row) -> str:
        return "".join(item.write(self) for item in node.items)

    def equation(self, node: Equation) -> str:
        left, lines = self.lines(node)
        return left + "".join(sign + side for sign, side in lines)

    def lines(self, node: Expression) -> tuple[str, list[tuple[str, str]]]:
        """Return the left side, and each other side with the sign before it."""
        if not isinstance(node, Equation):
            return node.write(self), []
        signs = node.relations(self.digits)
        sides = zip(signs, node.sides[1:], strict=True)
        return node.sides[0].write(self), [
            (sign.write(self), side.write(self)) for sign, side in sides
        ]


_SUPERSCRIPTS = str.maketrans("-+0123456789()nT", "⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾ⁿᵀ")
_SUBSCRIPTS = str.maketrans("-+0123456789()aehijklmnoprstuvx", "₋₊₀₁₂₃₄₅₆₇₈₉₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")


def _raised(text: str) -> str:
    return (
        text.translate(_SUPERSCRIPTS)
        if all(ord(c) in _SUPERSCRIPTS for c in text)
        else f"^({text})"
    )


def _lowered(text: str) -> str:
    return text.translate(_SUBSCRIPTS) if all(ord(c) in _SUBSCRIPTS for c in text) else f"[{text}]"


NO_BREAK = "\u00a0"
TIMES = f"{NO_BREAK}·{NO_BREAK}"  # a line had better not be broken here


class TextNotation(Notation):
    """Plain Unicode text: ``∂L/∂W⁽¹⁾ = -1.25 · 0.2``, with no-break spaces in a product."""

    def symbol(self, node: Symbol) -> str:
        name = unicodedata.normalize(
            "NFC", node.name + "\N{COMBINING CIRCUMFLEX ACCENT}" * node.hat
        )
        return name + _raised(node.sup) + _lowered(node.sub)

    def number(self, node: Number) -> str:
        shown = decimal(node.value, self.digits)
        power = "" if shown.exponent is None else f"·10{_raised(str(shown.exponent))}"
        return f"{'-' * shown.negative}{shown.digits}{power}"

    def words(self, node: Words) -> str:
        return node.text

    def operator(self, node: Operator) -> str:
        return OPERATORS[node.sign][0].replace(" · ", TIMES)

    def ratio(self, node: Ratio) -> str:
        return f"{self._tight(node.top)}/{self._tight(node.bottom)}"

    def power(self, node: Power) -> str:
        return self._tight(node.base) + _raised(node.exponent.write(self))

    def root(self, node: Root) -> str:
        return f"√{self._tight(node.inner)}"

    def group(self, node: Group) -> str:
        left, right = BRACKETS[node.brackets]
        return left + node.inner.write(self) + right

    def sum(self, node: Sum) -> str:
        return f"Σ[{node.low.write(self)} … {node.high.write(self)}] "

    def _tight(self, node: Expression) -> str:
        # What has spaces in it would fall apart beside a slash.
        text = node.write(self)
        return f"({text})" if len(text.split()) > 1 and not isinstance(node, Group) else text


_LATEX_BRACKETS = {"‖": r"\Vert ", "|": r"\vert "}
_MATH_LETTERS = re.compile(r"[A-Za-z]|[\d(),.+-]+", re.ASCII)  # no words, and no commands


class LatexNotation(Notation):
    """LaTeX with amsmath."""

    def symbol(self, node: Symbol) -> str:
        name = self._letters(node.name)
        shown = rf"\hat{{{name}}}" if node.hat else name
        sup = f"^{{{self._letters(node.sup)}}}" if node.sup else ""
        sub = f"_{{{self._letters(node.sub)}}}" if node.sub else ""
        return shown + sup + sub

    def _letters(self, text: str) -> str:
        return text if _MATH_LETTERS.fullmatch(text) else self._text(text)

    def _text(self, text: str) -> str:
        return formula_text(text)

    def number(self, node: Number) -> str:
        shown = decimal(node.value, self.digits)
        power = "" if shown.exponent is None else rf"\cdot 10^{{{shown.exponent}}}"
        return f"{'-' * shown.negative}{shown.digits}{power}"

    def words(self, node: Words) -> str:
        return self._text(node.text)

    def operator(self, node: Operator) -> str:
        return OPERATORS[node.sign][1]

    def ratio(self, node: Ratio) -> str:
        return rf"\frac{{{node.top.write(self)}}}{{{node.bottom.write(self)}}}"

    def power(self, node: Power) -> str:
        return f"{{{node.base.write(self)}}}^{{{node.exponent.write(self)}}}"

    def root(self, node: Root) -> str:
        return rf"\sqrt{{{node.inner.write(self)}}}"

    def group(self, node: Group) -> str:
        # No \left and \right: a formula could not be broken between them.
        left, right = (_LATEX_BRACKETS.get(b, b) for b in BRACKETS[node.brackets])
        return left + node.inner.write(self) + right

    def sum(self, node: Sum) -> str:
        return rf"\sum_{{{node.low.write(self)}}}^{{{node.high.write(self)}}}"


class MarkdownNotation(LatexNotation):
    """LaTeX that KaTeX and MathJax draw in a page: letters of all scripts as they are."""

    def _text(self, text: str) -> str:
        return formula_text(text, letter=str)


def _bracket(sign: str, form: str, *, stretchy: bool) -> str:
    stretched = str(stretchy).lower()
    return f'<mo form="{form}" stretchy="{stretched}" lspace="0" rspace="0">{sign}</mo>'


class MathmlNotation(Notation):
    """The inside of a ``<math>`` element."""

    def symbol(self, node: Symbol) -> str:
        name = f"<mi>{escape(node.name)}</mi>"
        if node.hat:
            name = f'<mover accent="true">{name}<mo stretchy="false">^</mo></mover>'
        sub, sup = (f"<mtext>{escape(text)}</mtext>" for text in (node.sub, node.sup))
        if node.sub and node.sup:
            return f"<msubsup>{name}{sub}{sup}</msubsup>"
        if node.sub:
            return f"<msub>{name}{sub}</msub>"
        return f"<msup>{name}{sup}</msup>" if node.sup else name

    def number(self, node: Number) -> str:
        shown = decimal(node.value, self.digits)
        number = f"<mn>{shown.digits}</mn>"
        if shown.exponent is not None:
            sign, size = "<mo>−</mo>" * (shown.exponent < 0), abs(shown.exponent)
            exponent = f"<mrow>{sign}<mn>{size}</mn></mrow>"
            number += f"<mo>·</mo><msup><mn>10</mn>{exponent}</msup>"
        sign = '<mo form="prefix">−</mo>' * shown.negative
        return f"<mrow>{sign}{number}</mrow>" if sign or shown.exponent is not None else number

    def words(self, node: Words) -> str:
        return f"<mtext>{escape(node.text.replace(' ', NO_BREAK))}</mtext>"

    def operator(self, node: Operator) -> str:
        if node.sign == "∂":
            return "<mi>∂</mi>"
        if node.sign == "−":
            return '<mo form="prefix">−</mo>'
        return f"<mo>{escape(node.sign.replace('-', '−'))}</mo>"

    def row(self, node: Row) -> str:
        return f"<mrow>{super().row(node)}</mrow>"

    def ratio(self, node: Ratio) -> str:
        return f"<mfrac>{node.top.write(self)}{node.bottom.write(self)}</mfrac>"

    def power(self, node: Power) -> str:
        return f"<msup>{node.base.write(self)}{node.exponent.write(self)}</msup>"

    def root(self, node: Root) -> str:
        return f"<msqrt>{node.inner.write(self)}</msqrt>"

    def group(self, node: Group) -> str:
        left, right = BRACKETS[node.brackets]
        inner = node.inner.write(self)
        high = "<mfrac" in inner
        opening = _bracket(left, "prefix", stretchy=high)
        closing = _bracket(right, "postfix", stretchy=high)
        return f"<mrow>{opening}{inner}{closing}</mrow>"

    def sum(self, node: Sum) -> str:
        return f"<munderover><mo>∑</mo>{node.low.write(self)}{node.high.write(self)}</munderover>"
