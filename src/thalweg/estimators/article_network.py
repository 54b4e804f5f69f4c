"""The article's program, ``dlnet``: a two-layer network, computed by thalweg's network code.

The names are the article's, so that its text can be followed line by line; the mathematics is
in ``network.reference_engine``. ``docs/article.md`` lists what should not be copied from the
article.
"""

import math
from collections.abc import Iterator, Mapping, MutableMapping

import numpy as np
from numpy.typing import ArrayLike

from thalweg.errors import DivergenceError, SettingsError, Status
from thalweg.estimators.parameters.parameter import Settings
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Method, Objective, Order, State, choose
from thalweg.network.formulas.activations import Array, relu, relu_slope, sigmoid, sigmoid_slope
from thalweg.network.formulas.losses import loss
from thalweg.network.formulas.rules import rule
from thalweg.network.reference_engine import backward, forward
from thalweg.training.descent.network_memory import TrainingMemory, require_memory_for
from thalweg.training.descent.training_settings import parse_optimizer

LOSS = "sigmoid_cross_entropy"
# The article starts from this seed of NumPy's old generator, which never changes its stream.
SEED = 1
PRINT_EVERY = 500
# The article's network and training as parameters of an estimator: 15 ReLU units, plain gradient
# descent over all rows (``batch_size`` is their number), no penalty. The columns are scaled as in
# any other model, and not by minimum and maximum; the first θ is another one, too.
ARTICLE_SETTINGS: Settings = {
    "hidden_layer_sizes": (15,),
    "activation": "relu",
    "alpha": 0.0,
    "dropout": 0.0,
    "n_bins": 0,
    "optimizer": "sgd:lr=0.07",
    "max_iter": 2500,
    "early_stopping": False,
    "dtype": "float64",
}


def Sigmoid(Z: Array) -> Array:
    """1 / (1 + exp(-Z)), element by element."""
    return np.asarray(sigmoid(np.asarray(Z, float)))


def Relu(Z: Array) -> Array:
    """max(0, Z), element by element."""
    return np.asarray(relu(np.asarray(Z, float)))


def dSigmoid(Z: Array) -> Array:
    """The slope of ``Sigmoid`` at Z."""
    return np.asarray(sigmoid_slope(np.asarray(Z, float)))


def dRelu(x: Array) -> Array:
    """The slope of ``Relu`` at x: 1 where x > 0, else 0. Unlike the article's, it keeps x."""
    return np.asarray(relu_slope(np.asarray(x, float)))


class _Param(MutableMapping[str, Array]):
    """Named pieces of one flat vector: setting a name writes into the vector."""

    def __init__(self, architecture: Architecture, theta: Array) -> None:
        self._blocks = {block.name: block.of(theta) for block in architecture.blocks}

    def __getitem__(self, name: str) -> Array:
        return self._blocks[name]

    def __setitem__(self, name: str, value: ArrayLike) -> None:
        self._blocks[name][:] = value

    def __delitem__(self, name: str) -> None:
        raise TypeError(f"{name} is a part of the network and cannot be deleted")

    def __iter__(self) -> Iterator[str]:
        return iter(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)

    def __repr__(self) -> str:
        return repr(self._blocks)


class dlnet:
    """The article's two-layer network: ReLU, then sigmoid, under cross-entropy.

    Parameters
    ----------
    x : array of shape (n_features, n_samples)
        A column is a sample.
    y : array of shape (1, n_samples)
        0 or 1.

    Attributes
    ----------
    X, Y : ndarray
        The samples that ``forward`` and ``backward`` use.
    Yh : ndarray of shape (1, n_samples)
        Predicted probabilities.
    L : int
        Number of layers, 2.
    dims : list of int
        Units of each layer, the inputs first.
    param : mapping
        ``W1 b1 W2 b2``, views into one flat vector θ: writing to them changes the network, and so
        does setting ``param`` to a dict of four arrays.
    ch : dict
        Results of the forward pass: ``Z1 A1 Z2 A2``.
    grad : dict
        ``dW1 db1 dW2 db2`` of the last call of ``backward``, or of the last step of ``gd``.
    loss : list of float
        The loss at every 500th iteration.
    lr : float
        Learning rate.
    sam : int
        Number of samples.
    threshold : float
        A sample is predicted 1 if Yh > threshold.

    Examples
    --------
    >>> import numpy as np
    >>> nn = dlnet(np.array([[0.0, 0.2, 0.8, 1.0]]), np.array([[0, 0, 1, 1]]))
    >>> nn.dims, nn.lr = [1, 3, 1], 0.5
    >>> nn.gd(nn.X, nn.Y, iter=501)
    Cost after iteration 0: 0.945777
    Cost after iteration 500: 0.005954
    """

    def __init__(self, x: ArrayLike, y: ArrayLike) -> None:
        self._take(x, y)
        self.Yh: Array = np.zeros((1, self.sam), float)
        self.L = 2
        self.dims = [9, 15, 1]
        self._state: State | None = None
        self.ch: dict[str, Array] = {}
        self.grad: dict[str, Array] = {}
        self.loss: list[float] = []
        self.lr = 0.003
        self.threshold = 0.5

    @property
    def param(self) -> MutableMapping[str, Array]:
        """The weights and biases by name; empty before ``nInit``."""
        return _Param(self._architecture, self._state.theta) if self._state else {}

    @param.setter
    def param(self, values: Mapping[str, ArrayLike]) -> None:
        self.param.update({name: np.asarray(each, float) for name, each in values.items()})

    def nInit(self) -> None:
        """Draw W1 and W2 from N(0, 1) / √fan_in with the article's seed; biases 0."""
        if len(self.dims) != 3 or self.dims[0] != len(self.X) or self.dims[2] != 1:
            raise SettingsError(
                f"dims={self.dims} does not fit the data",
                where=f"x has {len(self.X)} features",
                why="The article's network has two layers and is for two classes",
                fix=f"set dims to [{len(self.X)}, hidden units, 1]",
            )
        needed = TrainingMemory(
            sizes=tuple(self.dims), dtype=np.float64, optimizer=parse_optimizer("sgd"), n_states=1
        )
        require_memory_for(needed, named="dims")
        self._architecture = Architecture(tuple(self.dims), ("relu", "identity"))
        theta = initial_theta(self._architecture, "article", np.random.RandomState(SEED))
        self._state = State.at(theta, rule("sgd"))

    def forward(self) -> tuple[Array, float]:
        """Z1 = W1 X + b1, A1 = Relu(Z1), Z2 = W2 A1 + b2, Yh = A2 = Sigmoid(Z2).

        Returns
        -------
        Yh : ndarray of shape (1, n_samples)
        loss : float
        """
        theta = self._theta()
        if self.dims[0] != len(self.X):
            raise SettingsError(
                f"x has {len(self.X)} features and the network {self.dims[0]}",
                fix="give the columns that it was trained on",
            )
        self._passed = forward(self._architecture, theta, self.X)
        (Z1, Z2), (_, A1, _) = self._passed.Z, self._passed.A
        self.Yh = Sigmoid(Z2)
        self.ch = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": self.Yh}
        return self.Yh, float(np.mean(loss(LOSS).value(Z2, self.Y)))

    def nloss(self, Yh: ArrayLike) -> float:
        """Cross-entropy of probabilities: -Σ (Y log Yh + (1 - Y) log(1 - Yh)) / n.

        For every probability except exactly 0 and 1, this is the number that ``forward`` returns.
        At 0 and 1 only the logit, which ``forward`` uses, still says how wrong the network is.
        """
        Yh = np.asarray(Yh, float)
        with np.errstate(divide="ignore"):
            # Only the term that Y selects is computed, so that no 0 · log(0) arises.
            sides = np.log(np.where(self.Y == 1, Yh, 1 - Yh))
        return float(-np.mean(sides))

    def backward(self) -> None:
        """From the loss back to W1 by the chain rule, then one step: param -= lr · grad."""
        theta = self._theta()
        if not self.ch:
            raise SettingsError(
                "There is no forward pass to go back from", fix="call forward() first"
            )
        gradient = self._gradient(theta)
        theta -= self.lr * gradient

    def gd(self, X: ArrayLike, Y: ArrayLike, iter: int = 15000) -> None:
        """Initialise and train; the loss is printed and kept at every 500th iteration."""
        if not (math.isfinite(self.lr) and self.lr > 0):
            raise SettingsError(
                f"lr={self.lr} is not a learning rate", fix="set lr to a number above 0"
            )
        self._take(X, Y)
        self.nInit()
        state = self._state
        assert state is not None
        objective = Objective(LOSS)
        order = Order(np.arange(self.sam), self.sam)
        data, engine = Data.of(self.X.T, self.Y.T), choose()
        for first in range(0, iter, PRINT_EVERY):
            rates = np.full(min(PRINT_EVERY, iter - first), self.lr)
            ran = engine.steps(
                self._architecture, objective, Method.of("sgd"), state, data, order, rates, 0
            )
            print(f"Cost after iteration {first}: {ran.losses[0]:f}")
            self.loss.append(float(ran.losses[0]))
            if ran.status is Status.DIVERGED:
                raise DivergenceError(
                    "The loss became NaN or infinite",
                    where=f"iteration {first + len(ran.losses) - 1}, lr={self.lr}",
                    fix="take a smaller lr",
                )
        self.forward()
        self._gradient(state.theta)

    def pred(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Predict 0 or 1 and print the accuracy.

        Parameters
        ----------
        x : array of shape (n_features, n_samples)
        y : array of shape (1, n_samples)
            The true classes, for the accuracy.

        Returns
        -------
        ndarray of shape (1, n_samples)
        """
        self._take(x, y)
        Yh, _ = self.forward()
        comp = (Yh > self.threshold).astype(float)
        print(f"Acc: {np.mean(comp == self.Y)}")
        return comp

    def _take(self, x: ArrayLike, y: ArrayLike) -> None:
        self.X, self.Y = np.asarray(x, float), np.atleast_2d(np.asarray(y, float))
        if self.X.ndim != 2 or self.Y.shape != (1, self.X.shape[1]):
            raise SettingsError(
                "x and y do not match",
                where=f"x {self.X.shape}, y {self.Y.shape}",
                why="A column is a sample: x is (n_features, n_samples) and y (1, n_samples).",
                fix="transpose x if its rows are samples",
            )
        if not np.isfinite(self.X).all() or not np.isin(self.Y, (0, 1)).all():
            raise SettingsError(
                "x contains a missing or infinite number, or y a value other than 0 and 1",
                why="The article's program does not handle missing values, and its loss is for two "
                "classes",
                fix="drop the incomplete samples, and code the classes as 0 and 1",
            )
        self.sam = self.Y.shape[1]

    def _theta(self) -> Array:
        if self._state is None:
            raise SettingsError("The network has no weights yet", fix="call nInit() or gd() first")
        return self._state.theta

    def _gradient(self, theta: Array) -> Array:
        """dL/dθ for the last forward pass; ``grad`` has its parts by name."""
        dA = loss(LOSS).slope(self.ch["Z2"], self.Y) / self.sam
        gradient = backward(self._architecture, theta, self._passed, dA)
        named = _Param(self._architecture, gradient)
        self.grad = {f"d{name}": block for name, block in named.items()}
        return gradient
