"""
A slope from two points is best at a distance of about 1e-8
===========================================================

The slope of x² at 2 is 4. The quotient of differences comes near it as the points come
together, until the digits of the computer run out: below a distance of about the square root
of the rounding error, it gets worse again.
"""

import matplotlib.pyplot as plt
import numpy as np

h = np.logspace(-16, 0, 65)
one_side = np.abs(((2 + h) ** 2 - 2.0**2) / h - 4)
assert 1e-9 < h[np.argmin(np.where(one_side > 0, one_side, np.inf))] < 1e-6

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.loglog(h, np.where(one_side > 0, one_side, np.nan), "o-", markersize=3)
axes.axvline(np.sqrt(np.finfo(float).eps), linestyle="--", color="0.4")
axes.annotate(" √ε ", (np.sqrt(np.finfo(float).eps), 1), ha="left")
axes.set(xlabel="distance of the two points", ylabel="error of the slope")

# %%
# `thalweg trace --lesson derivative -o slope.html` has the same as a page to try, and
# `model.check_gradient(X, y)` checks a whole network in this way, with a rule of a higher order.
