"""The table of sections."""

from __future__ import annotations

from chainrule.errors import InvalidValueError
from chainrule.reproduction import section_a, section_b, section_c
from chainrule.reproduction.section import Section

SECTIONS: dict[str, Section] = {
    section.name: section for section in (section_a.SECTION, section_b.SECTION, section_c.SECTION)
}


def chosen(text: str) -> tuple[Section, ...]:
    """Return the sections of a comma-separated list, each once, in the report's order.

    Raises
    ------
    InvalidValueError
        If one is not in the report.
    """
    names = {name.strip().upper() for name in text.split(",")}
    if not names <= SECTIONS.keys():
        raise InvalidValueError(
            f"sections must be a comma-separated list out of {', '.join(SECTIONS)}",
            text,
            "leave it out to run all",
        )
    return tuple(section for name, section in SECTIONS.items() if name in names)
