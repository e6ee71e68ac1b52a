"""The model that a study ends in: its best candidate, trained on everything."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from chainrule.errors import InvalidValueError, Words
from chainrule.preparation import table_model
from chainrule.study import estimator as estimators
from chainrule.study.data import load_all
from chainrule.study.results import Results
from chainrule.study.spec import Study


def fit_best(study: Study, results: Results, metric: str | None = None) -> Any:
    """Fit a study's best candidate with its first seed, on all rows of the study's data.

    Rows that were held out to judge are trained on too: what they said is in the results. Data that
    a study has for validation alone stay out.

    Parameters
    ----------
    study : Study
        The study.
    results : Results
        What came of it.
    metric : str, optional
        What decides; the study's first if it is None.

    Returns
    -------
    estimator
        Fitted; of a table a TableClassifier, TableRegressor or TableAutoencoder.

    Raises
    ------
    InvalidValueError
        If no candidate has a score.
    """
    ranked = [one for one in results.candidates(metric) if one.rank is not None]
    if not ranked:
        raise InvalidValueError(
            "the study must have a candidate with a score",
            Words(f"{len(results.pairs)} trials without one"),
            "look at the errors with chainrule study show",
        )
    source = load_all(study)
    X, y, preparation = source.everything()
    make = estimators.find(study.estimator, source.task)
    parameters = {**study.fixed, **ranked[0].values}
    if ranked[0].budget is not None:
        parameters["max_iter"] = ranked[0].budget
    net = estimators.build(make, parameters, study.all_seeds[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        net.fit(X) if y is None else net.fit(X, y)
    return net if preparation is None else table_model(net, preparation)
