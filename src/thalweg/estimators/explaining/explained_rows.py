"""Contributions of the user's own columns to the answers of a model for rows of a table.

The contributions of all inputs of a column (value, bins, levels, target codes, calendar, missing
indicator) are summed, then averaged over the networks, as the answer is. With a background of
several rows they are averaged over these, too: the base is then the mean answer of the background.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.network.explaining.path_rule import (
    BY_QUADRATURE,
    EXACT,
    PathContributions,
    path_contributions,
)
from thalweg.network.explaining.shapley_rule import shapley_contributions
from thalweg.wording import parameter, row_number

Method: TypeAlias = Literal["path", "shapley"]


@dataclass(frozen=True, eq=False)
class ExplainedRows:
    """Contributions of columns to answers.

    Attributes
    ----------
    values : ndarray of float64, shape (n_rows, n_columns, n_answers)
        Own columns: those of the user's table, in the order of the fit.
    base_values : ndarray of float64, shape (n_answers,)
        The answer for the base, or its mean over the background.
    answers : ndarray of float64, shape (n_rows, n_answers)
        Computed in float64, before a clip: base value and contributions add up to it.
    members : ndarray of float64, shape (n_networks, n_rows, n_columns, n_answers)
        The contributions to the answer of each network alone. Their mean is ``values``, unless a
        map corrects the mean of several networks.
    sum_error : float
        How far a base value and its contributions are from an answer, at most.
    is_exact : bool
        Whether the sum was required to 1e-12 (of the answer's unit), and not to 1e-8.
    """

    values: Floats
    base_values: Floats
    answers: Floats
    members: Floats
    sum_error: float
    is_exact: bool


@dataclass
class _Parts:
    """Contributions of one row: of the model, and of each network alone; each (n_columns, n)."""

    values: Floats
    members: list[Floats]
    base: Floats
    answer: Floats
    is_exact: bool


def explained_rows(
    fitted: Fitted,
    matrix: NDArray[np.floating],
    base: NDArray[np.floating],
    method: Method = "path",
    numbers: Sequence[int] | None = None,
) -> ExplainedRows:
    """Contributions of the columns to the answers for some rows, compared with a base.

    Parameters
    ----------
    fitted : Fitted
    matrix, base : ndarray of float, shapes (n_rows, n_features) and (n_base, n_features)
        As the schema of the model reads them; the contributions are means over the rows of base.
    method : {"path", "shapley"}
    numbers : sequence of int, optional
        What messages call the rows; default: their places, from 1.

    Raises
    ------
    SettingsError
        If contributions do not add up, or there are too many columns for Shapley values.
    """
    answer = ExplainedAnswer(fitted)
    rows, bases = answer.encoded(matrix), answer.encoded(base)
    owners = answer.owners()
    if numbers is None:
        numbers = [row_number(place + 1) for place in range(len(matrix))]
    rule = _by_path if method == "path" else _by_shapley
    found = []
    for place in range(len(matrix)):
        own = [each[place] for each in rows]
        try:
            found.append(rule(answer, own, bases, owners))
        except SettingsError as error:
            what, _, why, fix = error.unspelled
            raise SettingsError(what, where=f"row {numbers[place]:,}", why=why, fix=fix) from error
    offset = float(answer.mean([each[None] for each in answer.offsets])[0])
    made = ExplainedRows(
        np.stack([each.values for each in found]),
        found[0].base + offset,
        np.stack([each.answer for each in found]) + offset,
        np.stack([np.stack(each.members) for each in found], axis=1),
        max(_sum_error(each) for each in found),
        all(each.is_exact for each in found),
    )
    _require_sums(made, answer, found, numbers)
    return made


def _by_path(
    answer: ExplainedAnswer,
    row: list[Floats],
    bases: list[Floats],
    owners: list[NDArray[np.intp]],
) -> _Parts:
    """The path rule from each base row, averaged over these."""
    n_columns, n_bases = len(answer.fitted.schema.given), len(bases[0])
    alone: list[list[PathContributions]] = [
        [path_contributions([network], [base[place]], [own], link) for place in range(n_bases)]
        for (network, link), base, own in zip(answer.alone, bases, row, strict=True)
    ]
    members = [
        answer.mean([_of_columns(each.inputs[0], owner, n_columns) for each in of_network])
        for of_network, owner in zip(alone, owners, strict=True)
    ]
    if answer.together is None:
        of_all = [each for of_network in alone for each in of_network]
        base = answer.mean([answer.mean([e.base for e in of_network]) for of_network in alone])
        value = answer.mean([of_network[0].value for of_network in alone])
        exact = all(each.is_exact for each in of_all)
        return _Parts(answer.mean(members), members, base, value, exact)
    networks, common = answer.together
    joint = [
        path_contributions(networks, [base[place] for base in bases], row, common)
        for place in range(n_bases)
    ]
    values = answer.mean([_all_columns(each.inputs, owners, n_columns) for each in joint])
    base = answer.mean([each.base for each in joint])
    return _Parts(values, members, base, joint[0].value, is_exact=False)


def _of_columns(inputs: Floats, owner: NDArray[np.intp], n_columns: int) -> Floats:
    """The sums over the inputs of each column: (n_answers, n_inputs) to (n_columns, n_answers)."""
    return np.stack([np.bincount(owner, each, n_columns) for each in inputs], axis=-1)


def _all_columns(inputs: list[Floats], owners: list[NDArray[np.intp]], n_columns: int) -> Floats:
    """The same, added over the networks of one answer."""
    total = np.zeros((n_columns, len(inputs[0])))
    for each, owner in zip(inputs, owners, strict=True):
        total = total + _of_columns(each, owner, n_columns)
    return total


def _by_shapley(
    answer: ExplainedAnswer,
    row: list[Floats],
    bases: list[Floats],
    owners: list[NDArray[np.intp]],
) -> _Parts:
    """Exact Shapley values."""
    n_columns = len(answer.fitted.schema.given)
    alone = [
        shapley_contributions([network], [base], [own], [owner], n_columns, link)
        for (network, link), base, own, owner in zip(answer.alone, bases, row, owners, strict=True)
    ]
    members = [each.columns.T for each in alone]
    if answer.together is None:
        base, value = (answer.mean([each[of] for each in alone]) for of in (1, 2))
        return _Parts(answer.mean(members), members, base, value, is_exact=True)
    networks, common = answer.together
    joint = shapley_contributions(networks, bases, row, owners, n_columns, common)
    return _Parts(joint.columns.T, members, joint.base, joint.value, is_exact=True)


def _sum_error(parts: _Parts) -> float:
    gained = parts.answer - parts.base
    return float(np.abs(parts.values.sum(axis=0) - gained).max())


def _require_sums(
    made: ExplainedRows, answer: ExplainedAnswer, found: list[_Parts], numbers: Sequence[int]
) -> None:
    """Raise unless the contributions of every row add up."""
    for place, each in enumerate(found):
        sizes = (np.abs(each.answer).max(), np.abs(each.base).max())
        limit = (EXACT if each.is_exact else BY_QUADRATURE) * max(answer.unit, *sizes)
        if not _sum_error(each) <= limit:
            raise SettingsError(
                "The contributions do not add up to the difference of the answers",
                where=f"row {numbers[place]:,}",
                why=f"The sum is {_sum_error(each):.1e} beside it, and {limit:.1e} is allowed",
                fix=f"take another base ({parameter('background')} or {parameter('against')})",
            )
