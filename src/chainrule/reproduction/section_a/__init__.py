"""Section A: theory worked by hand, in exact arithmetic. Nothing is trained."""

from __future__ import annotations

from chainrule.reproduction.section import Section
from chainrule.reproduction.section_a.claims import CLAIMS
from chainrule.reproduction.section_a.page import part

SECTION = Section(name="A", title="Theory, worked by hand", claims=CLAIMS, page=part)
