"""MODEL and DATA, which are easily given the wrong way round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from chainrule.cli.command import repeating
from chainrule.errors import ChainruleError, InvalidValueError


@contextmanager
def in_order(model: Path, data: str) -> Iterator[None]:
    """Say so where a command fails because its model and its data were given the wrong way round.

    Raises
    ------
    InvalidValueError
        In place of an error of chainrule's, if DATA is a model and MODEL is none.
    """
    try:
        yield
    except ChainruleError as error:
        if _is_model(model) or not _is_model(Path(data)):
            raise
        turned = repeating(click.get_current_context(), arguments=[data, str(model)])
        raise InvalidValueError(
            "MODEL must come before DATA", f"{model} {data}", f"turn them round: {turned}"
        ) from error


def _is_model(path: Path) -> bool:
    from chainrule.persist.model_file import find_model
    from chainrule.preparation.saving import contents

    try:
        contents(find_model(path))
    except (ChainruleError, OSError):
        return False
    return True
