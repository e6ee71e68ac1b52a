"""The course report's experiments, run again: claims, what is measured, and the verdicts.

Section B is what to train (:mod:`~chainrule.reproduction.section_b`), what the report says about it
(:mod:`~chainrule.reproduction.claims_b`), its figures and its page
(:mod:`~chainrule.reproduction.figures_b`, :mod:`~chainrule.reproduction.page_b`).
:mod:`~chainrule.reproduction.run` puts them together and writes the files.
"""
