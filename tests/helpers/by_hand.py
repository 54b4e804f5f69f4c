"""The whole machine once more, from the papers: plain floats, lists and exactly rounded sums.

Of the package's objects only the plain fields are read (sizes, names, numbers). Whoever holds
an engine to this holds it to arithmetic that shares nothing with it.
"""

import math
from itertools import pairwise

import mpmath
import numpy as np

# --- formulas -------------------------------------------------------------------------------


def logistic(z):
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def softplus(z):
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def gelu_parts(z):
    u = math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)
    return math.tanh(u), math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2)


def gelu_slope(z):
    t, du = gelu_parts(z)
    return (1 + t) / 2 + z / 2 * (1 - t**2) * du


def mish_slope(z):
    t = math.tanh(softplus(z))
    return t + z * logistic(z) * (1 - t**2)


SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772
CURVES = {
    "identity": (lambda z: z, lambda z: 1.0),
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
    "elu": (lambda z: z if z > 0 else math.expm1(z), lambda z: 1.0 if z > 0 else math.exp(z)),
    "selu": (
        lambda z: SCALE * (z if z > 0 else ALPHA * math.expm1(z)),
        lambda z: SCALE * (1.0 if z > 0 else ALPHA * math.exp(z)),
    ),
    "sigmoid": (logistic, lambda z: logistic(z) * logistic(-z)),
    "softplus": (softplus, logistic),
    "tanh": (math.tanh, lambda z: math.cosh(z) ** -2),
    "silu": (
        lambda z: z * logistic(z),
        lambda z: logistic(z) + z * logistic(z) * logistic(-z),
    ),
    "gelu": (lambda z: z / 2 * (1 + gelu_parts(z)[0]), gelu_slope),
    "mish": (lambda z: z * math.tanh(softplus(z)), mish_slope),
}


def sign(x):
    return float(x > 0) - float(x < 0)


def of_loss(text, z, y):
    """ℓ of one sample, and its slope in every z."""
    name, _, constant = text.partition("=")
    name, pairs = name.partition(":")[0], list(zip(z, y, strict=True))
    if name == "squared_error":
        parts = [((a - t) ** 2 / 2, a - t) for a, t in pairs]
    elif name == "absolute_error":
        parts = [(abs(a - t), sign(a - t)) for a, t in pairs]
    elif name == "huber":
        d = float(constant or 1.0)
        parts = [
            ((a - t) ** 2 / 2, a - t) if abs(a - t) <= d
            else (d * abs(a - t) - d**2 / 2, d * sign(a - t))
            for a, t in pairs
        ]  # fmt: skip
    elif name == "quantile":
        q = float(constant or 0.5)
        parts = [(q * (t - a), -q) if a < t else ((1 - q) * (a - t), 1 - q) for a, t in pairs]
    elif name == "poisson":
        parts = [(math.exp(a) - t * a, math.exp(a) - t) for a, t in pairs]
    elif name == "gamma":
        parts = [(a + t * math.exp(-a), 1 - t * math.exp(-a)) for a, t in pairs]
    elif name == "tweedie":
        p = float(constant or 1.5)
        parts = [
            (
                math.exp((2 - p) * a) / (2 - p) - t * math.exp((1 - p) * a) / (1 - p),
                math.exp((2 - p) * a) - t * math.exp((1 - p) * a),
            )
            for a, t in pairs
        ]
    elif name == "sigmoid_cross_entropy":
        parts = [(softplus(a) - t * a, logistic(a) - t) for a, t in pairs]
    elif name == "ordinal":
        return of_grades(z, y)
    else:
        e = [math.exp(a - max(z)) for a in z]
        total = math.fsum(e)
        parts = [
            (-t * (a - max(z) - math.log(total)), each / total - t)
            for each, (a, t) in zip(e, pairs, strict=True)
        ]
    return math.fsum(part[0] for part in parts), [part[1] for part in parts]


def ends_of(grade, n_outputs):
    """The targets of a grade, from 0: 1 at the output where it ends, -1 where it begins."""
    return [float(k == grade) - float(k == grade - 1) for k in range(n_outputs)]


def of_grades(z, y):
    """-log(σ(c_y) - σ(c_{y-1})), and its slopes by the chain rule through that difference.

    In numbers of 40 digits: of floats, the difference of two near 1 would have few.
    """
    [grade] = [g for g in range(len(z) + 1) if ends_of(g, len(z)) == [float(each) for each in y]]
    with mpmath.workdps(40):
        z = [mpmath.mpf(each) for each in z]
        c = [z[0]]
        for each in z[1:]:
            c.append(c[-1] + mpmath.log1p(mpmath.exp(each)))
        below = [1 / (1 + mpmath.exp(-each)) for each in c]
        p = (below[grade] if grade < len(c) else 1) - (below[grade - 1] if grade else 0)
        in_c = [mpmath.mpf(0)] * len(c)
        for k, way in ((grade, -1), (grade - 1, 1)):
            if 0 <= k < len(c):
                in_c[k] = way * below[k] * (1 - below[k]) / p
        own = [1, *(1 / (1 + mpmath.exp(-each)) for each in z[1:])]
        slopes = [float(mpmath.fsum(in_c[k:]) * own[k]) for k in range(len(z))]
        return float(-mpmath.log(p)), slopes


def targets(text, n_rows, n_outputs, rng):
    """Targets that suit a loss, shape (n_rows, n_outputs)."""
    name = text.partition(":")[0]
    if name == "poisson":
        return rng.poisson(2.0, (n_rows, n_outputs)).astype(float)
    if name in ("gamma", "tweedie"):
        amounts = rng.gamma(2.0, 0.5, (n_rows, n_outputs))
        return amounts if name == "gamma" else amounts * (rng.random(amounts.shape) < 0.7)
    if name == "sigmoid_cross_entropy":
        return rng.integers(0, 2, (n_rows, n_outputs)).astype(float)
    if name == "softmax_cross_entropy":
        return np.eye(n_outputs)[rng.integers(0, n_outputs, n_rows)]
    if name == "ordinal":
        grades = rng.integers(0, n_outputs + 1, n_rows)
        return np.array([ends_of(grade, n_outputs) for grade in grades])
    return rng.normal(size=(n_rows, n_outputs))


# --- dropout --------------------------------------------------------------------------------

WORD = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


def scrambled(word):
    """Stafford's variant 13, in whole numbers."""
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & WORD
    word = (word ^ word >> 27) * 0x94D049BB133111EB & WORD
    return word ^ word >> 31


def kept_by_hand(seed, step, layer, place, dropout):
    key = scrambled(scrambled(scrambled(seed) + step & WORD) + layer & WORD)
    return scrambled(key + GOLDEN * place & WORD) >> 40 >= round(dropout * 2**24)


# --- rules of descent, each as its paper has it, for one element of θ -------------------------
# They take floats, fractions or numbers of mpmath. ``m`` is the element's memory.


def sgd(theta, g, m, t, rate, momentum):
    m["v"] = momentum * m.get("v", 0) + g
    return theta - rate * m["v"]


def nesterov(theta, g, m, t, rate, momentum):
    m["v"] = momentum * m.get("v", 0) + g
    return theta - rate * (g + momentum * m["v"])


def adagrad(theta, g, m, t, rate, epsilon):
    m["s"] = m.get("s", 0) + g**2
    return theta - rate * g / (m["s"] ** 0.5 + epsilon)


def rmsprop(theta, g, m, t, rate, alpha, epsilon, momentum):
    m["s"] = alpha * m.get("s", 0) + (1 - alpha) * g**2
    m["v"] = momentum * m.get("v", 0) + g / (m["s"] ** 0.5 + epsilon)
    return theta - rate * m["v"]


def adam(theta, g, m, t, rate, beta_1, beta_2, epsilon):
    m["m"] = beta_1 * m.get("m", 0) + (1 - beta_1) * g
    m["v"] = beta_2 * m.get("v", 0) + (1 - beta_2) * g**2
    m_hat, v_hat = m["m"] / (1 - beta_1**t), m["v"] / (1 - beta_2**t)
    return theta - rate * m_hat / (v_hat**0.5 + epsilon)


def nadam(theta, g, m, t, rate, beta_1, beta_2, epsilon, momentum_decay):
    now, soon = (beta_1 * (1 - 0.96 ** (k * momentum_decay) / 2) for k in (t, t + 1))
    m["product"] = m.get("product", 1) * now
    m["m"] = beta_1 * m.get("m", 0) + (1 - beta_1) * g
    m["v"] = beta_2 * m.get("v", 0) + (1 - beta_2) * g**2
    m_hat = soon * m["m"] / (1 - m["product"] * soon) + (1 - now) * g / (1 - m["product"])
    return theta - rate * m_hat / ((m["v"] / (1 - beta_2**t)) ** 0.5 + epsilon)


def lion(theta, g, m, t, rate, beta_1, beta_2):
    direction = beta_1 * m.get("m", 0) + (1 - beta_1) * g
    m["m"] = beta_2 * m.get("m", 0) + (1 - beta_2) * g
    return theta - rate * sign(direction)


RULES = {
    "sgd": sgd,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adam,
    "nadam": nadam,
    "lion": lion,
}


# --- the network ----------------------------------------------------------------------------


def dot(u, v):
    return math.fsum(a * b for a, b in zip(u, v, strict=True))


def layout(sizes):
    """(start of W, start of b, inputs, outputs) of each layer."""
    layers, at = [], 0
    for n_in, n_out in pairwise(sizes):
        layers.append((at, at + n_in * n_out, n_in, n_out))
        at += (n_in + 1) * n_out
    return layers


def loss_and_gradient(architecture, objective, theta, X, Y, weights, noise=None):
    """L and dL/dθ of a batch: lists of rows in, a float and a list out."""
    layers, scale = layout(architecture.sizes), len(X) * objective.mean_weight
    heights, terms = [], [[] for _ in theta]
    for column, (x, y, weight) in enumerate(zip(X, Y, weights, strict=True)):
        A, Z, stays = [x], [], []
        for number, ((w, b, n_in, n_out), name) in enumerate(
            zip(layers, architecture.activations, strict=True)
        ):
            rows = [theta[w + i * n_in : w + (i + 1) * n_in] for i in range(n_out)]
            Z.append([dot(row, A[-1]) + theta[b + i] for i, row in enumerate(rows)])
            stays.append([1.0] * n_out)
            if noise is not None and objective.dropout and number < len(layers) - 1:
                stays[-1] = [
                    kept_by_hand(*noise, number, i * len(X) + column, objective.dropout)
                    / (1 - objective.dropout)
                    for i in range(n_out)
                ]
            A.append([CURVES[name][0](z) * s for z, s in zip(Z[-1], stays[-1], strict=True)])
        height, slope = of_loss(objective.loss, A[-1], y)
        heights.append(weight / scale * height)
        dA = [weight / scale * each for each in slope]
        for number in reversed(range(len(layers))):
            w, b, n_in, n_out = layers[number]
            curve = CURVES[architecture.activations[number]][1]
            dZ = [d * s * curve(z) for d, s, z in zip(dA, stays[number], Z[number], strict=True)]
            for i in range(n_out):
                terms[b + i].append(dZ[i])
                for j in range(n_in):
                    terms[w + i * n_in + j].append(dZ[i] * A[number][j])
            dA = [dot(dZ, theta[w + j : w + n_in * n_out : n_in]) for j in range(n_in)]
    for w, b, _, _ in layers:
        for place in range(w, b):
            W = theta[place]
            heights.append(objective.penalty / 2 * W**2 + objective.l1 * abs(W))
            terms[place].append(objective.penalty * W + objective.l1 * sign(W))
    if objective.loss == "ordinal":  # the rows of the last layer but the first are held
        w, b, n_in, _ = layers[-1]
        terms[w + n_in : b] = [[0.0]] * (b - w - n_in)
    return math.fsum(heights), [math.fsum(each) for each in terms]


def descent(architecture, objective, method, theta, data, batches, rates, seed=0):
    """θ after a step a batch, and each step's loss and gradient norm before it moved.

    A batch without weight is no step.
    """
    heights, norms = [], []
    theta, memory, step = theta.tolist(), [{} for _ in range(theta.size)], 0
    n_in, n_first = architecture.sizes[0], architecture.sizes[0] * architecture.sizes[1]
    scales, of_scales = [1.0] * n_in, [{} for _ in range(n_in)]
    X, Y, weights = data.X.tolist(), data.Y.tolist(), data.weights.tolist()
    factors, decays = [], []
    for number, (w, b, _, n_out) in enumerate(layout(architecture.sizes)):
        for block, size, decay in ((2 * number, b - w, method.decay), (2 * number + 1, n_out, 0)):
            factors += [method.factors[block] if method.factors else 1.0] * size
            decays += [decay] * size
    for batch, rate in zip(batches, rates, strict=True):
        rows = [[each[i] for i in batch] for each in (X, Y, weights)]
        height, gradient = loss_and_gradient(architecture, objective, theta, *rows, (seed, step))
        norm = math.sqrt(math.fsum(g**2 for g in gradient))
        heights.append(height)
        norms.append(norm)
        if not any(rows[2]):
            continue
        step += 1
        shrink = method.clip / norm if norm > method.clip else 1.0
        gradient = [g * shrink for g in gradient]
        slopes = [0.0] * n_in
        for i in range(n_first if method.scales else 0):  # W1 is V times the scale of its input
            j = i % n_in
            theta[i] /= scales[j]
            slopes[j] += theta[i] * gradient[i]
            gradient[i] *= scales[j]
        for i, g in enumerate(gradient):
            own = rate * factors[i]
            theta[i] = RULES[method.rule.name](
                theta[i] * (1 - own * decays[i]), g, memory[i], step, own, *method.constants
            )
        for j in range(n_in if method.scales else 0):
            scales[j] = RULES[method.rule.name](
                scales[j],
                slopes[j],
                of_scales[j],
                step,
                rate * factors[0] * method.scales,
                *method.constants,
            )
            scales[j] = max(scales[j], 0.05)
        for i in range(n_first if method.scales else 0):
            theta[i] *= scales[i % n_in]
    return np.array(theta), np.array(heights), np.array(norms)
