"""The options of ``thalweg evaluate --tune``: how long each search takes, and what it tries."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thalweg.cli.options.running.checkpoint_options import seconds
from thalweg.cli.options.verb_options import one_of, setting
from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.tuning.nested.evaluate_tuning import EachSearch

_TRIALS = re.compile(r"([0-9]{1,6}) ?trials?", re.ASCII)


@dataclass(frozen=True)
class TuningWorthOptions:
    """What is asked of the searches of a nested cross-validation."""

    tune: Annotated[
        str | None,
        typer.Option(
            "--tune",
            metavar="TIME",
            help="Say what tuning is worth: in each fold a search of so long, such as 60s or 10m, "
            "or of so many trials, such as 12trials.",
        ),
    ] = None
    tune_space: Annotated[
        Any,
        setting(
            "--tune-space", one_of("small", "wide", "article"), "NAME", "small",
            "What --tune tries: small, wide or article.",
        ),
    ] = None  # fmt: skip

    def asked(self) -> "EachSearch | None":
        """The same as a job takes it; None if no search is asked for.

        Raises
        ------
        SettingsError
            A text that is no time, or a space without a search.
        """
        if self.tune is None:
            if self.tune_space is not None:
                raise SettingsError(
                    "--tune-space is about searches, and none is asked for",
                    fix="add --tune 60s, or leave it out",
                )
            return None
        from thalweg.tuning.nested.evaluate_tuning import EachSearch

        space = self.tune_space or "small"
        fix = "write a time, as in --tune 60s or --tune 10m, or trials, as in --tune 12trials"
        if trials := _TRIALS.fullmatch(self.tune.strip()):
            if int(trials[1]) < 2:
                what = f'"{self.tune}" is a search with nothing but the default'
                raise SettingsError(what, where="--tune", fix=fix)
            return EachSearch(n_trials=int(trials[1]), space=space)
        try:
            limit = seconds(self.tune)
        except SettingsError as error:
            raise SettingsError(error.what, where="--tune", fix=fix) from None
        if not limit:
            raise SettingsError(f'"{self.tune}" is not a time above 0', where="--tune", fix=fix)
        return EachSearch(time_limit=limit, space=space)
