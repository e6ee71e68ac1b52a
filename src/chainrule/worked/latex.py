r"""Text for LaTeX, whatever it is: pdfLaTeX stops at letters that it does not know.

Accented letters are taken apart into letter and accent; what has no LaTeX command is written as its
code point, ``[U+4E2D]``.
"""

from __future__ import annotations

import unicodedata

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\ensuremath{\$}", "&": r"\&",
    "#": r"\#", "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", "|": r"\ensuremath{\vert}", '"': "''",
    "–": "--", "—": "---", "…": r"\ldots{}", "“": "``", "”": "''", "‘": "`", "’": "'",
    "-": "{-}", "'": "{'}", "`": "{`}", " ": " ", "\u202f": r"\,", "\u00a0": "~",
    "′": r"\ensuremath{'}", "ŷ": r"\ensuremath{\hat{y}}",
    "½": r"\ensuremath{\frac12}", "·": r"\ensuremath{\cdot}", "×": r"\ensuremath{\times}",
    "≤": r"\ensuremath{\le}", "≥": r"\ensuremath{\ge}", "≈": r"\ensuremath{\approx}",
    "∂": r"\ensuremath{\partial}", "Σ": r"\ensuremath{\Sigma}", "√": r"\ensuremath{\surd}",
    "ß": r"{\ss}", "ø": r"{\o}", "Ø": r"{\O}", "ł": r"{\l}", "Ł": r"{\L}", "ı": r"{\i}",
    "æ": r"{\ae}", "Æ": r"{\AE}", "œ": r"{\oe}", "Œ": r"{\OE}", "å": r"{\aa}", "Å": r"{\AA}",
    "η": r"\ensuremath{\eta}", "σ": r"\ensuremath{\sigma}", "δ": r"\ensuremath{\delta}",
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u",
    "\u0307": ".", "\u0308": '"', "\u030b": "H", "\u030c": "v", "\u0327": "c",
}  # fmt: skip


def escape_latex(text: str) -> str:
    r"""Return a text as LaTeX that shows it, in a paragraph or in ``\text``."""
    return "".join(_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    if letter.isascii() and letter.isprintable():
        return letter
    parts = unicodedata.normalize("NFD", letter)
    base, accent = parts[:1], parts[1:]
    if base.isascii() and base.isalpha() and accent in _ACCENTS:
        return f"\\{_ACCENTS[accent]}{{{base}}}"
    return f"[U+{ord(letter):04X}]"
