"""
Twin columns matter little alone, and much together
===================================================

Two columns say nearly the same. If the cells of one are exchanged between rows, the network
reads the other, and the loss rises little. Only when both are exchanged together does it show
what they are worth. So `importance` asks groups first.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from thalweg import ThalwegRegressor, importance

rng = np.random.default_rng(0)
size = rng.normal(size=500)
X = pd.DataFrame(
    {
        "length": size + 0.05 * rng.normal(size=500),
        "weight": size + 0.05 * rng.normal(size=500),
        "other": rng.normal(size=500),
    }
)
y = size + 0.5 * X.other + 0.3 * rng.normal(size=500)
model = ThalwegRegressor(hidden_layer_sizes=(8,), max_iter=30, random_state=0).fit(X, y)
found = importance(model, X, y).set_index("column")
together = found[found.kind == "group"].value.iloc[0]
assert together > 1.5 * max(found.value["length"], found.value["weight"])

figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
rises = found.value.sort_values()
axes.barh(
    rises.index, rises, xerr=[rises - found.low[rises.index], found.high[rises.index] - rises]
)
axes.set(xlabel="rise of the loss if permuted, with its 95 % interval")
