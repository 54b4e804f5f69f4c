"""What a comparison of two tables shows, and what it does not, in sentences from its numbers."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from thalweg.data.column_names import listed
from thalweg.evaluation.drift.column_drift import own_names
from thalweg.evaluation.drift.row_drift import MANY_TRAINED, MANY_UNLIKE, UNLIKE, UnlikeRows
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount, counted, counted_rows, even

if TYPE_CHECKING:
    from thalweg.evaluation.drift.row_drift import LossChange, PredictedShare
    from thalweg.evaluation.drift.table_drift import Drift

_MOST_NAMES = 10
_TOO_SMALL = "then these p-values are too small."
_WEIGHTED = (
    "The model was fitted with weights of rows, and its training rows count with them. The rows of "
    "this table count once each, without weights. So a difference can be one of the weights, "
    "without any drift."
)


def sentences(drift: "Drift") -> list[str]:
    """The sentences, the result first."""
    found = [_headline(drift)] if drift.tested else []
    alarm = drift.tested and bool(drift.drifted)
    if alarm and drift.weighted:  # what may be no drift stands beside the alarm
        found.append(_WEIGHTED)
    found += [drift.which_rows] * bool(drift.which_rows)
    if (lacking := own_names(each for each in drift.details if each.unread)) and drift.rows is None:
        found.append(f"Rows and predictions are not compared, because of {listed(lacking)}.")
    found += [f"Fix of {fix}." for fix in drift.fixes]
    if drift.rows is not None:
        found.append(rows_sentence(drift.rows, drift.level))
    found += map(_prediction, drift.predictions)
    if drift.expected_accuracy is not None:
        found.append(_accuracy(drift.expected_accuracy, drift.accuracy))
    if drift.loss is not None:
        found.append(_loss(drift.loss))
    if drift.loss_rows:
        found.append(f"Of the loss and O/E: {drift.loss_rows}")
    if drift.no_loss and drift.tested:
        found.append(f"There is no loss to compare: {drift.no_loss}.")
    if drift.ignored:
        found.append(
            "Ignored, because the model does not predict from them: "
            f"{listed(drift.ignored, _MOST_NAMES)}."
        )
    if drift.dates:
        found.append(
            f"The table has dates ({listed(drift.dates, _MOST_NAMES)}). Rows of one time can "
            f"depend on each other; {_TOO_SMALL}"
        )
    if drift.grouped:
        found.append(
            "The model was fitted with groups of rows. Rows of one group depend on each other; "
            f"{_TOO_SMALL}"
        )
    if drift.weighted and not alarm:
        found.append(_WEIGHTED)
    if any(each.drifted and not each.unread for each in drift.details) and drift.loss is None:
        needs = "" if drift.no_loss else ": that needs the true target of each row"
        found.append(f"Drift of a column does not say that predictions are worse{needs}.")
    return found


def _headline(drift: "Drift") -> str:
    unread = own_names(each for each in drift.details if each.unread)
    names = [
        name for name in own_names(e for e in drift.details if e.drifted) if name not in unread
    ]
    n = len(own_names(drift.details))
    rows = f"{counted(drift.n_rows, 'row')} beside {counted_rows(drift.n_then, 'training row')}"
    found = []
    if unread:
        found.append(
            f"{counted(len(unread), 'column')} of the model cannot be compared: "
            f"{listed(unread, _MOST_NAMES)}."
        )
    if names:
        has = "has" if len(names) == 1 else "have"
        found.append(
            f"{len(names)} of {counted(n, 'column')} {has} drifted ({rows}): "
            f"{listed(names, _MOST_NAMES)}."
        )
        return " ".join(found)
    found.append(f"No drift was found in {counted(n - len(unread), 'column')} ({rows}).")
    shift = drift.shift_found
    if math.isinf(shift):
        found.append("With so few rows, no shift of a number can be found.")
    else:
        found.append(
            f"A shift of a number by less than about {shift:.2g} standard deviations could have "
            "gone unnoticed."
        )
    return " ".join(found)


def rows_sentence(rows: UnlikeRows, level: float) -> str:
    """How many rows are unlike, and whether that is significant."""
    said = (
        f"{_percent(rows.share)} of the rows ({rows.n_unlike:,} of {rows.n_rows:,}) are unlike the "
        f"training rows (outlier p at most {UNLIKE:g}; without drift {_expected(rows)})"
    )
    if math.isnan(rows.p_adjusted):
        return f"{said}; the training rows are too few to test that."
    if rows.fails(level):
        return f"{said}: significantly more."
    if rows.share >= MANY_UNLIKE:
        return f"{said}; of so few rows, that shows no drift."
    return f"{said}."


def _expected(rows: UnlikeRows) -> str:
    """How many are unlike without drift: beside few training rows, fewer than their p says."""
    share = f"{100 * UNLIKE:g} %"
    if rows.n_then >= MANY_TRAINED:
        return f"about {share} are"
    return f"at most about {share} are, and often far fewer beside so few training rows"


def many_unlike(n_unlike: int, n_rows: int) -> str:
    """One line for predictions if more than 10 % of at least 50 rows are unlike; else ""."""
    if n_rows < 50 or not n_unlike > MANY_UNLIKE * n_rows:
        return ""
    return (
        f"{n_unlike:,} of {n_rows:,} rows are unlike the training rows (outlier p at most "
        f"{UNLIKE:g}); of rows like these, about {100 * UNLIKE:g} % are."
    )


def _accuracy(expected: float, found: Estimate | None) -> str:
    """How often the model's answers are right: expected, and with a truth as it is."""
    said = f"Expected accuracy: {_percent(expected)}, if the probabilities are still calibrated"
    if found is None:
        return f"{said}."
    return f"{said}; true accuracy: {_with_interval(found, _PERCENT)}."


def _prediction(each: "PredictedShare") -> str:
    say: Callable[[float], str] = _percent if each.is_share else amount
    then = "of the training rows" if each.is_share else "is the mean of the training rows"
    then += "" if each.level in (None, 0.5) else ", not their quantile"
    now = _with_interval(each.now, _PERCENT if each.is_share else _Form(4))
    said = f"{each.what}: {now}; {say(each.then)} {then}"
    found = each.observed_by_expected
    if each.level is not None and each.at_or_below is not None:
        share = each.at_or_below
        return (
            f"{said}. True values at or below the prediction: "
            f"{_with_interval(share, _PERCENT)}; {_percent(each.level)} are where the quantile is "
            "right."
        )
    if found is None:
        return f"{said}."
    what = "Observed by expected (O/E)" if each.is_share else "Mean of truth less prediction"
    if math.isnan(found.low):
        return f"{said}. {what}: {amount(found.value, 3)}."
    return f"{said}. {what}: {_with_interval(found, _Form(3))}."


def _loss(loss: "LossChange") -> str:
    change = loss.change
    measure = "" if loss.measure is None else f" ({loss.measure})"
    said = (
        f"Loss{measure} now {amount(loss.now.value)}, "
        f"out-of-fold loss of the fit {amount(loss.then)}: "
        f"{_with_interval(change, _Form(3, signed=True))}"
    )
    if loss.too_low:
        return f"{said}. The loss of the fit is too low, because its rows stopped the training."
    if change.low > 0:
        return f"{said}: higher than then."
    if change.high < 0:
        return f"{said}: lower than then."
    return f"{said}: a change is not shown."


class _Form(NamedTuple):
    """How an estimate is written: digits, factor and unit."""

    digits: int
    factor: float = 1.0
    unit: str = ""
    signed: bool = False


_PERCENT = _Form(3, 100.0, " %")


def _with_interval(found: Estimate, form: _Form) -> str:
    """An estimate and its interval: ``43.2 % (95 % interval 40.1 % to 46.0 %)``."""
    numbers = [form.factor * each for each in (found.value, found.low, found.high)]
    value, low, high = (
        f"{each}{form.unit}" for each in even(numbers, form.digits, signed=form.signed)
    )
    return f"{value} (95 % interval {low} to {high})"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
