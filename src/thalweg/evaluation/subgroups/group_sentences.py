"""What subgroup tables show, and what they do not, in sentences made from their numbers."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.subgroups.group_tables import GroupMetric, GroupTable, Unnoticed
from thalweg.evaluation.subgroups.unnoticed import POWER
from thalweg.wording import amount, counted, effective_text, printable, with_article

_MOST_FINDINGS = 3
INDEPENDENT = (
    "The intervals and tests of groups take rows to be independent. Rows that belong together, "
    "such as those of one patient, make them find too much."
)
NOT_ALIKE, OTHERS_TOO = "This does not show that the groups are alike", "Others may differ, too"
# What is counted in the smallest group of a metric, where it is not all rows.
_ROWS = {
    "auc": "row of the rarer class",
    "intercept": "row of the rarer class",
}
# Of two classes, the place of the class that a share is of.
_CLASS = {"specificity": 0, "sensitivity": 1}
_BOTH_WAYS = ("intercept", "mean_error")


def finding(
    tables: Sequence[GroupTable],
    names: Mapping[str, str],
    n_tests: int,
    words: tuple[str, str] = ("negative", "positive"),
) -> str:
    """Whether groups differ, and what the tests could not have found.

    Parameters
    ----------
    tables : sequence of GroupTable
        With adjusted p-values.
    names : mapping of str to str
        The names of the metrics in sentences.
    n_tests : int
    words : tuple of str
        For the negative and for the positive one of two classes (`thalweg.wording.words_of_two`).
    """
    refused = [table.refused for table in tables if table.refused]
    if not n_tests:
        return " ".join(refused or ["No group has enough rows to be compared with the rest."])
    found = _findings(tables, names)
    tested = [
        (table.column, group.name)
        for table in tables
        for group in table.groups
        if any(not math.isnan(metric.p) for metric in group.metrics.values())
    ]
    metrics = {unnoticed.metric for table in tables for unnoticed in table.unnoticed}
    over = (
        f"{counted(len(tested), 'group')}, {counted(len(metrics), 'metric')}, "
        f"{counted(n_tests, 'test')}, with Holm's correction"
    )
    if found:
        more = len(found) - _MOST_FINDINGS
        said = "; ".join(found[:_MOST_FINDINGS]) + (f"; and {more:,} more" if more > 0 else "")
        parts = [f"Groups differ from the rest by more than random variation ({over}): {said}."]
    else:
        parts = [f"No group differs from the rest by more than random variation ({over})."]
    parts += [_could_not_see(tables, bool(found), words), _too_few(tables), *refused]
    return " ".join(part for part in parts if part)


def _findings(tables: Sequence[GroupTable], names: Mapping[str, str]) -> list[str]:
    """The differences that are shown, the surest first; of two groups only the first one."""
    found = []
    for table in tables:
        groups = table.groups[:1] if len(table.groups) == 2 else table.groups
        for group in groups:
            for key, metric in group.metrics.items():
                if metric.differs:
                    said = _compared(names[key], metric)
                    found.append((metric.p, f"{_named(table.column, group.name)}: {said}"))
    return [said for _, said in sorted(found)]


def _compared(name: str, metric: GroupMetric) -> str:
    """A metric in a group and in the rest; of a test by ranks first what that test compares."""
    p = f"adjusted p {_p(metric.p_adjusted)}"
    numbers = f"{name} {_number(metric.estimate.value)}, in the rest {_number(metric.rest)}"
    if math.isnan(metric.larger):
        return f"{numbers} ({p})"
    more = metric.larger > 1 / 2
    share = round(100 * (metric.larger if more else 1 - metric.larger))
    return (
        f"errors tend to be {'larger' if more else 'smaller'} than in the rest, in {share} % of "
        f"the pairs of rows (rank-sum test, {p}; {numbers})"
    )


def _p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.2g}"


def _named(column: str, group: str) -> str:
    return printable(f'"{column}: {group}"')


def _number(value: float) -> str:
    return amount(value, 2)


def _could_not_see(tables: Sequence[GroupTable], found: bool, words: tuple[str, str]) -> str:
    """The difference of the smallest group of the first metric that could be tested."""
    # What was found did not go unnoticed; of two groups, the other one is found with it.
    every = [(t, u) for t in tables for u in t.unnoticed if not _is_found(t, u)]
    if not every:
        return ""
    keys = [unnoticed.metric for _, unnoticed in every]
    first = "sensitivity" if "sensitivity" in keys else keys[0]  # the easiest to understand
    choices = [(u.n, t.column, u) for t, u in every if u.metric == first]
    _, column, smallest = min(choices, key=lambda each: each[:2])
    opening = OTHERS_TOO if found else NOT_ALIKE
    return f"{opening}: {_what_was_seen(column, smallest, words)}"


def _is_found(table: GroupTable, unnoticed: Unnoticed) -> bool:
    return any(
        group.name == unnoticed.group and group.metrics[unnoticed.metric].differs
        for group in table.groups
    )


def _what_was_seen(column: str, smallest: Unnoticed, words: tuple[str, str]) -> str:
    kind = _ROWS.get(smallest.metric, "row")
    if smallest.metric in _CLASS:
        kind = f"{words[_CLASS[smallest.metric]]} row"
    n = round(smallest.n, 6)
    rows = counted(n, kind) if n == round(n) else f"effectively {effective_text(n)} {kind}s"
    group = f"{_named(column, smallest.group)} ({rows})"
    power = f"would have been found with a probability of {100 * POWER:.0f} %"
    name, rest = smallest.name, f"(rest: {_number(smallest.rest)})"
    if smallest.metric in _BOTH_WAYS:
        if math.isnan(smallest.difference):
            return f"in {group}, nothing is known of a difference in {name}."
        far = _number(smallest.difference)
        return f"in {group}, a difference in {name} {power} only from {far} on."
    if smallest.metric in ("mae", "pinball"):
        if math.isnan(smallest.value):
            return f"in {group}, not even errors 1,000 times as large {power}."
        return f"in {group}, a higher {name} {rest} {power} only above {_number(smallest.value)}."
    if math.isnan(smallest.value):
        return f"in {group}, not even {with_article(name)} of 0 {rest} {power}."
    return f"in {group}, a lower {name} {rest} {power} only below {_number(smallest.value)}."


def _too_few(tables: Sequence[GroupTable]) -> str:
    few = sum(
        any(not metric.judged for metric in group.metrics.values())
        for table in tables
        for group in table.groups
    )
    if not few:
        return ""
    return f"{counted(few, 'group has', 'groups have')} too few rows for some of the metrics."


def notes_of(
    answers: Answers,
    threshold: float | np.ndarray,
    words: tuple[str, str] = ("negative", "positive"),
) -> tuple[str, ...]:
    """What a reader of the tables must know.

    The third note of two classes is the theorem of Kleinberg, Mullainathan & Raghavan 2016,
    "Inherent trade-offs in the fair determination of risk scores", arXiv:1609.05807.
    """
    notes, (negative, positive) = [], words
    if answers.truth.dtype == np.bool_ and answers.answer.ndim == 1:
        at = f" of {amount(float(threshold))}" if np.ndim(threshold) == 0 else ""
        notes += [
            f"The threshold{at} is the same for all groups. Where probabilities are higher, more "
            f"rows are predicted {positive}.",
            f"Prevalence, share predicted {positive} and Brier score are not tested: they differ "
            "if the prevalence does. O/E is not tested, because the intercept says the same.",
            "Calibration in groups and equal error rates exclude each other in this sense: if "
            "prevalences differ, no model with errors can be calibrated in each group and give the "
            f"{positive} rows, and the {negative} rows, the same mean probability in all groups.",
        ]
    if np.issubdtype(answers.truth.dtype, np.floating) and answers.answer.ndim == 1:
        notes.append(
            "Sizes of errors are tested by ranks (rank-sum test, Kruskal-Wallis): whether errors "
            "of a group tend to be larger, also where a few large ones decide the means."
        )
    if answers.weights is not None:
        notes.append(
            "Intervals and tests count rows by Kish's effective number, because of weights."
        )
    if answers.groups is not None:
        notes.append(INDEPENDENT)
    return tuple(notes)
