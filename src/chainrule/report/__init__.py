"""From results to one self-contained HTML file: figures as inline SVG, Jinja2 with autoescaping.

:mod:`~chainrule.report.figures` draws, :mod:`~chainrule.report.page` fills templates in,
:mod:`~chainrule.report.files` writes so that a reader never sees half a file.
"""
