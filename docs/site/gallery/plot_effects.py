"""
An effect curve finds the wave that made the data
=================================================

The target is sin(3x) plus noise plus another column. The curve of the fitted model follows the
sine, although nobody said that there is one.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from thalweg import ThalwegRegressor, effects

rng = np.random.default_rng(0)
X = pd.DataFrame({"x": rng.uniform(-2, 2, 800), "other": rng.normal(size=800)})
y = np.sin(3 * X.x) + X.other + 0.3 * rng.normal(size=800)
model = ThalwegRegressor(hidden_layer_sizes=(32,), max_iter=60, random_state=0).fit(X, y)
curve = effects(model, X, ["x"])["x"]

x, height = np.asarray(curve.x), np.asarray(curve.mean)
truth = np.sin(3 * x)
truth = truth - np.sin(3 * X.x).mean()
assert np.corrcoef(height, truth)[0, 1] > 0.98

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.plot(x, truth, color="0.6", linewidth=4, label="sin(3x), which made the data")
axes.plot(x, height, "o-", markersize=3, label="effect of x on the model")
axes.set(xlabel="x", ylabel="effect on the predicted number")
axes.legend()
