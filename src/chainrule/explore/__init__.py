"""A page that opens a trained network: its weights, some samples, and the code to run it.

``subject`` takes the model apart, ``rows`` reads its data, ``gathering`` makes of both the
``content`` that a page is told, and ``page`` writes it with the scripts into one HTML file.
"""

from __future__ import annotations

from chainrule.explore.exploring import explore

__all__ = ["explore"]
