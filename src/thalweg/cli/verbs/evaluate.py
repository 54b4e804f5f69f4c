"""``thalweg evaluate``: judge a saved model, or a way of training by cross-validation."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group

from thalweg.cli import options, training_options
from thalweg.cli.empty import Empty, refuse_empty, with_empty
from thalweg.cli.facts import page, table_facts, table_lines
from thalweg.cli.making import estimator_for
from thalweg.cli.outcome import Outcome
from thalweg.cli.reading import MaxMemory, Reading, features_for, numbers_of, read_table, reading_of
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.parameters.parameter import Settings
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.evaluation.tasks import Task


@training_options.takes_settings()
def evaluate(
    what: options.ModelAndTable,
    target: options.Target = None,
    positive: options.Positive = None,
    drop: options.Drop = None,
    category: options.Category = None,
    group: options.Group = None,
    separator: options.Separator = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    empty: Empty = None,
    max_memory: MaxMemory = None,
    seed: options.Seed = 0,
    folds: options.Folds = 5,
    repeats: options.Repeats = 3,
    task: options.Task = None,
    settings: Settings = training_options.NONE_GIVEN,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Judge a saved model on a table, or a way of training on a table alone.

    With MODEL TABLE the model is judged on all rows of the table: give rows that it was not
    trained on. With a TABLE alone, networks are trained and judged by cross-validation that is
    repeated, beside simpler models as `fit` names them; equal rows share a fold.
    """
    reading = reading_of(locals())
    of_training = _flags(locals())
    with Outcome("evaluate", as_json=as_json, quiet=quiet) as outcome:
        outcome.seed = seed
        of_table = (target, positive, drop, category, reading, task or "auto", group)
        if len(what) == 1:
            refuse_empty(empty)
            verdict = _by_folds(outcome, what[0], of_table, settings, seed, folds, repeats)
        elif len(what) == 2 and not of_training:
            verdict = _of_model(outcome, what, reading, target=target, empty=empty, seed=seed)
        else:
            raise SettingsError(
                "A saved model has its settings, its columns and its positive class"
                if len(what) == 2
                else f"{len(what)} files are one too many, or more",
                where=", ".join(of_training) if len(what) == 2 else "",
                fix="name MODEL and TABLE without these options, or TABLE alone",
            )
        outcome.result = {"judgement": verdict}
        outcome.show(_report(outcome.data, verdict))


def _flags(asked: Mapping[str, Any]) -> list[str]:
    """The options given that say how to train, as they are written."""
    names = ("positive", "drop", "category", "task", "group")
    of_table = [f"--{name}" for name in names if asked[name] not in (None, [])]
    return [*of_table, *training_options.flags_of(asked["settings"])]


def _by_folds(
    outcome: Outcome,
    source: str,
    of_table: tuple[Any, Any, Any, Any, Reading, str, str | None],
    settings: Settings,
    seed: int,
    folds: int,
    repeats: int,
) -> dict[str, Any]:
    """The verdict of cross-validation on a way of training."""
    from thalweg.evaluation.repeated import judge_by_folds

    lesson = read_table(outcome, source, *of_table)
    done: list[int] = []

    def on_fold() -> None:
        done.append(1)
        if len(done) % folds == 0:
            outcome.say(f"Repetition {len(done) // folds} of {repeats} is done.")

    verdict = judge_by_folds(
        lambda member: estimator_for(lesson, {**settings, "unknown": "ignore"}, member),
        lesson.table.frame,
        lesson.y,
        task=lesson.task,
        seed=seed,
        matrix=lesson.matrix,
        n_levels=lesson.schema.n_levels,
        n_folds=folds,
        n_repeats=repeats,
        groups=lesson.groups,
        on_fold=on_fold,
    )
    return verdict.as_dict()


def _of_model(
    outcome: Outcome,
    what: list[str],
    reading: Reading,
    *,
    target: str | None,
    empty: list[str] | None,
    seed: int,
) -> dict[str, Any]:
    """The verdict of a table on a saved model: MODEL, TABLE."""
    from thalweg.data.read import load_table
    from thalweg.persistence.model_file import read_model

    file = read_model(what[0])
    model = file.model
    table = load_table(what[1], target=target or file.target, **reading)
    table = with_empty(table, empty, model.schema_.names)
    y, asked = _asked(model, np.asarray(table.target, dtype=object), str(table.target_name))
    task = asked.of(model)
    X = features_for(model, table)
    matrix = model.schema_.matrix(X, unknown="ignore")  # of which the prediction tells
    judgement = task.judge(task.truth(y), task.ask(model, X), model, seed)
    for note in table.notes:
        outcome.say(note)
    positive = getattr(task, "positive", None)
    seen = replace(table, frame=table.frame[list(model.schema_.names)], positive=positive)
    values = y if task.name == "regression" else None
    outcome.data = {**table_facts(seen, matrix, values), "notes": list(table.notes)}
    return {
        "task": task.name,
        "how": f"Judged on {counted(len(y), 'row')} by a saved model",
        **task.facts(),
        "network": judgement.as_dict(),
        "baselines": {},
        "comparisons": {},
        "sentence": "The numbers hold for new rows only if the model was not trained on these.",
    }


def _asked(model: Any, told: np.ndarray, target: str) -> tuple[np.ndarray, "Task"]:
    """A target of texts as the model knows it, and what the model is asked."""
    from thalweg.data.names import listed
    from thalweg.evaluation.tasks import Numbers, SeveralClasses, TwoClasses

    if not hasattr(model, "classes_"):
        values = numbers_of(told)
        if values is None:
            raise DataError(
                "The target is no number, and the model predicts numbers",
                where=f'column "{target}", such as "{told[0]}"',
                fix="name the column that the model was trained on",
            )
        return values, Numbers()
    labels = [str(label) for label in model.classes_.tolist()]
    places = _places(labels, sorted(set(told)))
    strange = sorted(set(told) - set(places))
    if strange:
        none = len(strange) == len(set(told))
        raise DataError(
            f"The target has classes that the model does not know: {listed(strange, 5)}",
            where=f'column "{target}"; the model knows {listed(labels, 6)}',
            fix="write the classes as the model knows them, or name the right --target"
            if none
            else f"keep the rows of {listed(labels, 6)}",
        )
    y = model.classes_[[places[text] for text in told]]
    if len(labels) > 2:
        return y, SeveralClasses(model.classes_)
    place = int(model.classes_[1] == model.positive_)
    return y, TwoClasses(model.classes_[place], model.classes_[1 - place])


def _places(labels: list[str], found: list[str]) -> dict[str, int]:
    """The class that each text means: itself, or else the same number, or true and false."""
    exact = {label: k for k, label in enumerate(labels)}
    values = [(_value(label), k) for k, label in enumerate(labels)]
    by_value: dict[float | None, int] = {value: k for value, k in values if value is not None}
    if len(by_value) < len(labels):  # not all of them are numbers, or two are the same one
        by_value = {}
    places = {text: exact.get(text, by_value.get(_value(text))) for text in found}
    return {text: place for text, place in places.items() if place is not None}


def _value(text: str) -> float | None:
    """1 for "1", "1.0" and "TRUE"; None where it is neither a number nor true or false."""
    from thalweg.data.cells import number_of

    if text.casefold() in ("true", "false"):
        return float(text.casefold() == "true")
    value = number_of(text)
    return None if value is None or value != value else float(value)


def _report(data: Any, verdict: dict[str, Any]) -> Group:
    from thalweg.reporting.display import verdict_page

    return Group(page(table_lines(data)), "", verdict_page(verdict))
