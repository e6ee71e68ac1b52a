"""Many trainings, each with a seed: trials -> runner -> store -> results.

:mod:`~chainrule.study.trial` says what one training is and what came of it,
:mod:`~chainrule.study.store` keeps what is finished, :mod:`~chainrule.study.runner` runs the rest,
several at a time.
"""
