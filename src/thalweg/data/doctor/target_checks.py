"""Checks of the target: missing values, rare classes, imbalance, and columns that leak it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import row_groups
from thalweg.data.column_names import listed
from thalweg.data.column_roles import is_missing
from thalweg.data.doctor.column_checks import (
    rows_refused,
    rows_respelled,
    same_words,
    yes_no_but_for,
)
from thalweg.data.doctor.examined_table import (
    Examined,
    Look,
    Target,
    dropping,
)
from thalweg.data.doctor.findings import Finding, FixByOptions
from thalweg.data.fixes.column_errors import ColumnError, odd_row, say_odd_row
from thalweg.data.group_folds import cannot_hold_out
from thalweg.data.label_types import default_positive, is_numeral, one_class
from thalweg.data.notation.yes_no import same_answers
from thalweg.data.schema.misfit_messages import no_features
from thalweg.interrupts import raise_if_cancelled
from thalweg.wording import counted, parameter, row_numbers

# A column is a leak, or a likely one, if its rule leaves at most this share of the error of always
# predicting the most common class (or of the variance).
LEAK, LIKELY_LEAK = 0.02, 0.05
_RARE, _FEW = 10, 20
_IMBALANCE = 0.05
# A class with a smaller share is mostly the one of interest.
_OF_INTEREST = 0.35
# The check that says so; who has named the positive class knows.
POSITIVE = "positive class"
# The numbers of bins that a number is cut into; the best result counts.
_BINS = (8, 32, 128)

Codes = NDArray[np.intp]


def missing(seen: Examined) -> Iterator[Finding]:
    """Rows without a target value."""
    target = seen.target
    if target is not None and not target.known.all():
        lacking = np.flatnonzero(~target.known)
        error = is_missing("target", target.name, lacking, seen.n_rows)
        rows = row_numbers(lacking)
        fixes = (FixByOptions({"drop_missing": [target.name]}),) if target.known.any() else ()
        yield Finding.of("target missing", error, (target.name,), rows=rows, fixes=fixes)


def unreadable(seen: Examined) -> Iterator[Finding]:
    """A target that `thalweg fit` refuses: a few words among numbers, two units, two readings."""
    target = seen.target
    if target is not None and (error := target.refusal) is not None:
        look = seen.target_look
        rows = rows_refused(look) if look is not None and look.refusal is not None else ()
        where, fixes = f'column "{target.name}"', FixByOptions.of_error(target.name, error)
        found = Finding.of("target", error, (target.name,), where, rows, fixes)
        odd = odd_row([each.refusal for each in (*seen.looks, look) if each])
        if odd and isinstance(error, ColumnError) and error.row == odd:
            first = say_odd_row(odd).removeprefix("; or ")
            found = replace(found, fix=f"{first}; or, {found.fix}")
        yield found


def classes(seen: Examined) -> Iterator[Finding]:
    """A single class, rare classes, classes that differ only by spelling, imbalance."""
    target = seen.target
    if target is None or target.numbers is not None or target.refusal is not None:
        return
    where, name = f'column "{target.name}"', (target.name,)
    counts = target.classes
    total = sum(counts.values())
    if len(counts) < 2:
        for label in counts:  # without any, all are missing, which is another finding
            check = "constant target" if is_numeral(label) else "one class"
            yield Finding.of(check, one_class(target.name, label, total, seen.lost), name)
        return
    if alike := same_words(list(counts)):
        yield Finding(
            "spelling", "severe",
            "Classes that differ only by their spelling: "
            + "; ".join(listed(group) for group in alike[:3]), where,
            "Each is learned as a separate class",
            f"{yes_no_but_for(target.name, list(counts))}use one spelling in all rows", name,
            rows_respelled(target.labels, alike),
        )  # fmt: skip
    if answers := same_answers(list(counts)):
        yield Finding(
            "spelling", "caution",
            f"Classes that look like the same answers: {' and '.join(map(listed, answers))}", where,
            "Each is learned as a separate class",
            "write each answer in one way in all rows, such as yes and no", name,
        )  # fmt: skip
    rare = [label for label, count in counts.items() if count < _RARE]
    if rare:
        rows = row_numbers(np.isin(target.labels, np.array(rare, object)))
        yield Finding(
            "rare class", "caution",
            f"Classes with fewer than {_RARE} rows: {listed(rare, 6)}",
            f'{where}, {counted(counts[rare[-1]], "row")} of "{rare[-1]}"',
            "These are too few rows to learn from, and to judge a model on",
            "collect more of them, join classes, or leave these rows out", name,
            rows, FixByOptions.without_rows(rows),
        )  # fmt: skip
    share = min(counts.values()) / total
    if len(counts) == 2 and share < _IMBALANCE:
        least = min(counts, key=counts.__getitem__)
        yield Finding(
            "imbalance", "note", f'Only {share:.2%} of the rows are "{least}"', where,
            "Always predicting the other class is nearly always right, so accuracy says little",
            "look at sensitivity, log-loss and the curves; choose a threshold by the cost of "
            "mistakes", name,
        )  # fmt: skip
    yield from _common_positive(target)


def _common_positive(target: Target) -> Iterator[Finding]:
    """A class that is positive by nothing but the order of the names, beside a much rarer one."""
    names, counts = list(target.classes), list(target.classes.values())
    if len(names) != 2 or {*names} == {"0", "1"} or counts[1] >= _OF_INTEREST * sum(counts):
        return
    common, rare = names
    positive, why = default_positive(names)
    if positive != common or "sorted order" not in why:
        return
    yield Finding(
        POSITIVE, "note",
        f'The positive class is "{common}", {why}; "{rare}" is rarer, with '
        f"{counts[1] / sum(counts):.1%} of the rows", f'column "{target.name}"',
        "Sensitivity, the threshold and the costs of mistakes are about the positive class, and "
        "mostly the rarer class is the one of interest",
        f'if "{rare}" is, say so: {parameter("positive", rare)} of a fit', (target.name,),
        fixes=(FixByOptions({"positive": rare}),),
    )  # fmt: skip


def no_test_set(seen: Examined) -> Iterator[Finding]:
    """A table of which `thalweg fit` can hold out no test set, and one without any feature."""
    target, groups = seen.target, seen.groups
    if target is None:
        return
    if not seen.looks:
        yield Finding.of("no features", no_features(seen.n_rows), where="the whole table")
        return
    unread = [target.refusal, *(look.refusal for look in seen.looks)]
    if any(unread) or (target.numbers is None and len(target.classes) < 2):
        return
    known = target.known
    y = np.full(len(known), "any") if target.numbers is not None else target.labels.astype(str)
    names = None
    if groups is not None:
        names = groups.labels.astype(str)
        known = known & (names != "")
    sets = np.unique(names[known], return_inverse=True)[1] if names is not None else None
    if sets is None:
        sets = row_groups(seen.matrix[known])
    if not known.any():
        return
    error = cannot_hold_out(y[known], sets, None if names is None else names[known])
    if error is not None:
        name = target.name if groups is None else groups.name
        yield Finding.of("test set", error, (name,), f'column "{name}"')


def leaks(seen: Examined) -> Iterator[Finding]:
    """Columns that predict the target by themselves, on held-out rows."""
    target = seen.target
    if target is None or target.refusal is not None or target.known.sum() < _FEW:
        return
    known = np.flatnonzero(target.known)
    tested = HalvedTarget.of(target, known, _halves(seen, target, known))
    for look in seen.looks:
        raise_if_cancelled()
        if not look.column or look.kind in ("empty", "identifier"):
            continue
        left = left_by(look, tested)
        if left <= LIKELY_LEAK:
            severe = left <= LEAK
            of = "variance" if target.numbers is not None else "error"
            yield Finding(
                "leak", "severe" if severe else "caution",
                f'A column that {"" if severe else "nearly "}predicts "{target.name}" by itself',
                f"{look.where}: {left:.1%} of the {of} is left, on held-out rows",
                "If it is known only after the target, or is computed from it, it will not be "
                "known when the model is used",
                f"if it is known before the target, keep it (a network is hardly needed); "
                f"otherwise {dropping([look.name])}", (look.name,),
                fixes=(FixByOptions.without(look.name),),
            )  # fmt: skip


def _halves(seen: Examined, target: Target, known: Codes) -> Codes:
    """Split rows with a target value into two halves, stratified by the target.

    Rows are assigned alternately in the order of their target values, and among equal values by a
    hash of their content: no order of the table can hide a leak, and equal rows go to both halves.
    """
    y: NDArray[Any] = target.labels.astype(str) if target.numbers is None else target.numbers
    half = np.empty(len(known), dtype=np.intp)
    half[np.lexsort((row_groups(seen.contents[known]), y[known]))] = np.arange(len(known)) % 2
    return half


@dataclass(frozen=True)
class HalvedTarget:
    """A target whose rows are in two halves: rules are learned on one and tested on the other.

    Attributes
    ----------
    known : ndarray of int
        The rows that have a target value; what follows is of these.
    half : ndarray of int
        0 or 1.
    labels : ndarray of int
        The class of each row, from 0; of a numeric target, all 0.
    numbers : ndarray of float64, or None
    """

    known: Codes
    half: Codes
    labels: Codes
    numbers: NDArray[np.float64] | None

    @classmethod
    def of(cls, target: Target, known: Codes, half: Codes) -> "HalvedTarget":
        """The target of the rows that have one, and the half of each of these."""
        if target.numbers is not None:
            return cls(known, half, np.zeros(len(known), np.intp), target.numbers[known])
        labels = np.unique(target.labels[known].astype(str), return_inverse=True)[1]
        return cls(known, half, labels, None)

    @cached_property
    def n_wrong(self) -> int:
        """How many rows are not of the most common class."""
        return len(self.labels) - int(np.bincount(self.labels).max())


def left_by(look: Look, target: HalvedTarget) -> float:
    """The share of the error that the best rule on one column leaves.

    The rule predicts the most common class, or the mean, in each level or each bin of a number; or
    the target of the row with the nearest number. It is learned on one half of the rows and tested
    on the other. The error is that of always predicting the most common class, or the variance.

    Returns
    -------
    float
        0: the column predicts the target perfectly; 1 or more: not at all.
    """
    values = look.values[target.known]
    missing = np.isnan(values)
    if look.kind != "number":
        codes = np.unique(np.where(missing, -1.0, values), return_inverse=True)[1]
        return _left_by_codes(codes, target)
    # Missing values get one number that is far from all known values.
    far = 2 * np.abs(values[~missing]).max(initial=0.0) + 1.0
    places = np.where(missing, far, values)
    order = np.argsort(places, kind="stable")  # once: to sort takes longer than all else
    ordered = places[order[: len(order) - int(missing.sum())]]
    left = [_left_by_codes(_binned(values, ordered, bins), target) for bins in _BINS]
    left.append(_left_by_nearest(places, order, target))
    if target.numbers is not None:
        left.append(_by_ranks(values, target.numbers))
    return min(left)


def _left_by_codes(codes: Codes, target: HalvedTarget) -> float:
    half = target.half
    if target.numbers is not None:
        y = target.numbers
        return sum(_variance_left(codes, y, half == side) for side in (0, 1)) / float(y.var())
    if not target.n_wrong:
        return 1.0
    wrong = sum(_errors_left(codes, target.labels, half == side) for side in (0, 1))
    return wrong / target.n_wrong


def _left_by_nearest(places: NDArray[np.float64], order: Codes, target: HalvedTarget) -> float:
    """By the target of the nearest row of the other half; ``order`` sorts the places."""
    half = target.half
    y: NDArray[Any] = target.labels if target.numbers is None else target.numbers
    said = np.empty_like(y)
    for side in (0, 1):
        learned = order[half[order] != side]
        middles = (places[learned][1:] + places[learned][:-1]) / 2
        said[half == side] = y[learned[np.searchsorted(middles, places[half == side])]]
    if target.numbers is not None:
        return float(((said - y) ** 2).mean() / y.var())
    return float((said != y).sum() / target.n_wrong) if target.n_wrong else 1.0


def _binned(values: NDArray[np.float64], ordered: NDArray[np.float64], bins: int) -> Codes:
    """The bin of each value, from 1, of bins with equally many rows; 0 for a missing value.

    ``ordered`` are the known values, sorted.
    """
    edges = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    if len(edges) > bins:
        edges = np.unique(np.quantile(ordered, np.linspace(0, 1, bins + 1)[1:-1]))
    binned = np.searchsorted(edges, values, side="right") + 1
    binned[np.isnan(values)] = 0
    return binned


def _errors_left(codes: Codes, labels: Codes, asked: NDArray[np.bool_]) -> int:
    """How many of the tested rows the rule of the other rows gets wrong."""
    shape = int(codes.max()) + 1, int(labels.max()) + 1
    places = codes[~asked] * shape[1] + labels[~asked]
    counts = np.bincount(places, minlength=shape[0] * shape[1]).reshape(shape)
    said = counts.argmax(axis=1)
    said[counts.sum(axis=1) == 0] = counts.sum(axis=0).argmax()
    return int((said[codes[asked]] != labels[asked]).sum())


def _variance_left(codes: Codes, y: NDArray[np.float64], asked: NDArray[np.bool_]) -> float:
    """The squared errors of the means of the other rows, summed, divided by the number of rows."""
    sums = np.bincount(codes[~asked], y[~asked], minlength=codes.max() + 1)
    counts = np.bincount(codes[~asked], minlength=codes.max() + 1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), y[~asked].mean())
    return float(((y[asked] - means[codes[asked]]) ** 2).sum() / len(y))


def _by_ranks(values: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """1 - ρ² of the ranks (Spearman): 0 if the relation is monotone."""
    there = ~np.isnan(values)
    if there.mean() < 0.9 or len(np.unique(values[there])) < _FEW:
        return 1.0
    ranks = [np.unique(each[there], return_inverse=True)[1] for each in (values, y)]
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = np.corrcoef(ranks[0], ranks[1])[0, 1]
    return float(1.0 - rho**2)
