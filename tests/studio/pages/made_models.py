"""Answers about models for the tests of the page: real ones, of small models, made once."""

import random
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from studio.messy_table import messy_table
from studio.models.asked_models import asked_models
from thalweg.studio.operations.model_place import _ASKED

Plain = dict[str, Any]
_SETTINGS = {"max_iter": "30", "hidden_layer_sizes": "6", "early_stopping": "holdout"}
COSTS = {"missed": 500, "alarm": 40}


def _table(target: str) -> bytes:
    dice = random.Random(1)
    lines = [f"a,b <b>,c,{target}"]
    for _ in range(160):
        a, b = dice.gauss(0, 1), dice.gauss(0, 1)
        said = ("red" if a + b > 1 else "green" if a > b else "blue") if target == "kind" \
            else f"{100 + 20 * a + 5 * b + dice.gauss(0, 3):.2f}"  # fmt: skip
        lines.append(f"{a:.3f},{b:.3f},{dice.choice('uv')},{said}")
    return ("\n".join(lines) + "\n").encode()


_TABLES = {
    "two classes": (messy_table(), "messy.csv", {"target": "Ill", "drop": ["Patient No"]}),
    "three classes": (_table("kind"), "kinds.csv", {"target": "kind"}),
    "a number": (_table("price"), "prices.csv", {"target": "price"}),
}


@cache
def made_models() -> dict[str, dict[str, Plain]]:
    """The answers to each operation, by kind of target; ``decided`` is the model with costs."""
    found: dict[str, dict[str, Plain]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        asked_models(Path(folder).resolve() / "made") as asked,
    ):
        for kind, (data, name, choices) in _TABLES.items():
            table = asked.add(data, name)
            model = asked.fit(table, choices=choices, settings=_SETTINGS, no_trees=False, seed=0)
            of_rows: Plain = {"model": model, "table": table}
            column = "Age" if kind == "two classes" else "a"
            said: dict[str, Plain] = {
                "model": {"model": model},
                "explain": {**of_rows, "row": 3},
                "what-if": {**of_rows, "row": 3, "set": {column: "30"}},
                "predict": of_rows,
                "report": {"model": model},
            }
            if kind == "two classes":
                said |= {each: {"model": model, **COSTS} for each in ("decide", "set-threshold")}
            found[kind] = {op: _answer(asked, op, model, args) for op, args in said.items()}
            if kind == "two classes":
                decided = found[kind]["set-threshold"]["model"]
                found["decided"] = {
                    **found[kind], "model": _answer(asked, "model", decided, {"model": decided})
                }  # fmt: skip
    return found


def _answer(asked: Any, op: str, model: str, args: Plain) -> Plain:
    head = asked.ask(op, **args)
    return {"model": model, **{k: v for k, v in head.items() if k not in ("re", "is")},
            "type": _ASKED[op].told}  # fmt: skip
