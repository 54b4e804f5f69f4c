"""What a classifier's probabilities are worth on rows it has not seen, with 95 % intervals.

===========  =================================================  =========
metric       formula                                            interval
===========  =================================================  =========
accuracy     (TP + TN) / n                                      Wilson
sensitivity  TP / (TP + FN)                                     Wilson
specificity  TN / (TN + FP)                                     Wilson
auc          P(p⁺ > p⁻) + ½ P(p⁺ = p⁻), over all (+, -) pairs   bootstrap
log_loss     -(1/n) Σ [y log p + (1 - y) log(1 - p)]            bootstrap
brier        (1/n) Σ (p - y)²                                   bootstrap
===========  =================================================  =========

*Undefined* is NaN: the sensitivity without a positive row, the specificity without a negative
one, the AUC without both.

*The log-loss is not clipped.* A probability of exactly 0 or 1 on the wrong side costs what it
mathematically costs: the log-loss is infinite, and so is the end of its interval. (scikit-learn
clips to [2⁻⁵², 1 - 2⁻⁵²], which makes such a row cost 36.04.) Elsewhere the two agree.

*The bootstrap* (Efron & Tibshirani 1993, "An Introduction to the Bootstrap", section 13.3) draws
the n rows anew 2,000 times, with replacement, and takes the 2.5th and the 97.5th percentile. A
resample that lacks a class has no AUC; the AUC's percentiles are those of the resamples that have
both, which is what drawing again until both are there would give. Where no pair is ordered
wrongly (AUC 1), no resample orders one wrongly either: the interval [1, 1] is then an absence of
evidence, not a proof.

*Wilson's interval* is that of Wilson 1927, "Probable inference, the law of succession, and
statistical inference", JASA 22:209-212.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from thalweg.errors import DataError
from thalweg.random import generator

_RESAMPLES = 2000
_LEVELS = (0.025, 0.975)
# The 0.975 quantile of the standard normal distribution.
_Z = 1.959963984540054
# Multiplicities held at a time (1 MB): they stay in the cache.
_BLOCK = 2**17

_NAN = float("nan")


@dataclass(frozen=True)
class Estimate:
    """A number measured on a sample, and its 95 % interval.

    Parameters
    ----------
    value : float
        NaN where the metric is undefined; then so are the ends.
    low, high : float
    """

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float | str | None]:
        """The three numbers as JSON knows them: NaN is None, ∞ is the text ``"Infinity"``."""
        return {name: _plain(number) for name, number in asdict(self).items()}


@dataclass(frozen=True)
class Judgement:
    """The verdict of the test rows on one model.

    Parameters
    ----------
    n_samples, n_positive : int
        Rows judged, and how many of them are of the positive class.
    threshold : float
        A row is called positive where its probability lies above it.
    confusion : dict of str to int (to float where it is a mean over repetitions)
        ``true_positive false_negative false_positive true_negative``.
    metrics : dict of str to Estimate
        ``accuracy sensitivity specificity auc log_loss brier``.
    """

    n_samples: int
    n_positive: int
    threshold: float
    confusion: dict[str, float]
    metrics: dict[str, Estimate]

    def as_dict(self) -> dict[str, object]:
        """The judgement as plain data, fit for JSON."""
        metrics = {name: metric.as_dict() for name, metric in self.metrics.items()}
        return asdict(self) | {"metrics": metrics}


def judge(
    y: np.ndarray, probability: np.ndarray, *, threshold: float = 0.5, seed: int = 0
) -> Judgement:
    """Judge the probabilities of a positive class against what the rows really were.

    The formulas, and how the intervals are made, stand at the top of this module.

    Parameters
    ----------
    y : ndarray of bool or 0/1, shape (n_samples,)
        Whether each row is of the positive class.
    probability : ndarray of float, shape (n_samples,)
        The probability given to the positive class, 0 … 1.
    threshold : float, default 0.5
        A row is called positive where ``probability > threshold``, strictly.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    Judgement
        The same for every order of the rows.

    Raises
    ------
    DataError
        No row; lengths differ; ``y`` holds something else than 0 and 1; a probability is
        missing or outside 0 … 1.
    """
    y, probability = _in_order(*checked_rows(y, probability))
    n, n_positive = len(y), int(y.sum())
    called = probability > threshold
    true_positive, false_positive = int((called & y).sum()), int((called & ~y).sum())
    true_negative = n - n_positive - false_positive
    auc, log_loss, brier = _bootstrapped(y, probability, seed)
    return Judgement(
        n_samples=n,
        n_positive=n_positive,
        threshold=float(threshold),
        confusion={
            "true_positive": true_positive,
            "false_negative": n_positive - true_positive,
            "false_positive": false_positive,
            "true_negative": true_negative,
        },
        metrics={
            "accuracy": _proportion(true_positive + true_negative, n),
            "sensitivity": _proportion(true_positive, n_positive),
            "specificity": _proportion(true_negative, n - n_positive),
            "auc": auc,
            "log_loss": log_loss,
            "brier": brier,
        },
    )


def paired_difference(y: np.ndarray, p_a: np.ndarray, p_b: np.ndarray, seed: int = 0) -> Estimate:
    """By how much the log-loss of model a exceeds that of model b on the same rows.

    The mean of ℓ(y, p_a) - ℓ(y, p_b) and its bootstrap interval over the rows. Pairing takes
    out what makes a row hard for both, so it sees differences that two separate intervals
    would hide.

    Parameters
    ----------
    y : ndarray of bool or 0/1, shape (n_samples,)
    p_a, p_b : ndarray of float, shape (n_samples,)
        The probabilities that the two models give to the positive class.
    seed : int, default 0

    Returns
    -------
    Estimate
        Below 0: a is better. Infinite where one of the two was certain and wrong; NaN where
        both were, since two infinities cannot be compared.

    Raises
    ------
    DataError
        As `judge` does.
    """
    truth, p_a = checked_rows(y, p_a)
    _, p_b = checked_rows(y, p_b)
    with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN, as said above
        difference = np.sort(_log_losses(truth, p_a) - _log_losses(truth, p_b))
    means = [_means(counts, difference) for counts in _multiplicities(len(truth), seed)]
    return _estimate(_means(_once(len(truth)), difference)[0], np.concatenate(means))


def checked_rows(y: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels as booleans and probabilities as floats; a DataError where they are not."""
    y, probability = np.asarray(y), np.asarray(probability, dtype=np.float64)
    if y.ndim != 1 or probability.shape != y.shape:
        raise DataError(
            "The labels and the probabilities do not belong together",
            where=f"shapes {y.shape} and {probability.shape}",
            fix="pass two one-dimensional arrays of the same length",
        )
    if len(y) == 0:
        raise DataError("There is no row to judge", fix="pass at least one row")
    for name, bad, rule in (
        ("label", ~np.isin(y, (0, 1)), "0 or 1"),
        ("probability", ~((probability >= 0) & (probability <= 1)), "a number from 0 to 1"),
    ):
        if bad.any():
            row = int(np.argmax(bad))
            found = (y if name == "label" else probability)[row]
            raise DataError(f"A {name} is {found}, not {rule}", where=f"row {row}")
    return y.astype(np.bool_), probability


def _in_order(y: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positive rows first, each class by rising probability: the order they came in is gone."""
    order = np.lexsort((probability, ~y))
    return y[order], probability[order]


def _proportion(k: int, n: int) -> Estimate:
    """k of n with Wilson's interval: (k + z²/2 ± z √(k (n-k) / n + z²/4)) / (n + z²)."""
    if n == 0:
        return Estimate(_NAN, _NAN, _NAN)
    centre = k + _Z**2 / 2
    half = _Z * np.sqrt(k * (n - k) / n + _Z**2 / 4)
    # At the ends the formula gives 0 and 1, but for its rounding.
    low = 0.0 if k == 0 else float((centre - half) / (n + _Z**2))
    high = 1.0 if k == n else float((centre + half) / (n + _Z**2))
    return Estimate(k / n, low, high)


def _log_losses(y: np.ndarray, probability: np.ndarray) -> np.ndarray:
    # Certain and wrong: ∞. The other one may leave the normal numbers: as good as 0.
    with np.errstate(divide="ignore", under="ignore"):
        losses: np.ndarray = -np.where(y, np.log(probability), np.log1p(-probability))
    return losses


def _squared_errors(y: np.ndarray, probability: np.ndarray) -> np.ndarray:
    with np.errstate(under="ignore"):
        errors: np.ndarray = (probability - y) ** 2
    return errors


def _bootstrapped(y: np.ndarray, probability: np.ndarray, seed: int) -> tuple[Estimate, ...]:
    """AUC, log-loss and Brier score of rows that stand as `_in_order` puts them."""
    losses = _log_losses(y, probability), _squared_errors(y, probability)
    positive, negative = np.split(probability, [y.sum()])
    # How many of the negative rows lie below each positive one, and how many not above it.
    below = np.searchsorted(negative, positive, side="left")
    up_to = np.searchsorted(negative, positive, side="right")

    def measure(counts: np.ndarray) -> np.ndarray:
        auc = _concordance(counts, below, up_to)
        return np.stack([auc, *(_means(counts, loss) for loss in losses)])

    values = measure(_once(len(y)))[:, 0]
    resampled = np.concatenate([measure(c) for c in _multiplicities(len(y), seed)], axis=1)
    return tuple(_estimate(value, row) for value, row in zip(values, resampled, strict=True))


def _multiplicities(n: int, seed: int) -> Iterator[np.ndarray]:
    """How often each of n rows is drawn, resample by resample: blocks of int64 (some, n)."""
    random = generator(seed, "bootstrap")
    block = max(1, _BLOCK // n)
    for start in range(0, _RESAMPLES, block):
        some = min(block, _RESAMPLES - start)
        drawn = random.integers(n, size=(some, n))
        drawn += n * np.arange(some)[:, np.newaxis]
        yield np.bincount(drawn.ravel(), minlength=some * n).reshape(some, n)


def _once(n: int) -> np.ndarray:
    """The multiplicities of the sample itself."""
    return np.ones((1, n), dtype=np.int64)


def _means(counts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The mean of each resample, Σ_i c_i v_i / Σ_i c_i; values may be infinite or NaN."""
    finite = np.isfinite(values)
    with np.errstate(invalid="ignore", under="ignore"):  # ∞ - ∞ is NaN
        # Not a matrix product: BLAS may sum in another order on another number of threads.
        sums = np.einsum("ij,j->i", counts, np.where(finite, values, 0.0))
        if not finite.all():
            # A row that was not drawn must not count as 0 · ∞.
            sums += np.where(counts[:, ~finite] > 0, values[~finite], 0.0).sum(axis=1)
        means: np.ndarray = sums / counts.shape[1]
    return means


def _concordance(counts: np.ndarray, below: np.ndarray, up_to: np.ndarray) -> np.ndarray:
    """The AUC of each resample: the Mann-Whitney count of ordered pairs, ties as one half.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_resamples, n_samples)
        Multiplicities of the rows, which stand as `_in_order` puts them.
    below, up_to : ndarray of int64, shape (n_positive,)
        Negative rows with a lower, and with no higher, probability than each positive row.

    Returns
    -------
    ndarray of float64, shape (n_resamples,)
        NaN where a class is lacking.
    """
    positive, negative = np.split(counts, [len(below)], axis=1)
    cumulative = np.zeros((len(counts), negative.shape[1] + 1), dtype=np.int64)
    np.cumsum(negative, axis=1, out=cumulative[:, 1:])
    both = cumulative.take(below, axis=1) + cumulative.take(up_to, axis=1)
    twice = np.einsum("ij,ij->i", positive, both)
    pairs = positive.sum(axis=1) * cumulative[:, -1]
    auc: np.ndarray = np.divide(twice, 2 * pairs, out=np.full(len(pairs), _NAN), where=pairs > 0)
    return auc


def _estimate(value: float, resampled: np.ndarray) -> Estimate:
    """A value with the percentiles of its resamples, those aside that have none."""
    if np.isnan(value):
        return Estimate(_NAN, _NAN, _NAN)
    # An order statistic: interpolation between a finite number and ∞ would give NaN.
    low, high = np.quantile(resampled[~np.isnan(resampled)], _LEVELS, method="inverted_cdf")
    return Estimate(float(value), float(low), float(high))


def _plain(number: float) -> float | str | None:
    if np.isnan(number):
        return None
    if np.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number
