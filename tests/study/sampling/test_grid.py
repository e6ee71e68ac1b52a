import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import ParameterGrid

from chainrule.errors import InvalidValueError
from chainrule.study.sampling import SAMPLERS, Grid, Listed, key_of

SMALL = {"solver": ["sgd", "adam"], "alpha": [0.1, 1], "early_stopping": [True, False]}


def values(sampler):
    return [candidate.values for candidate in sampler.candidates()]


@given(
    st.dictionaries(
        st.sampled_from(["b", "a", "Z", "alpha"]),
        st.lists(st.integers() | st.text(), min_size=1, max_size=4, unique_by=repr),
        min_size=1,
    )
)
def test_the_order_is_scikit_learns(factors):
    assert values(Grid(factors)) == list(ParameterGrid(factors))


def test_several_grids_one_after_the_other():
    grids = [{"solver": ["sgd"], "momentum": [0.5, 0.9]}, {"solver": ["adam", "adamw"]}]
    assert values(Grid(grids)) == list(ParameterGrid(grids))
    assert [candidate.number for candidate in Grid(grids).candidates()] == [0, 1, 2, 3]


def test_values_keep_their_types():
    sizes = Grid({"hidden_layer_sizes": [[64], (64, 32), None], "x": [1, 1.0, True, "1"]})
    found = [tuple(one.values()) for one in sizes.candidates() for one in [one.values]]
    assert [repr(x) for size, x in found[:4]] == ["1", "1.0", "True", "'1'"]
    assert [size for size, x in found[::4]] == [[64], [64, 32], None]


def test_numbers_of_numpy_become_pythons():
    (rates,) = zip(*(one.values() for one in values(Grid({"a": np.array([0.1, 2])}))), strict=True)
    assert rates == (0.1, 2.0)
    assert {type(rate) for rate in rates} == {float}


def test_listed_candidates_need_not_set_the_same():
    listed = Listed([{}, {"solver": "sgd", "momentum": np.float64(0.5)}])
    assert [(one.number, one.name) for one in listed.candidates()] == [
        (0, "as is"),
        (1, "solver=sgd, momentum=0.5"),
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Grid({}),
            "grid must have at least one parameter, got none: add one, such as "
            'activation = ["relu", "tanh"]',
        ),
        (lambda: Grid([]), "grid must have at least one table, got []: add one"),
        (
            lambda: Grid("relu"),
            "grid must be a table by the names of parameters, got 'relu': such as "
            'activation = ["relu", "tanh"]',
        ),
        (
            lambda: Grid({"alpha": 0.1}),
            "alpha in grid must be a list of values, got 0.1: write it in brackets, or set it in "
            "fixed",
        ),
        (
            lambda: Grid({"activation": "relu"}),
            "activation in grid must be a list of values, got 'relu': write it in brackets, or "
            "set it in fixed",
        ),
        (
            lambda: Grid({"alpha": []}),
            "alpha in grid must have at least one value, got []: add one",
        ),
        (
            lambda: Grid({"alpha": [0.1, 0.2, 0.1]}),
            "the values of alpha in grid must differ from one another, got 0.1 twice: drop one",
        ),
        (
            lambda: Grid([{"a": [1, 2]}, {"a": [2]}]),
            "the candidates of grid must differ from one another, got a=2 twice: drop one",
        ),
        (
            lambda: Grid({"alpha": [float("inf")]}),
            "alpha in grid must be finite, got inf: write a large number instead",
        ),
        (
            lambda: Grid({"activation": [min]}),
            "activation in grid must be made of numbers, texts, true, false, null and lists, got "
            "<built-in function min>: give the name or the number that stands for it",
        ),
        (
            lambda: Listed([]),
            "candidates must be a list of tables, at least one, got []: add one",
        ),
        (
            lambda: Listed([{"alpha": 1}, {"alpha": 1}]),
            "candidates must differ from one another, got alpha=1 twice: drop one",
        ),
        (
            lambda: Listed([3]),
            "each of candidates must be a table by the names of parameters, got 3: such as "
            'activation = ["relu", "tanh"]',
        ),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(InvalidValueError) as caught:
        make()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "sampler", [Grid(SMALL), Grid([SMALL, {"x": [1]}]), Listed([{"x": 1}, {"y": [2]}])]
)
def test_from_its_table_and_back(sampler):
    assert SAMPLERS[key_of(sampler)].from_toml(sampler.to_toml()) == sampler
