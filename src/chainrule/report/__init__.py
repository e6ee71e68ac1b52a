"""From results to one self-contained HTML file: figures as inline SVG, Jinja2 with autoescaping.

:mod:`~chainrule.report.figures` draws, :mod:`~chainrule.report.page` fills templates in,
:mod:`~chainrule.report.as_json` writes results as strict JSON.
"""
