"""
The cheapest threshold is where the formula of costs puts it
============================================================

If a missed case costs as much as nine false alarms, the threshold is 1 / (1 + 9) = 0.1. On
out-of-fold predictions, no threshold is cheaper by more than some per cent, and 0.5 costs much
more.
"""

import matplotlib.pyplot as plt
import numpy as np

from thalweg import ThalwegClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(2000, 2))
y = rng.random(2000) < 1 / (1 + np.exp(2 - 2 * X[:, 0]))
model = ThalwegClassifier((8,), max_iter=20, random_state=0).fit(X, y)
probability = model.oof_decision_function_[:, 1]

thresholds = np.linspace(0.01, 0.9, 90)
missed = np.array([np.mean(y & (probability <= t)) for t in thresholds])
alarms = np.array([np.mean(~y & (probability > t)) for t in thresholds])
cost = 9 * missed + alarms
at = {t: np.interp(t, thresholds, cost) for t in (0.1, 0.5)}
assert at[0.1] < 1.05 * cost.min()
assert at[0.5] > 1.3 * cost.min()

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.plot(thresholds, cost)
for t, place in at.items():
    axes.plot(t, place, "o", color="C1")
    axes.annotate(f"{t}", (t, place), xytext=(6, -14), textcoords="offset points")
axes.set(xlabel="threshold", ylabel="cost for each row, in false alarms", ylim=0)
