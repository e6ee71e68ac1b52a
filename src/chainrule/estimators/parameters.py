"""What each parameter may be and means, and each attribute, said once for all estimators.

:func:`documented` writes the sections into a class's docstring, in the order of its constructor.
"""

from __future__ import annotations

import inspect
import textwrap
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval, Options

from chainrule.engine.activations import ACTIVATIONS, Activation
from chainrule.engine.initializers import INITIALIZERS, Initializer
from chainrule.engine.optimizers import Optimizer
from chainrule.engine.schedules import SCHEDULES, Schedule
from chainrule.engine.spec import DTYPES
from chainrule.estimators.effects import CONDITIONS
from chainrule.estimators.parameter_errors import Names
from chainrule.estimators.scaling import SCALINGS
from chainrule.estimators.settings import SOLVERS
from chainrule.training.callbacks import MOMENTS

C = TypeVar("C", bound=type)
Sections = dict[str, tuple[str, str]]  # name -> what it may be, what it means


def _names(registry: Any) -> list[str]:
    return [*registry, *registry.aliases]


# What scikit-learn's own check of parameters lets pass.
CONSTRAINTS: dict[str, Any] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [Names(_names(ACTIVATIONS)), Activation, list, tuple],
    "solver": [Names(["lbfgs", *SOLVERS]), Optimizer],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [Names(["auto"]), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [Names(_names(SCHEDULES)), Schedule],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [
        Interval(Integral, 1, None, closed="left"),
        Options(Real, {np.inf}),
    ],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
    "weight_init": [Names(["auto", *_names(INITIALIZERS)]), Initializer],
    "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
    "input_dropout": [Interval(Real, 0, 1, closed="left")],
    "l1": [Interval(Real, 0, None, closed="left")],
    "weight_decay": [Interval(Real, 0, None, closed="left"), None],
    "clip_value": [Interval(Real, 0, None, closed="neither"), None],
    "clip_norm": [Interval(Real, 0, None, closed="neither"), None],
    "scoring": [str, callable, list, tuple, dict, None],
    "input_scaling": [Names(SCALINGS), None],
    "dtype": [Names(["auto", *DTYPES])],
    "callbacks": [list, tuple, *map(HasMethods, MOMENTS), None],
    "checkpoint": [str, Path, None],
    "progress": ["boolean"],
    "n_threads": [Interval(Integral, 1, None, closed="left"), None],
}

# What the first call settles: the weights that later calls go on from belong to it.
SETTLED = ("weight_init", "input_scaling", "dtype")

# name -> (what it may be, what it does); defaults are in the constructors.
PARAMETERS: dict[str, tuple[str, str]] = {
    "loss": (
        "str or Loss",
        '"squared_error" (half of it), "absolute_error", "huber", "quantile" (see ``quantile``), '
        '"poisson" (half its deviance, with targets of at least 0 and the exponential function at '
        "the output), or an engine's loss, such as ``Huber(delta=2)``.",
    ),
    "hidden_layer_sizes": (
        "array-like of int",
        "The width of each hidden layer; () for none.",
    ),
    "activation": (
        "str, Activation, pair of callables, or a list of them",
        "Of the hidden layers: a name in :data:`chainrule.engine.activations.ACTIVATIONS`, a pair "
        "of callables (function, derivative), both of one array and of its shape, or a list with "
        "one for each hidden layer.",
    ),
    "solver": (
        "str or Optimizer",
        '"lbfgs", "sgd" (with ``momentum``), "adam", "adamw", "rmsprop", "lion", or an engine\'s '
        "optimiser. L-BFGS works on all samples at once, in float64 whatever ``dtype`` is.",
    ),
    "alpha": (
        "float",
        "The L2 penalty: alpha / 2 times the sum of squared weights, divided by the number of "
        "samples in the batch (by the sum of their weights).",
    ),
    "batch_size": (
        'int or "auto"',
        'Samples a step; "auto" is min(200, n_samples).',
    ),
    "learning_rate": (
        "str or Schedule",
        'A name in :data:`chainrule.engine.schedules.SCHEDULES`, or a schedule. "constant", '
        '"invscaling" and "adaptive" are scikit-learn\'s; its "adam" ignores them, and so does '
        'this one. "step", "cosine", "warmup_cosine" and "one_cycle" end with ``max_iter``.',
    ),
    "learning_rate_init": (
        "float",
        "The learning rate at its highest.",
    ),
    "power_t": ("float", "The exponent of the number of steps."),
    "max_iter": (
        "int",
        "The largest number of epochs; of iterations with L-BFGS.",
    ),
    "shuffle": ("bool", "Whether each epoch has an order of its own."),
    "random_state": (
        "int, numpy.random.RandomState or None",
        "Of weights, held-out samples, order and dropout. An integer makes a fit repeatable.",
    ),
    "tol": (
        "float",
        "What counts as an improvement of the loss, or of the score with early stopping. With "
        "L-BFGS the largest component of the gradient at which it stops.",
    ),
    "verbose": ("bool or int", "Whether to print each epoch's loss."),
    "warm_start": (
        "bool",
        "Whether fit starts from the weights that are there. Any parameter may change in between "
        "and takes effect at once, but for those that the weights belong to: "
        "``hidden_layer_sizes``, ``weight_init``, ``input_scaling`` and ``dtype``, whose change "
        "is refused. ``partial_fit`` goes on in the same way.",
    ),
    "momentum": ("float", "The share of the last step that the next one keeps, in [0, 1]."),
    "nesterovs_momentum": ("bool", "Whether that momentum is Nesterov's."),
    "early_stopping": (
        "bool",
        "Whether to stop when the score on validation data has not improved for a while, and "
        "restore the best weights. The data is ``X_val`` of fit, or a part of X held out. A score "
        "that is undefined, such as R² of one row, is no improvement; where it is so in every "
        "epoch the validation loss decides instead, and a warning says so.",
    ),
    "validation_fraction": (
        "float",
        "The share that is held out; stratified for two classes, as in scikit-learn. 0 holds out "
        "nothing: without ``X_val`` the training loss decides, as without early stopping.",
    ),
    "beta_1": ("float", "The decay of the gradient's mean, in [0, 1)."),
    "beta_2": ("float", "The decay of the gradient's mean square, in [0, 1)."),
    "epsilon": ("float", "What is added to the root of the mean square."),
    "n_iter_no_change": (
        "int or inf",
        "After more than this many epochs in a row without improvement training stops, or an "
        "adaptive learning rate is divided by 5.",
    ),
    "max_fun": ("int", "The largest number of evaluations of the loss."),
    "mirrored": (
        "bool",
        "Whether ``hidden_layer_sizes`` is the encoder with the bottleneck last, which the decoder "
        "mirrors; else it is all hidden layers, and the first of the narrowest is the bottleneck.",
    ),
    "quantile": (
        "float or sequence of float",
        "What is predicted: one quantile or several, increasing, in (0, 1). Several come out in "
        "ascending order, also where the outputs that stand for them cross.",
    ),
    "weight_init": (
        "str or Initializer",
        'A name in :data:`chainrule.engine.initializers.INITIALIZERS`, a rule, or "auto": '
        "scikit-learn's, uniform after Glorot, biases too.",
    ),
    "dropout": (
        "float or list of float",
        "The share of hidden units dropped in training, in [0, 1); one for all hidden layers, or "
        "one for each.",
    ),
    "input_dropout": ("float", "The share of features dropped in training."),
    "l1": (
        "float",
        "The L1 penalty: l1 times the sum of absolute weights, divided as ``alpha`` is.",
    ),
    "weight_decay": (
        "float or None",
        "Decoupled weight decay: each step multiplies the weights by 1 - learning rate · "
        "weight_decay. None is the solver's own: 0.01 for adamw, 0 for the others.",
    ),
    "clip_value": (
        "float or None",
        "Each component of the gradient is brought into ± this.",
    ),
    "clip_norm": (
        "float or None",
        "The gradient is shortened to this Euclidean norm where it is longer.",
    ),
    "label_smoothing": (
        "float",
        "The share of a target that is spread evenly over all classes, in [0, 1).",
    ),
    "class_weight": (
        'dict, list of dict, "balanced" or None',
        'Weights of the classes, multiplied with ``sample_weight``; "balanced" is inverse to '
        "their frequencies.",
    ),
    "scoring": (
        "str, callable, list, dict or None",
        "What is measured on validation data after each epoch, the first of them deciding about "
        "early stopping: anything scikit-learn takes. None is accuracy, or R². Scores of "
        "probabilities are over all classes, also where the rows lack some. A held-out part is "
        "copied for it once.",
    ),
    "input_scaling": (
        '{"standard", "minmax", "robust"} or None',
        "How features are scaled, a batch at a time and without a copy of X; learnt in fit from "
        "the samples that are trained on, and part of the model.",
    ),
    "dtype": (
        '{"float32", "float64", "auto"}',
        'Of weights and arithmetic. "float64" follows scikit-learn\'s numbers, "auto" takes '
        "float32 where X is float32 and float64 elsewhere, as scikit-learn does.",
    ),
    "callbacks": (
        "Callback, list of them or None",
        "Told about each epoch, or each batch; objects with some of a callback's methods too. See "
        ":mod:`chainrule.training.callbacks`.",
    ),
    "checkpoint": (
        "path or None",
        "A file that a fit writes now and then and goes on from when it was killed, to the same "
        "bits. One of other data or parameters is refused.",
    ),
    "progress": ("bool", "Whether to show a bar with the remaining time."),
    "n_threads": (
        "int or None",
        "How many threads share a batch in the compiled loop; None means as many as BLAS may use "
        "where batches and layers are large enough. The result depends on it by rounding alone. "
        "No matter to L-BFGS and to fits that run in NumPy.",
    ),
}

ATTRIBUTES: dict[str, tuple[str, str]] = {
    "coefs_": (
        "list of arrays of shape (fan_in, fan_out)",
        "The weights of each layer.",
    ),
    "intercepts_": ("list of arrays of shape (fan_out,)", "The biases of each layer."),
    "loss_": (
        "float",
        "The last training loss, penalties included; NaN if the first epoch was interrupted.",
    ),
    "loss_curve_": ("list of float", "That of every epoch; not with L-BFGS."),
    "best_loss_": ("float or None", "The lowest of them; None with early stopping."),
    "validation_scores_": (
        "list of float or None",
        "The score that early stopping watches; None without.",
    ),
    "best_validation_score_": (
        "float or None",
        "That of the epoch whose weights were restored: the highest; NaN or minus infinity if it "
        "was undefined in every epoch.",
    ),
    "history_": (
        "History",
        "One row an epoch: losses, scores, learning rate, seconds; ``column(name)``, "
        "``to_frame()``.",
    ),
    "best_epoch_": (
        "int or None",
        "The epoch whose weights were restored; where none were, that of the lowest loss.",
    ),
    "n_iter_": ("int", "Epochs of the last fit; iterations with L-BFGS."),
    "t_": ("int", "Samples seen in training."),
    "n_layers_": ("int", "Input and output included."),
    "n_outputs_": ("int", "Outputs of the network."),
    "out_activation_": ("str", "What is applied to the last layer."),
    "n_features_in_": ("int", "Features of X."),
    "feature_names_in_": ("array of str", "Their names, where X had some."),
}


def documented(cls: C) -> C:
    """Write the sections of parameters and attributes into a class's docstring."""
    return with_sections(cls, CONDITIONED, ATTRIBUTES)


def with_sections(cls: C, meanings: Sections, attributes: Sections) -> C:
    """Write sections into a class's docstring: of its parameters, and of attributes."""
    doc = inspect.getdoc(cls) or ""
    parameters = {
        name: (f"{meanings[name][0]}, default={parameter.default!r}", meanings[name][1])
        for name, parameter in inspect.signature(cls).parameters.items()
    }
    doc = doc.replace("{parameters}", "Parameters\n----------\n" + _entries(parameters))
    cls.__doc__ = doc.replace("{attributes}", _entries(attributes))
    return cls


def _meaning(name: str) -> str:
    needed = CONDITIONS.get(name)
    return PARAMETERS[name][1] + (f" Only with {needed.text}." if needed else "")


def _entries(table: Sections) -> str:
    lines = []
    for name, (kind, text) in table.items():
        lines.append(f"{name} : {kind}")
        lines.extend(textwrap.wrap(text, 90, initial_indent="    ", subsequent_indent="    "))
    return "\n".join(lines)


# With the others that a parameter needs.
CONDITIONED: Sections = {name: (kind, _meaning(name)) for name, (kind, _) in PARAMETERS.items()}
