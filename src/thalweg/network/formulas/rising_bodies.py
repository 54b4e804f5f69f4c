"""The bodies of the loss of grades, whose cumulative logits rise from output to output.

Of a sample's outputs z_1 … z_{K-1}, the cumulative logits are c_1 = z_1 and
c_k = c_{k-1} + softplus(z_k), and P(grade ≤ k) = σ(c_k). Between two of them lies

    σ(c_k) - σ(c_{k-1}) = σ(c_k) σ(-c_{k-1}) (1 - exp(c_{k-1} - c_k)) = σ(c_k) σ(-c_{k-1}) σ(z_k),

so that the logarithm of a grade's probability is a sum of three, without a difference. A body gets
``gap`` for z: z_k, or infinity for the first output, below which no other lies.
"""

from thalweg.elementary_functions import maximum
from thalweg.network.formulas.activations import Array, sigmoid, softplus


def risen(below: Array, z: Array) -> Array:
    """The next cumulative logit."""
    return below + softplus(z)


def ordinal(gap: Array, y: Array, c: Array) -> Array:
    """Minus the part of log P(grade) that one cumulative logit has.

    y is 1 where the grade ends at this logit, -1 where it begins there, and 0 elsewhere.
    """
    return abs(y) * softplus(-y * c) + maximum(y, 0.0) * softplus(-gap)


def slope_above(y: Array, c: Array, above: Array) -> Array:
    """The sum of the slopes in c alone."""
    return above - y * sigmoid(-y * c)


def ordinal_slope(gap: Array, y: Array, c: Array, above: Array) -> tuple[Array, Array]:
    """Its slope in z, and the sum of the slopes in c of this output and all above it.

    z_k moves c_k and all cumulative logits above it by σ(z_k); ``above`` is the sum of these.
    """
    total = slope_above(y, c, above)
    return total * sigmoid(gap) - maximum(y, 0.0) * sigmoid(-gap), total


def own_slope(gap: Array, y: Array, c: Array, above: Array) -> Array:
    """The slope in z alone."""
    return ordinal_slope(gap, y, c, above)[0]


def at_most(gap: Array, c: Array) -> Array:
    """P(grade ≤ k)."""
    return sigmoid(c)
