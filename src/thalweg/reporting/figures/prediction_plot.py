"""The figure of a regression: predicted against true values, and the residuals."""

from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from thalweg.reporting.figures.picture import LEFT, Picture
from thalweg.wording import amount

Floats = NDArray[np.float64]

# More points would make a cloud, and a large file.
_MOST_POINTS = 4000


def predictions_figure(
    true: Floats,
    predicted: Floats,
    metrics: Mapping[str, float],
    *,
    subtitle: str = "",
    dark: bool = False,
) -> Picture:
    """Predicted against true values with the line where both are equal, and the residuals.

    Parameters
    ----------
    true, predicted : ndarray of shape (n_samples,)
        Of more than 4,000 rows, every k-th in the order of the true values is drawn.
    metrics : mapping
        ``rmse`` and ``r2``, for the title.
    subtitle : str
    dark : bool, default False

    Returns
    -------
    Picture
    """
    r2 = metrics["r2"]
    share = "" if np.isnan(r2) else f", R² {r2:.3f}"
    picture = Picture(
        f"Predictions are off by {amount(metrics['rmse'])} (root mean square){share}",
        subtitle, 362, dark,
    )  # fmt: skip
    colors = picture.palette
    order = np.argsort(true, kind="stable")[:: -(-len(true) // _MOST_POINTS)]
    ends = [float(min(true.min(), predicted.min())), float(max(true.max(), predicted.max()))]
    both = picture.axes_at(72, 62, 270, 270)
    both.plot(ends, ends, color=colors.orange, linewidth=1.5, linestyle=(0, (5, 3)))
    both.plot(
        predicted[order], true[order], "o", color=colors.blue, markersize=3.5, alpha=0.55,
        markeredgewidth=0,
    )  # fmt: skip
    both.set_xlabel("predicted; on the dashed line both are equal", color=colors.soft, fontsize=9)
    picture.write(LEFT, 340, "true", color=colors.soft, size=9)
    rest = picture.axes_at(420, 62, 196, 270)
    left = true - predicted
    rest.hist(left, bins=min(40, max(8, int(np.sqrt(len(left))))), color=colors.blue)
    rest.axvline(0, color=colors.orange, linewidth=1.5, linestyle=(0, (5, 3)))
    rest.set_xlabel("true minus predicted", color=colors.soft, fontsize=9)
    picture.write(384, 340, "rows", color=colors.soft, size=9)
    for axes in (both, rest):
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_locator(MaxNLocator(5))
    return picture
