"""One gradient step of a small network, written out number by number.

What is asked (:mod:`~.example`, read from text by :mod:`~.reading`) is calculated
(:mod:`~.calculation`, with the functions of :mod:`~.functions` and :mod:`~.losses`), checked in two
other ways (:mod:`~.check`) and explained (:mod:`~.explanation`).
"""
