"""Evaluate a model in groups of rows: the metrics of each group, and tests against the rest.

Only groups that a person names are looked at. Each group is tested against all other rows, and
Holm's correction is over all tests of all tables, so that the probability of any false finding is
at most 5 %. (Without it, ten equal groups would give a finding with a probability of 40 %. The
difference of the largest and the smallest value is never shown: it is above 0 for equal groups,
too, and the bootstrap does not help.) Kinds of groups are compared one at a time. For groups of two
columns together, make a column of their pairs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.multiclass_metrics import brier_score_of_classes
from thalweg.evaluation.judging.two_class_metrics import brier_score
from thalweg.evaluation.subgroups.group_contrasts import Contrast
from thalweg.evaluation.subgroups.group_means import MeanErrorMeasure, SizeMeasure
from thalweg.evaluation.subgroups.group_measures import (
    AucMeasure,
    GroupMeasure,
    GroupRows,
    InterceptMeasure,
    ObservedExpected,
    ShareMeasure,
)
from thalweg.evaluation.subgroups.group_sentences import finding, notes_of
from thalweg.evaluation.subgroups.group_tables import (
    LEVEL,
    Group,
    GroupMetric,
    GroupTable,
    Subgroups,
    Unnoticed,
)
from thalweg.evaluation.subgroups.named_groups import (
    OTHER,
    SMALLEST_GROUP,
    NamedGroups,
    named_groups,
)
from thalweg.evaluation.task_kinds import ONE_NUMBER, TWO_CLASSES, TaskKind
from thalweg.wording import counted, in_quotes, words_of_two

_NAN = float("nan")
MEDIAN = 0.5


def judge_groups(
    answers: Answers,
    columns: Mapping[str, np.ndarray],
    *,
    threshold: float | np.ndarray = 0.5,
    predicted: np.ndarray | None = None,
    classes: Sequence[str] = (),
    quantile: float | None = None,
) -> Subgroups:
    """Evaluate a model in groups of rows.

    Parameters
    ----------
    answers : Answers
        Of test rows, or of cross-validation.
    columns : mapping of str to ndarray, shape (n_samples,)
        The columns that name groups; each gets a table of its own. Beside whole-number weights,
        the column is that of `named_groups.kept_rows`.
    threshold : float or ndarray of float, shape (n_samples,), default 0.5
        Of two classes: a row is predicted positive if its probability is above it.
    predicted : ndarray of int, shape (n_samples,), optional
        Of several classes: the predicted class; by default the most probable one.
    classes : sequence of str, optional
        Their names; of two, the negative one first.
    quantile : float, optional
        Of numbers: the level of the quantile that the model predicts, 0.5 of the median.

    Returns
    -------
    Subgroups
        The same for every order of the rows. Refused if the rows are training rows, or if training
        was stopped on them.

    Raises
    ------
    DataError
        If there is no row, or a column has another number of rows.
    """
    if not answers.may_judge:
        return Subgroups(refused=_refusal(answers))
    _check(answers, columns)
    named = [named_groups(name, values, answers.weights) for name, values in columns.items()]
    rows = GroupRows(answers, _called(answers, threshold, predicted), words_of_two(classes))
    order = _canonical(rows)
    rows = rows.some(order)
    named = [replace(each, codes=each.codes[order]) for each in named]
    measures = _measures(answers, classes, quantile)
    tables, n_tests = _adjusted([_table(each, rows, measures) for each in named])
    tables = [
        replace(table, unnoticed=_unnoticed(table, groups, rows, measures, n_tests))
        for table, groups in zip(tables, named, strict=True)
    ]
    names = {measure.key: measure.name for measure in measures}
    return Subgroups(
        tables=tuple(tables),
        overall={measure.key: measure.of(rows).estimate for measure in measures},
        n_tests=n_tests,
        sentence=finding(tables, names, n_tests, rows.words),
        notes=notes_of(answers, threshold, rows.words),
    )


def _refused(named: NamedGroups) -> str:
    """Why the groups of a column cannot be compared, and what helps."""
    opening = f'"{named.column}" has fewer than two groups of {SMALLEST_GROUP} rows: nothing can '
    opening += "be compared."
    if named.names == (OTHER,):
        return (
            f"{opening} Each of its values is in fewer than {SMALLEST_GROUP} rows. Name a column "
            "with fewer different values, or evaluate on more rows."
        )
    return f"{opening} All rows are in one group. Name a column with at least two values."


def _refusal(answers: Answers) -> str:
    why = {
        "training": "the model was trained on them",
        "origin unknown": "the model may have been trained on them",
        "out-of-fold": "models of folds answered them, and not the model that is used",
    }.get(answers.how, "training was stopped by their loss")
    return (
        f"These rows do not say how good the model is in groups of new rows: "
        f"{why}. Use test rows or cross-validation."
    )


def _check(answers: Answers, columns: Mapping[str, np.ndarray]) -> None:
    if not len(answers):
        raise DataError("There is no row to evaluate", fix="pass at least one row")
    for name, values in columns.items():
        if len(values) != len(answers):
            raise DataError(
                "A column of groups and the targets do not match",
                where=f'column "{name}": {len(values):,} rows, {len(answers):,} targets',
                fix="pass one value for every row",
            )


def _called(
    answers: Answers, threshold: float | np.ndarray, predicted: np.ndarray | None
) -> np.ndarray | None:
    if answers.answer.ndim == 2:
        return answers.answer.argmax(axis=1) if predicted is None else np.asarray(predicted)
    if answers.truth.dtype == np.bool_:
        called: np.ndarray = answers.answer > threshold
        return called
    return None


def _canonical(rows: GroupRows) -> np.ndarray:
    """An order that depends on the content of the rows alone: sums are then always the same."""
    answers = rows.answers
    marks = (answers.weights, answers.folds, rows.called)
    keys = [mark for mark in marks if mark is not None]
    columns = answers.answer.reshape(len(answers), -1).T
    order: np.ndarray = np.lexsort((*keys, *columns, answers.truth))
    return order


def _measures(
    answers: Answers, classes: Sequence[str], quantile: float | None
) -> list[GroupMeasure]:
    if answers.answer.ndim == 2:
        n_classes = answers.answer.shape[1]
        return _of_several(classes or [str(k) for k in range(n_classes)])
    if answers.truth.dtype == np.bool_:
        return _of_two(*words_of_two(classes))
    return _OF_NUMBERS if quantile is None else _of_quantile(quantile)


def names_of_metrics(
    kind: TaskKind, classes: Sequence[str], quantile: float | None = None
) -> dict[str, str]:
    """The metrics of groups by their keys, with their names in sentences.

    Parameters
    ----------
    kind : TaskKind
    classes, quantile
        As in `judge_groups`.
    """
    if kind is ONE_NUMBER:
        measures = _OF_NUMBERS if quantile is None else _of_quantile(quantile)
    elif kind is TWO_CLASSES:
        measures = _of_two(*words_of_two(classes))
    else:
        measures = _of_several(classes)
    return {measure.key: measure.name for measure in measures}


def _everywhere(rows: GroupRows) -> np.ndarray:
    return np.ones(len(rows.answers), dtype=bool)


def _predicted(rows: GroupRows) -> np.ndarray:
    assert rows.called is not None  # numbers have no share measures
    return rows.called


def _brier(rows: GroupRows) -> np.ndarray:
    answer, truth = rows.answers.answer, rows.answers.truth
    if answer.ndim == 1:
        return _distance(rows) ** 2
    found: np.ndarray = np.square(answer - np.eye(answer.shape[1])[truth]).sum(axis=1)
    return found


def _brier_score(rows: GroupRows) -> Estimate:
    answers = rows.answers
    if answers.answer.ndim == 1:
        return brier_score(answers.truth.astype(np.bool_), answers.answer, answers.weights)
    codes = answers.truth.astype(np.intp)
    return brier_score_of_classes(codes, answers.answer, answers.weights)


def _distance(rows: GroupRows) -> np.ndarray:
    found: np.ndarray = np.abs(rows.answers.answer - rows.answers.truth)
    return found


def _of_two(negative: str, positive: str) -> list[GroupMeasure]:
    """The metrics of two classes, with the words for these."""
    return [
        ShareMeasure(
            "prevalence", "prevalence", "", lambda r: (_everywhere(r), r.answers.truth),
            tested=False,
        ),
        ObservedExpected(),
        InterceptMeasure(),
        ShareMeasure(
            "sensitivity", "sensitivity", positive, lambda r: (r.answers.truth, _predicted(r))
        ),
        ShareMeasure(
            "specificity", "specificity", negative, lambda r: (~r.answers.truth, ~_predicted(r))
        ),
        AucMeasure(),
        SizeMeasure("brier", "Brier score", _brier, estimate=_brier_score),
        ShareMeasure(
            "predicted_positive", f"share predicted {positive}", "",
            lambda r: (_everywhere(r), _predicted(r)), tested=False,
        ),
    ]  # fmt: skip


_OF_NUMBERS: list[GroupMeasure] = [
    SizeMeasure("rmse", "RMSE", lambda r: _distance(r) ** 2, root=True),
    SizeMeasure("mae", "MAE", _distance, tested=True),
    MeanErrorMeasure(),
]


def _of_quantile(level: float) -> list[GroupMeasure]:
    """The metrics of a model of a quantile: its loss, and the share of rows at or below it."""

    def loss(rows: GroupRows) -> np.ndarray:
        lacking = rows.answers.truth - rows.answers.answer
        found: np.ndarray = np.maximum(level * lacking, (level - 1) * lacking)
        return found

    def below(rows: GroupRows) -> tuple[np.ndarray, np.ndarray]:
        return _everywhere(rows), rows.answers.truth <= rows.answers.answer

    own = SizeMeasure("pinball", f"pinball loss at {level:.10g}", loss, tested=True)
    return [
        SizeMeasure("mae", "MAE", _distance, tested=True) if level == MEDIAN else own,
        ShareMeasure("below", "share at or below the prediction", "", below),
    ]


def _of_several(classes: Sequence[str]) -> list[GroupMeasure]:
    def recall(k: int, name: str) -> ShareMeasure:
        def pick(rows: GroupRows) -> tuple[np.ndarray, np.ndarray]:
            return rows.answers.truth == k, _predicted(rows) == k

        return ShareMeasure(f"recall {name}", f"recall of {in_quotes(name)}", in_quotes(name), pick)

    def right(rows: GroupRows) -> tuple[np.ndarray, np.ndarray]:
        return _everywhere(rows), _predicted(rows) == rows.answers.truth

    return [
        ShareMeasure("accuracy", "accuracy", "", right),
        *(recall(k, name) for k, name in enumerate(classes)),
        SizeMeasure("brier", "Brier score", _brier, estimate=_brier_score),
    ]


def _table(named: NamedGroups, rows: GroupRows, measures: Sequence[GroupMeasure]) -> GroupTable:
    """The metrics of each group, with p-values that are not adjusted yet."""
    masks = [named.codes == k for k in range(len(named.names))]
    parts = [rows.some(mask) for mask in masks]
    rests = [rows.some(~mask) for mask in masks]
    metrics: list[dict[str, GroupMetric]] = [{} for _ in parts]
    heterogeneity: dict[str, Contrast] = {}
    for measure in measures:
        for mine, part, rest in zip(metrics, parts, rests, strict=True):
            mine[measure.key] = _metric(measure, part, rest)
        if not measure.tested:
            continue
        judged = [p for m, p in zip(metrics, parts, strict=True) if m[measure.key].judged]
        if len(judged) > 1:
            heterogeneity[measure.key] = measure.contrast(judged)
    groups = [
        Group(name, len(part.answers), _events(part), mine)
        for name, part, mine in zip(named.names, parts, metrics, strict=True)
    ]
    refused = None
    if len(groups) < 2:
        refused = _refused(named)
    return GroupTable(named.column, tuple(groups), heterogeneity, (), refused)


def _events(part: GroupRows) -> float | None:
    answers = part.answers
    if answers.truth.dtype != np.bool_ or len(answers) < SMALLEST_GROUP:
        return None
    return len(answers) * float(np.average(answers.truth, weights=answers.weights))


def _metric(measure: GroupMeasure, part: GroupRows, rest: GroupRows) -> GroupMetric:
    n = len(part.answers)
    if n < SMALLEST_GROUP:  # nothing is shown of very few rows
        few = f"{counted(n, 'row')}, fewer than {SMALLEST_GROUP}"
        return GroupMetric(Estimate(_NAN, _NAN, _NAN), few)
    found = measure.of(part)
    if found.why or not measure.tested or not len(rest.answers):
        return GroupMetric(found.estimate, found.why)
    other = measure.of(rest)
    if other.why:
        return GroupMetric(found.estimate)
    p = measure.contrast([part, rest]).p
    larger = measure.larger(part, rest) if isinstance(measure, SizeMeasure) else _NAN
    return GroupMetric(found.estimate, rest=other.estimate.value, p=p, larger=larger)


def _adjusted(tables: Sequence[GroupTable]) -> tuple[list[GroupTable], int]:
    """The tables with Holm's correction over the tests of all of them, and the number of tests.

    Of two groups each is the rest of the other: that is one test, and counts once.
    """
    places = [
        (t, g, key)
        for t, table in enumerate(tables)
        for g, group in enumerate(table.groups)
        for key in group.metrics
    ]
    metrics = [tables[t].groups[g].metrics[key] for t, g, key in places]
    once = [not (g == 1 and len(tables[t].groups) == 2) for t, g, _ in places]
    p = np.array([m.p if counts else _NAN for m, counts in zip(metrics, once, strict=True)])
    adjusted = dict(zip(places, holm(p).tolist(), strict=True))

    def of_group(t: int, g: int, group: Group) -> Group:
        first = 0 if len(tables[t].groups) == 2 else g
        changed = {
            key: m if math.isnan(m.p) else replace(m, p_adjusted=adjusted[t, first, key])
            for key, m in group.metrics.items()
        }
        return replace(group, metrics=changed)

    found = [
        replace(table, groups=tuple(of_group(t, g, each) for g, each in enumerate(table.groups)))
        for t, table in enumerate(tables)
    ]
    return found, int(np.sum(~np.isnan(p)))


def _unnoticed(
    table: GroupTable,
    named: NamedGroups,
    rows: GroupRows,
    measures: Sequence[GroupMeasure],
    n_tests: int,
) -> tuple[Unnoticed, ...]:
    """For each tested metric, what the test of the smallest group would have found."""
    found = []
    for measure in measures:
        sizes = {
            k: measure.size(rows.some(named.codes == k))
            for k, group in enumerate(table.groups)
            if not math.isnan(group.metrics[measure.key].p)
        }
        if not sizes:
            continue
        k = min(sizes, key=lambda each: sizes[each])
        mask = named.codes == k
        detectable = measure.detectable(rows.some(mask), rows.some(~mask), LEVEL / n_tests)
        names = (measure.key, measure.name, table.groups[k].name)
        found.append(Unnoticed(*names, sizes[k], *detectable))
    return tuple(found)
