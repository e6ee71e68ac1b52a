"""The page of a study: results -> words, dots, figures -> one HTML file.

:mod:`~chainrule.report.study.page` puts it together. Rankings, comparisons and levels are tables
with dots in them (:mod:`~chainrule.report.study.dots`): they fit a phone, and names stay text.
Curves and scatters are drawn by matplotlib (:mod:`~chainrule.report.study.figures`), parallel
coordinates by the template from places that :mod:`~chainrule.report.study.parallel` works out.
"""

from chainrule.report.study.page import render

__all__ = ["render"]
