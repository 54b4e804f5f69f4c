"""`drift`: how far a later table is from the one that a model was fitted on."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from thalweg.data.column_names import listed
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.data.schema.matching import no_kin
from thalweg.data.schema.schema import Schema
from thalweg.data.typing import TableLike, TargetLike
from thalweg.errors import DataError, SettingsError, UnseenLevelWarning
from thalweg.estimators.checked_target import checked_target, labels_of_target
from thalweg.estimators.deciding.calibrated_predictions import (
    calibrated_values,
    map_of,
    probabilities_of,
)
from thalweg.estimators.deciding.decision_rule import CallsClasses
from thalweg.estimators.drifting.known_likeness import known_likeness
from thalweg.estimators.drifting.untrained_rows import compared_rows
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.importance.network_inside import answering_network
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.learning.fitted_networks import outputs_of, predicted_values
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.target_outputs import one_answer
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.evaluation.answers import STOPPED, answers_of
from thalweg.evaluation.any_estimator.row_origin import Origin, by_number, which_rows
from thalweg.evaluation.calibration.probability_rows import probability_rows
from thalweg.evaluation.calibration.weak_calibration import large_scale
from thalweg.evaluation.drift.column_drift import own_names
from thalweg.evaluation.drift.row_drift import (
    LossChange,
    LossMeasure,
    PredictedShare,
    loss_change,
    mean_estimate,
)
from thalweg.evaluation.drift.table_drift import (
    FEWEST_ROWS,
    LEAST,
    LEVEL,
    Drift,
    drift_of_columns,
    require_enough,
    settled,
    untested,
)
from thalweg.evaluation.judging.intervals import share_of
from thalweg.evaluation.judging.regression_loss import Measure, measure_of
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.network.formulas.losses import loss
from thalweg.wording import amount, class_words, counted, parameter

_UNREAD = "cannot be read"
_ABSENT = "not in the table"


@dataclass(frozen=True, eq=False)
class Compared:
    """A table as it is compared: read as far as it can be.

    Attributes
    ----------
    matrix : ndarray of float, shape (n_rows, n_features)
        NaN in columns that are lacking or cannot be read.
    unread : mapping of str to str
        Their names, and why.
    ignored : tuple of str
        Columns of the table that the model does not have.
    fixes : tuple of str
        What makes them readable, each once.
    """

    matrix: NDArray[np.floating]
    unread: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()


def drift(
    model: NetworkEstimator,
    X: TableLike,
    y: TargetLike | None = None,
    *,
    level: float = LEVEL,
    least: float = LEAST,
) -> Drift:
    """Compare a table with the one that a model was fitted on.

    The model has summaries of its training rows, and no row. Each column is tested (numbers by the
    largest difference of the distribution functions, levels by χ², missing cells by Fisher's exact
    test), and so is the number of rows that are unlike the training rows as a whole. All tests
    together have the level, by Holm. A column has drifted if its test says so *and* the difference
    is as large as matters, because in a million rows every small difference is significant. Rows
    that trained the model are left out, as far as it knows them by the hashes that it keeps.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted; or a search that refitted one, such as GridSearchCV.
    X : DataFrame or array, shape (n_samples, n_features)
        At least 30 rows. Columns that are lacking or cannot be read are reported, and fail.
    y : array of shape (n_samples,), optional
        The true target: then the loss and O/E are measured, too.
    level : float, default 0.05
        The probability of a false alarm, for all tests together.
    least : float, default 0.05
        The smallest difference that matters: of a PSI beyond its mean without drift, or of a share
        of missing cells or of new levels.

    Returns
    -------
    Drift
        ``passed``, ``columns`` (a DataFrame), ``text()``, ``as_dict()``.

    Raises
    ------
    DataError
        If there are fewer than 30 rows, or the table has almost none of the model's columns.
    SettingsError
        If the model has no summaries, since an earlier version saved it or it was trained further.
    """
    own = answering_network(model)
    if own is None:
        raise SettingsError(
            f"An object of type {type(model).__name__} has no summaries of its training rows",
            fix="give a ThalwegClassifier or ThalwegRegressor, outside a pipeline",
        )
    check_is_fitted(own)
    return drift_of_rows(own, X, y, None, level=level, least=least)


def drift_of_rows(
    model: NetworkEstimator,
    X: TableLike,
    y: TargetLike | None,
    origin: Origin | None,
    *,
    level: float,
    least: float,
) -> Drift:
    """`drift` of rows of which somebody knows which ones trained the model, or None."""
    _require_shares(level=level, least=least)
    fitted = model._known
    one_answer(fitted.outputs, "Drift")
    likeness = known_likeness(fitted)
    compared = _compared(model, X)
    matrix = np.asarray(compared.matrix, dtype=np.float64)
    require_enough(likeness, len(matrix))
    labels = None if y is None else _labels(model, y, len(matrix))
    columns = fitted.schema.columns
    if compared.unread:
        found = drift_of_columns(likeness, columns, matrix, compared.unread, least)
        found = _beside(found, fitted, compared)
        lacking = listed(own_names(each for each in found.details if each.unread))
        because = f"{lacking} cannot be compared" if labels is not None else ""
        return settled(replace(found, fixes=compared.fixes, no_loss=because), level)
    origin = origin or _origin(model, X, matrix, labels)
    part = compared_rows(origin, fitted.row_digests)
    found = drift_of_columns(likeness, columns, matrix[part.places], {}, least)
    found = replace(_beside(found, fitted, compared), n_given=len(matrix), which_rows=part.said)
    found = found if part.tested else untested(found)
    rows, truth = part.places, None
    if labels is not None:
        rows = origin.left
        found = replace(found, no_loss=_why_none(fitted, origin))
        if len(rows) != len(part.places) and len(rows) >= FEWEST_ROWS:
            found = replace(found, loss_rows=which_rows(origin, "the model"))
        if len(rows) >= FEWEST_ROWS:
            truth = fitted.outputs.numbers(labels)
    return settled(_with_predictions(found, model, matrix, truth, rows, part.places), level)


def _origin(
    model: NetworkEstimator, X: TableLike, matrix: Floats, labels: NDArray[Any] | None
) -> Origin:
    """Which rows trained the model; without a target, its checksum of all rows cannot tell."""
    if labels is not None:
        return model._origin_of(X, labels)
    digests = model._known.row_digests
    if digests is None:
        return Origin(len(matrix), None)
    return by_number(digests.of_rows(matrix), digests)


def _why_none(fitted: Fitted, origin: Origin) -> str:
    """Why the loss of rows with a known target is not compared; "" if it is."""
    n = len(origin.left)
    if n < FEWEST_ROWS:
        which = f"on all but {n:,}" if n else "on all"
        return (
            f"the model was trained {which} of these {counted(origin.n_rows, 'row')}, or the rows "
            f"equal training rows. At least {FEWEST_ROWS} others are needed: give later rows"
        )
    if fitted.out_of_fold is None:
        return "the fit has no out-of-fold loss, because no fold was held out"
    if np.any(getattr(fitted.outputs, "costs", np.ones(1)) != 1):
        return "the fit had class weights, so its loss depends on the shares of the classes"
    return ""


def _beside(found: Drift, fitted: Fitted, compared: Compared) -> Drift:
    """With what the rows of the fit had beside the columns, and what the model does not have."""
    grouped, weighted = fitted.also == "groups", bool(fitted.weights_hash)
    return replace(found, ignored=compared.ignored, grouped=grouped, weighted=weighted)


def _require_shares(**given: float) -> None:
    for name, value in given.items():
        if not 0 < value < 1:
            raise SettingsError(
                f"{parameter(name, value)} is not between 0 and 1",
                fix=f"give a number such as {parameter(name, 0.05)}",
            )


def _labels(model: NetworkEstimator, y: TargetLike, n_rows: int) -> NDArray[Any]:
    """The target as labels or numbers of the model."""
    of_classes = isinstance(model._known.outputs, Classes)
    labels = labels_of_target(model, checked_target(y, of_classes=of_classes))
    if len(labels) != n_rows:
        raise DataError(
            "The table and the target do not match",
            where=f"{n_rows:,} rows, {len(labels):,} targets",
            fix="give one target for each row",
        )
    return labels


def _compared(model: NetworkEstimator, X: TableLike) -> Compared:
    """The table as numbers; a column that cannot be read does not keep the others from it."""
    schema = model.schema_
    try:
        with warnings.catch_warnings():
            # Levels that were never seen are counted, and so are not warned of.
            warnings.simplefilter("ignore", UnseenLevelWarning)
            matrix = read_for_predict(model, X)
    except DataError:
        table = table_of(X)
        if not (schema.named and table.named) or no_kin(schema.given_names, table.all_names()):
            raise
        return _column_by_column(schema, table)
    return Compared(matrix, ignored=_ignored(schema, X))


def _ignored(schema: Schema, X: TableLike) -> tuple[str, ...]:
    table = table_of(X)
    if not (schema.named and table.named):
        return ()
    known = {*schema.given_names}
    return tuple(str(name) for name in table.all_names() if name not in known)


def _column_by_column(schema: Schema, table: GivenTable) -> Compared:
    """Each column by itself, with its bound if it has one."""
    matrix = np.full((table.n_rows, len(schema.columns)), np.nan)
    names, unread, fixes = list(table.all_names()), {}, []
    for column in schema.given:
        own = [k for k, c in enumerate(schema.columns) if column.name in (c.name, c.source)]
        if column.name not in names:
            unread[column.name] = _ABSENT
            continue
        alone = replace(schema, columns=tuple(schema.columns[k] for k in own))
        try:
            matrix[:, own] = alone.matrix(table, unknown="ignore")
        except DataError as error:
            unread[column.name] = f"{_UNREAD}: {error.what}"
            if error.fix:
                fixes.append(f'"{column.name}": {error.fix}')
    known = {*schema.given_names}
    ignored = tuple(str(name) for name in names if name not in known)
    return Compared(matrix, unread, ignored, tuple(fixes))


# --- predictions ------------------------------------------------------------------------------


def _with_predictions(
    found: Drift,
    model: NetworkEstimator,
    matrix: Floats,
    truth: Floats | None,
    rows: NDArray[np.intp],
    shown: NDArray[np.intp],
) -> Drift:
    """With what is predicted for the shown rows, and how wrong it is for ``rows`` with a truth."""
    fitted = model._known
    raw = outputs_of(fitted.networks, matrix)
    outputs = fitted.outputs
    change = None if truth is None else _loss_change(fitted, raw[:, rows], truth[rows])
    if not isinstance(outputs, Classes):
        mean = predicted_values(fitted.networks, matrix)
        values = calibrated_values(fitted.networks, map_of(fitted), mean)
        own = _of_numbers(fitted, measure_of(model), values, truth, rows, shown)
        return replace(found, predictions=(own,), loss=change)
    probability = probabilities_of(fitted, raw)
    assert isinstance(model, CallsClasses)
    called = outputs.numbers(model._called(probability)).astype(np.intp)
    labels = class_words([str(each) for each in outputs.labels.tolist()])
    codes = range(len(labels))
    if fitted.positive is not None:
        place = outputs.labels.tolist().index(fitted.positive)
        codes = range(place, place + 1)
    return replace(
        found,
        predictions=tuple(
            _of_class(fitted, labels[k], k, probability[:, k], truth, rows, shown) for k in codes
        ),
        expected_accuracy=float(np.mean(probability[shown, called[shown]])),
        accuracy=None if truth is None else share_of(called[rows] == truth[rows]),
        loss=change,
    )


def _of_class(
    fitted: Fitted,
    label: str,
    code: int,
    p: Floats,
    truth: Floats | None,
    rows: NDArray[np.intp],
    shown: NDArray[np.intp],
) -> PredictedShare:
    ratio = None
    if truth is not None:
        ratio = large_scale(probability_rows(answers_of(truth[rows] == code, p[rows])))[1]
    then = float(known_likeness(fitted).target[code])
    what = f"Mean predicted probability of {label}"
    return PredictedShare(what, mean_estimate(p[shown]), then, ratio)


def _of_numbers(
    fitted: Fitted,
    measure: Measure,
    values: Floats,
    truth: Floats | None,
    rows: NDArray[np.intp],
    shown: NDArray[np.intp],
) -> PredictedShare:
    then = float(known_likeness(fitted).target[0])
    now = mean_estimate(values[shown])
    level = measure.quantile
    if level is not None:
        below = None if truth is None else share_of(truth[rows] <= values[rows])
        what = f"Mean predicted {measure.statistic}"
        return PredictedShare(what, now, then, is_share=False, level=level, at_or_below=below)
    error = None if truth is None else mean_estimate(truth[rows] - values[rows])
    return PredictedShare("Mean prediction", now, then, error, is_share=False)


def _loss_change(fitted: Fitted, raw: Floats, truth: Floats) -> LossChange | None:
    """The loss of the rows beside the out-of-fold loss; None if the two cannot be compared.

    As for held-out rows, it is the loss of each network by itself. A loss in which classes have
    costs is of other rows than these if their shares differ, and so is not compared.
    """
    before = fitted.out_of_fold
    costs = getattr(fitted.outputs, "costs", np.ones(1))
    if before is None or np.any(costs != 1):
        return None
    losses = np.zeros(len(truth))
    for network, outputs in zip(fitted.networks, raw, strict=True):
        targets = network.outputs.targets(truth)
        losses += loss(network.outputs.loss).value(outputs.T, targets.T) / len(raw)
    too_low = before.how == STOPPED
    return loss_change(
        losses, before.loss, known_likeness(fitted).n, too_low=too_low,
        measure=_measure_of(fitted),
    )  # fmt: skip


def _measure_of(fitted: Fitted) -> LossMeasure:
    """The training loss in words: of numbers it is that of the scaled target."""
    if isinstance(fitted.outputs, Classes):
        return LossMeasure("log-loss", "nats")
    own = measure_of(cast(JudgedModel, SimpleNamespace(members_=fitted.networks)))
    if own.of_logarithm:
        loss_of_means = f"{own.name.partition(' ')[0]} loss"
        return LossMeasure(loss_of_means, "means of the target", own.unit)
    if own.key == "own":
        sizes = [each.outputs.size for each in fitted.networks if isinstance(each.outputs, Values)]
        return LossMeasure(own.name, f"units of {amount(float(np.mean(sizes)))}")
    name = {"rmse": "half the squared error", "mae": "absolute error"}.get(own.key, own.name)
    squared = "squared " if own.key in ("rmse", "huber") else ""
    return LossMeasure(name, f"{squared}standard deviations of the target", own.unit)
