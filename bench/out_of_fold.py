"""Out-of-fold losses against fresh losses of the very same weights, with known truth.

    python -m bench.out_of_fold [--rows 100 300 1000] [--family linear mixed rare] [--error 0.004]
                                [--plain-folds]

For each table, the out-of-fold loss is compared with the mean loss of the same five networks, at
the same epochs, on 20,000 fresh rows. The difference is printed for the epochs that the other folds
find best (what `oof_loss_` is), and for those that the held-out rows themselves chose. Below 0, the
out-of-fold loss is too good. Tables are added until both standard errors are small enough.

Two things make the means less noisy. Fresh losses take the true probability of each row in place
of its class. And the luck of a table, the loss of the true probabilities on its rows less that on
fresh rows, is a control variate with the fitted coefficient: its expectation is 0.

Folds with equal shares of each class cost 1/n by themselves, with any model and any epoch: the
training rows have the very share of the held-out rows, and not that of fresh ones. With
``--plain-folds``, the rows are dealt without regard to their class: it shows how much that is.
"""

import argparse
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.learning import early_stopping_splits, fit_plan
from thalweg.estimators.learning.fitted_networks import Network, outputs_of
from thalweg.estimators.learning.out_of_fold import networks_by_others, out_of_fold
from thalweg.estimators.learning.train_networks import Learned

Floats = np.ndarray[Any, np.dtype[np.float64]]

N_COLUMNS, N_FRESH = 8, 20_000
FEWEST, MOST = 15, 400


def _linear(X: Floats) -> Floats:
    """Four columns matter, each by itself."""
    return np.asarray(1.2 * X[:, 0] - 0.9 * X[:, 1] + 0.6 * X[:, 2] + 0.3 * X[:, 3])


def _mixed(X: Floats) -> Floats:
    """A product, a step and a square."""
    return np.asarray(1.5 * X[:, 0] * X[:, 1] + 1.5 * (X[:, 2] > 0.5) + 0.7 * X[:, 3] ** 2 - 1.0)


def _rare(X: Floats) -> Floats:
    """About one row in ten is positive."""
    return np.asarray(1.2 * X[:, 0] + 0.8 * X[:, 1] * (X[:, 2] > 0) - 2.8)


FAMILIES: dict[str, Callable[[Floats], Floats]] = {
    "linear": _linear, "mixed": _mixed, "rare": _rare,
}  # fmt: skip


class Differences(NamedTuple):
    """Out-of-fold minus fresh loss of one table, by both choices of the epoch, and its luck."""

    by_others: float
    by_itself: float
    luck: float


def differences(family: str, n_rows: int, seed: int, n_fresh: int = N_FRESH) -> Differences:
    """Fit one table, and evaluate its networks on fresh rows."""
    rng = np.random.default_rng([sorted(FAMILIES).index(family), n_rows, seed])
    logit_of = FAMILIES[family]
    X = rng.normal(size=(n_rows, N_COLUMNS))
    truth = logit_of(X)
    y = rng.random(n_rows) < 1 / (1 + np.exp(-truth))
    learned: list[Learned] = []

    def spied(lesson: Any, found: Learned, *more: Any) -> Any:
        learned.append(found)
        return out_of_fold(lesson, found, *more)

    with mock.patch.object(fit_plan, "out_of_fold", spied):
        model = ThalwegClassifier(random_state=seed, n_jobs=1).fit(X, y)
    fresh = rng.normal(size=(n_fresh, N_COLUMNS))
    expected = logit_of(fresh)
    # The loss of the truth on these rows, less what it is on average.
    luck = _loss(truth, y.astype(float)) - _loss(expected, _share(expected))
    counts = [len(held_out) for _, held_out in learned[0].splits if held_out is not None]
    own = [each.history[each.best_epoch - 1]["valid_loss"] for each in learned[0].networks]

    def of_fresh(networks: Sequence[Network]) -> float:
        logits = outputs_of(networks, fresh)[..., 0]
        return float(np.average([_loss(z, _share(expected)) for z in logits], weights=counts))

    return Differences(
        model.oof_loss_ - of_fresh(networks_by_others(learned[0])),
        float(np.average(own, weights=counts)) - of_fresh(learned[0].networks),
        luck,
    )


def mean_of(values: Floats, luck: Floats) -> tuple[float, float]:
    """The mean without the luck of the tables, and its standard error."""
    coefficient = np.cov(values, luck)[0, 1] / np.var(luck, ddof=1)
    left = values - coefficient * luck
    return float(left.mean()), float(left.std(ddof=2) / np.sqrt(len(left)))


def _share(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logit)))


def _loss(logit: Floats, share: Floats) -> float:
    """Mean cross-entropy where this share of rows is positive."""
    return float(np.mean(np.logaddexp(0, logit) - share * logit))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.out_of_fold", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[300, 100, 1000])
    parser.add_argument("--family", nargs="+", default=list(FAMILIES), choices=FAMILIES)
    parser.add_argument("--error", type=float, default=0.004, help="the standard error to reach")
    parser.add_argument("--plain-folds", action="store_true", help="classes in any shares")
    asked = parser.parse_args()
    with plain_folds() if asked.plain_folds else nullcontext():
        measure(asked)


def plain_folds() -> Any:
    """Folds that do not know the classes: a patch of how each class is dealt."""
    of_class = early_stopping_splits._by_class

    def of_one_class(codes: Any, seed: int, purpose: str, deal: int = 0) -> Any:
        return of_class(np.zeros_like(codes), seed, purpose, deal)

    return mock.patch.object(early_stopping_splits, "_by_class", of_one_class)


def measure(asked: argparse.Namespace) -> None:
    """Print a line for each number of rows and each family."""
    print("family  rows  tables  by the others      by the rows themselves", flush=True)
    for n_rows in asked.rows:
        for family in asked.family:
            found: list[Differences] = []
            means = [(0.0, np.inf)] * 2
            while len(found) < MOST and max(error for _, error in means) > asked.error:
                found.append(differences(family, n_rows, len(found)))
                if len(found) >= FEWEST:
                    *both, luck = np.array(found).T
                    means = [mean_of(each, luck) for each in both]
            said = "   ".join(f"{mean:+.4f} ± {error:.4f}" for mean, error in means)
            print(f"{family:6}  {n_rows:4}  {len(found):6}  {said}", flush=True)


if __name__ == "__main__":
    main()
