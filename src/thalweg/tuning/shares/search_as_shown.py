"""What the page of a search shows, made of its result."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from thalweg.reporting.tuning.shown_search import (
    ShownSearch,
    ShownSetting,
    ShownTrial,
    written,
)
from thalweg.tuning.honest_score import HonestScore
from thalweg.tuning.running.search_bounds import Bounds
from thalweg.tuning.search_spaces import Dimension, OneOf, Space, nearest
from thalweg.tuning.shares.setting_shares import (
    FEWEST_TRIALS,
    SHUFFLES,
    SettingShares,
    ends_of,
    place_of,
    setting_shares,
)
from thalweg.wording import counted


def shares_of_trials(trials: pd.DataFrame, space: Space, seed: int) -> SettingShares | None:
    """The shares of the settings, without the default: the space may not have its settings.

    Parameters
    ----------
    trials : DataFrame
        Of a `Tuned`.
    space : Space
    seed : int
    """
    known = trials[trials.loss.notna() & (trials.number > 0)]
    values = [{name: row[name] for name in space.dimensions} for row in _rows(known)]
    return setting_shares(space.dimensions, values, known.loss.to_numpy(float), seed)


def shown_search(
    trials: pd.DataFrame,
    space: Space,
    bounds: Bounds,
    honest: HonestScore,
    shares: SettingShares | None,
    words: tuple[str, str, Sequence[str]],
) -> ShownSearch:
    """The search as its page shows it.

    Parameters
    ----------
    trials : DataFrame
        Of a `Tuned`.
    space, bounds, honest
    shares : SettingShares or None
    words : (str, str, sequence of str)
        The finding, what it is about, and the result in sentences.
    """
    finding, about, sentences = words
    n_known = int((trials.loss.notna() & (trials.number > 0)).sum())
    return ShownSearch(
        finding,
        about,
        sentences,
        honest.loss_name,
        honest.default_loss,
        honest.loss,
        honest.difference,
        space.name,
        [_setting(name, each) for name, each in space.dimensions.items()],
        [_trial(row, space, bounds) for row in _rows(trials)],
        () if shares is None else shares.settings,
        _too_few(n_known) if shares is None else _words(shares),
    )


def _rows(trials: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows with the values as the space has them: a column of numbers has lost their types."""
    return [{str(name): value for name, value in row.items()} for row in trials.to_dict("records")]


def _setting(name: str, dimension: Dimension) -> ShownSetting:
    if isinstance(dimension, OneOf):
        choices = tuple(written(each) for each in dimension.stored)
        return ShownSetting(name, ends_of(dimension), choices=choices)
    return ShownSetting(name, ends_of(dimension), dimension.log)


def _trial(row: Mapping[str, Any], space: Space, bounds: Bounds) -> ShownTrial:
    loss = None if _is_missing(row["loss"]) else float(row["loss"])
    asked = {"microseconds": bounds.max_row_microseconds, "bytes": bounds.max_size}
    within = all(
        most is None or _is_missing(row.get(name)) or row[name] <= most
        for name, most in asked.items()
    )
    seconds = row.get("seconds")
    values = {
        # The default has its own values, and stands at the nearest ones of the space.
        name: own_value(each, row[name]) if row["number"] else row[name]
        for name, each in space.dimensions.items()
    }
    placed = {name: nearest(each, values[name]) for name, each in space.dimensions.items()}
    return ShownTrial(
        int(row["number"]),
        str(row["state"]),
        loss,
        within,
        float(row["weight"]),
        None if seconds is None or loss is None else float(seconds),
        {name: written(value) for name, value in values.items()},
        {name: place_of(each, placed[name]) for name, each in space.dimensions.items()},
    )


def own_value(dimension: Dimension, value: Any) -> Any:
    """The value in the type of its dimension, as a number of a data frame may be a float."""
    if isinstance(dimension, OneOf):
        return list(dimension.stored)[int(place_of(dimension, value))]
    return int(value) if dimension.whole else float(value)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _too_few(n_known: int) -> list[str]:
    if n_known < FEWEST_TRIALS:
        return [
            f"{counted(n_known, 'trial')} beside the default {'has' if n_known == 1 else 'have'} a "
            f"loss. With fewer than {FEWEST_TRIALS}, nothing is said of which settings "
            "mattered."
        ]
    return ["All trials have the same loss, so no setting mattered."]


def _words(shares: SettingShares) -> list[str]:
    said = [
        f"A random forest learned the loss from the settings of {shares.n_trials} trials. On "
        f"trials that a tree did not see, it has an R² of {shares.explained:.2f}. A share says how "
        "much of the variation of the loss over the whole space is due to one setting alone, as "
        f"the forest has it (fANOVA); {100 * shares.together:.0f} % is of settings that act "
        "together.",
        "This is about these trials on this table, not about the world. A setting that did not "
        "matter here may matter on another table. Ranges are of trials drawn again, 5 % to 95 %. "
        "Trials with a very high loss weigh most.",
    ]
    if shares.explained <= 0:
        said.append(
            "The forest does not predict the loss of trials that it did not see, so no setting is "
            "shown to have mattered."
        )
    else:
        said.append(
            f"{SHUFFLES} more forests have the settings with shuffled values, too. A setting is "
            "shown to have mattered if its mean share in these is above every share of a setting "
            f"with shuffled values, of which the largest is {100 * shares.by_chance:.1f} %. The "
            "others have a broken outline."
        )
    return said
