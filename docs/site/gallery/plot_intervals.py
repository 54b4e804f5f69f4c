"""
Scaled intervals are wide where the noise is
============================================

The noise of the target grows sevenfold along x. Plain intervals have one width: too wide on
the left, too narrow on the right. Scaled intervals learn the size of the errors from held-out
rows.
"""

import matplotlib.pyplot as plt
import numpy as np

from thalweg import ThalwegRegressor

rng = np.random.default_rng(2)
X = rng.uniform(-1, 1, size=(600, 1))
y = 0.3 * 7 ** ((X[:, 0] + 1) / 2) * rng.normal(size=600)
line = np.linspace(-1, 1, 50)[:, None]

figure, both = plt.subplots(1, 2, figsize=(8, 4), sharey=True, layout="constrained")
widths = {}
for axes, kind in zip(both, ("plain", "scaled"), strict=True):
    model = ThalwegRegressor(
        hidden_layer_sizes=(8,), interval_kind=kind, max_iter=20, random_state=0
    )
    low, high = model.fit(X, y).predict_interval(line).T
    widths[kind] = high - low
    axes.plot(X[:, 0], y, ".", color="0.6", markersize=3)
    axes.fill_between(line[:, 0], low, high, alpha=0.3)
    axes.set(title=f"{kind}, 90 %", xlabel="x")
both[0].set(ylabel="target")

assert widths["plain"][-1] / widths["plain"][0] < 1.5
assert widths["scaled"][-1] / widths["scaled"][0] > 3
