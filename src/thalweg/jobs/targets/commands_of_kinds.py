"""Commands that make one model for each kind of several targets, with all that a person asked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.parameters.simpler_model import NETWORK
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.evaluation.task_kinds import SEVERAL_CLASSES, TaskKind
from thalweg.jobs.parts.training_table import TrainingRequest
from thalweg.jobs.recipes.command_words import option_words, setting_words
from thalweg.jobs.recipes.report_recipes import said_words
from thalweg.jobs.targets.positive_texts import positive_texts
from thalweg.network.formulas.losses import loss
from thalweg.shell_words import command_of

# Of what is asked of an evaluation, what numbers have, too.
_OF_NUMBERS = ("by", "margin")


def commands_of_kinds(
    kinds: Mapping[str, TaskKind], request: TrainingRequest, verb: str
) -> list[str]:
    """A command for each kind of target, and for each target of several classes.

    Files to write are not among their options, since each command would write the same one.

    Parameters
    ----------
    kinds : mapping of str to TaskKind
        By target.
    request : TrainingRequest
    verb : str
    """
    sets: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        sets.setdefault(name if kind is SEVERAL_CLASSES else kind.name, []).append(name)
    return [
        _command(targets, [each for each in kinds if each not in targets], kinds, request, verb)
        for targets in sets.values()
    ]


def commands_of_each(
    kinds: Mapping[str, TaskKind], request: TrainingRequest, verb: str
) -> list[str]:
    """A command for each target, as `commands_of_kinds`."""
    return [
        _command([name], [each for each in kinds if each != name], kinds, request, verb)
        for name in kinds
    ]


def _command(
    targets: Sequence[str],
    others: Sequence[str],
    kinds: Mapping[str, TaskKind],
    request: TrainingRequest,
    verb: str,
) -> str:
    """The command line for some targets, of which the others are no features."""
    columns, kind = request.columns, kinds[targets[0]]
    own = replace(
        columns, target=None, targets=(), positives={}, ids=(),
        drop=[*columns.drop, *others],
        drop_missing=[each for each in columns.drop_missing if each not in others],
    )  # fmt: skip
    positives = {name: label for name, label in columns.positives.items() if name in targets}
    said = [*positives.values()] if len(targets) == 1 else positive_texts(positives, targets)
    words = [
        *option_words({"target": list(targets), "positive": said}),
        *said_words(own), *said_words(request.reading),
        *setting_words(_settings_of(kind, request)), *_of_evaluation(kind, request, verb),
    ]  # fmt: skip
    return command_of(["thalweg", verb, request.table, *words])


def _settings_of(kind: TaskKind, request: TrainingRequest) -> dict[str, object]:
    """The settings that a model of this kind has."""
    estimator = ThalwegClassifier if kind.of_classes else ThalwegRegressor
    known = {*estimator().get_params(), "preset"}
    found = {name: value for name, value in request.settings.items() if name in known}
    if "loss" in found and not _has(kind, str(found["loss"])):
        del found["loss"]
    return found


def _has(kind: TaskKind, text: str) -> bool:
    try:
        return loss(text).name in kind.losses
    except SettingsError:
        return False


def _of_evaluation(kind: TaskKind, request: TrainingRequest, verb: str) -> list[str]:
    """What else is asked, besides the columns and the settings."""
    sections = vars(request.sections)
    kept = {
        name: value for name, value in sections.items() if kind.of_classes or name in _OF_NUMBERS
    }
    words = said_words(kept)
    words += ["--no-trees"] if request.sections.no_trees else []
    words += ["--estimator", request.estimator] if request.estimator != NETWORK else []
    words += ["--seed", str(request.seed)] if request.seed else []
    for name in ("folds", "repeats") if verb == "evaluate" else ():
        value = getattr(request, name, None)
        if value is not None and value != type(request).__dataclass_fields__[name].default:
            words += [f"--{name}", str(value)]
    return words
