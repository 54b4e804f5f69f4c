"""The named runs of a race: the article's four, its batches of rows, and three optimizers more.

On the loss of a network their rates come from its curvature (`rates_of_table`), so that each run
does what its name says on any table. On the functions of two parameters they are constants.
"""

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

# The kinds of terrain: the loss of a network, and the two functions of two parameters.
NETWORK, HILLS, HILLS_PLAIN = "network", "hills", "hills-plain"
# A run of all rows takes no more rows a step than this: 400 steps over a million rows would take
# as long as 400 epochs.
ALL_ROWS = 20_000


@dataclass(frozen=True)
class RunRates:
    """The learning rates that a race derives from the curvature of a loss.

    Attributes
    ----------
    small, medium, large : float
    """

    small: float
    medium: float
    large: float


# Rates of a usual size, for where only the kind of an optimizer matters.
USUAL_RATES = RunRates(0.05, 0.15, 5.0)


@dataclass(frozen=True)
class Preset:
    """Optimizer settings with a short name.

    Attributes
    ----------
    name : str
    rule : str
        Text form of the optimizer. "{small}", "{medium}" and "{large}" stand for the rates that
        come from the terrain.
    words : str
        What it shows.
    elsewhere : mapping of str to str
        The text form on terrains other than ``NETWORK``, where it differs.
    title : str
        What readers call its run, such as "small steps".
    rows_a_step : int, optional
        Rows of a step; default: those of the race.
    on_rows : bool
        Whether it is about rows, so that a function without rows does not have it.
    """

    name: str
    rule: str
    words: str
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    rows_a_step: int | None = None
    on_rows: bool = False

    @property
    def needs_rates(self) -> bool:
        """Whether its rate comes from the terrain."""
        return "{" in self.rule

    def at(self, rates: RunRates) -> "Preset":
        """The same with these rates, to three digits, as its text form shows them."""
        if not self.needs_rates:
            return self
        told = {name: f"{rate:.3g}" for name, rate in vars(rates).items()}
        return replace(self, rule=self.rule.format(**told))


def _on_hills(plain: str, relief: str) -> Mapping[str, str]:
    return MappingProxyType({HILLS: relief, HILLS_PLAIN: plain})


def _presets() -> dict[str, Preset]:
    known = (
        Preset(
            "sgd",
            "sgd:lr={small}",
            "plain descent with a small rate: straight down, then slower and slower",
            _on_hills("sgd:lr=0.1", "sgd:lr=0.06"),
            title="small steps",
            rows_a_step=ALL_ROWS,
        ),
        Preset(
            "anneal",
            "sgd:lr={large},schedule=cosine(end=0.1)",
            "a large rate that shrinks: leaps first, and settles in the end",
            _on_hills("sgd:lr=2,schedule=cosine", "sgd:lr=2,schedule=cosine"),
            title="shrinking steps",
        ),
        Preset(
            "large",
            "sgd:lr={large}",
            "the same large rate to the end: it leaps across the valley and does not settle",
            _on_hills("sgd:lr=2", "sgd:lr=2"),
            title="large steps",
        ),
        Preset(
            "momentum",
            "sgd:lr={small},momentum=0.9",
            "a heavy ball: it gathers speed, rolls through flats and over small rises",
            _on_hills("sgd:lr=0.1,momentum=0.9", "sgd:lr=0.06,momentum=0.9"),
            title="momentum",
            rows_a_step=ALL_ROWS,
        ),
        Preset(
            "nesterov",
            "nesterov:lr={small}",
            "a heavy ball that feels the slope a step ahead, and so swings less",
            _on_hills("nesterov:lr=0.1", "nesterov:lr=0.06"),
            title="Nesterov",
            rows_a_step=ALL_ROWS,
        ),
        Preset(
            "rmsprop",
            "rmsprop:lr=0.01",
            "each weight's step divided by the size of its own gradients",
            _on_hills("rmsprop:lr=0.05", "rmsprop:lr=0.05"),
            title="RMSProp",
        ),
        Preset(
            "adam",
            "adam:lr=0.02",
            "a heavy ball, and each weight's step divided by the size of its own gradients",
            _on_hills("adam:lr=0.1", "adam:lr=0.1"),
            title="Adam",
        ),
        *_batches(),
    )
    return {each.name: each for each in known}


def _batches() -> tuple[Preset, ...]:
    """Plain descent at one rate, with one row, some rows and all rows in a step."""
    about = "plain descent whose slope is that of"
    told = (
        ("one-row", 1, "one row a step", f"{about} a single row: it falls in zigzags"),
        ("32-rows", 32, "32 rows a step", f"{about} 32 rows: nearly the slope of all"),
        ("all-rows", ALL_ROWS, "all rows a step", f"{about} all rows: straight down"),
    )
    return tuple(
        Preset(name, "sgd:lr={medium}", words, title=title, rows_a_step=rows, on_rows=True)
        for name, rows, title, words in told
    )


PRESETS = _presets()
ARTICLE = ("sgd", "anneal", "large", "momentum")
# The optimizers on their own, and the article's whole story.
OPTIMIZERS = tuple(name for name, each in PRESETS.items() if not each.on_rows)
SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"article": (*ARTICLE, *(name for name, each in PRESETS.items() if each.on_rows))}
)
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


def entries(rules: Sequence[str | Preset], ground: str = NETWORK) -> list[Preset]:
    """The presets of these names, with their settings for this terrain.

    Parameters
    ----------
    rules : sequence of str or Preset
        Names of ``PRESETS`` or of ``SETS``, or text forms of optimizers, which are their own
        names. A ``Preset`` is taken as it is.
    ground : {"network", "hills", "hills-plain"}

    Raises
    ------
    SettingsError
        For an empty list, an unknown name, a duplicate, or a run on rows where there are none.
    """
    if not rules:
        raise SettingsError("A race needs optimizers", fix=f"take some of {', '.join(PRESETS)}")
    found: list[Preset] = []
    for rule in _spread(rules, ground):
        if isinstance(rule, Preset):
            found.append(rule)
            continue
        if any(rule == each.name for each in found):
            raise SettingsError(f"{rule} is given twice", fix="give it once")
        if rule in PRESETS:
            preset = PRESETS[rule]
            if preset.on_rows and ground != NETWORK:
                raise SettingsError(
                    f"{rule} cannot run on {ground}",
                    why="A function of two parameters has no rows to take a step by",
                    fix=f"take some of {', '.join(OPTIMIZERS)}, or a table",
                )
            found.append(replace(preset, rule=preset.elsewhere.get(ground, preset.rule)))
            continue
        if ":" not in rule and rule not in RULES and rule != "lbfgs":
            raise SettingsError(
                f"There is no optimizer {rule!r}",
                fix=f"take one of {', '.join((*PRESETS, *SETS))}, or write for example "
                "adam:lr=0.01",
            )
        parse_optimizer(rule)
        found.append(Preset(rule, rule, ""))
    return found


def _spread(rules: Sequence[str | Preset], ground: str) -> list[str | Preset]:
    """The rules, with the names of sets replaced by what they hold; hills have no runs on rows."""
    found: list[str | Preset] = []
    for rule in rules:
        if isinstance(rule, str) and rule in SETS:
            held = SETS[rule]
            found += [name for name in held if ground == NETWORK or not PRESETS[name].on_rows]
        else:
            found.append(rule)
    return found


def optimizers_of(rules: Sequence[str | Preset]) -> list[str]:
    """The text forms of these runs, at rates of a usual size: for the memory that they take."""
    return [each.at(USUAL_RATES).rule for each in entries(rules)]


def _is_lbfgs(entry: Preset) -> bool:
    return not entry.needs_rates and isinstance(parse_optimizer(entry.rule), Lbfgs)


def check_batches(entered: Sequence[Preset], member: Member) -> None:
    """Refuse L-BFGS on mini-batches."""
    batch, rows = member.settings.batch_size, member.rows
    n_rows = len(member.data.X) if rows is None else len(rows)
    named = [each.name for each in entered if _is_lbfgs(each)]
    if batch is not None and named:
        raise SettingsError(
            f"{named[0]} cannot run on batches of {batch} of {n_rows:,} rows",
            why="L-BFGS needs the same loss at every evaluation",
            fix="take another optimizer; or, on a table without a model, use all rows in a step: "
            f"{parameter('batch_size', n_rows)}",
        )
