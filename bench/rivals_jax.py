"""JAX in its best form: one jit over a whole epoch of steps, its memory donated.

Adam is written out; the batch's rows are gathered inside the step, which was a little faster than
gathering the epoch first. More than one step an iteration of the loop (``unroll``) was slower.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bench.contenders import Pass
from bench.workloads import PIECE, Work, starts, table

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": jax.nn.relu,
    "silu": jax.nn.silu,
    "gelu": partial(jax.nn.gelu, approximate=True),
    "tanh": jnp.tanh,
}

Theta = list[tuple[Any, Any]]


def cross_entropy(z: Any, y: Any) -> Any:
    """The mean, from logits."""
    return jnp.mean(jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z))))


class Jax:
    """A row is a sample."""

    columns = False

    def __init__(self, threads: int) -> None:
        del threads  # XLA asks the system how many cores it may use

    def versions(self) -> dict[str, str]:
        return {"JAX": jax.__version__}

    def prepare(self, work: Work) -> Pass:
        data = table(work)
        X, y = (jnp.asarray(each.T if self.columns else each) for each in data)
        begin = [
            [(W, b[:, None]) if self.columns else (W.T, b) for W, b in values]
            for values in starts(work)
        ]
        if work.kind == "predict":
            return self.predictor(work, begin[0], jnp.asarray(data.X))
        generator = np.random.default_rng(2)
        epochs = jax.jit(self.epochs(work), donate_argnums=0)
        n_batches = -(-work.rows // (work.batch or work.rows))

        def run() -> float:
            for values in begin:
                # Fresh copies: what is donated is gone.
                theta = jax.tree.map(jnp.array, values)
                m, v = (jax.tree.map(jnp.zeros_like, theta) for _ in range(2))
                state = (theta, m, v, jnp.zeros((), jnp.float32))
                if work.batch is None:
                    _, losses = epochs(state, X, y, None)
                    continue
                for _ in range(work.epochs):
                    rows = generator.permutation(work.rows).astype(np.int32)
                    state, losses = epochs(state, X, y, rows.reshape(n_batches, work.batch))
            return float(losses.mean() if work.batch else losses[-1])

        return run

    def epochs(self, work: Work) -> Callable[..., Any]:
        """All steps of an epoch; where a step takes all rows, all steps of the pass."""
        activation = ACTIVATIONS[work.activation]

        def loss(theta: Theta, X: Any, y: Any) -> Any:
            return cross_entropy(self.forward(theta, X, activation), y)

        def step(state: Any, X: Any, y: Any) -> Any:
            theta, m, v, t = state
            value, gradient = jax.value_and_grad(loss)(theta, X, y)
            if work.rule == "sgd":
                theta = jax.tree.map(lambda each, g: each - work.rate * g, theta, gradient)
                return (theta, m, v, t), value
            t = t + 1
            m = jax.tree.map(lambda each, g: 0.9 * each + 0.1 * g, m, gradient)
            v = jax.tree.map(lambda each, g: 0.999 * each + 0.001 * g * g, v, gradient)
            first, second = 1 - 0.9**t, 1 - 0.999**t
            theta = jax.tree.map(
                lambda each, m, v: (
                    each - work.rate * (m / first) / (jnp.sqrt(v / second) + 1e-8)
                ),
                theta, m, v,
            )  # fmt: skip
            return (theta, m, v, t), value

        def epochs(state: Any, X: Any, y: Any, rows: Any) -> Any:
            if rows is None:
                return jax.lax.scan(
                    lambda state, _: step(state, X, y), state, None, length=work.epochs
                )
            return jax.lax.scan(lambda state, batch: step(state, X[batch], y[batch]), state, rows)

        return epochs

    def forward(self, theta: Theta, A: Any, activation: Callable[[Any], Any]) -> Any:
        for W, b in theta[:-1]:
            A = activation(W @ A + b if self.columns else A @ W + b)
        W, b = theta[-1]
        return W @ A + b if self.columns else A @ W + b

    def predictor(self, work: Work, theta: Theta, X: Any) -> Pass:
        activation = ACTIVATIONS[work.activation]

        def whole(theta: Theta, X: Any) -> Any:
            return self.forward(theta, X, activation)

        def pieces(theta: Theta, X: Any) -> Any:
            cut = X.reshape(-1, PIECE, work.sizes[0])
            return jax.lax.map(partial(whole, theta), cut).reshape(work.rows, -1)

        forward = jax.jit(whole if work.rows <= PIECE else pieces)
        theta = jax.tree.map(jnp.asarray, theta)

        def predict() -> float:
            for _ in range(work.calls):
                z = np.asarray(forward(theta, X))
            return float(z[0, 0])

        return predict


class JaxColumns(Jax):
    """A column is a sample, as in the article; for works with all rows in every step."""

    columns = True
