"""The course report's experiments, run again: claims, what is measured, and the verdicts.

A section of the report is one :class:`~chainrule.reproduction.section.Section` and has a folder;
:mod:`~chainrule.reproduction.sections` is their table. :mod:`~chainrule.reproduction.run` trains
what they plan, judges what they claim, and writes the files.
"""
