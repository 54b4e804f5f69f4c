"""PyTorch in three forms, from what its tutorials show to one compiled graph for the whole step.

All shuffle once an epoch and take the batches as slices of that: looking the rows of each batch up
was 3 % slower. Fused optimizers were faster than ``foreach`` ones at every size.
"""

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from bench.contenders import Pass
from bench.workloads import PIECE, Array, Work, starts, table

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "gelu": lambda: nn.GELU(approximate="tanh"),
    "tanh": nn.Tanh,
}

# One step on a batch: (X, y) -> loss before it.
Step = Callable[[Tensor, Tensor], Tensor]


def network(work: Work) -> nn.Sequential:
    """Linear layers, the activation between them."""
    modules: list[nn.Module] = []
    for n_in, n_out in work.layers:
        modules += [nn.Linear(n_in, n_out), ACTIVATIONS[work.activation]()]
    return nn.Sequential(*modules[:-1])


def put(model: nn.Module, values: list[tuple[Array, Array]]) -> None:
    """Set all weights and biases."""
    flat = [torch.from_numpy(each) for pair in values for each in pair]
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), flat, strict=True):
            parameter.copy_(value)


class Eager:
    """No compiler; the fused optimizer."""

    piece = sys.maxsize

    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)

    def versions(self) -> dict[str, str]:
        return {"PyTorch": torch.__version__}

    def prepare(self, work: Work) -> Pass:
        torch.manual_seed(0)
        # What was compiled for the last work would be looked through in every step of this one.
        torch.compiler.reset()
        data = table(work)
        X, y = torch.from_numpy(data.X), torch.from_numpy(data.y)
        if work.kind == "predict":
            return self.predictor(work, X)
        model, begin = network(work), starts(work)
        step, reset = self.stepper(work, model)

        def run() -> float:
            for values in begin:
                put(model, values)
                reset()
                for _ in range(work.epochs):
                    losses = [step(*batch) for batch in batches(X, y, work.batch)]
            return float(torch.stack(losses).mean())

        return run

    def predictor(self, work: Work, X: Tensor) -> Pass:
        model = network(work).eval()
        put(model, starts(work)[0])
        forward = self.compiled(model)

        @torch.inference_mode()
        def predict() -> float:
            for _ in range(work.calls):
                z = forward(X)
            return float(z[0, 0])

        @torch.inference_mode()
        def predict_pieces() -> float:
            for _ in range(work.calls):
                z = torch.cat([forward(piece) for piece in X.split(self.piece)])
            return float(z[0, 0])

        return predict if work.rows <= self.piece else predict_pieces

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    def stepper(self, work: Work, model: nn.Module) -> tuple[Step, Callable[[], None]]:
        """A step, and what makes the optimizer forget."""
        criterion = nn.BCEWithLogitsLoss()
        optimizer: torch.optim.Optimizer
        if work.rule == "sgd":
            optimizer = torch.optim.SGD(model.parameters(), lr=work.rate, fused=True)
        else:
            optimizer = torch.optim.Adam(model.parameters(), lr=work.rate, fused=True)
        forward = self.compiled(lambda X, y: criterion(model(X), y))

        def step(X: Tensor, y: Tensor) -> Tensor:
            optimizer.zero_grad()
            loss: Tensor = forward(X, y)
            loss.backward()
            optimizer.step()
            return loss.detach()

        return step, optimizer.state.clear


def batches(X: Tensor, y: Tensor, size: int | None) -> list[tuple[Tensor, Tensor]]:
    """One epoch, shuffled; all rows at once need no shuffling."""
    if size is None:
        return [(X, y)]
    rows = torch.randperm(len(X))
    return list(zip(X[rows].split(size), y[rows].split(size), strict=True))


class EagerPieces(Eager):
    """Predicts so many rows at a time that what lies between the layers stays in the cache."""

    piece = PIECE


class CompiledLoss(Eager):
    """``torch.compile`` over network and loss, and their gradient; the fused optimizer."""

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return torch.compile(function, fullgraph=True)


class CompiledStep(CompiledLoss):
    """``torch.compile`` over a whole step as one pure function, the optimizer too.

    Nobody's tutorial, but the least that PyTorch needs: one graph, no optimizer object.
    """

    def stepper(self, work: Work, model: nn.Module) -> tuple[Step, Callable[[], None]]:
        criterion, names = nn.BCEWithLogitsLoss(), [name for name, _ in model.named_parameters()]
        theta = [parameter.detach() for parameter in model.parameters()]
        m, v = ([torch.zeros_like(each) for each in theta] for _ in range(2))
        t = torch.zeros(())

        def loss(theta: list[Tensor], X: Tensor, y: Tensor) -> Tensor:
            named = dict(zip(names, theta, strict=True))
            return criterion(torch.func.functional_call(model, named, (X,)), y)

        def sgd(X: Tensor, y: Tensor) -> Tensor:
            gradient, value = torch.func.grad_and_value(loss)(theta, X, y)
            for each, slope in zip(theta, gradient, strict=True):
                each.sub_(slope, alpha=work.rate)
            return value

        def adam(X: Tensor, y: Tensor) -> Tensor:
            gradient, value = torch.func.grad_and_value(loss)(theta, X, y)
            t.add_(1)
            for each, first, second, slope in zip(theta, m, v, gradient, strict=True):
                first.mul_(0.9).add_(slope, alpha=0.1)
                second.mul_(0.999).addcmul_(slope, slope, value=0.001)
                first_hat, second_hat = first / (1 - 0.9**t), second / (1 - 0.999**t)
                each.sub_(work.rate * first_hat / (second_hat.sqrt() + 1e-8))
            return value

        def reset() -> None:
            for each in (*m, *v, t):
                each.zero_()

        compiled = self.compiled({"sgd": sgd, "adam": adam}[work.rule])
        return torch.no_grad()(compiled), reset
