"""The bodies of losses: value and slope of each, side by side, and the links of their outputs.

A body computes one output and uses only the functions of ``elementary_functions``, like those of
``activations``: ``element(z, y, constant)`` is the loss of one output, ``element_slope`` its slope
in z. Which body belongs to which loss stands in ``losses``.
"""

from thalweg.elementary_functions import exp, log1p, maximum, minimum, sign
from thalweg.network.formulas.activations import Array, identity_slope, sigmoid, sigmoid_slope


def nowhere(constant: float) -> tuple[float, ...]:
    """A loss without kinks."""
    return ()


def as_it_is_slope(z: Array, constant: float) -> Array:
    """The slope of ``as_it_is``."""
    return identity_slope(z)


def normaliser(z: Array) -> tuple[Array, Array]:
    """log Σ exp(z) over the outputs (the first axis) as top + log(1 + others).

    The largest logit alone could overflow, and its term 1 in the sum would swallow the others, so
    log1p needs the sum without it.
    """
    top, others = z[0], 0.0 * z[0]
    for k in range(1, len(z)):
        top, others = joined(top, others, z[k])
    return top, others


def joined(top: Array, others: Array, z: Array) -> tuple[Array, Array]:
    """One more output in the normaliser: the largest z, and Σ exp(z - top) over the others."""
    higher = maximum(top, z)
    return higher, others * exp(top - higher) + exp(-abs(z - top))


def as_it_is(z: Array, constant: float) -> Array:
    """The output itself."""
    return z


def probability(z: Array, constant: float) -> Array:
    """The probability that a logit stands for."""
    return sigmoid(z)


def probability_slope(z: Array, constant: float) -> Array:
    """Its slope, p (1 - p)."""
    return sigmoid_slope(z)


def share(z: Array, others: Array) -> Array:
    """The probability of one class among several."""
    # Not exp(log-probability): the rounding of -700 alone would cost 700 units of the last place.
    return exp(z) / (1.0 + others)


def log_share(z: Array, others: Array) -> Array:
    """Its logarithm, without the rounding of a probability."""
    return z - log1p(others)


def log_of_sum(top: Array, others: Array) -> Array:
    """The logarithm of a sum of exponentials, from the results of ``normaliser``."""
    return top + log1p(others)


def squared_error(z: Array, y: Array, constant: float) -> Array:
    """Half the squared distance."""
    return 0.5 * (z - y) * (z - y)


def squared_error_slope(z: Array, y: Array, constant: float) -> Array:
    """Its slope in z."""
    return z - y


def absolute_error(z: Array, y: Array, constant: float) -> Array:
    """The distance."""
    return abs(z - y)


def absolute_error_slope(z: Array, y: Array, constant: float) -> Array:
    """Its slope in z; 0 at the target itself."""
    return sign(z - y)


def at_the_target(constant: float) -> tuple[float, ...]:
    """The kink where output and target are equal."""
    return (0.0,)


def huber(z: Array, y: Array, delta: float) -> Array:
    """Half the squared distance, as far as delta; from there on a straight line."""
    distance = abs(z - y)
    near = minimum(distance, delta)
    return near * (distance - 0.5 * near)


def huber_slope(z: Array, y: Array, delta: float) -> Array:
    """Its slope in z: the residual, clipped to ±delta."""
    return minimum(maximum(z - y, -delta), delta)


def at_both_ends(delta: float) -> tuple[float, ...]:
    """Where the parabola ends."""
    return (-delta, delta)


def quantile(z: Array, y: Array, level: float) -> Array:
    """level times what z lacks of y, or 1 - level times what it has too much."""
    return maximum(level * (y - z), (1.0 - level) * (z - y))


def quantile_slope(z: Array, y: Array, level: float) -> Array:
    """Its slope in z: 1 - level above the target, -level below, 0 at the target itself."""
    side = sign(z - y)
    return side * (0.5 + (0.5 - level) * side)


def poisson(z: Array, y: Array, constant: float) -> Array:
    """Minus the log-likelihood of a count y whose mean is exp(z), but for log y!."""
    return exp(z) - y * z


def poisson_slope(z: Array, y: Array, constant: float) -> Array:
    """Its slope in z: mean minus count."""
    return exp(z) - y


def gamma(z: Array, y: Array, constant: float) -> Array:
    """Half the unit deviance of an amount y > 0 whose mean is exp(z), but for 1 + log y."""
    return z + y * exp(-z)


def gamma_slope(z: Array, y: Array, constant: float) -> Array:
    """Its slope in z."""
    return 1.0 - y * exp(-z)


def tweedie(z: Array, y: Array, power: float) -> Array:
    """Half the unit deviance of an amount y ≥ 0 whose mean is exp(z), but for a term of y."""
    # sign(y) is 0 for an amount of 0, whose second term is 0, and not 0 · ∞.
    left = exp((1.0 - power) * z * sign(y))
    return exp((2.0 - power) * z) / (2.0 - power) + y * left / (power - 1.0)


def tweedie_slope(z: Array, y: Array, power: float) -> Array:
    """Its slope in z: mean minus amount, of the variance mean^power."""
    return exp((2.0 - power) * z) - y * exp((1.0 - power) * z * sign(y))


def mean(z: Array, constant: float) -> Array:
    """The mean whose logarithm z is."""
    return exp(z)


def sigmoid_cross_entropy(z: Array, y: Array, constant: float) -> Array:
    """Binary cross-entropy of a logit."""
    # -y log σ(z) - (1 - y) log(1 - σ(z)), with σ taken out: nothing overflows, nothing is log(0).
    return maximum(z, 0.0) - y * z + log1p(exp(-abs(z)))


def sigmoid_cross_entropy_slope(z: Array, y: Array, constant: float) -> Array:
    """Its slope in z: probability minus target."""
    return sigmoid(z) - y


def softmax_cross_entropy(z: Array, y: Array, others: Array) -> Array:
    """Cross-entropy between classes that exclude each other."""
    return y * (log1p(others) - z)


def softmax_cross_entropy_slope(z: Array, y: Array, others: Array) -> Array:
    """Its slope in the logit: probability minus target, since the targets sum to 1."""
    return share(z, others) - y
