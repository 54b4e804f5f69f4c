"""
Three quantiles of one network follow the noise, and never cross
================================================================

One network predicts the 10, 50 and 90 % quantiles at once. Between the outer two lie about 80
% of the rows, wherever the noise is large or small.
"""

import matplotlib.pyplot as plt
import numpy as np

from thalweg import ThalwegRegressor

rng = np.random.default_rng(0)
x = rng.uniform(0, 10, 800)
y = np.sin(x) + (0.1 + 0.08 * x) * rng.normal(size=800)
model = ThalwegRegressor(
    "quantile:levels=0.1/0.5/0.9", hidden_layer_sizes=(32,), max_iter=60, random_state=0
)
model.fit(x[:, None], y)
low, middle, high = model.predict(x[:, None]).T
assert (low <= middle).all()
assert (middle <= high).all()
assert 0.7 < np.mean((low <= y) & (y <= high)) < 0.9

order = np.argsort(x)
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.plot(x, y, ".", color="0.6", markersize=3)
axes.fill_between(x[order], low[order], high[order], alpha=0.3, label="10 to 90 %")
axes.plot(x[order], middle[order], label="median")
axes.set(xlabel="x", ylabel="target")
axes.legend()
