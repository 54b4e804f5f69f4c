"""``thalweg fit``: train on a table, and judge on rows that the network has not seen."""

from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group

from thalweg.cli import options
from thalweg.cli.facts import (
    epochs_table,
    model_facts,
    model_lines,
    page,
    table_lines,
)
from thalweg.cli.outcome import Outcome, printable_data
from thalweg.cli.reading import read_table
from thalweg.errors import SettingsError
from thalweg.files import check_writable

if TYPE_CHECKING:
    from thalweg.data.read import Table
    from thalweg.estimators.classifier import ThalwegClassifier


def fit(
    table: options.Table,
    target: options.Target = None,
    positive: options.Positive = None,
    drop: options.Drop = None,
    output: options.ModelTo = None,
    force: options.Force = False,
    seed: options.Seed = 0,
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
    verbose: options.Verbose = False,
) -> None:
    """Train a network on a table, and judge it.

    A fifth of the rows, each class in proportion, is set apart first: neither training nor
    stopping sees it. On it the network is judged, beside logistic regression and the commoner
    class. Without -o nothing is written.
    """
    settings = {
        "hidden_layer_sizes": hidden,
        "activation": activation,
        "optimizer": optimizer,
        "alpha": alpha,
        "max_iter": epochs,
        "batch_size": batch_size,
        "early_stopping": early_stopping,
        "dtype": dtype,
    }
    with Outcome("fit", as_json=as_json, quiet=quiet) as outcome:
        outcome.seed = seed
        _check_output(output, force)
        read, matrix = read_table(outcome, table, target, positive, drop or [])
        model, verdict = _judged(read, matrix, seed, settings, verbose=not quiet)
        facts = model_facts(model)
        outcome.result = {"file": None, "model": facts, "judgement": verdict}
        outcome.show(_report(outcome.data, facts, verdict))
        if verbose:
            outcome.say(epochs_table(model.history_))
        if output is not None:
            _save(model, output, force, read.target_name, verdict)
            outcome.result["file"] = output
            outcome.say(f"Saved this model as {output}.")


def _check_output(output: str | None, force: bool) -> None:
    """Before anything is trained, see whether the model can be written."""
    if output == "-":
        raise SettingsError(
            "A model is not written to standard output", where="-o -", fix="name a file behind -o"
        )
    if output is not None:
        check_writable(output, overwrite=force)


def _judged(
    table: "Table", matrix: np.ndarray, seed: int, settings: dict[str, Any], *, verbose: bool
) -> tuple["ThalwegClassifier", dict[str, Any]]:
    """A network fitted on one part of the table, and the verdict on it by the other."""
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.evaluation.validate import judge_on_holdout

    given = {name: value for name, value in settings.items() if value is not None}
    model = ThalwegClassifier(
        **given, positive=table.positive, random_state=seed, verbose=int(verbose)
    )
    y = np.asarray(table.target, dtype=object)
    verdict = judge_on_holdout(
        model, table.frame, y, positive=table.positive, seed=seed, matrix=matrix
    )
    # How much was said has no place among the settings of a model: equal runs, equal files.
    return model.set_params(verbose=0), verdict.as_dict()


def _save(
    model: "ThalwegClassifier", output: str, force: bool, target: str | None, verdict: Any
) -> None:
    from thalweg.persistence.model_file import save_model

    save_model(model, output, overwrite=force, target=target, judgement=verdict)


def _report(data: Any, facts: dict[str, Any], verdict: dict[str, Any]) -> Group:
    from thalweg.reporting.display import verdict_page

    lines = page([*table_lines(data), *model_lines(facts)])
    return Group(lines, "", verdict_page(printable_data(verdict)))
