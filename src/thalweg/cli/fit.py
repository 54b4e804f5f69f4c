"""``thalweg fit``: train on a table, and judge on rows that the network has not seen."""

from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group

from thalweg.cli import options
from thalweg.cli.facts import (
    history_page,
    model_facts,
    model_lines,
    page,
    table_lines,
)
from thalweg.cli.outcome import Outcome, printable_data
from thalweg.cli.reading import Reading, check_outputs, read_table
from thalweg.cli.report import landscape_part, page_bytes, write_page
from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.data.read import Table
    from thalweg.data.schema import Schema
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.evaluation.validate import Verdict


def fit(
    table: options.Table,
    target: options.Target = None,
    positive: options.Positive = None,
    drop: options.Drop = None,
    category: options.Category = None,
    separator: options.Separator = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    output: options.ModelTo = None,
    report: options.ReportTo = None,
    landscape: options.WithLandscape = False,
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

    A fifth of the rows is set apart first: neither training nor stopping sees it. On it the
    network is judged, beside logistic regression and the commoner class. Nothing is written
    without -o or --report.
    """
    settings = options.given(
        hidden_layer_sizes=hidden, activation=activation, optimizer=optimizer, alpha=alpha,
        max_iter=epochs, batch_size=batch_size, early_stopping=early_stopping, dtype=dtype,
    )  # fmt: skip
    reading = Reading(separator=separator, decimal=decimal, encoding=encoding, sheet=sheet)
    with Outcome("fit", as_json=as_json, quiet=quiet) as outcome:
        outcome.seed = seed
        _check_outputs({"-o": output, "--report": report}, table, force, landscape)
        read, schema, matrix = read_table(outcome, table, target, positive, drop, category, reading)
        model, verdict = _judged(read, matrix, schema.n_levels, seed, settings, verbose=not quiet)
        facts, judged = model_facts(model), verdict.as_dict()
        outcome.result = {"file": None, "report": None, "model": facts, "judgement": judged}
        outcome.show(_page(outcome.data, facts, judged))
        if verbose:
            outcome.say(history_page(model, ascii=not outcome.unicode_talk))
        shown = _shown(outcome.data, schema, matrix, verdict)
        if output is not None:
            _save(outcome, model, output, force, read.target_name, judged, shown)
        if report is not None:
            part = {"landscape": landscape_part(model, read)} if landscape else {}
            write_page(outcome, report, page_bytes(model, judged, shown | part), force)
            outcome.result["report"] = report


def _check_outputs(
    outputs: dict[str, str | None], table: str, force: bool, landscape: bool
) -> None:
    """Before anything is trained, see whether the files can be written."""
    if landscape and outputs["--report"] is None:
        raise SettingsError(
            "--landscape draws in the report, and none is asked for",
            fix="add --report FILE, or see thalweg landscape",
        )
    for flag, path in outputs.items():
        if path == "-":
            raise SettingsError(
                "Standard output is for the judgement",
                where=f"{flag} -",
                fix=f"name a file behind {flag}",
            )
    check_outputs(outputs, [table], force=force)


def _judged(
    table: "Table",
    matrix: np.ndarray,
    n_levels: tuple[int, ...],
    seed: int,
    settings: dict[str, Any],
    *,
    verbose: bool,
) -> tuple["ThalwegClassifier", "Verdict"]:
    """A network fitted on one part of the table, and the verdict on it by the other."""
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.evaluation.validate import judge_on_holdout

    model = ThalwegClassifier(
        **settings, positive=table.positive, random_state=seed, verbose=int(verbose)
    )
    y = np.asarray(table.target, dtype=object)
    verdict = judge_on_holdout(
        model, table.frame, y, positive=table.positive, seed=seed, matrix=matrix, n_levels=n_levels
    )
    return model, verdict


def _shown(data: Any, schema: "Schema", matrix: np.ndarray, verdict: "Verdict") -> dict[str, Any]:
    """What a report shows beside the judgement: the table in short, and the curves."""
    from thalweg.reporting.report import column_facts

    table = {
        "name": data["name"],
        "target": data["target"],
        "class_counts": data["classes"],
        "notes": data["notes"],
        "columns": column_facts(schema.names, schema.kinds, matrix),
    }
    return {"table": table, "curves": verdict.curves.as_dict() if verdict.curves else None}


def _save(
    outcome: Outcome,
    model: "ThalwegClassifier",
    output: str,
    force: bool,
    target: str | None,
    judged: dict[str, Any],
    shown: dict[str, Any],
) -> None:
    from thalweg.persistence.model_file import save_model

    save_model(model, output, overwrite=force, target=target, judgement=judged, report=shown)
    outcome.result = {**(outcome.result or {}), "file": output}
    outcome.say(f"Saved this model as {output}.")


def _page(data: Any, facts: dict[str, Any], verdict: dict[str, Any]) -> Group:
    from thalweg.reporting.display import verdict_page

    lines = page([*table_lines(data), *model_lines(facts)])
    return Group(lines, "", verdict_page(printable_data(verdict)))
