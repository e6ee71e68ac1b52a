"""From batches to a history: sources -> loop -> history, with callbacks listening.

:mod:`~chainrule.training.source` hands out batches of data that stays as it is,
:mod:`~chainrule.training.loop` runs the epochs, :mod:`~chainrule.training.history` keeps one row an
epoch, :mod:`~chainrule.training.callbacks` is what can listen and stop,
:mod:`~chainrule.training.evaluator` runs data through a network without learning.

What is public is in ``__all__``. A source is looked at each time that it is lent to a network, for
an epoch or for an evaluation: widths, shapes, number types, rows, classes, and the structure of a
sparse matrix. Until that is over its arrays must stay as they are.
"""

__all__ = [
    "callbacks",
    "evaluator",
    "full_batch",
    "history",
    "loop",
    "progress_bar",
    "source",
    "tensorboard",
    "time_limit",
]
