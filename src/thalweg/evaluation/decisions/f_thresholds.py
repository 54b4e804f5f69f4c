"""The threshold with the best F, from calibrated probabilities.

F = (1 + β²) TP / (β² P + TP + FP), expected with the probabilities p of the rows: TP = Σ p of the
called rows, P = Σ p of all. One more row raises F if its p is above F / (1 + β²). So the best F,
F*, belongs to the threshold

t = F* / (1 + β²), which is F*/2 for F₁.

Lipton, Elkan & Narayanaswamy 2014, "Optimal thresholding of classifiers to maximize F1 measure",
ECML PKDD, theorem 1 (there with β = 1).

No true class enters, so nothing is tuned on noise, and it is right if the probabilities are
calibrated. It moves with prevalence: among rows with other shares of the classes another threshold
is best.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cutoffs import Cutoffs, above, cutoffs
from thalweg.wording import words_of_two

# Below, F is a matter of a few rows.
FEWEST_POSITIVE = 20

Floats = NDArray[np.float64]


def by_f(answers: Answers, beta: float = 1.0, classes: Sequence[str] = ()) -> Threshold:
    """The threshold with the best expected F.

    Parameters
    ----------
    answers : Answers
        Of two classes, with calibrated probabilities.
    beta : float, default 1
        How many times as important sensitivity is as precision.
    classes : sequence of str, optional
        Their names in a refusal, the negative one first.

    Returns
    -------
    Threshold
        Refused below 20 positive rows.

    Raises
    ------
    DataError
        As in `thalweg.evaluation.judging.two_class_metrics.judge`.
    SettingsError
        If beta is not above 0.
    """
    if not 1e-6 <= beta <= 1e6:
        raise SettingsError(
            f"The beta of F is {beta}", fix="give a number above 0: 1 for F1, 2 for F2"
        )
    cut = cutoffs(answers)
    n_positive = cut.effective_positive
    value, refused = None, None
    if n_positive < FEWEST_POSITIVE:
        refused = (
            f"A threshold by F needs {FEWEST_POSITIVE} {words_of_two(classes)[1]} rows, and there "
            f"are {int(n_positive):,}. Give more rows, or name the costs of the two mistakes."
        )
    else:
        rows = cut.positive + cut.negative
        value = float(f_threshold(cut, rows[np.newaxis], beta)[0])
    return Threshold(
        value,
        "f",
        beta=float(beta),
        how=answers.how,
        n_samples=len(answers),
        n_class=n_positive,
        refused=refused,
    )


def f_threshold(cut: Cutoffs, rows: Floats, beta: float) -> Floats:
    """F* / (1 + β²) of each line of ``rows``, the rows in each cell, shape (n_lines, n_cells)."""
    called, found = above(rows), above(rows * cut.mean)
    whole = beta**2 * found[:, :1] + called
    best = np.divide(found, whole, out=np.zeros_like(found), where=whole > 0)
    return np.asarray(best[:, cut.reachable].max(axis=1))
