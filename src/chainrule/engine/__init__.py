"""Arrays in, arrays out: no labels, files, plots or printing.

Read in this order: :mod:`~chainrule.engine.spec` (what a network is),
:mod:`~chainrule.engine.params` (one flat vector),
:mod:`~chainrule.engine.workspace` (every buffer),
:mod:`~chainrule.engine.network` (forward pass and chain rule). The tables are
:mod:`~chainrule.engine.activations`, :mod:`~chainrule.engine.losses`,
:mod:`~chainrule.engine.initializers`, :mod:`~chainrule.engine.optimizers` and
:mod:`~chainrule.engine.schedules`; :mod:`~chainrule.engine.regularization` holds what happens to a
gradient between the two.

These modules, by ``__all__``, are what users may build on, with ``backends.using``. Their functions
and those of :mod:`chainrule.training` look at what they are given, and refuse by an
:class:`~chainrule.errors.InvalidValueError` what would be read or learnt wrongly; the same on both
backends. Attributes are there to be read: make another object rather than set one. The rest is not
for users: the compiled loop believes its caller, and :mod:`~chainrule.engine.checks` is what is
asked before.
"""

__all__ = [
    "activations",
    "backends",
    "initializers",
    "losses",
    "network",
    "optimizers",
    "params",
    "regularization",
    "schedules",
    "spec",
    "workspace",
]
