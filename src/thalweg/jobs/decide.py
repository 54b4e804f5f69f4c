"""The job of ``thalweg decide``: a threshold by costs, a floor or F1, kept in a model file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.endings import MODEL, check_ending
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.any_estimator.row_origin import which_rows
from thalweg.evaluation.calibration.calibration_gate import LEVEL, calibration_gate
from thalweg.evaluation.calibration.two_class_calibration import too_few
from thalweg.evaluation.conformal.group_draw import one_of_each_group
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.decision_sentences import (
    counts_sentence,
    threshold_sentence,
    threshold_text,
)
from thalweg.evaluation.decisions.f_thresholds import by_f
from thalweg.evaluation.decisions.floor_thresholds import by_sensitivity, by_specificity
from thalweg.evaluation.decisions.operating_point import OperatingPoint, at_threshold
from thalweg.evaluation.decisions.threshold_spread import with_spread
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.interrupts import Cancellation
from thalweg.jobs.evaluate import target_and_task
from thalweg.jobs.parts.choosing_rows import all_trained, out_of_fold
from thalweg.jobs.parts.known_roles import (
    groups_of_rows,
    lacks_groups,
    may_lack_of,
    role_notes,
)
from thalweg.jobs.parts.model_table import checked_features, prepared, refuse_empty, rows_of
from thalweg.jobs.parts.row_weights import later_weights, with_values
from thalweg.jobs.parts.rows_of_fit import origin_of
from thalweg.jobs.parts.summary_facts import Facts, Lines, names_of_two, weight_facts, weight_notes
from thalweg.jobs.parts.table_options import Reading
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.sections.asked_sections import require_both_costs
from thalweg.jobs.targets.decided_file import save_with_threshold
from thalweg.wording import amount, counted, parameter, rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class DecideRequest:
    """A saved model of two classes, and the rule by which its threshold is chosen.

    Attributes
    ----------
    model : str
    table : str, optional
        Rows that the model was not trained on.
    missed, alarm : float, optional
        What a missed positive row and a false alarm cost: both or none.
    sensitivity, specificity : float, optional
        A floor.
    f1 : bool
        Whether the threshold with the best expected F1 is chosen.
    confidence : float, optional
        That new rows reach the floor; default: 0.95.
    target : str, optional
        The column that the model predicts, if it has another name here; of a model of several
        targets, which one.
    group, weight : str, optional
        The columns of the table that say which rows belong together, and how much each row counts;
        by default those of the fit.
    empty, number, missing, drop_missing, drop_row, reading
        How the table is read, as in `EvaluateModelRequest`.
    seed : int
        The seed of the resamples that show how far the threshold moves.
    output : str, optional
        The model file to write, with the threshold.
    overwrite : bool
    """

    model: str
    table: str | None = None
    missed: float | None = None
    alarm: float | None = None
    sensitivity: float | None = None
    specificity: float | None = None
    f1: bool = False
    confidence: float | None = None
    reading: Reading = field(default_factory=Reading)
    target: str | None = None
    group: str | None = None
    weight: str | None = None
    drop_row: Sequence[str] = ()
    drop_missing: Sequence[str] = ()
    missing: MissingColumns = None
    number: Mapping[str, str | None] = field(default_factory=dict)
    empty: Sequence[str] = ()
    seed: int = 0
    output: str | None = None
    overwrite: bool = False

    @property
    def floor(self) -> float | None:
        """The floor, whatever it is on."""
        return self.specificity if self.sensitivity is None else self.sensitivity


@dataclass(frozen=True, kw_only=True, eq=False)
class DecideOutcome(Outcome):
    """A threshold.

    Attributes
    ----------
    lines : list of (str, str)
        The result as text: the subject of each line, and the line.
    """

    lines: Lines


def decide(
    request: DecideRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> DecideOutcome:
    """Choose the threshold of a model of two classes, and store it if a file is named."""
    from thalweg.jobs.targets.opened_model import open_model
    from thalweg.persistence.model_file import save_model

    with JobRun("decide", listener, cancellation, request.seed) as run:
        _check(request)
        file = open_model(request.model, request.target, is_column=request.table is not None)
        model = _of_two_classes(file, request.model)
        _require_rule(request)  # of two classes alone, so that nobody looks for one in vain
        before = model._chosen
        assert before is not None
        rows, dependent = (None, False) if request.table is None else _answers(run, request, file)
        run.require_wanted()
        chosen = _chosen(request, model, rows)
        chosen = replace(chosen, confidence=None) if dependent else chosen
        point = None if rows is None else _point(request, chosen, rows)
        tested = None if request.floor is not None else _calibration(rows, names_of_two(model))
        result: Facts = {
            "model": request.model,
            "file": None,
            "positive": str(model.positive_),
            "before": before.as_dict(),
            "threshold": chosen.as_dict(),
            "point": None if point is None else point.as_dict(),
            "chose_itself": point is not None and request.missed is None,
            "calibration": tested,
        }
        lines = _lines(request, model, before, chosen, point)
        if request.floor is not None and rows is not None and rows.groups is not None:
            lines[1] = ("Chosen", f"{lines[1][1]} {_of_groups(rows)}")
        lines += [("Calibration", tested["sentence"])] if tested else []
        result["sentence"] = dict(lines)["Chosen"]
        outcome = run.settle(DecideOutcome, result=result, lines=lines)
        if request.output is None:
            named = parameter("output", "decided.safetensors")
            run.say(f"Nothing is stored: {named} saves the model with this threshold.")
        if request.output is not None:
            model._decide(chosen)
            if file.other_targets:
                save_with_threshold(request.model, str(file.target), chosen, request.output,
                                    overwrite=request.overwrite)  # fmt: skip
            else:
                save_model(
                    model, request.output, overwrite=request.overwrite, target=file.target,
                    judgement=file.judgement, report=file.report,
                    target_notation=file.target_notation, weight_notation=file.weight_notation,
                    roles=file.roles, missing_aside=file.missing_aside,
                )  # fmt: skip
            outcome = run.settle(DecideOutcome, result={**result, "file": request.output})
            run.say(f"Saved the model with this threshold as {request.output}.")
        return outcome


def as_decided(file: "ModelFile") -> VerdictData | None:
    """The evaluation in a model file; it says so if the threshold is another one now."""
    judged, chosen = file.judgement, getattr(file.model, "_chosen", None)
    if judged is None or chosen is None:
        return judged
    network = cast(dict[str, Any], judged["network"])
    if network["threshold"] == chosen.value:
        return judged
    said = (
        f"In this evaluation the threshold was {amount(network['threshold'], 4)}. Now it is "
        f"{threshold_text(chosen)}, so accuracy, sensitivity and specificity are others now."
    )
    return cast(VerdictData, {**judged, "sentence": f"{judged['sentence']} {said}"})


# --- what was asked ---------------------------------------------------------------------------


def _check(request: DecideRequest) -> None:
    """Check what is said of the table, and that the file can be written."""
    if request.confidence is not None and request.floor is None:
        raise SettingsError(
            f"{parameter('confidence', request.confidence)} is for a floor on sensitivity or "
            "specificity",
            fix=f"leave out {parameter('confidence')}",
        )
    if request.table is None:
        refuse_empty(request.empty)
        _refuse_of_table(request)
    inputs = [] if request.table is None else [request.table]
    check_outputs({"output": request.output}, inputs, overwrite=request.overwrite)
    if request.output is not None:
        check_ending(request.output, "A model", MODEL, flag=parameter("output"))


def _require_rule(request: DecideRequest) -> None:
    """Raise a SettingsError unless there is one rule."""
    require_both_costs(request.missed, request.alarm)
    rules = [
        request.missed is not None, request.sensitivity is not None,
        request.specificity is not None, request.f1,
    ]  # fmt: skip
    if sum(rules) != 1:
        raise SettingsError(
            "No rule for the threshold is given"
            if not any(rules)
            else f"{sum(rules)} rules for one threshold are given",
            fix=f"name one: {parameter('missed', 9)} {parameter('alarm', 1)}, or "
            f"{parameter('sensitivity', 0.95)}, or {parameter('specificity', 0.9)}, or "
            f"{parameter('f1')}",
        )


def _refuse_of_table(request: DecideRequest) -> None:
    """Refuse what is said of a table if there is none."""
    for name in ("group", "weight", "number", "missing", "drop_missing", "drop_row"):
        if getattr(request, name):
            said = parameter("weight_column" if name == "weight" else name)
            raise SettingsError(
                f"{said} is about a table, and none is named",
                fix=f"leave out {said}, or name MODEL and TABLE",
            )


def _of_two_classes(file: "ModelFile", path: str) -> ThalwegClassifier:
    model = file.model
    if isinstance(model, ThalwegClassifier) and model.positive_ is not None:
        return model
    if isinstance(model, ThalwegClassifier):
        what = f"predicts {len(model.classes_)} classes"
        costs = "which says what a mistake on each class costs"
        fix = f"fit it again with {parameter('class_weight')}, {costs}"
    else:
        what, fix = "predicts numbers", "compare its predictions with a limit of your own"
    raise DataError(f"A threshold is for two classes, and this model {what}", where=path, fix=fix)


# --- the rows ---------------------------------------------------------------------------------


def _answers(run: JobRun, request: DecideRequest, file: "ModelFile") -> tuple[Answers, bool]:
    """The answers of the rows of the table that the model was not trained on.

    And whether they may depend on each other, because nothing says which rows belong together.
    """
    assert request.table is not None
    model = file.model
    words = file.words(request.missing)
    table = request.reading.table(
        request.table, target=file.column(request.target), missing=words,
        drop_missing=request.drop_missing, drop_row=request.drop_row, group=request.group,
        weight_column=request.weight, if_there=file.roles, inputs=model.schema_.given_names,
        may_lack=may_lack_of(file),
    )  # fmt: skip
    with rows_counted_as_in_file(table.kept):
        whole, table = (
            table,
            prepared(table, model, request.empty, request.number, request.missing),
        )
        read = later_weights(whole, file, SaidColumns.of(request.number, missing=request.missing))
        table, said = with_values(table, read), SaidColumns.of(request.number)
        y, task = target_and_task(file, table, said)
        X, weights = checked_features(model, table), None
        origin = origin_of(file, table, y)
        left = origin.left
        if not len(left):
            raise all_trained(model, table.name, origin)
        notes = [*table.notes, *role_notes(table, file), which_rows(origin)]
        weighted = None
        if read is not None and table.weights is not None:
            weights = _weights_of_used(read.values[left], table.name)
            weighted = weight_facts(str(table.weights.name), weights)
            notes += read.notes
            notes += weight_notes(weighted, split=False)
        facts = {"name": table.name, "rows": len(y), "rows_used": len(left), "weights": weighted}
        run.read({**facts, "trained_on": origin.n_trained}, notes)
        groups = groups_of_rows(table)
        groups = None if groups is None else groups[left]
        found = answers_of(
            task.truth(y)[left], task.ask(model, rows_of(X, left)), weights, groups=groups,
            how=origin.how,
        )  # fmt: skip
        return found, lacks_groups(table, file)


def _weights_of_used(weights: np.ndarray, name: str) -> np.ndarray:
    """The weights of the rows that are used; a DataError if all are 0."""
    if not weights.any():
        raise DataError(
            "The rows that the model was not trained on all have the weight 0",
            where=name,
            fix="give other rows, or leave out " + parameter("weight_column"),
        )
    return weights


# --- the threshold ----------------------------------------------------------------------------


def _chosen(request: DecideRequest, model: ThalwegClassifier, rows: Answers | None) -> Threshold:
    """The threshold by the rule that was asked for; a DataError if there is none."""
    if request.missed is not None and request.alarm is not None:
        return by_costs(request.missed, request.alarm)
    rows, of_groups = out_of_fold(model) if rows is None else rows, ""
    if request.floor is None:
        found = by_f(rows, classes=names_of_two(model))
    else:
        rule = by_specificity if request.sensitivity is None else by_sensitivity
        confidence = CONFIDENCE if request.confidence is None else request.confidence
        of_groups = "" if rows.groups is None else ", one random row of each group"
        # A floor is for independent rows; weights that are no counts of rows stay, and so forbid
        # a claim, as they do without groups.
        rows = one_of_each_group(rows, request.seed, weighted=True)
        found = rule(rows, request.floor, confidence, names_of_two(model))
    if found.refused is not None:
        what, _, fix = found.refused.rstrip(".").rpartition(". ")
        kind = f"{len(rows):,} {rows.how.replace(' ', '-')} rows{of_groups}"
        raise DataError(what, where=kind, fix=f"{fix[:1].lower()}{fix[1:]}")
    return with_spread(rows, found, request.seed)


def _point(request: DecideRequest, chosen: Threshold, rows: Answers) -> OperatingPoint:
    assert chosen.value is not None
    return at_threshold(rows, chosen.value, missed=request.missed, alarm=request.alarm)


def _calibration(rows: Answers | None, classes: Sequence[str]) -> Facts:
    """Whether the rule may be believed: it presupposes calibrated probabilities.

    Rows that are too few for the section of calibration in an evaluation are not tested here.
    """
    needs = "The rule presupposes calibrated probabilities."
    if rows is None:
        said = "Name a TABLE of rows that the model was not trained on, and they are tested."
        return {"p_value": None, "rejected": None, "sentence": f"{needs} {said}"}
    gate, few = calibration_gate(rows), too_few(rows, classes)
    if few is not None or math.isnan(gate.p_value):
        said = f"They could not be tested: {few or gate.reason}."
        return {"p_value": None, "rejected": None, "sentence": f"{needs} {said}"}
    rejected, p = gate.p_value < LEVEL, amount(gate.p_value, 2)
    of_rows = f"on {counted(len(rows), 'row')} (p = {p})"
    said = (
        f"CAUTION: these are not calibrated {of_rows}; another threshold may be better."
        if rejected
        else f"No miscalibration is shown {of_rows}, which does not prove that there is none."
    )
    return {"p_value": gate.p_value, "rejected": bool(rejected), "sentence": f"{needs} {said}"}


# --- in words ---------------------------------------------------------------------------------


def _lines(
    request: DecideRequest,
    model: ThalwegClassifier,
    before: Threshold,
    chosen: Threshold,
    point: OperatingPoint | None,
) -> Lines:
    judged, names = point if request.missed is not None else None, names_of_two(model)
    lines = [
        ("Model", f"{request.model}; the positive class is {model.positive_}"),
        ("Chosen", threshold_sentence(chosen, judged, names)),
        ("Before", threshold_sentence(before, classes=names)),
    ]
    if point is not None and judged is None:
        lines.insert(2, ("These rows", _of_choosing_rows(point, names)))
    return lines


def _of_groups(rows: Answers) -> str:
    """That a floor is kept by groups, because rows of one group depend on each other."""
    assert rows.groups is not None
    drawn = counted(len(np.unique(rows.groups)), "group")
    weight = "" if rows.weights is None else ", with the mean weight of its group"
    return f"A floor counts groups: these are one random row of each of {drawn}{weight}."


def _of_choosing_rows(point: OperatingPoint, names: Sequence[str]) -> str:
    """What the threshold does on the rows that chose it: counts, and no claim."""
    return (
        f"{', and '.join(counts_sentence(point, names))}. The same rows chose the threshold, so "
        "these counts do not evaluate it: new rows may be worse."
    )


def _rows(n: float) -> str:
    """A number of rows; sums of weights need not be whole."""
    return f"{n:,.0f}" if n == round(n) else amount(n, 4)
