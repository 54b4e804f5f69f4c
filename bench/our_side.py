"""thalweg in the races: the only file here that knows its calls."""

import os
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import numba
import numpy as np

import thalweg
from bench.contenders import Pass
from bench.workloads import Array, Table, Work, starts, table
from thalweg.data.schema.given_table import FEW
from thalweg.estimators.article_network import dlnet
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.network.architecture import Architecture
from thalweg.network.compiled import training_kernels
from thalweg.network.compiled.team import team_threads
from thalweg.network.engine import Data, choose
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.many import train_many
from thalweg.training.train import train

LOSS = "sigmoid_cross_entropy"


def architecture(work: Work) -> Architecture:
    return Architecture.dense(work.sizes[0], work.sizes[1:-1], work.sizes[-1], work.activation)


def theta(values: list[tuple[Array, Array]]) -> Array:
    """One flat vector: W1, b1, W2, b2, …"""
    return np.concatenate([each.ravel() for pair in values for each in pair])


def settings(work: Work) -> Settings:
    optimizer = parse_optimizer(f"{work.rule}:lr={work.rate!r}")
    return Settings(optimizer, work.batch, work.epochs)


class Thalweg:
    """``train`` with history and without validation; the engine that it takes by itself."""

    engine: tuple[str, ...] = ()

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def versions(self) -> dict[str, str]:
        # Numba is imported here, so that no first fit pays for it.
        return {
            "thalweg": thalweg.__version__,
            "NumPy": np.__version__,
            "Numba": numba.__version__,
        }

    def prepare(self, work: Work) -> Pass:
        data, shape = table(work), architecture(work)
        if work.kind == "predict":
            return self.predictor(work, theta(starts(work)[0]), data.X)
        encoded, how, engine = Data.of(*data), settings(work), choose(*self.engine)
        begin = [theta(each) for each in starts(work)]

        def run() -> float:
            if work.members == 1 and self.threads == 1:
                descent = train(shape, begin[0], encoded, LOSS, 0.0, how, engine=engine)
            else:
                members = [Member(shape, each, encoded, LOSS, 0.0, how) for each in begin]
                descent = train_many(members, self.threads, engine=engine)[-1]
            return float(descent.history[-1]["train_loss"])

        return run

    def predictor(self, work: Work, theta: Array, X: Array) -> Pass:
        shape, engine = architecture(work), choose(*self.engine)
        few = engine.predictor([shape], [theta])  # as the estimators ask for few rows

        def predict() -> float:
            for _ in range(work.calls):
                z = few(X)[0] if len(X) <= FEW else engine.predict(shape, theta, Data.of(X))
            return float(z[0, 0])

        return predict


class Placed(Thalweg):
    """The same with each thread of a network on a core of its own.

    That is where the system places them while cores are idle. While others compute, it may leave
    two on one core.
    """

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        kernel, cores = training_kernels.steps, sorted(os.sched_getaffinity(0))

        def steps(*arguments: Any) -> Any:
            place = arguments[-1].place if arguments[-1] else 0
            os.sched_setaffinity(0, {cores[place % len(cores)]})
            return kernel(*arguments)

        training_kernels.steps = steps  # type: ignore[assignment]
        team_threads.all_cores = lambda: len(cores)  # those of this thread are fewer now


class Reference(Thalweg):
    """The same by the engine that is there to be read."""

    engine = ("reference",)


class Fitted:
    """The estimator's own fit: reads the table, sorts, scales and hashes it, and trains.

    The network is the rivals': one, of all rows, without bins and dropout.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def versions(self) -> dict[str, str]:
        return {"thalweg": thalweg.__version__}

    def prepare(self, work: Work) -> Pass:
        data = table(work)
        target = data.y.ravel().astype(int)
        model = ThalwegClassifier(
            work.sizes[1:-1],
            work.activation,
            alpha=0.0,
            batch_size=work.batch or work.rows,
            learning_rate_init=work.rate,
            optimizer=work.rule,
            max_iter=work.epochs,
            early_stopping=False,
            dropout=0.0,
            n_bins=0,
            random_state=0,
            n_jobs=self.threads,
        )
        return lambda: float(model.fit(data.X, target).loss_curve_[-1])


class Dlnet:
    """The article's class, float64; what it prints goes nowhere."""

    def __init__(self, threads: int) -> None:
        del threads

    def versions(self) -> dict[str, str]:
        return {"thalweg": thalweg.__version__}

    def prepare(self, work: Work) -> Pass:
        data = table(work)
        network = dlnet(data.X.T, data.y.T)
        network.dims, network.lr = list(work.sizes), work.rate

        def run() -> float:
            with redirect_stdout(StringIO()):
                network.gd(data.X.T, data.y.T, iter=work.epochs)
            return network.loss[-1]

        return run


def theta_after(work: Work, data: Table, optimizer: str) -> Array:
    """θ after the work's epochs, in the dtype of the data, by a rule in its text form."""
    how = Settings(parse_optimizer(optimizer), work.batch, work.epochs, stop_after=work.epochs)
    begin = theta(starts(work)[0]).astype(data.X.dtype)
    return train(architecture(work), begin, Data.of(*data), LOSS, 0.0, how).theta
