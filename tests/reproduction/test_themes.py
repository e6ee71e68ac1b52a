from dataclasses import replace
from itertools import product

import pytest

from chainrule.reproduction.claims import Judgement, Verdict
from chainrule.reproduction.results import Results
from chainrule.reproduction.sections import SECTIONS
from chainrule.reproduction.themes import Drawing, lesson, shown

THEMES = [theme for section in SECTIONS.values() for theme in section.themes]
FOUND = [Verdict.REPRODUCED, Verdict.DIFFERS, Verdict.UNDECIDED, Verdict.ERRATUM]


def judged(theme, verdicts, answer="found"):
    return [
        Judgement(claim.id, claim.title, claim.claimed, {}, [], verdict, "why", answer)
        for claim, verdict in zip(theme.claims, verdicts, strict=True)
    ]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_there_is_a_lesson_whatever_the_verdicts_are(theme):
    for verdicts in product(FOUND, repeat=len(theme.claims)):
        told = lesson(theme, judged(theme, verdicts))
        assert told.text.endswith(".")
        assert told.place == theme.name
        assert told.question == theme.question
        assert told.verdicts == [
            (claim.id, verdict) for claim, verdict in zip(theme.claims, verdicts, strict=True)
        ]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_what_holds_and_what_does_not_are_told_apart(theme):
    n = len(theme.claims)
    texts = [lesson(theme, judged(theme, [verdict] * n)).text for verdict in FOUND[:2]]
    assert texts[0] != texts[1]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize(
    ("verdict", "words"),
    [(None, "not finished"), (Verdict.NOT_JUDGED, "not at the report's scale")],
)
def test_a_run_that_does_not_decide_has_no_lesson(theme, verdict, words):
    verdicts = [verdict, *[Verdict.REPRODUCED] * (len(theme.claims) - 1)]
    assert words in lesson(theme, judged(theme, verdicts)).text


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_before_all_is_there_a_theme_has_its_claims_and_no_pictures(theme):
    open_ = judged(theme, [None] * len(theme.claims))
    results = Results({}, {"something": 1}, (0,), {}, None)
    found = shown(theme, results, [*open_, Judgement("X.y", "", {}, {}, [], None, "")])
    assert found.judgements == open_
    assert found.drawings == []


def test_names_of_themes_are_places_of_one_page():
    names = [theme.name for theme in THEMES]
    assert len(set(names)) == len(names)
    assert all(theme.question.endswith("?") for theme in THEMES)


def test_a_reason_has_its_rule():
    assert all(claim.rule for theme in THEMES for claim in theme.claims)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_where_nothing_was_found_the_lesson_is_in_general_words(theme):
    undecided = judged(theme, [Verdict.UNDECIDED] * len(theme.claims), answer="")
    assert lesson(theme, undecided).text == " ".join(
        f"“{claim.title}” – this experiment cannot tell." for claim in theme.claims
    )


def test_a_drawing_without_panels_is_left_out():
    empty = replace(THEMES[0], draw=lambda results: [Drawing.of(None)])
    assert shown(empty, Results({}, {}, (0,), {}, None), []).drawings == []


def test_panels_without_data_are_left_out():
    assert Drawing.of(None, legend=("a", "b")) == Drawing([], ("a", "b"))
