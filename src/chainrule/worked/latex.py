r"""Text for LaTeX, whatever it is: pdfLaTeX stops at letters that it does not know.

Accented letters are taken apart into letter and accent; what has no LaTeX command is written as its
code point, ``[U+4E2D]``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import groupby

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", '"': "''", "–": "--",
    "—": "---", "…": r"\ldots{}", "“": "``", "”": "''", "‘": "`", "’": "'", "-": "{-}", "'": "{'}",
    "`": "{`}", "\u202f": r"\,", "\u00a0": "~", "ß": r"{\ss}", "ø": r"{\o}", "Ø": r"{\O}",
    "ł": r"{\l}", "Ł": r"{\L}", "ı": r"{\i}", "æ": r"{\ae}", "Æ": r"{\AE}", "œ": r"{\oe}",
    "Œ": r"{\OE}", "å": r"{\aa}", "Å": r"{\AA}",
}  # fmt: skip
# What a formula shows by a command of its own, never inside \text: MathJax takes that as it is.
_MATH = {
    "\\": r"\backslash ", "{": r"\lbrace ", "}": r"\rbrace ", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\hat{}", "~": r"\tilde{}", "`": r"\grave{}", "*": r"\ast ",
    "<": "<", ">": ">", "|": r"\vert ", "′": "'", "ŷ": r"\hat{y}", "½": r"\frac12 ",
    "·": r"\cdot ", "×": r"\times ", "≤": r"\le ", "≥": r"\ge ", "≈": r"\approx ",
    "∂": r"\partial ", "Σ": r"\Sigma ", "√": r"\surd ", "∞": r"\infty ", "ℓ": r"\ell ",
    "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "δ": r"\delta ", "ε": r"\varepsilon ",
    "η": r"\eta ", "λ": r"\lambda ", "μ": r"\mu ", "ξ": r"\xi ", "π": r"\pi ", "σ": r"\sigma ",
    "τ": r"\tau ", "φ": r"\varphi ", "Δ": r"\Delta ", "Φ": r"\Phi ",
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u",
    "\u0307": ".", "\u0308": '"', "\u030b": "H", "\u030c": "v", "\u0327": "c",
}  # fmt: skip


def escape_latex(text: str) -> str:
    r"""Return a text as LaTeX that shows it in a paragraph."""
    return "".join(map(_letter, unicodedata.normalize("NFC", text)))


def formula_text(text: str, letter: Callable[[str], str] | None = None) -> str:
    r"""Return a text as LaTeX that shows it in a formula: ``\text{…}``, and commands between.

    Parameters
    ----------
    text : str
        The text.
    letter : callable, optional
        How a letter in ``\text`` is written, if not as pdfLaTeX must have it.
    """
    runs = groupby(unicodedata.normalize("NFC", text), _MATH.__contains__)
    return "".join(
        "".join(map(_MATH.__getitem__, run))
        if commands
        else rf"\text{{{''.join(map(letter or _letter, run))}}}"
        for commands, run in runs
    )


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    if letter in _MATH:
        return rf"\ensuremath{{{_MATH[letter].strip()}}}"
    if letter.isascii() and letter.isprintable():
        return letter
    parts = unicodedata.normalize("NFD", letter)
    base, accent = parts[:1], parts[1:]
    if base.isascii() and base.isalpha() and accent in _ACCENTS:
        return f"\\{_ACCENTS[accent]}{{{base}}}"
    return f"[U+{ord(letter):04X}]"
