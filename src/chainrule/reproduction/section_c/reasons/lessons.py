"""What to take home, by verdict."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.reproduction.claims import Judgement, Verdict

_OTHERWISE = {
    Verdict.UNDECIDED: "These runs cannot tell.",
    Verdict.ERRATUM: "The report contradicts itself here; the claim's note shows how.",
}


def by_verdict(judgement: Judgement, texts: Mapping[Verdict, str]) -> str:
    """Return the text for a judgement's verdict; what has none cannot tell, or is an erratum."""
    assert judgement.verdict is not None, "a lesson is asked of judged claims only"
    return {**_OTHERWISE, **texts}[judgement.verdict]
