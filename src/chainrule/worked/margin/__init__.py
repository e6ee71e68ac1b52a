"""Hyperplanes between two classes: is there one, which has the widest margin, what does one say.

Floats propose and fractions decide. Labelled points (:mod:`~.points`, read from text by
:mod:`~.reading`) are separated, or shown not to be (:mod:`~.separation`); then the widest margin is
found (:mod:`~.widest`), or a soft one (:mod:`~.soft`). What those rest on is small and exact:
linear systems (:mod:`~.linear`) and the nearest points of two convex hulls (:mod:`~.hulls`). A
hyperplane that is given is taken at its word (:mod:`~.classifier`). :mod:`~.explanation` and
:mod:`~.classification` write it out.
"""
