"""``thalweg evaluate``: judge a saved model, or a way of training by cross-validation."""

from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Group

from thalweg.cli import options
from thalweg.cli.facts import page, table_facts, table_lines
from thalweg.cli.outcome import Outcome, printable_data
from thalweg.cli.reading import Reading, features_for, read_table
from thalweg.errors import DataError, SettingsError


def evaluate(
    what: options.ModelAndTable,
    target: options.Target = None,
    positive: options.Positive = None,
    drop: options.Drop = None,
    category: options.Category = None,
    separator: options.Separator = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    seed: options.Seed = 0,
    folds: options.Folds = 5,
    repeats: options.Repeats = 3,
    hidden: options.Hidden = None,
    activation: options.Activation = None,
    optimizer: options.Optimizer = None,
    alpha: options.Alpha = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    early_stopping: options.EarlyStopping = None,
    dtype: options.Dtype = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Judge a saved model on a table, or a way of training on a table alone.

    With MODEL TABLE the model is judged on all rows of the table: give rows that it was not
    trained on. With a TABLE alone, networks are trained and judged by cross-validation that is
    repeated, beside logistic regression and the commoner class; equal rows share a fold.
    """
    settings = options.given(
        hidden_layer_sizes=hidden,
        activation=activation,
        optimizer=optimizer,
        alpha=alpha,
        max_iter=epochs,
        batch_size=batch_size,
        early_stopping=early_stopping,
        dtype=dtype,
    )
    reading = Reading(separator=separator, decimal=decimal, encoding=encoding, sheet=sheet)
    with Outcome("evaluate", as_json=as_json, quiet=quiet) as outcome:
        outcome.seed = seed
        of_table = (target, positive, drop or [], category or [], reading)
        if len(what) == 1:
            verdict = _by_folds(outcome, what[0], of_table, settings, seed, folds, repeats)
        elif len(what) == 2 and not (settings or positive or drop or category):
            verdict = _of_model(outcome, what[0], what[1], reading, target=target, seed=seed)
        else:
            raise SettingsError(
                "A saved model has its settings, its columns and its positive class"
                if len(what) == 2
                else f"{len(what)} files are one too many, or more",
                fix="name MODEL and TABLE without those options, or TABLE alone",
            )
        outcome.result = {"judgement": verdict}
        outcome.show(_report(outcome.data, verdict))


def _by_folds(
    outcome: Outcome,
    source: str,
    of_table: tuple[str | None, str | None, list[str], list[str], Reading],
    settings: dict[str, Any],
    seed: int,
    folds: int,
    repeats: int,
) -> dict[str, Any]:
    """The verdict of cross-validation on a way of training."""
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.evaluation.repeated import judge_by_folds

    table, schema, matrix = read_table(outcome, source, *of_table)
    done: list[int] = []

    def on_fold() -> None:
        done.append(1)
        if len(done) % folds == 0:
            outcome.say(f"Repetition {len(done) // folds} of {repeats} is done.")

    verdict = judge_by_folds(
        lambda member: ThalwegClassifier(
            **settings, positive=table.positive, random_state=member, unknown="ignore"
        ),
        table.frame,
        np.asarray(table.target, dtype=object),
        positive=table.positive,
        seed=seed,
        matrix=matrix,
        n_levels=schema.n_levels,
        n_folds=folds,
        n_repeats=repeats,
        on_fold=on_fold,
    )
    return verdict.as_dict()


def _of_model(
    outcome: Outcome, path: str, source: str, reading: Reading, *, target: str | None, seed: int
) -> dict[str, Any]:
    """The verdict of a table on a saved model."""
    from thalweg.data.read import load_table
    from thalweg.evaluation.metrics import judge
    from thalweg.persistence.model_file import read_model

    file = read_model(path)
    model, labels = file.model, file.model.classes_.tolist()
    table = load_table(source, target=target or file.target, **reading)
    y = np.asarray(table.target, dtype=object)
    strange = sorted({str(label) for label in y} - {str(label) for label in labels})
    if strange:
        raise DataError(
            f"The target has classes that the model does not know: {', '.join(strange[:5])}",
            where=f'column "{table.target_name}"',
            fix=f"keep the rows of {labels[0]} and {labels[1]}",
        )
    X = features_for(model, table)
    matrix = model.schema_.matrix(X, unknown="ignore")  # of which `predict_proba` tells
    probability = model.predict_proba(X)
    place = int(model.classes_[1] == model.positive_)
    judgement = judge(
        y == str(labels[place]), probability[:, place], threshold=model.threshold_, seed=seed
    )
    for note in table.notes:
        outcome.say(note)
    seen = replace(table, frame=table.frame[list(model.schema_.names)], positive=labels[place])
    outcome.data = {**table_facts(seen, matrix), "notes": list(table.notes)}
    return {
        "how": f"Judged on {len(y):,} rows by a saved model",
        "positive": str(labels[place]),
        "negative": str(labels[1 - place]),
        "network": judgement.as_dict(),
        "baselines": {},
        "difference": None,
        "sentence": "The numbers hold for new rows only if the model was not trained on these.",
    }


def _report(data: Any, verdict: dict[str, Any]) -> Group:
    from thalweg.reporting.display import verdict_page

    return Group(page(table_lines(data)), "", verdict_page(printable_data(verdict)))
