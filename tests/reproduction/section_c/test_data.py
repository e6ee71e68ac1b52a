import numpy as np
import pytest

from chainrule.errors import DataNotFoundError, TrainingInterrupted
from chainrule.reproduction.section_c import data
from chainrule.reproduction.section_c.data import Once, load


def test_the_complete_data_is_used_only_where_it_is(monkeypatch):
    real = data.load_fashion_mnist

    def absent(**arguments):
        assert arguments.get("download") is not True
        if arguments.get("full"):
            raise DataNotFoundError("nowhere")
        return real(**arguments)

    monkeypatch.setattr(data, "load_fashion_mnist", absent)
    found = load(None)
    assert found.complete is None
    assert found.X_train.shape == (8000, 784)
    assert found.X_train.dtype == np.float32
    assert found.X_train.max() == 1


def test_once_makes_a_value_once_a_key_and_again_where_it_failed():
    made, once = [], Once()

    def make():
        made.append(1)
        if len(made) == 1:
            raise TrainingInterrupted
        return len(made)

    with pytest.raises(TrainingInterrupted):
        once.get("a", make)
    assert [once.get("a", make), once.get("a", make), once.get("b", make)] == [2, 2, 3]
