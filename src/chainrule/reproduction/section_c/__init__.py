"""Section C: networks with a library's classes on Fashion-MNIST."""

from __future__ import annotations

from chainrule.reproduction.section import Section
from chainrule.reproduction.section_c.claims import CLAIMS
from chainrule.reproduction.section_c.data import load
from chainrule.reproduction.section_c.experiments import execute, trials
from chainrule.reproduction.section_c.page import part
from chainrule.reproduction.section_c.peers import compare
from chainrule.reproduction.section_c.reasons import THEMES
from chainrule.reproduction.section_c.settings import BUILDS_ON, SETTINGS, check

SECTION = Section(
    name="C",
    title="Networks with a library, on Fashion-MNIST",
    settings=SETTINGS,
    builds_on=BUILDS_ON,
    load=load,
    check=check,
    trials=trials,
    execute=execute,
    claims=CLAIMS,
    themes=THEMES,
    page=part,
    compare=compare,
)
