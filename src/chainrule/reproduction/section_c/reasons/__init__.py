"""The reasons that the report gives in section C, each with the experiment that judges it."""

from __future__ import annotations

from chainrule.reproduction.section_c.reasons import (
    blurred,
    factors,
    identity,
    overfitting,
    plateaus,
)

THEMES = (identity.THEME, plateaus.THEME, factors.THEME, blurred.THEME, overfitting.THEME)
