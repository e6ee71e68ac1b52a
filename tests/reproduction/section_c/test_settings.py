import pytest

from chainrule.errors import InvalidValueError
from chainrule.reproduction.section_c.settings import SETTINGS, check
from chainrule.reproduction.settings import values

FULL = values(SETTINGS, False, {})


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"C2.epochs": 0}, "C2.epochs must be an integer of at least 1, got 0: change it"),
        (
            {"C4.learning_rate": -1.0},
            "C4.learning_rate must be a positive number, got -1.0: change it",
        ),
        (
            {"C3.solver": ("adam", "lbfgs")},
            "C3.solver must be one of adam, sgd, got 'lbfgs': change it",
        ),
        (
            {"C.train_samples": 8001},
            "C.train_samples must be in [394, 8000], so that all folds but one fill the largest "
            "batch, got 8001: change it",
        ),
        (
            {"C3.folds": 1},
            "C3.folds must be at least 2, got 1: raise it",
        ),
        (
            {"C5.learning_rate": (1e-3, 0.0010000001)},  # configurations of one name
            "the values of C5.learning_rate must differ from one another, got 0.001 twice: "
            "drop one",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(overrides, message, message_of):
    assert message_of(InvalidValueError, check, values(SETTINGS, False, overrides)) == message


def test_settings_of_other_sections_are_not_looked_at():
    check({**FULL, "B": {"learning_rate": -1.0}})
