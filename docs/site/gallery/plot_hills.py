"""
Momentum rolls on into a lower minimum than plain gradient descent
==================================================================

Text.
"""

import matplotlib.pyplot as plt
from thalweg import race_landscape

plt.plot([1, 2])
