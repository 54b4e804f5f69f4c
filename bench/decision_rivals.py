"""What stands between a probability and a decision, beside the libraries that are known for it.

    python -m bench.decision_rivals

CV+ intervals beside MAPIE, the net benefit beside dcurves (on its own table), the correlated t-test
beside baycomp. Prints the largest difference of each, and ends with 1 if one is above its limit.
"""

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import baycomp
import dcurves
import numpy as np
import pandas as pd
from mapie.regression import CrossConformalRegressor
from sklearn.base import clone
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeRegressor

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.corrected_resampling import corrected_t
from thalweg.evaluation.conformal.cv_plus import cv_plus_intervals
from thalweg.evaluation.conformal.residual_store import residuals_of
from thalweg.evaluation.decisions.decision_curve import decision_curve

LEVELS = (0.8, 0.9, 0.95)
# The largest difference: of numbers near 1, whose sums are in another order.
LIMIT = 1e-12


def mapie_intervals() -> float:
    """CV+ of five trees, on 60 rows and 200 new ones, at three levels."""
    random = np.random.default_rng(0)
    X, new = random.normal(size=(60, 3)), random.normal(size=(200, 3))
    y = X[:, 0] + np.abs(X[:, 1]) * random.normal(size=60)
    model, folds = DecisionTreeRegressor(max_depth=3, random_state=0), KFold(5)
    out_of_fold, number = np.zeros(60), np.zeros(60, dtype=np.intp)
    predicted = []
    for k, (train, held_out) in enumerate(folds.split(X)):
        fitted = clone(model).fit(X[train], y[train])
        out_of_fold[held_out], number[held_out] = fitted.predict(X[held_out]), k
        predicted.append(fitted.predict(new))
    residuals = residuals_of(Answers(y, out_of_fold, folds=number))
    theirs = CrossConformalRegressor(model, confidence_level=[*LEVELS], method="plus", cv=folds)
    _, ends = theirs.fit_conformalize(X, y).predict_interval(new)
    ours = [cv_plus_intervals(residuals, np.stack(predicted), level) for level in LEVELS]
    return float(np.abs(ends - np.stack(ours, axis=2)).max())


def dcurves_benefit() -> float:
    """The net benefit of two models and of calling all, and interventions avoided."""
    table = pd.read_csv(Path(dcurves.__file__).parent / "data" / "df_binary.csv")
    differences = []
    for name in ("cancerpredmarker", "famhistory"):
        ours = decision_curve(
            Answers(table["cancer"].to_numpy(), table[name].to_numpy(dtype=float)), 0.05, 0.35
        )
        t = np.array(ours.thresholds)
        theirs = dcurves.dca(data=table, outcome="cancer", modelnames=[name], thresholds=t)
        for line, benefit in ((name, [each.value for each in ours.model]), ("all", ours.all)):
            found = theirs[theirs["model"] == line].sort_values("threshold")
            differences.append(found["net_benefit"].to_numpy() - benefit)
        found = theirs[theirs["model"] == name].sort_values("threshold")
        avoided = found["net_intervention_avoided"].to_numpy() * 100
        differences.append(avoided - np.array(ours.avoided))
    return float(np.abs(np.concatenate(differences)).max())


def baycomp_chances() -> float:
    """The probabilities of worse, equal and better of 20 pairs of ten times ten folds."""
    random, largest = np.random.default_rng(0), 0.0
    for _ in range(20):
        one = random.normal(0.8, 0.03, 100)
        two = one + random.normal(0.005, 0.02, 100)
        # Theirs are "the first is better", "equal" and "the second is better".
        theirs = baycomp.CorrelatedTTest.probs(one, two, rope=0.01, runs=10)
        ours = corrected_t(two - one, 1, 9).chances(0.01, more_is_better=True)
        assert ours is not None
        found = np.array([ours.worse, ours.equal, ours.better])
        largest = max(largest, float(np.abs(found - theirs).max()))
    return largest


COMPARISONS: dict[str, tuple[str, Callable[[], float]]] = {
    "MAPIE": ("CV+ intervals, 60 rows × 200, three levels", mapie_intervals),
    "dcurves": ("net benefit and interventions avoided, 750 rows", dcurves_benefit),
    "baycomp": ("correlated t-test, 20 × 100 scores", baycomp_chances),
}


def main() -> int:
    """Print the largest difference from each library; returns the exit code."""
    failed = []
    for library, (what, difference) in COMPARISONS.items():
        largest = difference()
        print(f"{library} {version(library)}: {what}: largest difference {largest:.1e}")
        if not largest <= LIMIT:  # NaN is a difference, too
            failed.append(library)
    if failed:
        print(f"Different from {', '.join(failed)} by more than {LIMIT:g}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
