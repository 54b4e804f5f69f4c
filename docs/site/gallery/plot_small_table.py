"""
On a small table, the default learning rate is not shown to be worse than any other
===================================================================================

A sweep fits the network for each rate, all on the same folds. The lowest loss is rarely alone:
the picture says which rates are not shown to be worse.
"""

import matplotlib.pyplot as plt

from thalweg import ThalwegClassifier, load_table, sweep

table = load_table("wisconsin")
model = ThalwegClassifier((8,), max_iter=10, n_folds=5, random_state=0)
shown = sweep(model, table.frame, table.target, over={"learning_rate_init": (1e-3, 1e-1)}, points=5)
default = shown.frame[shown.frame.is_default]
assert "not shown" in default.beside_lowest.iloc[0], shown.verdict

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
table = shown.frame.sort_values("learning_rate_init")
axes.plot(table.learning_rate_init, table.loss, "o-")
axes.plot(default.learning_rate_init, default.loss, "D", markersize=10, label="default")
axes.set(xscale="log", xlabel="learning rate", ylabel="out-of-fold log-loss")
axes.legend()

# %%
# `shown.plot()` and `shown.save("rate.html")` draw it with its standard errors, and with the
# verdict in words.
