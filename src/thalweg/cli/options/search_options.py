"""The options of ``thalweg tune`` alone: how long a search takes, what it tries and keeps."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thalweg.cli.console_listener import require_files
from thalweg.cli.options.option_groups import HeldOutOptions
from thalweg.cli.options.running.checkpoint_options import seconds
from thalweg.cli.options.running.cluster_options import Scheduler
from thalweg.cli.options.verb_options import one_of, setting
from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.jobs.tuning.searched_model import SearchAsked

TimeLimit = Annotated[
    str | None,
    typer.Option(
        "--time-limit", metavar="TIME",
        help="Time for the search: 90s, 10m, 2h, or seconds. The evaluation comes after it.",
    ),
]  # fmt: skip
Trials = Annotated[
    int | None,
    typer.Option("--trials", metavar="N", help="The number of trials; trial 0 is the default."),
]
Space = Annotated[
    Any,
    setting(
        "--space", one_of("small", "wide", "article"), "NAME", "small",
        "What is tried: small, wide, or article (the article's network: rate, layers, units).",
    ),
]  # fmt: skip
Keep = Annotated[
    int,
    typer.Option(
        "--keep",
        metavar="N",
        help="The most slots of the model; 1: a single trial. Each further trial makes predictions "
        "take longer, wider networks more so.",
    ),
]
Study = Annotated[
    str | None,
    typer.Option(
        "--study", metavar="FILE",
        help="Keep the search in this file; the same command goes on from it.",
    ),
]  # fmt: skip
Sampler = Annotated[
    Any,
    setting("--sampler", one_of("tpe", "random"), "NAME", "tpe", "What asks: tpe or random."),
]
MostMicroseconds = Annotated[
    float | None,
    typer.Option(
        "--max-row-microseconds", metavar="X",
        help="The most time that the model may take to predict a row of many.",
    ),
]  # fmt: skip
MostBytes = Annotated[
    str | None,
    typer.Option(
        "--max-size", metavar="SIZE",
        help="The most that the weights of the model may take: 200kB, 3MB, or bytes.",
    ),
]  # fmt: skip
IfUnclear = Annotated[
    Any,
    setting(
        "--if-unclear", one_of("default", "tuned"), "WHICH", "default",
        "The model if the tuned one is not shown to be better: default or tuned.",
    ),
]  # fmt: skip
Threads = Annotated[
    int | None,
    typer.Option("--n-jobs", metavar="N", help="Threads; the result does not depend on them."),
]


@dataclass(frozen=True)
class SearchedRowOptions(HeldOutOptions):
    """The same without the second name of ``--id``: a search keeps trials."""

    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--id", metavar="NAME",
            help="A column to carry along, unchanged, to the predictions; may be repeated.",
        ),
    ] = None  # fmt: skip


@dataclass(frozen=True)
class SearchOptions:
    """What is asked of a search."""

    time_limit: TimeLimit = None
    trials: Trials = None
    space: Space = None
    keep: Keep = 8
    study: Study = None
    sampler: Sampler = None
    max_row_microseconds: MostMicroseconds = None
    max_size: MostBytes = None
    if_unclear: IfUnclear = None
    n_jobs: Threads = None
    scheduler: Scheduler = None

    def asked(self) -> "SearchAsked":
        """The same as a job takes it.

        Raises
        ------
        SettingsError
            For a text that is no time, or no size.
        """
        from thalweg.jobs.tuning.searched_model import SearchAsked

        require_files(**{"--study": self.study})
        return SearchAsked(
            time_limit=None if self.time_limit is None else _time(self.time_limit),
            n_trials=self.trials, space=self.space or "small", keep=self.keep, study=self.study,
            sampler=self.sampler or "tpe", n_jobs=self.n_jobs,
            max_row_microseconds=self.max_row_microseconds,
            max_size=None if self.max_size is None else _size(self.max_size),
            if_unclear=self.if_unclear or "default",
        )  # fmt: skip


def _size(text: str) -> float:
    from thalweg.data.formats.budget import memory_of  # which imports pandas

    try:
        return float(memory_of(text))
    except SettingsError as error:
        fix = "give bytes, or a text such as 200kB or 3MB"
        raise SettingsError(error.what, where="--max-size", fix=fix) from None


def _time(text: str) -> float:
    try:
        found = seconds(text)
    except SettingsError as error:
        raise SettingsError(error.what, where="--time-limit", fix=error.fix) from None
    if not found > 0:
        fix = "give a time, as in 90s or 10m; or leave it out, and give --trials"
        raise SettingsError(f'"{text}" is not a time above 0', where="--time-limit", fix=fix)
    return found
