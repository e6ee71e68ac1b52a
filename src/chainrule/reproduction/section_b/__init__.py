"""Section B: a network from scratch on MNIST, over activations and initialisations."""

from __future__ import annotations

from chainrule.datasets import load_mnist
from chainrule.reproduction.opened import Opened
from chainrule.reproduction.section import Section
from chainrule.reproduction.section_b.claims import CLAIMS
from chainrule.reproduction.section_b.experiments import SECTION as NAME
from chainrule.reproduction.section_b.experiments import (
    SETTINGS,
    check,
    execute,
    is_studied,
    trained_network,
    trials,
)
from chainrule.reproduction.section_b.page import best_run, part
from chainrule.reproduction.section_b.reasons import THEMES

SECTION = Section(
    name=NAME,
    title="The network from scratch, on MNIST",
    settings={NAME: SETTINGS},
    load=load_mnist,
    check=check,
    trials=trials,
    execute=execute,
    claims=CLAIMS,
    themes=THEMES,
    page=part,
    opened=Opened(best=best_run, candidate=is_studied, network=trained_network),
)
