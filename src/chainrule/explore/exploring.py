"""From a model to its page: one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from chainrule._files import as_path, check_place, write_text
from chainrule._output import refuse_inputs
from chainrule.engine.checks import check_integer
from chainrule.errors import InvalidValueError
from chainrule.explore.content import Content
from chainrule.explore.gathering import Gathering
from chainrule.explore.packing import LARGEST_PAGE
from chainrule.explore.page import render
from chainrule.explore.rows import rows_of
from chainrule.explore.run_folder import run_facts
from chainrule.explore.subject import subject_of
from chainrule.runs.evaluating import run_files
from chainrule.runs.listening import Listener, told

SAMPLES = 500


def explore(
    model: Any,
    data: Any = None,
    out: str | Path = "explore.html",
    *,
    samples: int = SAMPLES,
    title: str | None = None,
    force: bool = True,
    listener: Listener | None = None,
) -> Content:
    """Write a page that shows a trained network from inside, and runs it in the browser.

    The page is one file that needs no server and asks for nothing. Weights are stored as float32;
    as float16 where the page takes at most 3 MB only so, or the weights alone are larger than that.
    The page says which, and how far that moves what the network puts out.

    Parameters
    ----------
    model : estimator, str or path
        A fitted MLPClassifier, MLPRegressor, MLPAutoencoder or NeuralNetwork; or the folder of
        ``chainrule train``, or a model file.
    data : str, path, Dataset, tuple (X, y), Table, DataFrame, mapping or array, optional
        Rows to measure and to take samples from, with the target or without: a name or file as
        ``chainrule evaluate`` takes it, of a data set the test part; or what is in memory. If left
        out, what the run's folder says, as long as that is there.
    out : str or path
        The file to write.
    samples : int
        The most rows in the page.
    title : str, optional
        Of the page; the model's name if left out.
    force : bool
        Whether to write over a file.
    listener : Listener, optional
        Who hears how reading goes.

    Returns
    -------
    Content
        What the page is told.

    Raises
    ------
    ChainruleError
        If the model or the data cannot be used; nothing has been written then.
    OSError
        If the file cannot be written; the old one is then untouched.

    Examples
    --------
    >>> from chainrule import MLPClassifier
    >>> from chainrule.explore import explore
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> net = MLPClassifier((8,), input_scaling="standard", max_iter=50, random_state=0).fit(X, y)
    >>> explore(net, (X, y), "iris.html").measured.n  # doctest: +SKIP
    150
    """
    path = as_path(out, "out")
    check_place(path, over=force)
    check_integer("samples", samples, 1, "500 is usual")
    if isinstance(data, str) and not data:
        raise InvalidValueError("data must have a name", data, "name a file or a data set")
    subject = subject_of(model)
    facts = run_facts(subject.path)
    data = facts.data if data is None else data
    refuse_inputs(
        [path],
        [
            *([] if subject.path is None else run_files(subject.path)),
            data if isinstance(data, str | Path) else None,
        ],
    )
    hears = listener or Listener()
    rows = None
    if data is not None:
        rows = rows_of(subject, data, lambda table: told(table, hears, f"reading {table.name}"))
    gathering = Gathering(subject, rows, facts, samples, title)
    content, text = _written_within(gathering)
    write_text(path, text, over=force)
    return content


def _written_within(gathering: Gathering) -> tuple[Content, str]:
    """Return the content and the page, rounded where that makes a large page small enough.

    Of weights that are larger than a page alone, half are better than all.
    """
    content = gathering.content("float32")
    text = render(content)
    weights = gathering.subject.params.flat
    largest = float(np.abs(weights).max())
    if len(text) <= LARGEST_PAGE or largest > float(np.finfo(np.float16).max):
        return content, text
    rounded = gathering.content("float16")
    smaller = render(rounded)
    if len(smaller) <= LARGEST_PAGE or len(content.network.weights.data) > LARGEST_PAGE:
        return rounded, smaller
    return content, text
