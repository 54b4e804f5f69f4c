"""Each rule of descent that PyTorch has too: both must come to the same θ.

The gradients come from each side's own backward pass, in float64, over all rows of the article's
work, so that only the rules' arithmetic can differ, by rounding. Prints a JSON line for each rule.
"""

import json
import sys
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.optim import SGD, Adagrad, Adam, AdamW, NAdam, RMSprop

from bench import our_side
from bench.rivals_torch import network, put
from bench.workloads import ARTICLE, Array, Table, start, table

STEPS, MOST = 100, 1e-10
WORK = replace(ARTICLE, epochs=STEPS)


class Pair(NamedTuple):
    """One rule, as both sides name it.

    Attributes
    ----------
    ours : str
        The text form.
    theirs : type
        A class of ``torch.optim``.
    settings : dict
        Its arguments, where they are not as usual.
    decay : float
        ``weight_decay`` of the weights; biases have none, here as in thalweg.
    """

    ours: str
    theirs: type[torch.optim.Optimizer]
    settings: dict[str, Any]
    decay: float = 0.0

    def __str__(self) -> str:
        decay = {"weight_decay": self.decay} if self.decay else {}
        words = ", ".join(f"{name}={value}" for name, value in {**self.settings, **decay}.items())
        return f"{self.theirs.__name__}({words})"


# Everything that thalweg has and torch.optim too: Lion is not among it.
PAIRS = (
    Pair("sgd:lr=0.1", SGD, {"lr": 0.1}),
    Pair("sgd:lr=0.1,momentum=0.9", SGD, {"lr": 0.1, "momentum": 0.9}),
    Pair("nesterov:lr=0.1", SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    Pair("adagrad:lr=0.05", Adagrad, {"lr": 0.05}),
    Pair("rmsprop", RMSprop, {}),
    Pair(
        "rmsprop:rho=0.9,momentum=0.5,lr=0.001",
        RMSprop,
        {"alpha": 0.9, "momentum": 0.5, "lr": 0.001},
    ),
    Pair("adam:lr=0.01", Adam, {"lr": 0.01}),
    Pair("adam:beta_1=0.8,beta_2=0.95,epsilon=1e-4", Adam, {"betas": (0.8, 0.95), "eps": 1e-4}),
    Pair("adamw:lr=0.01", AdamW, {"lr": 0.01}, decay=0.01),
    Pair("adamw:lr=0.01,decay=0.3", AdamW, {"lr": 0.01}, decay=0.3),
    Pair("nadam:lr=0.01", NAdam, {"lr": 0.01}),
    Pair("nadam:momentum_decay=0.1", NAdam, {"momentum_decay": 0.1}),
)


def main() -> None:
    """All of them; ends the program where one is further apart than rounding explains."""
    torch.set_num_threads(1)
    # Else NAdam keeps the product of its momenta in float32, and is 4e-10 off.
    torch.set_default_dtype(torch.float64)
    data = Table(*(each.astype(float) for each in table(WORK)))
    for pair in PAIRS:
        ours, theirs = our_side.theta_after(WORK, data, pair.ours), _theirs(data, pair)
        apart = float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))
        if not apart <= MOST:
            sys.exit(f"bench: {pair.ours} and PyTorch's {pair} are {apart:.1e} apart")
        print(json.dumps({"ours": pair.ours, "theirs": str(pair), "apart": apart}))


def _theirs(data: Table, pair: Pair) -> Array:
    model, criterion = network(WORK).double(), nn.BCEWithLogitsLoss()
    put(model, start(WORK))
    X, y = (torch.from_numpy(each) for each in data)
    parameters = list(model.named_parameters())
    optimizer = pair.theirs(
        [
            {
                "params": [each for name, each in parameters if name.endswith("weight")],
                "weight_decay": pair.decay,
            },
            {
                "params": [each for name, each in parameters if name.endswith("bias")],
                "weight_decay": 0.0,
            },
        ],
        **pair.settings,
    )
    for _ in range(STEPS):
        optimizer.zero_grad()
        criterion(model(X), y).backward()
        optimizer.step()
    return our_side.theta(
        [
            (layer.weight.detach().numpy(), layer.bias.detach().numpy())
            for layer in model
            if isinstance(layer, nn.Linear)
        ]
    )


if __name__ == "__main__":
    main()
