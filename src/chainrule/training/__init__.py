"""From batches to a history: sources -> loop -> history, with callbacks listening.

:mod:`~chainrule.training.source` hands out batches of data that stays as it is,
:mod:`~chainrule.training.loop` runs the epochs, :mod:`~chainrule.training.history` keeps one row an
epoch, :mod:`~chainrule.training.callbacks` is what can listen and stop.
"""
