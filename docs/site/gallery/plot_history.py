"""
The held-out loss turns while the training loss still falls
===========================================================

A large network without a penalty learns the noise of a small table. Its training loss falls to
the end; that of the rows it has not seen rises again. The best epoch is kept.
"""

import matplotlib.pyplot as plt
import numpy as np

from thalweg import ThalwegClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 5))
y = X[:, 0] + rng.normal(size=300) > 0
model = ThalwegClassifier(
    (64,), alpha=0, max_iter=60, n_iter_no_change=60, early_stopping=True, random_state=0
)
model.fit(X, y)

epochs = [each["epoch"] for each in model.history_]
training = [each["train_loss"] for each in model.history_]
held_out = [each["valid_loss"] for each in model.history_]
assert training[-1] < training[len(training) // 2]
assert held_out[-1] > 1.1 * min(held_out)

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.plot(epochs, training, label="training rows")
axes.plot(epochs, held_out, label="held-out rows")
axes.axvline(
    model.best_epoch_, linestyle="--", color="0.4", label=f"kept: epoch {model.best_epoch_}"
)
axes.set(xlabel="epoch", ylabel="log-loss")
axes.legend()
