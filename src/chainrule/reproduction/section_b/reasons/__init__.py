"""The reasons that the report gives in section B, theme by theme."""

from __future__ import annotations

from chainrule.reproduction.section_b.reasons import (
    alike,
    cost,
    early_stopping,
    initialisation,
    slopes,
    sparsity,
    vanishing,
)

# In the page's order.
THEMES = tuple(
    module.THEME
    for module in (alike, early_stopping, initialisation, vanishing, sparsity, cost, slopes)
)
