"""Numbers as a network likes them: centred, scaled, far outliers bent in, holes filled.

What RealMLP calls robust scaling and smooth clipping (Holzmüller, Grinsztajn & Steinwart 2024,
"Better by default", arXiv:2407.04491, section 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.errors import DataError

# Cumulative weights this close to a quantile's share, relative to their total, count as equal
# to it: sums of weights are rounded.
_TIE = 1e-9
# Differences below the smallest normal number count as none: their inverse is not finite.
_TINY = np.finfo(np.float64).tiny
# From here on the bent value is exactly 3, and its square is still exact.
_FAR = 1e8
# Rows encoded at a time: their temporaries stay in the cache.
_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class Encoder:
    """The map from a table with holes to the input of a network.

    With z = scale · (x - center) a number becomes z / √(1 + (z/3)²), which lies in [-3, 3]; a
    missing one becomes 0, as the median would. Behind all numbers stand the indicators: 1 where
    the value is missing, 0 elsewhere.

    Parameters
    ----------
    center : ndarray of float64, shape (n_features,)
    scale : ndarray of float64, shape (n_features,)
        0 silences a column.
    indicator : ndarray of bool, shape (n_features,)
        Which columns have an indicator.
    """

    center: np.ndarray
    scale: np.ndarray
    indicator: np.ndarray

    @property
    def n_outputs(self) -> int:
        """The number of columns that `encode` gives: n_features + number of indicators."""
        return len(self.center) + int(self.indicator.sum())

    def output_names(self, names: Sequence[str]) -> list[str]:
        """Name the encoded columns: those given, then ``"age missing"`` for each indicator."""
        marked = [f"{name} missing" for name, has in zip(names, self.indicator, strict=True) if has]
        return [*names, *marked]

    def encode(self, X: np.ndarray) -> np.ndarray:
        """Encode a table.

        Parameters
        ----------
        X : ndarray of float64, shape (n_samples, n_features)
            Not above 1e300 in size; NaN where a value is missing.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_outputs)
            C-contiguous and finite.
        """
        encoded = np.empty((len(X), self.n_outputs))
        for start in range(0, len(X), _BLOCK):
            rows = slice(start, start + _BLOCK)
            self._encode_block(X[rows], encoded[rows])
        return encoded

    def _encode_block(self, X: np.ndarray, encoded: np.ndarray) -> None:
        n_features = len(self.center)
        missing = np.isnan(X)
        third = X - self.center
        third[missing] = 0.0
        # A product beyond the floats is a far outlier, one below them a zero.
        with np.errstate(over="ignore", under="ignore"):
            third *= self.scale / 3.0
            np.clip(third, -_FAR, _FAR, out=third)
            encoded[:, :n_features] = 3.0 * (third / np.sqrt(1.0 + third * third))
        encoded[:, n_features:] = missing[:, self.indicator]

    def arrays(self) -> dict[str, np.ndarray]:
        """The encoder as plain arrays, for a file: ``center``, ``scale``, ``indicator`` (uint8)."""
        return {
            "center": self.center,
            "scale": self.scale,
            "indicator": self.indicator.astype(np.uint8),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Encoder":
        """Rebuild an encoder from what `arrays` gave.

        Raises
        ------
        DataError
            If an array is absent, superfluous, or not of the right type, shape or range.
        """
        if set(arrays) != {"center", "scale", "indicator"}:
            raise DataError(
                "An encoder consists of the arrays center, scale and indicator",
                where=f"found {sorted(arrays)}",
            )
        center, scale, indicator = (arrays[key] for key in ("center", "scale", "indicator"))
        rules = {
            "center": center.dtype == np.float64 and center.ndim == 1 and np.isfinite(center).all(),
            "scale": scale.dtype == np.float64
            and scale.shape == center.shape
            and (np.isfinite(scale) & (scale >= 0)).all(),
            "indicator": indicator.dtype == np.uint8
            and indicator.shape == center.shape
            and (indicator <= 1).all(),
        }
        for name, holds in rules.items():
            if not holds:
                raise DataError(
                    "An array of the encoder has the wrong type, shape or range",
                    where=f'array "{name}", {arrays[name].dtype}, shape {arrays[name].shape}',
                    why="Center and scale are finite float64 vectors, scale is not negative, "
                    "indicator is a uint8 vector of zeros and ones, all of one length",
                )
        return cls(center.copy(), scale.copy(), indicator.astype(np.bool_))


def fit_encoder(X: np.ndarray, weights: np.ndarray) -> Encoder:
    """Measure centre and scale of each column, and which columns have holes.

    The centre is the median. The scale is 1 / (interquartile range); where that range is 0,
    2 / (max - min); where that is 0 too, 0. All quantiles are weighted, and a row of weight 2
    counts exactly as the row twice.

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
        Not above 1e300 in size; NaN where a value is missing.
    weights : ndarray of float64, shape (n_samples,)
        Finite and not negative. Rows of weight 0 do not count, not even for their holes.

    Returns
    -------
    Encoder
        The same for every order of the rows, and for weights multiplied by any constant.
    """
    counted = weights > 0
    if not counted.all():
        X, weights = X[counted], weights[counted]
    missing = np.isnan(X)
    statistics = np.zeros((2, X.shape[1]))
    for j, column in enumerate(X.T):
        present = ~missing[:, j]
        if present.any():
            statistics[:, j] = _center_and_scale(column[present], weights[present])
    return Encoder(statistics[0], statistics[1], missing.any(axis=0))


def _center_and_scale(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    order = np.argsort(values)
    values = values[order] + 0.0  # one zero: which of -0.0 and 0.0 came first does not matter
    low, median, high = _quantiles(values, weights[order], np.array([0.25, 0.5, 0.75]))
    if high - low >= _TINY:
        return median, 1.0 / (high - low)
    spread = values[-1] - values[0]
    return median, 2.0 / spread if spread >= _TINY else 0.0


def _quantiles(values: np.ndarray, weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Weighted quantiles of sorted values: the averaged inverse of the distribution function.

    Hyndman & Fan 1996, "Sample quantiles in statistical packages", type 2: the mean of the
    smallest value that has at least the share at or below it, and the smallest that has more.
    """
    sums = np.cumsum(weights)
    at_least = np.searchsorted(sums, (shares - _TIE) * sums[-1], side="left")
    more_than = np.searchsorted(sums, (shares + _TIE) * sums[-1], side="right")
    middle: np.ndarray = (values[at_least] + values[more_than]) / 2.0
    return middle
