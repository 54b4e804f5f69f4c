"""``thalweg studio``: the options of the studio, and the link that opens it."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from thalweg.cli.console_listener import Talk, write_text
from thalweg.errors import SettingsError
from thalweg.wording import printable

_EXTRA = ("starlette", "uvicorn", "h11", "websockets")
_MOST_PORT = 65_535

Table = Annotated[
    str | None,
    typer.Argument(
        metavar="TABLE|MODEL", show_default=False,
        help="What is open at once: a table, the name of a bundled one, or a model file.",
    ),
]  # fmt: skip
NoBrowser = Annotated[
    bool, typer.Option("--no-browser", help="Print the link, and open no browser.")
]
Port = Annotated[
    int | None,
    typer.Option(
        min=1, max=_MOST_PORT, show_default=False, metavar="PORT",
        help="The port on this machine. Default: a free one from 8631 on.",
    ),
]  # fmt: skip
Workspace = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER", show_default=False,
        help="The folder of what is kept. Default: a private one of this user.",
    ),
]  # fmt: skip


def studio(
    table: Table = None,
    *,
    no_browser: NoBrowser = False,
    port: Port = None,
    workspace: Workspace = None,
) -> None:
    """Open the studio: tables and models in a browser, on this machine alone.

    It answers on 127.0.0.1 only, and to nobody without the link that it prints. Ctrl-C ends it.
    It needs Starlette: pip install "thalweg[studio]".
    """
    with Talk("studio") as talk, _uncollected() as collect_again:
        try:
            from thalweg.studio.studio import StudioRequest
            from thalweg.studio.studio import studio as job
        except ModuleNotFoundError as why:
            package = (why.name or "").partition(".")[0]
            if package not in _EXTRA:
                raise
            raise SettingsError(
                f"The studio needs {package}, which is not installed",
                fix='install it: pip install "thalweg[studio]"',
            ) from why

        def ready(link: str) -> None:
            collect_again()
            write_text(f"{printable(link)}\n")
            talk.say("The studio runs. Whoever has this link can open it; Ctrl-C ends it.")

        job(
            StudioRequest(
                table=table, port=port, workspace=workspace, browser=not no_browser
            ),
            ready,
        )  # fmt: skip


@contextmanager
def _uncollected() -> Iterator[Callable[[], None]]:
    """A start without garbage collection, which takes a tenth of it: modules are no garbage.

    Yields what lets Python collect again; the end of the block does so, too.
    """
    was_on = gc.isenabled()
    gc.disable()

    def again() -> None:
        if was_on:
            gc.enable()

    try:
        yield again
    finally:
        again()
