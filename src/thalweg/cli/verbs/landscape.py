"""``thalweg landscape``: the options and the output of training runs on their loss landscape."""

from typing import TYPE_CHECKING

from rich.text import Text

from thalweg.cli.console_listener import Talk
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.landscape_options import (
    Connect,
    Dark,
    PictureTo,
    RaceOptions,
    Rules,
    ViewOptions,
    What,
    read_rules,
)
from thalweg.cli.options.option_groups import ColumnOptions, ReadingOptions, with_groups
from thalweg.errors import SettingsError
from thalweg.wording import printable

if TYPE_CHECKING:
    from thalweg.jobs.landscape import LandscapeOutcome


@with_groups
def landscape(
    what: What,
    *,
    columns: ColumnOptions,
    reading: ReadingOptions,
    output: PictureTo = None,
    force: verb_options.Force = False,
    rules: Rules = None,
    views: ViewOptions,
    connect: Connect = None,
    race: RaceOptions,
    seed: verb_options.Seed = 0,
    dark: Dark = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Let training runs start at one point, and draw the loss landscape around them.

    The output says how much the picture distorts. With a TABLE, the article's network (by default
    15 hidden units) is trained on all of its rows. With MODEL TABLE, the model's own training is
    repeated. hills is a function of two parameters, with names for its places.
    """
    with Talk("landscape", as_json=as_json, quiet=quiet, seed=seed) as talk:
        from thalweg.jobs.landscape import LandscapeRequest
        from thalweg.jobs.landscape import landscape as job

        if len(what) > 2:
            raise SettingsError(
                f"{len(what)} files are too many",
                fix="name MODEL and TABLE, or TABLE alone",
            )
        read = reading.reading()
        request = LandscapeRequest(
            table=what[-1],
            model=what[0] if len(what) == 2 else None,
            columns=columns.columns(names_of(what[-1], read)),
            reading=read,
            network=race.network(),
            rules=() if rules is None else read_rules(rules),
            **vars(views),
            connect=() if connect is None else read_rules(connect, "--connect"),
            seed=seed,
            dark=dark,
            profiles=as_json,
            output=output,
            overwrite=force,
        )

        def show(outcome: "LandscapeOutcome") -> None:
            talk.show(Text("\n".join(printable(line) for line in outcome.landscape.lines())))

        talk.when_settled(show)
        job(request, talk)
