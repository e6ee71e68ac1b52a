import pytest

from chainrule.errors import InvalidValueError
from chainrule.reproduction.sections import SECTIONS, chosen


def names(text):
    return [section.name for section in chosen(text)]


@pytest.mark.parametrize("text", ["B", "b", " B ", "B,B"])
def test_a_section_is_chosen_by_its_letter(text):
    assert names(text) == ["B"]


def test_sections_come_in_the_report_s_order():
    assert names(",".join(reversed(SECTIONS))) == list(SECTIONS)


def test_another_section_is_refused(message_of):
    known = ", ".join(SECTIONS)
    assert message_of(InvalidValueError, chosen, "B,D") == (
        f"sections must be a comma-separated list out of {known}, got 'B,D': leave it out to run "
        "all"
    )


def test_ids_settings_and_templates_are_each_there_once():
    ids = [claim.id for section in SECTIONS.values() for claim in section.claims]
    experiments = [name for section in SECTIONS.values() for name in section.settings]
    assert len(set(ids)) == len(ids)
    assert len(set(experiments)) == len(experiments)
    assert all(claim.id.startswith(name) for name, s in SECTIONS.items() for claim in s.claims)
