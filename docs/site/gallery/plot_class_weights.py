"""
Class weights shift the probabilities of logistic regression, not those of thalweg
==================================================================================

Of these rows 4.6 % are positive. Balanced class weights make a logistic regression give a mean
probability that is several times as large. thalweg learns with the same weights, and takes the
shift out of its probabilities again; the weights act in `predict`.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from thalweg import ThalwegClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(1000, 3))
y = X[:, 0] + rng.normal(size=1000) > 2.3
network = ThalwegClassifier((8,), class_weight="balanced", max_iter=30, random_state=0).fit(X, y)
logistic = LogisticRegression(class_weight="balanced").fit(X, y)
means = {
    "in truth": y.mean(),
    "thalweg": network.predict_proba(X)[:, 1].mean(),
    "logistic regression": logistic.predict_proba(X)[:, 1].mean(),
}
assert abs(means["thalweg"] / means["in truth"] - 1) < 0.25
assert means["logistic regression"] > 3 * means["in truth"]

figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
bars = axes.barh(list(means), list(means.values()), color=["0.5", "C0", "C1"])
axes.bar_label(bars, [f" {share:.1%}" for share in means.values()])
axes.set(xlabel="mean probability of a positive row", xlim=(0, 0.35))
axes.invert_yaxis()
