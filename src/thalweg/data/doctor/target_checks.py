"""Checks of the target: can it be learned, and does a single column give it away."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import row_groups
from thalweg.data.doctor.column_checks import same_words
from thalweg.data.doctor.findings import Examined, Finding, Look, Target, dropping
from thalweg.data.names import listed
from thalweg.wording import counted

# A column whose rule alone leaves no more than this of the error of always saying the commonest
# class (or of the variance) is a leak, or may be one.
LEAK, LIKELY_LEAK = 0.02, 0.05
_RARE, _FEW = 10, 20
_IMBALANCE = 0.05
# Into how many bins a number is cut: the best of them counts.
_BINS = (8, 32, 128)

Codes = NDArray[np.intp]


def holes(seen: Examined) -> Iterator[Finding]:
    """Rows without their answer."""
    target = seen.target
    if target is not None and not target.known.all():
        wrong = np.flatnonzero(~target.known)
        yield Finding(
            "target missing", "severe",
            f"The target is missing in {len(wrong):,} of {counted(seen.n_rows, 'row')}",
            f'column "{target.name}", first in row {wrong[0] + 1:,}',
            "A row without its answer teaches nothing",
            "fill in the target, or leave these rows out of the table", (target.name,),
        )  # fmt: skip


def classes(seen: Examined) -> Iterator[Finding]:
    """One class alone, rare ones, classes that differ by spelling, imbalance."""
    target = seen.target
    if target is None or target.numbers is not None:
        return
    where, name = f'column "{target.name}"', (target.name,)
    counts = target.classes
    total = sum(counts.values())
    if len(counts) < 2:
        what = f'every row is "{next(iter(counts))}"' if counts else "no row has one"
        yield Finding(
            "one class", "severe", f"The target has no two classes: {what}", where,
            "There is nothing to tell apart", "add rows of another class, or name another target",
            name,
        )  # fmt: skip
        return
    if alike := same_words(list(counts)):
        yield Finding(
            "spelling", "severe",
            "Classes that differ by their spelling alone: "
            + "; ".join(listed(group) for group in alike[:3]), where,
            "Each is learned as a class of its own", "write one of them throughout", name,
        )  # fmt: skip
    rare = [label for label, count in counts.items() if count < _RARE]
    if rare:
        yield Finding(
            "rare class", "caution",
            f"Classes of less than {_RARE} rows: {listed(rare, 6)}",
            f'{where}, {counted(counts[rare[-1]], "row")} of "{rare[-1]}"',
            "So few rows can neither be learned from nor judged on",
            "gather more of them, join classes, or leave these rows out", name,
        )  # fmt: skip
    share = min(counts.values()) / total
    if len(counts) == 2 and share < _IMBALANCE:
        least = min(counts, key=counts.__getitem__)
        yield Finding(
            "imbalance", "note", f'Only {share:.2%} of the rows are "{least}"', where,
            "Always saying the other class is nearly always right, so accuracy says nothing",
            "look at sensitivity, log-loss and the curves; choose a threshold by what a mistake "
            "costs", name,
        )  # fmt: skip


def leaks(seen: Examined) -> Iterator[Finding]:
    """Columns that decide the target by themselves, on rows that their rule has not seen."""
    target = seen.target
    if target is None or target.known.sum() < _FEW:
        return
    known = np.flatnonzero(target.known)
    half = _halves(seen, target, known)
    for look in seen.looks:
        if not look.column or look.kind in ("empty", "identifier"):
            continue
        left = left_by(look, target, known, half)
        if left <= LIKELY_LEAK:
            severe = left <= LEAK
            of = "variance" if target.numbers is not None else "error"
            yield Finding(
                "leak", "severe" if severe else "caution",
                f'A column that {"" if severe else "nearly "}decides "{target.name}" by itself',
                f"{look.where}: {left:.1%} of the {of} is left, on rows that its rule has not seen",
                "What is only known once the answer is known, or was made from it, will not be "
                "there when the model is needed",
                f"if it is known beforehand, keep it, and no network is needed; else "
                f"{dropping([look.name])}", (look.name,),
            )  # fmt: skip


def _halves(seen: Examined, target: Target, known: Codes) -> Codes:
    """Two halves of the known rows, each with its share of every class, or of the number's range.

    Rows are dealt in the order of their answers, those of one answer in the order of a hash of
    their content: no order of the table can hide a leak, and equal rows go to both halves.
    """
    y: NDArray[Any] = target.labels.astype(str) if target.numbers is None else target.numbers
    half = np.empty(len(known), dtype=np.intp)
    half[np.lexsort((row_groups(seen.contents[known]), y[known]))] = np.arange(len(known)) % 2
    return half


def left_by(look: Look, target: Target, known: Codes, half: Codes) -> float:
    """The share of the error that the best rule of one column leaves.

    The rule is the commonest class, or the mean, in each level and in each bin of a number; or what
    the row of the nearest number has. It is learned on one half and asked on the other. The error
    is that of always saying the commonest class, or the variance.

    Returns
    -------
    float
        0: it decides everything; 1, or more: nothing.
    """
    values = look.values[known]
    if look.kind != "number":
        return _left_by_codes(np.nan_to_num(values, nan=-1.0), target, known, half)
    left = [_left_by_codes(_binned(values, bins), target, known, half) for bins in _BINS]
    left.append(_left_by_nearest(values, target, known, half))
    if target.numbers is not None:
        left.append(_by_ranks(values, target.numbers[known]))
    return min(left)


def _left_by_codes(cells: NDArray[np.float64], target: Target, known: Codes, half: Codes) -> float:
    codes = np.unique(cells, return_inverse=True)[1]
    if target.numbers is not None:
        y = target.numbers[known]
        return sum(_variance_left(codes, y, half == side) for side in (0, 1)) / float(y.var())
    labels = np.unique(target.labels[known].astype(str), return_inverse=True)[1]
    n_wrong = len(labels) - int(np.bincount(labels).max())
    if not n_wrong:
        return 1.0
    return sum(_errors_left(codes, labels, half == side) for side in (0, 1)) / n_wrong


def _left_by_nearest(
    values: NDArray[np.float64], target: Target, known: Codes, half: Codes
) -> float:
    missing = np.isnan(values)
    # Those that are missing are near each other, and far from all that is known.
    far = 2 * np.abs(values[~missing]).max(initial=0.0) + 1.0
    places = np.where(missing, far, values)
    y: NDArray[Any] = target.labels[known] if target.numbers is None else target.numbers[known]
    said = np.empty_like(y)
    for side in (0, 1):
        learned = np.flatnonzero(half != side)
        order = learned[np.argsort(places[learned], kind="stable")]
        middles = (places[order][1:] + places[order][:-1]) / 2
        said[half == side] = y[order[np.searchsorted(middles, places[half == side])]]
    if target.numbers is not None:
        return float(((said - y) ** 2).mean() / y.var())
    n_wrong = len(y) - int(np.unique(y.astype(str), return_counts=True)[1].max())
    return float((said != y).sum() / n_wrong) if n_wrong else 1.0


def _binned(values: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """The number of the bin of each value, all of one size; -1 for a missing one."""
    there = ~np.isnan(values)
    binned = np.full(len(values), -1.0)
    different = np.unique(values[there])
    edges = different
    if len(different) > bins:
        edges = np.unique(np.quantile(values[there], np.linspace(0, 1, bins + 1)[1:-1]))
    binned[there] = np.searchsorted(edges, values[there], side="right")
    return binned


def _errors_left(codes: Codes, labels: Codes, asked: NDArray[np.bool_]) -> int:
    """How many of the asked rows the rule of the other rows gets wrong."""
    counts = np.zeros((codes.max() + 1, labels.max() + 1), dtype=np.int64)
    np.add.at(counts, (codes[~asked], labels[~asked]), 1)
    said = counts.argmax(axis=1)
    said[counts.sum(axis=1) == 0] = counts.sum(axis=0).argmax()
    return int((said[codes[asked]] != labels[asked]).sum())


def _variance_left(codes: Codes, y: NDArray[np.float64], asked: NDArray[np.bool_]) -> float:
    """Summed squared errors of the means of the other rows, over the number of all rows."""
    sums = np.bincount(codes[~asked], y[~asked], minlength=codes.max() + 1)
    counts = np.bincount(codes[~asked], minlength=codes.max() + 1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), y[~asked].mean())
    return float(((y[asked] - means[codes[asked]]) ** 2).sum() / len(y))


def _by_ranks(values: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """1 - ρ² of the ranks (Spearman): 0 where the one rises, or falls, with the other."""
    there = ~np.isnan(values)
    if there.mean() < 0.9 or len(np.unique(values[there])) < _FEW:
        return 1.0
    ranks = [np.unique(each[there], return_inverse=True)[1] for each in (values, y)]
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = np.corrcoef(ranks[0], ranks[1])[0, 1]
    return float(1.0 - rho**2)
