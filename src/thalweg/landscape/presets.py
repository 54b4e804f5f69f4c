"""The descents that can run a race, by their names: the article's four and three more."""

from collections.abc import Sequence
from dataclasses import dataclass

from thalweg.errors import SettingsError
from thalweg.network.rules import RULES
from thalweg.training.settings import parse_optimizer


@dataclass(frozen=True)
class Preset:
    """A way to descend, by a short name.

    Attributes
    ----------
    name : str
    rule : str
        Text form of the optimizer, for the loss of a network.
    on_hills : str
        The same for the teaching function.
    words : str
        What it shows.
    """

    name: str
    rule: str
    on_hills: str
    words: str


PRESETS = {
    each.name: each
    for each in (
        Preset(
            "sgd", "sgd:lr=0.1", "sgd:lr=0.1",
            "plain descent with a small rate: straight down and then slower and slower",
        ),
        Preset(
            "anneal", "sgd:lr=3,schedule=cosine", "sgd:lr=0.8,schedule=cosine",
            "a large rate that shrinks to 0: leaps first, and settles in the end",
        ),
        Preset(
            "large", "sgd:lr=3", "sgd:lr=0.8",
            "the same large rate to the end: it leaps across the valley and does not settle",
        ),
        Preset(
            "momentum", "sgd:lr=0.1,momentum=0.9", "sgd:lr=0.1,momentum=0.9",
            "a heavy ball: it gathers speed, rolls through flats and over small rises",
        ),
        Preset(
            "nesterov", "nesterov:lr=0.1", "nesterov:lr=0.1",
            "a heavy ball that feels the slope a step ahead, and so swings less",
        ),
        Preset(
            "rmsprop", "rmsprop:lr=0.01", "rmsprop:lr=0.05",
            "each weight's step divided by the size of its own gradients",
        ),
        Preset(
            "adam", "adam:lr=0.02", "adam:lr=0.1",
            "the heavy ball, and each weight's step divided by the size of its own gradients",
        ),
    )
}  # fmt: skip
ARTICLE = ("sgd", "anneal", "large", "momentum")


def entries(rules: Sequence[str]) -> list[Preset]:
    """The presets of these names; a text form becomes an entry of its own."""
    if not rules:
        raise SettingsError("A race wants runners", fix=f"take some of {', '.join(PRESETS)}")
    for rule in rules:
        if list(rules).count(rule) > 1:
            raise SettingsError(f"{rule} stands twice among the rules", fix="give it once")
    found = []
    for rule in rules:
        if rule not in PRESETS and ":" not in rule and rule not in RULES and rule != "lbfgs":
            raise SettingsError(
                f"There is no rule {rule!r} to run with",
                fix=f"take one of {', '.join(PRESETS)}, or write for example adam:lr=0.01",
            )
        found.append(PRESETS.get(rule) or Preset(rule, rule, rule, ""))
        parse_optimizer(found[-1].rule)
    return found
