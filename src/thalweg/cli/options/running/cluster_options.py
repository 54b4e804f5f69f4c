"""The option that names a cluster."""

from typing import Annotated

import typer

from thalweg.errors import SettingsError

Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="The scheduler of a Dask cluster that fits the networks, such as "
        "tcp://127.0.0.1:8786.",
    ),
]


def require_fits(what: list[str], scheduler: str | None) -> None:
    """Raise a SettingsError for a cluster where nothing is fitted."""
    if scheduler is not None and len(what) > 1:
        raise SettingsError(
            "A saved model is evaluated here, because nothing is fitted",
            where="--scheduler",
            fix="leave out --scheduler, or name a TABLE alone",
        )
