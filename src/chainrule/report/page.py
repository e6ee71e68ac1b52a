"""Fills templates in: one HTML file with its style inside, and nothing to load."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined


def render(package: str, template: str, **values: Any) -> str:
    """Fill in a template of a package's ``templates`` folder.

    Parameters
    ----------
    package : str
        The package whose folder has the template; ``report/…`` in it means this one's.
    template : str
        The file's name.
    **values : object
        What the template needs; a missing one is an error, every text is escaped.
    """
    return _environment(package).get_template(f"page/{template}").render(**values)


@cache
def _environment(package: str) -> Environment:
    environment = Environment(
        loader=PrefixLoader(
            {"page": PackageLoader(package), "report": PackageLoader("chainrule.report")}
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "duration": duration,
        "roughly": roughly,
        "scientific": scientific,
    }
    return environment


def percent(share: float | None, digits: int = 2) -> str:
    """Return a share as a percentage: ``94.60 %``; a dash for None."""
    return "–" if share is None else f"{100 * share:z.{digits}f}\u202f%"


def share(part: float) -> str:
    """Return a share for a sentence: ``93.3 %``; 100 % stands for all, and 0 % for none."""
    if 0 < part < 0.0005:
        return f"less than {percent(0.001, 1)}"
    if 0.9995 <= part < 1:
        return f"more than {percent(0.999, 1)}"
    return percent(part, 1)


def duration(seconds: float) -> str:
    """Return a time as people say it: ``4 min 7 s``, ``12.3 s``."""
    if seconds < 60:
        return f"{seconds:.1f}\u202fs"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}\u202fh {minutes}\u202fmin" if hours else f"{minutes}\u202fmin {rest}\u202fs"


def roughly(seconds: float) -> str:
    """Return an estimated time, no more exactly than one believes it: ``5 min``, ``40 s``."""
    if seconds < 95:
        return f"{max(5, 5 * round(seconds / 5))}\u202fs"
    minutes = round(seconds / 60)
    return f"{minutes}\u202fmin" if minutes < 60 else duration(60.0 * minutes)


def scientific(value: float) -> str:
    """Return a number with two digits and its power of ten; a plain 0 for zero."""
    if value == 0:
        return "0"
    if 0.01 <= value < 1000:
        return f"{value:.0f}" if value >= 100 else f"{value:.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
