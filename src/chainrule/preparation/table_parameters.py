"""What each parameter of the estimators of tables may be and means.

A parameter of the network that is "auto" is what :mod:`~chainrule.preparation.defaults` has for so
many rows; the others are the network's own, with its defaults.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

from sklearn.utils._param_validation import Interval

from chainrule.estimators import MLPAutoencoder, MLPClassifier, MLPRegressor, parameters
from chainrule.estimators.parameter_errors import Names

AUTO = "auto"
CHOSEN = (  # by the number of rows, where a user leaves them open
    "hidden_layer_sizes",
    "solver",
    "batch_size",
    "learning_rate_init",
    "weight_decay",
    "max_iter",
    "early_stopping",
    "n_iter_no_change",
)
_OTHERS = ("activation", "learning_rate", "dropout", "verbose")
NETWORKS: dict[str, Any] = {
    "classification": MLPClassifier,
    "regression": MLPRegressor,
    "autoencoder": MLPAutoencoder,
}
# Parameters of a network that its estimator sets, or that have no meaning for it.
NOT_OF_THE_NETWORK = (
    "random_state",
    "verbose",
    "warm_start",
    "validation_fraction",
    "checkpoint",
    "input_scaling",
)

CONSTRAINTS: dict[str, Any] = {
    **{name: [*parameters.CONSTRAINTS[name], Names([AUTO])] for name in CHOSEN},
    **{name: parameters.CONSTRAINTS[name] for name in (*_OTHERS, "random_state")},
    "validation_fraction": [Interval(Real, 0, 1, closed="neither"), Names([AUTO])],
    "categorical_features": ["array-like", None],
    "columns": [dict, None],
    "network_params": [dict, None],
}

PARAMETERS: parameters.Sections = {
    **parameters.CONDITIONED,
    "hidden_layer_sizes": (
        'array-like of int or "auto"',
        'The width of each hidden layer. "auto" is one of 100 units for up to 10,000 rows, and '
        "256 and 128 for more; of an autoencoder 4k and k, with k a quarter of the prepared "
        "columns, from 2 to 32.",
    ),
    "solver": (
        'str, Optimizer or "auto"',
        f'{parameters.PARAMETERS["solver"][1]} "auto" is "adamw".',
    ),
    "batch_size": ('int or "auto"', 'Samples a step. "auto" is 32 to 512, by the number of rows.'),
    "learning_rate_init": ('float or "auto"', 'The learning rate at its highest; "auto" is 0.001.'),
    "weight_decay": (
        'float, None or "auto"',
        'Decoupled weight decay; "auto" is 0.1 with adamw, and the solver\'s own with another.',
    ),
    "max_iter": (
        'int or "auto"',
        'The largest number of epochs. "auto" is 500 for up to 10,000 rows and less for more, and '
        "100 where no rows decide when to stop; that many are no cause for a warning then.",
    ),
    "early_stopping": (
        'bool or "auto"',
        'Whether rows that are not learnt from decide when to stop. "auto" is yes if there are '
        "at least 10 of them, and never with L-BFGS.",
    ),
    "validation_fraction": (
        'float or "auto"',
        'The share of rows that decide when to stop. "auto" is an eighth, and at most 20,000 rows; '
        "none where these are fewer than 10.",
    ),
    "n_iter_no_change": (
        'int, inf or "auto"',
        'After more than so many epochs without improvement training stops. "auto" is 20 for up to '
        "10,000 rows and less for more.",
    ),
    "class_weight": (
        'dict, "balanced" or None',
        'Weights of the classes, multiplied with ``sample_weight``; "balanced" is inverse to '
        "their frequencies.",
    ),
    "categorical_features": (
        "array-like of str, int or bool, or None",
        "Columns that are categories whatever they look like: names, places from 0, or a mask. "
        "Those whose type in a frame is that of categories are anyway.",
    ),
    "columns": (
        "dict from str or int to str, or None",
        'The kind of some columns, by name or place: "number", "category" or "drop"; of columns '
        'with several values a row "block", "pixels" or "drop". The others are found out.',
    ),
    "network_params": (
        "dict from str to object, or None",
        "Other parameters of the network, by the names that {network} has for them, such as "
        '{{"alpha": 0.001, "clip_norm": 1.0}}.',
    ),
    "random_state": (
        "int, numpy.random.RandomState or None",
        "Of the rows that decide when to stop, of weights and order. An integer makes a fit "
        "repeatable.",
    ),
}

ATTRIBUTES: parameters.Sections = {
    "columns_": (
        "ColumnKinds",
        "For each column its name, kind and the reason for it; prints as a table.",
    ),
    "notes_": (
        "Notes",
        "What the last prediction met and training had not: ``unseen``, ``imputed``, ``ignored``.",
    ),
    "network_": ("{network}", "What has learnt."),
    "preparation_": ("Preparation", "What becomes of the columns before it."),
    "history_": ("History", "One row an epoch."),
    "n_iter_": ("int", "Epochs; iterations with L-BFGS."),
    "loss_curve_": ("list of float", "The loss of every epoch; not with L-BFGS."),
    "n_features_in_": ("int", "Columns of X, those that are left out too."),
    "feature_names_in_": ("array of str", "Their names, where X had some."),
}


def documented(cls: type) -> type:
    """Write the sections of parameters and attributes into a class's docstring."""
    network = NETWORKS[cls.task].__name__  # type: ignore[attr-defined]

    def of_it(sections: parameters.Sections) -> parameters.Sections:
        named = ("network_params", "network_")
        return sections | {
            name: (kind.format(network=network), text.format(network=network))
            for name, (kind, text) in sections.items()
            if name in named
        }

    return parameters.with_sections(cls, of_it(PARAMETERS), of_it(ATTRIBUTES))
