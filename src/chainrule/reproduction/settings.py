"""The settings of the report's experiments: their values, where these come from, how to change one.

A setting belongs to an experiment (``B``, ``C3``) and is called ``C3.learning_rate``; the short
``learning_rate`` will do where only one experiment of a run has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule._synonyms import SYNONYMS
from chainrule.errors import InvalidValueError
from chainrule.registry import meant

NOT_STATED = "not in the report; scikit-learn's default"
REPORT = "the report"


@dataclass(frozen=True)
class Setting:
    """One setting of an experiment.

    Attributes
    ----------
    full, quick : int, float, str or tuple of one of these
        Its value at the report's scale, and in quick mode.
    origin : str
        Where the value comes from.
    """

    full: Any
    quick: Any
    origin: str

    def read(self, name: str, text: str) -> Any:
        """Return a text as a value of this setting's type; a tuple's items have commas between."""
        several = isinstance(self.full, tuple)
        kind = type(self.full[0] if several else self.full)
        try:
            values = tuple(kind(item.strip()) for item in text.split(","))
        except ValueError:
            values = ()
        if "" in values or not values or (len(values) > 1 and not several):
            what = {int: "a whole number", float: "a number", str: "a name"}[kind]
            more = ", or several with commas between" if several else ""
            raise InvalidValueError(f"{name} must be {what}{more}", text, "change it")
        return values if several else values[0]


Table = Mapping[str, Mapping[str, Setting]]  # experiment -> name -> setting
Values = Mapping[str, Mapping[str, Any]]  # experiment -> name -> value


def values(table: Table, quick: bool, overrides: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what every setting is in a run; overrides by full name."""
    return {
        experiment: {
            name: overrides.get(f"{experiment}.{name}", setting.quick if quick else setting.full)
            for name, setting in settings.items()
        }
        for experiment, settings in table.items()
    }


def parse(table: Table, text: str) -> tuple[str, Any]:
    """Return full name and value of ``NAME=VALUE``.

    Raises
    ------
    InvalidValueError
        If no setting is called so, several are, or the value is of another type.
    """
    name, equals, value = text.partition("=")
    full_names = [f"{experiment}.{key}" for experiment, keys in table.items() for key in keys]
    found = [full for full in full_names if name in (full, full.partition(".")[2])]
    if not equals or not found:
        raise _no_setting(text, name if equals else "", full_names)
    if len(found) > 1:
        raise InvalidValueError(
            f"{name} must say whose it is, as {', '.join(found)}",
            text,
            f"such as --set {found[0]}={value}",
        )
    experiment, _, key = found[0].partition(".")
    return found[0], table[experiment][key].read(key, value)


def _no_setting(text: str, name: str, full_names: Sequence[str]) -> InvalidValueError:
    """Return the error for a name that no setting has: the one that is meant, or all there are."""
    if not full_names:
        rule = "set has nothing to change, as the chosen sections have no settings"
        return InvalidValueError(rule, text, "leave it out")
    keys = [full.partition(".")[2] for full in full_names]
    close = meant(name.rpartition(".")[2], keys, SYNONYMS) if name else None
    names = "the name of a setting" if close else f"one of the names {', '.join(full_names)}"
    return InvalidValueError(
        f"set takes NAME=VALUE with {names}", text, close or f"such as --set {full_names[0]}=VALUE"
    )


def parse_all(table: Table, texts: Sequence[str]) -> dict[str, Any]:
    """Return the values by full name, each of which may be set once.

    Raises
    ------
    InvalidValueError
        As :func:`parse`, and if a setting is given twice.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, value = parse(table, text)
        if name in found:
            raise InvalidValueError(f"set must give {name} once", text, "leave one out")
        found[name] = value
    return found


def off_scale(
    table: Table, used: Values, builds_on: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return where experiments are not as the report has them, in words.

    What the report leaves open does not count: every choice is at the report's scale.

    Parameters
    ----------
    table : mapping
        Experiment to name to setting.
    used : mapping
        Experiment to name to value.
    builds_on : mapping
        Experiment to those whose settings decide it too.
    """
    own = {
        experiment: [
            f"{experiment}.{name} {_words(used[experiment][name])} in place of "
            f"{_words(setting.full)}"
            for name, setting in settings.items()
            if setting.origin == REPORT and used[experiment][name] != setting.full
        ]
        for experiment, settings in table.items()
    }
    return {
        name: [words for other in (*builds_on.get(name, ()), name) for words in own[other]]
        for name in table
    }


@dataclass(frozen=True)
class Row:
    """A row of the page's table of settings."""

    name: str
    value: str
    origin: str


def rows(table: Table, used: Values, quick: bool) -> list[Row]:
    """Return name, value and origin of every setting."""
    return [
        Row(f"{experiment}.{name}", _words(used[experiment][name]), _origin(setting, value, quick))
        for experiment, settings in table.items()
        for name, setting in settings.items()
        for value in [used[experiment][name]]
    ]


def _origin(setting: Setting, value: Any, quick: bool) -> str:
    default = setting.quick if quick else setting.full
    if value != default:
        return "changed for this run"
    if default != setting.full:
        return f"quick mode; {_words(setting.full)} at full scale"
    return setting.origin


def _words(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_words(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else value
