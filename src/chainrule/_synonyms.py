"""What other libraries call parameters and values, to answer their names with the right ones.

A line has names for one thing; which of them is right depends on the estimator. The names are those
of Keras, PyTorch, skorch, LightGBM, XGBoost and papers.
"""

from __future__ import annotations

from collections.abc import Mapping

SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("learning_rate_init", "learning_rate", "lr", "eta", "eta0", "step_size"),
    ("learning_rate", "lr_schedule", "lr_scheduler", "scheduler", "schedule"),
    ("max_iter", "epochs", "n_epochs", "max_epochs", "num_epochs", "nb_epoch", "epoch", "n_iter"),
    ("solver", "optimizer", "optimiser"),
    (
        "hidden_layer_sizes",
        "layer_sizes",
        "hidden_layers",
        "hidden",
        "hidden_units",
        "hidden_sizes",
        "layers",
        "n_hidden",
        "units",
        "widths",
    ),
    ("alpha", "l2", "reg_lambda", "lambda_l2"),
    ("l1", "reg_alpha", "lambda_l1"),
    ("weight_decay", "decoupled_weight_decay"),
    ("dropout", "dropout_rate", "drop_rate", "drop_prob"),
    ("batch_size", "batch", "minibatch_size", "mini_batch_size", "batchsize"),
    ("n_iter_no_change", "patience", "early_stopping_rounds"),
    ("validation_fraction", "validation_split", "val_split", "val_fraction"),
    ("tol", "min_delta"),
    ("weight_init", "initialization", "init", "initializer", "kernel_initializer"),
    ("activation", "activation_function", "act", "nonlinearity", "hidden_activation"),
    ("loss", "criterion", "objective", "loss_function"),
    ("clip_norm", "clipnorm", "gradient_clip", "grad_clip", "max_grad_norm", "clip_grad_norm"),
    ("clip_value", "clipvalue", "clip_grad_value"),
    ("nesterovs_momentum", "nesterov"),
    ("beta_1", "beta1"),
    ("beta_2", "beta2"),
    ("epsilon", "eps"),
    ("class_weight", "class_weights"),
    ("random_state", "seed", "random_seed"),
    ("n_threads", "n_jobs", "num_threads", "threads"),
    ("input_scaling", "scaler", "standardize", "normalize"),
)

VALUES: tuple[tuple[str, ...], ...] = (
    ("squared_error", "mse", "l2"),
    ("absolute_error", "mae", "l1"),
    ("quantile", "pinball"),
    ("binary_cross_entropy", "bce"),
    ("identity", "linear"),
    ("sgd", "momentum"),
    ("glorot_uniform", "glorot", "xavier"),
    ("he_normal", "he", "kaiming"),
    ("float64", "float", "double"),
    ("standard", "zscore"),
)


def said_of(name: str, remedies: Mapping[str, str]) -> str | None:
    """Return the remedy for a name, or for what others call so; None if there is none."""
    names = [name, *(one for line in SYNONYMS if name in line for one in line)]
    return next((remedies[one] for one in names if one in remedies), None)
