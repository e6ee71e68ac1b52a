"""What the report says about section A: the gradient step (A1), then margins (A2, A3)."""

from __future__ import annotations

from chainrule.reproduction.section_a import margin_claims, step_claims

CLAIMS = (*step_claims.CLAIMS, *margin_claims.CLAIMS)
