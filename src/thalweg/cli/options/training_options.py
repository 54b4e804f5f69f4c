"""The command line options for training: one for each parameter of the estimators that has one.

All of them come from the table of parameters (`parameter_table`): the flag, the allowed values, the
default, the help.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import make_dataclass
from typing import Annotated, Any, TypeVar

from typer.models import OptionInfo

from thalweg.cli.options.verb_options import one_of, setting
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import (
    BOTH,
    Option,
    Setting,
    spelled,
)
from thalweg.estimators.parameters.parameter_table import BY_NAME, PARAMETERS, flag_of
from thalweg.estimators.parameters.setting_texts import reader_of
from thalweg.network.formulas.expressions.written_loss import PREFIX
from thalweg.network.formulas.losses import standard_text

Group = TypeVar("Group")


def option_of(name: str, default: str = "") -> OptionInfo:
    """The option of a parameter of the estimators, from its row in the table.

    Parameters
    ----------
    name : str
        The name of the parameter.
    default : str
        The default in the help, if the verb has another one than the estimators.
    """
    parameter = BY_NAME[name]
    option = parameter.option
    assert isinstance(option, Option), name
    default = default or option.default or spelled(parameter, parameter.default)
    return setting(option.flag, reader_of(parameter), option.metavar, default, option.help)


# Parameters of only one kind of estimator come last.
TRAINING = tuple(
    sorted(
        (each for each in PARAMETERS if isinstance(each.option, Option)),
        key=lambda each: each.of != BOTH,
    )
)


def _of_parameters(*, leave_out: Sequence[str] = ()) -> Callable[[type[Group]], type[Group]]:
    """A decorator that gives a group of options (`option_groups`) a field for each parameter.

    Parameters
    ----------
    leave_out : sequence of str
        Parameters that the verbs with this group do not use.
    """

    def with_fields(group: type[Group]) -> type[Group]:
        options = [
            (each.name, Annotated[Any, option_of(each.name)], None)
            for each in TRAINING
            if each.name not in leave_out
        ]
        options.append((LOSS_FORMULA, Annotated[Any, _LOSS_FORMULA_OPTION], None))
        return make_dataclass(group.__name__, options, bases=(group,), frozen=True)

    return with_fields


# Those that `thalweg sweep` has for its map, too, with other defaults.
OF_BOTH_SWEEPS = ("optimizer", "activation", "alpha", "batch_size")

# The preset of `thalweg trace` alone: the article's network.
ARTICLE = "article"
TracePreset = Annotated[
    Any,
    setting(
        "--preset",
        one_of("quick", "default", "best", ARTICLE),
        "NAME",
        "default",
        "What auto means: quick, default or best; or article, the article's network.",
    ),
]


# A second option of the parameter ``loss``: a formula alone, which needs no prefix.
LOSS_FORMULA = "loss_formula"
_LOSS_FORMULA_OPTION = setting(
    "--loss-formula",
    lambda text: standard_text(f"{PREFIX}{text}"),
    "FORMULA",
    "none",
    "For regression: a loss of your own in z, the prediction, and y, the target, such as "
    "'where(z > y, z - y, 3 * (y - z))'.",
)


class _Given:
    """The values of a group of options."""

    def settings(self) -> dict[str, Setting]:
        """The settings that were given, by the names of the estimators' parameters.

        Raises
        ------
        SettingsError
            If a loss is given twice.
        """
        found = given(vars(self))
        if (formula := found.pop(LOSS_FORMULA, None)) is None:
            return found
        if "loss" in found:
            raise SettingsError(
                "Two losses are given, --loss and --loss-formula", fix="leave one of them out"
            )
        return {**found, "loss": formula}


@_of_parameters()
class TrainingOptions(_Given):
    """How networks are built and trained."""


@_of_parameters(leave_out=("interval_kind", "class_weight", "threshold", "n_ensemble", "preset"))
class NetworkOptions(_Given):
    """How one network is built and trained; a verb with it has its own ``--preset``."""


@_of_parameters(leave_out=OF_BOTH_SWEEPS)
class CurveOptions(_Given):
    """How the networks of a sweep over one setting are built and trained."""


def given(options: Mapping[str, Setting]) -> dict[str, Setting]:
    """The settings that were given; the estimator has its own defaults."""
    return {name: value for name, value in options.items() if value is not None}


def flags_of(settings: Iterable[str]) -> list[str]:
    """The options of the given parameters."""
    return [flag_of(name) for name in settings]
