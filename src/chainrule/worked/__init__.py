"""Worked examples: every number of a small calculation, written out.

An example is explained once, as a :class:`~chainrule.worked.document.Document`: headings,
sentences, formulas, tables, figures. :mod:`~chainrule.worked.render` turns it into terminal text,
Markdown, LaTeX, HTML or JSON. :mod:`~chainrule.worked.formula` has the formulas,
:mod:`~chainrule.worked.numbers` exact numbers and how they are rounded.
"""
