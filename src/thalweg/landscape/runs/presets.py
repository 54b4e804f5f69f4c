"""The named optimizer settings that a race can use: four from the article and three more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from thalweg.errors import SettingsError
from thalweg.landscape.numbers_in_words import spoken
from thalweg.network.formulas.rules import RULES
from thalweg.training.descent.optimizer_settings import Lbfgs
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.wording import parameter

# The kinds of terrain: classification losses, regression losses (whose curvature is about ten
# times as large, so that their rates are smaller), the teaching function.
CLASSES, NUMBERS, HILLS = "classes", "numbers", "hills"


@dataclass(frozen=True)
class Preset:
    """Optimizer settings with a short name.

    Attributes
    ----------
    name : str
    rule : str
        Text form of the optimizer.
    words : str
        What it shows.
    elsewhere : mapping of str to str
        The text form on terrains other than ``CLASSES``, where it differs.
    title : str
        What readers call its run, such as "small steps".
    """

    name: str
    rule: str
    words: str
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    title: str = ""


def _presets() -> dict[str, Preset]:
    large = MappingProxyType({NUMBERS: "sgd:lr=0.4", HILLS: "sgd:lr=2"})
    shrinking = MappingProxyType({on: f"{rule},schedule=cosine" for on, rule in large.items()})
    known = (
        Preset(
            "sgd",
            "sgd:lr=0.1",
            "plain descent with a small rate: straight down, then slower and slower",
            title="small steps",
        ),
        Preset(
            "anneal",
            "sgd:lr=3,schedule=cosine",
            "a large rate that shrinks to 0: leaps first, and settles in the end",
            shrinking,
            title="shrinking steps",
        ),
        Preset(
            "large",
            "sgd:lr=3",
            "the same large rate to the end: it leaps across the valley and does not settle",
            large,
            title="large steps",
        ),
        Preset(
            "momentum",
            "sgd:lr=0.1,momentum=0.9",
            "a heavy ball: it gathers speed, rolls through flats and over small rises",
            title="momentum",
        ),
        Preset(
            "nesterov",
            "nesterov:lr=0.1",
            "a heavy ball that feels the slope a step ahead, and so swings less",
            title="Nesterov",
        ),
        Preset(
            "rmsprop",
            "rmsprop:lr=0.01",
            "each weight's step divided by the size of its own gradients",
            MappingProxyType({HILLS: "rmsprop:lr=0.05"}),
            title="RMSProp",
        ),
        Preset(
            "adam",
            "adam:lr=0.02",
            "a heavy ball, and each weight's step divided by the size of its own gradients",
            MappingProxyType({HILLS: "adam:lr=0.1"}),
            title="Adam",
        ),
    )
    return {each.name: each for each in known}


PRESETS = _presets()
ARTICLE = ("sgd", "anneal", "large", "momentum")
# The name of a fitted model's own run among others, and what readers call it.
OWN, _OWN_TITLE = "model", "the model's training"


def title_of(name: str, rule: str) -> str:
    """What readers call a run: "large steps", or "Adam at rate 0.01" for a text form.

    Parameters
    ----------
    name : str
        Of a preset, of the model's own run, or a text form.
    rule : str
        The text form; "" if there is none.
    """
    if name in PRESETS:
        return PRESETS[name].title
    if name == OWN:
        return _OWN_TITLE
    try:
        return spoken(rule) if rule else name
    except SettingsError:  # a run of somebody else's data, with a text of its own
        return name


def entries(rules: Sequence[str | Preset], ground: str = CLASSES) -> list[Preset]:
    """The presets of these names, with their settings for this terrain.

    Parameters
    ----------
    rules : sequence of str or Preset
        Names of ``PRESETS``, or text forms of optimizers, which are their own names. A ``Preset``
        is taken as it is.
    ground : {"classes", "numbers", "hills"}

    Raises
    ------
    SettingsError
        For an empty list, an unknown name, or a duplicate.
    """
    if not rules:
        raise SettingsError("A race needs optimizers", fix=f"take some of {', '.join(PRESETS)}")
    found: list[Preset] = []
    for rule in rules:
        if isinstance(rule, Preset):
            found.append(rule)
            continue
        if any(rule == each.name for each in found):
            raise SettingsError(f"{rule} is given twice", fix="give it once")
        if rule in PRESETS:
            preset = PRESETS[rule]
            found.append(replace(preset, rule=preset.elsewhere.get(ground, preset.rule)))
            continue
        if ":" not in rule and rule not in RULES and rule != "lbfgs":
            raise SettingsError(
                f"There is no optimizer {rule!r}",
                fix=f"take one of {', '.join(PRESETS)}, or write for example adam:lr=0.01",
            )
        parse_optimizer(rule)
        found.append(Preset(rule, rule, ""))
    return found


def ground_of(loss: str) -> str:
    """The kind of terrain of a loss, given its text form."""
    return CLASSES if loss.endswith("cross_entropy") else NUMBERS


def check_batches(entered: Sequence[Preset], member: Member) -> None:
    """Refuse L-BFGS on mini-batches."""
    batch, rows = member.settings.batch_size, member.rows
    n_rows = len(member.data.X) if rows is None else len(rows)
    named = [each.name for each in entered if isinstance(parse_optimizer(each.rule), Lbfgs)]
    if batch is not None and named:
        raise SettingsError(
            f"{named[0]} cannot run on batches of {batch} of {n_rows:,} rows",
            why="L-BFGS needs the same loss at every evaluation",
            fix="take another optimizer; or, on a table without a model, use all rows in a step: "
            f"{parameter('batch_size', n_rows)}",
        )
