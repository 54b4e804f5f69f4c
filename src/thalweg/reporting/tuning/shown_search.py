"""A search as its page shows it: plain data, which the search makes of its result."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount

Value = float | int | str | bool | None


# What settings are called beside their names as parameters: as docs/tuning.md has them.
_NAMES = {"width": "units", "learning_rate_init": "learning rate"}
# The two settings of which the article draws its pictures.
_OF_ARTICLE = ("learning_rate_init", "width")


def name_of(setting: str) -> str:
    """The name of a setting in sentences and pictures."""
    return _NAMES.get(setting, setting)


@dataclass(frozen=True)
class ShownSetting:
    """A setting that a search changed.

    Attributes
    ----------
    name : str
    ends : (float, float)
        Where its axis begins and ends; of the logarithm, if ``log``.
    log : bool
    choices : tuple of str
        Its values, if it is one of some; empty for a number.
    """

    name: str
    ends: tuple[float, float]
    log: bool = False
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name in sentences and pictures."""
        return name_of(self.name)


@dataclass(frozen=True)
class ShownTrial:
    """A trial.

    Attributes
    ----------
    number : int
    state : str
        "complete", or why it has no loss.
    loss : float or None
    within : bool
        Whether it is within the limits that were asked of the model.
    weight : float
        Of it in the ensemble, 0 to 1.
    seconds : float or None
    values : dict
        Of each setting, as text.
    places : dict
        Where each value is on the axis of its setting.
    """

    number: int
    state: str
    loss: float | None
    within: bool
    weight: float
    seconds: float | None
    values: dict[str, str]
    places: dict[str, float]

    @property
    def counts(self) -> bool:
        """Whether it may be the best: it has a loss and is within the limits."""
        return self.loss is not None and self.within


@dataclass(frozen=True)
class SettingShare:
    """What a setting alone has of the variation of the loss.

    Attributes
    ----------
    name : str
    share : float
        0 to 1.
    low, high : float
        5 % and 95 % of the shares where the trials are drawn again.
    beside_shuffled : float
        Its mean share in forests that have the settings with shuffled values, too: this decides.
    matters : bool
        Whether it is shown.
    """

    name: str
    share: float
    low: float
    high: float
    beside_shuffled: float
    matters: bool


@dataclass(frozen=True)
class ShownSearch:
    """A search.

    Attributes
    ----------
    finding, about : str
        The title of the page, and the line below it.
    sentences : sequence of str
        The result.
    loss_name : str
    default_loss, loss, difference : Estimate
        Of rows that chose nothing; the difference is tuned minus default.
    space : str
        Its name.
    settings : sequence of ShownSetting
    trials : sequence of ShownTrial
        In the order of their numbers; the first is the default.
    shares : sequence of SettingShare
        The largest first; empty if there are none.
    about_shares : sequence of str
        What the shares are, or why there are none.
    """

    finding: str
    about: str
    sentences: Sequence[str]
    loss_name: str
    default_loss: Estimate
    loss: Estimate
    difference: Estimate
    space: str
    settings: Sequence[ShownSetting]
    trials: Sequence[ShownTrial]
    shares: Sequence[SettingShare] = ()
    about_shares: Sequence[str] = field(default=())

    @property
    def is_default_alone(self) -> bool:
        """Whether the ensemble is the default, so that there is no tuned model."""
        return [each.number for each in self.trials if each.weight > 0] == [0]

    def best_so_far(self) -> list[float | None]:
        """The lowest loss up to each trial, of those within the limits."""
        found: list[float | None] = []
        lowest = None
        for each in self.trials:
            if each.counts and (lowest is None or (each.loss or 0.0) < lowest):
                lowest = each.loss
            found.append(lowest)
        return found

    def best(self) -> ShownTrial | None:
        """The trial with the lowest loss within the limits."""
        counted = [each for each in self.trials if each.counts]
        return min(counted, key=lambda each: each.loss or 0.0, default=None)

    def pair(self) -> list[ShownSetting]:
        """The two settings of the pictures: the largest shares, else the first of the space.

        Without shares the article has the two of its own pictures.
        """
        by_name = {each.name: each for each in self.settings}
        names = [each.name for each in self.shares] or list(by_name)
        if not self.shares and self.has_map:
            names = list(_OF_ARTICLE)
        return [by_name[name] for name in names[:2]]

    @property
    def has_map(self) -> bool:
        """Whether it is of the article, with learning rate, units and layers."""
        names = {each.name for each in self.settings}
        return self.space == "article" and names >= {"layers", *_OF_ARTICLE}

    def fifths(self) -> dict[int, int]:
        """The fifth of each trial with a loss, by its number: 0 for the lowest losses.

        Equal losses are of one fifth, that of their middle place.
        """
        known = [each for each in self.trials if each.counts]
        losses = sorted(each.loss or 0.0 for each in known)
        found = {}
        for each in known:
            loss = each.loss or 0.0
            middle = (bisect_left(losses, loss) + bisect_right(losses, loss) - 1) // 2
            found[each.number] = 5 * middle // len(losses)
        return found


def written(value: object) -> str:
    """The value of a setting."""
    if isinstance(value, float):
        return amount(value, 3)
    return str(value)
