"""Arrays in, arrays out: no labels, files, plots or printing.

Read in this order: :mod:`~chainrule.engine.spec` (what a network is),
:mod:`~chainrule.engine.params` (one flat vector),
:mod:`~chainrule.engine.workspace` (every buffer),
:mod:`~chainrule.engine.network` (forward pass and chain rule). The tables are
:mod:`~chainrule.engine.activations`, :mod:`~chainrule.engine.losses`,
:mod:`~chainrule.engine.initializers`, :mod:`~chainrule.engine.optimizers` and
:mod:`~chainrule.engine.schedules`; :mod:`~chainrule.engine.regularization` holds what happens to a
gradient between the two.
"""
