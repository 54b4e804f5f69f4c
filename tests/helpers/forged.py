"""Model files that a stranger has forged: a helper of the tests, and a program for the full count.

``python tests/helpers/forged.py forgeries 100000``, and the same with ``bombs``, write how many
were refused, how long and how much memory the dearest refusal took, and what broke.
"""

import contextlib
import copy
import gc
import io
import json
import math
import random
import re
import sys
import tempfile
import time
import tracemalloc
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

import forged_columns
from mixed import mixed
from pace import seconds_when_quiet
from places import MODELS
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.cli.main import main
from thalweg.errors import ModelFileError
from thalweg.persistence.model_file import load_model, read_model
from thalweg.sealed_container import seal, unseal

# The bar: what a refusal may take beyond the bytes of the file itself.
SECONDS, BYTES = 0.03, 10 * 2**20
# Where there is no number, pages and the terminal say "undefined". That a loss "became NaN or
# infinite" is what they say of a training run that diverged.
_NO_NUMBER = re.compile(r"\b(nan|NaN(?! or infinite)|None)\b")
# Where None is a value that a user may give: a column of numbers, of which no example is named.
_NO_EXAMPLE = re.compile(r"(?<=number=)\{[^}]*\}")
_UNTOLD = re.compile(r"This is a defect in thalweg|not enough memory|Traceback|\wWarning: ")


@dataclass(frozen=True)
class Base:
    """A sound file, and a table that its model reads."""

    header: dict
    arrays: dict
    table: Path

    @cached_property
    def text(self):
        """The header as JSON: read again, it is a copy."""
        return json.dumps(self.header)

    @cached_property
    def has_notations(self):
        """Whether a column is read in a way of its own."""
        return '"notation"' in self.text

    @cached_property
    def places(self):
        """Every place of the header."""
        return list(places(self.header))


# --- sound files ------------------------------------------------------------------------------


def bases(folder):
    """Small models of every kind: judged by fit, made in Python, of format 1."""
    quick = ("-q", "--epochs", "2", "--hidden", "3", "--bins", "3")
    frame, y = mixed(90)
    tables = {
        "two": frame.assign(target=y),
        "three": frame[["age", "smoker", "sex"]].assign(target=np.arange(90) % 3),
        "number": frame[["age", "town"]].assign(target=np.arange(90) * 1.5),
    }
    tasks = {"two": "classification", "three": "classification", "number": "regression"}
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
        line = ("fit", folder / f"{name}.csv", "--target", "target", "--task", tasks[name])
        assert _run(*line, "-o", folder / name, *quick)[0] == 0
    X = np.random.default_rng(0).normal(size=(60, 3))
    X[::7, 0] = np.nan
    made = {
        "single": ThalwegClassifier((2,), max_iter=2, dtype="float32", early_stopping=False),
        "scored": ThalwegClassifier(
            (2, 2), max_iter=2, early_stopping=True, scoring="roc_auc", n_ensemble=2, n_bins=0
        ),
        "counted": ThalwegRegressor("poisson", hidden_layer_sizes=(2,), max_iter=2, n_ensemble=2),
    }
    pd.DataFrame(X, columns=["x0", "x1", "x2"]).to_csv(folder / "plain.csv", index=False)
    for name, model in made.items():
        model.set_params(random_state=0).fit(X, np.arange(60) % 2).save(folder / name)
    many = np.random.default_rng(2).normal(size=(300, 3))
    scaled = ThalwegRegressor(
        hidden_layer_sizes=(2,), max_iter=2, n_bins=2, interval_kind="scaled", random_state=0
    )
    scaled.fit(many, many[:, 0]).save(folder / "scaled")
    frame, y = forged_columns.written_table()
    frame.assign(target=y).to_csv(folder / "written.csv", index=False)
    said = [*forged_columns.said_options(), "--time-column", "seen"]
    line = ("fit", folder / "written.csv", "--target", "target", "-o", folder / "written")
    assert _run(*line, *said, *quick)[0] == 0
    model, frame = forged_columns.made_in_python()
    model.save(folder / "local")
    frame.to_csv(folder / "local.csv", index=False)
    # Levels that share an output, and have target codes.
    level = np.random.default_rng(1).integers(0, 50, 600)
    table = pd.DataFrame({"age": np.arange(600.0), "ward": [f"W{each:02}" for each in level]})
    table.to_csv(folder / "coded.csv", index=False)
    coded = ThalwegClassifier((2,), max_iter=2, random_state=0, early_stopping=False)
    coded.fit(table, np.digitize(level * 7 % 50, [24, 40])).save(folder / "coded")
    assert coded.encoder_.codes.n_outputs == 2
    (folder / "old").write_bytes((MODELS / "format-1.safetensors").read_bytes())
    pd.DataFrame({"smoker": [True, False], "age": [30.0, None]}).to_csv(folder / "old.csv")
    for name in ("two", "three", "number", *made, "scaled", "written", "local", "old", "coded"):
        own = folder / f"{name}.csv"
        table = pd.read_csv(own if own.exists() else folder / "plain.csv")
        table.head(4).to_csv(folder / f"{name}.few.csv", index=False)
        yield Base(*unseal((folder / name).read_bytes()), folder / f"{name}.few.csv")


# --- forgeries --------------------------------------------------------------------------------

_TEXTS = ["", "x", "yes", "größe", "\u202e\u0000", "a" * 2000, "U999999", "U3", "O", "<i8", "M8[D]"]
_NUMBERS = [
    0, 1, -1, 2, 3, 2**31, 2**53, 2**63, 2**64, -(2**64), 10**300, True, False, 0.0, -0.0, 0.5, 1.0,
    -0.5, 1e308, -1e308, 1e-320, 5e-324, 1e160, 1e39, 7,
]  # fmt: skip
_WORDS = [
    "relu", "tanh", "binary", "regression", "folds", "none", "hold-out", "diverged", "patience",
    "sgd:lr=1", "adam:lr=1e300", "squared_error", "poisson", "auto", "float32", "Infinity",
    "-Infinity", "number", "category", "groups", "batches", "balanced", "ignore",
]  # fmt: skip
_SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -1.0, 1e308, -1e308, 3e38, 1e-320, 1e6, 0.5, 2.0]


def places(value, trail=()):
    """Every place inside a value, as the keys that lead to it."""
    if trail:
        yield trail
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*trail, key))


def _at(value, trail):
    for key in trail:
        value = value[key]
    return value


def _any_value(draw, depth=0):
    kind = draw.randrange(9)
    if kind < 3:
        return draw.choice(_NUMBERS)
    if kind < 5:
        return draw.choice(_TEXTS + _WORDS)
    if kind == 5 or depth > 2:
        return None
    if kind == 6:
        return draw.gauss(0, 1) * 10.0 ** draw.randrange(-5, 40)
    inner = [_any_value(draw, depth + 1) for _ in range(draw.randrange(4))]
    return inner if kind == 7 else {draw.choice(_TEXTS): each for each in inner}


def _other(draw, value):
    """Something near a value: of its type, or nearly."""
    if isinstance(value, bool) or value is None:
        return draw.choice([True, False, None, 0, 1, 0.5, "x"])
    if isinstance(value, int):
        near = [value + 1, value - 1, -value, float(value), 0, value * 1000, bool(value)]
        return draw.choice([*near, 2**53, None])
    if isinstance(value, float):
        scale = 10.0 ** draw.randrange(-40, 40)
        return draw.choice([-value, value * scale, round(value), 0.0, None, value + 1, 1e308])
    if isinstance(value, str):
        return draw.choice([value + "x", value[:-1], value.upper(), "", draw.choice(_WORDS), None])
    if isinstance(value, list):
        return draw.choice([value[:-1], value[1:], value * 2, value[::-1], [], [value], value[:1]])
    return draw.choice([{}, list(value), None, dict(list(value.items())[1:])])


def _forge_header(draw, header, trails, others):
    trail = draw.choice(trails)
    *way, last = trail
    parent, kind = _at(header, way), draw.randrange(8)
    parent[last]  # that may be gone by now
    if kind == 0:
        parent[last] = _any_value(draw)
    elif kind < 4:
        parent[last] = _other(draw, parent[last])
    elif kind == 4:
        parent.pop(last)
    elif kind == 5 and isinstance(parent, dict):
        parent[draw.choice([*_TEXTS, *_WORDS])] = copy.deepcopy(draw.choice(list(parent.values())))
    elif kind == 5:
        parent.insert(draw.randrange(len(parent) + 1), copy.deepcopy(parent[last]))
    elif kind == 6:  # the same place of another file
        parent[last] = copy.deepcopy(_at(draw.choice(others).header, trail))
    else:  # two places change their contents
        *other_way, other_last = draw.choice(trails)
        other = _at(header, other_way)
        one, two = copy.deepcopy(parent[last]), copy.deepcopy(other[other_last])
        parent[last], other[other_last] = two, one


def _forge_arrays(draw, arrays, others):
    name, kind = draw.choice(sorted(arrays)), draw.randrange(9)
    array = arrays[name]
    if kind < 3 and array.size:
        array = array.copy()
        some = [draw.randrange(array.size) for _ in range(draw.choice([1, 1, 3, array.size]))]
        with np.errstate(all="ignore"):
            array.flat[some] = np.array(draw.choice(_SPECIAL)).astype(array.dtype)
        arrays[name] = array
    elif kind == 3:
        with np.errstate(all="ignore"):
            arrays[name] = (array * 10.0 ** draw.randrange(-3, 300)).astype(array.dtype)
    elif kind == 4:
        twice = np.concatenate([array] * 2)
        arrays[name] = draw.choice([array[:-1], array[None], array[:0], twice])
    elif kind == 5:
        with np.errstate(all="ignore"):
            arrays[name] = array.astype(draw.choice(["f8", "f4", "i8", "i4", "u1"]))
    elif kind == 6:
        del arrays[name]
    elif kind == 7:
        source = draw.choice(others).arrays
        arrays[draw.choice([name, f"{name}.1", "new"])] = source[draw.choice(sorted(source))]
    else:
        other = draw.choice(sorted(arrays))
        arrays[name], arrays[other] = arrays[other], array


def forgery(draw, all_bases):
    """One to three changes to a sound file, under a seal that belongs to it; the base beside."""
    base = draw.choice(all_bases)
    header, arrays = json.loads(base.text), dict(base.arrays)
    for _ in range(draw.choice([1, 1, 2, 3])):
        if base.has_notations and draw.random() < 0.4:
            with contextlib.suppress(LookupError, TypeError, AttributeError):
                forged_columns.forge_columns(draw, header, arrays)
        elif draw.random() < 0.75:
            # What an earlier change has taken away cannot be changed again.
            with contextlib.suppress(LookupError, TypeError, AttributeError):
                _forge_header(draw, header, base.places, all_bases)
        else:
            _forge_arrays(draw, arrays, all_bases)
        if not arrays or not header:
            break
    try:
        return seal(header, arrays), base
    except TypeError:  # a change took for a key what is no text
        return seal(json.loads(json.dumps(header)), arrays), base
    except ValueError:  # too deep or too large for seal itself
        return with_head(json.dumps(header, separators=(",", ":"), sort_keys=True)), base


# --- bombs ------------------------------------------------------------------------------------


def _resize(draw, most):
    return int(10 ** draw.uniform(0, math.log10(most)))


def _many(draw, header, n):
    """A header that lists very much of something, each entry of the right form."""
    labels = [f"c{k:06}" for k in range(n)]
    column = {"name": "x", "kind": "number"}
    entry = copy.deepcopy(header["members"][0]) if "members" in header else {}
    judged = (header["judgement"] or {}).get("network", {})
    whole = {
        "labels": lambda: header["classes"].update(labels=labels, costs=[1.0] * n),
        "wide": lambda: header["classes"].update(labels=labels[:300], dtype="U999999"),
        "long": lambda: header["classes"].update(labels=["a", "b" * n], dtype=f"U{n}"),
        "numbers": lambda: header["classes"].update(labels=list(range(n)), dtype="i8"),
        "members": lambda: header.update(members=[entry] * n),
        "both": lambda: (
            header.update(members=[entry] * min(n, 3000)),
            header["classes"].update(labels=list(range(n)), dtype="i8", costs=[1.0] * n),
        ),
        "columns": lambda: header["schema"].update(columns=[column] * n),
        "levels": lambda: header["schema"].update(
            columns=[{"name": "x", "kind": "category", "levels": labels}]
        ),
        "encoders": lambda: header["encoder"].update(count=n),
        "sizes": lambda: header["architecture"].update(
            sizes=[1] * (n + 1), activations=["relu"] * n
        ),
        "hidden": lambda: header["training"]["settings"].update(hidden_layer_sizes=[1] * n),
        "costs": lambda: header["training"]["settings"].update(
            class_weight=[[label, 1.0] for label in labels]
        ),
        "optimizer": lambda: header["training"]["settings"].update(
            optimizer="sgd:" + ",".join(["lr=1"] * n)
        ),
        "loss": lambda: header["objective"].update(loss="x:" + "a=1," * n),
        "baselines": lambda: header["judgement"].update(
            baselines=dict.fromkeys(labels[: n // 8], judged)
        ),
        "recall": lambda: judged.update(recall=[{"value": 1, "low": 0, "high": 1}] * n),
        "confusion": lambda: judged.update(confusion=[[0] * 300] * (n // 300)),
        "counts": lambda: header["report"]["table"].update(class_counts=dict.fromkeys(labels, 1)),
        "notes": lambda: header["report"]["table"].update(notes=["a note"] * n),
        "told": lambda: header["report"]["table"].update(
            columns=[{**column, "missing": 0, "low": 0, "median": 0, "high": 1}] * n
        ),
        "bars": lambda: header["report"]["curves"]["histogram"].update(positive=[1] * n),
        "grid": lambda: header["report"]["curves"].update(true_positive=[1] * n),
        "target": lambda: header.update(target="t" * n),
        "keys": lambda: header.update(dict.fromkeys(labels)),
    }
    with contextlib.suppress(KeyError, AttributeError, TypeError):  # not of this kind of model
        whole[draw.choice(sorted(whole))]()
    return header


def _text_bomb(draw, n):
    """JSON that costs: deep, long, doubled, huge."""
    kind = draw.randrange(8)
    digits = "1" * n
    return [
        lambda: '{"a":' + "[" * n + "]" * n + "}",
        lambda: '{"a":' * min(n, 10**5) + "1" + "}" * min(n, 10**5),
        lambda: '{"a":[' + ",".join([f"1e{draw.randrange(1000)}"] * (n // 4)) + "]}",
        lambda: '{"a":' + draw.choice([digits, f"0.{digits}", f"1e{digits}", f"-{digits}"]) + "}",
        lambda: '{"a":[' + ",".join(["{}"] * (n // 2)) + "]}",
        lambda: "{" + ",".join(f'"k{k:07}":0' for k in range(n // 8)) + "}",
        lambda: '{"a":[' + ",".join(['"' + "x" * draw.randrange(9) + '"'] * (n // 8)) + "]}",
        lambda: '{"a":[' + ",".join(["9" * draw.randrange(1, 4000)] * (n // 2000 + 1)) + "]}",
    ][kind]()


def with_head(text, n_entries=0, draw=random):
    """A sealed file around any text as its header, with so many empty arrays."""
    import hashlib

    entries = {"__metadata__": {"thalweg": text}}
    for k in range(n_entries):
        shape = draw.choice([[0], [0, 2**62], [0] * 64])
        entries[f"a{k:06}"] = {"dtype": "F64", "shape": shape, "data_offsets": [0, 0]}
    entries["~seal"] = {"dtype": "U8", "shape": [32], "data_offsets": [0, 32]}
    head = json.dumps(entries, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    body = len(head).to_bytes(8, "little") + head
    return body + hashlib.sha256(body).digest()


def bomb(draw, all_bases, largest=2**20):
    """A file whose header is to cost much; its arrays are few and small."""
    if draw.random() < 0.6:
        base = draw.choice(all_bases)
        header, arrays = copy.deepcopy(base.header), dict(base.arrays)
        if draw.random() < 0.4:
            forged_columns.bomb_columns(draw, header, arrays, _resize(draw, largest / 8))
        else:
            header = _many(draw, header, _resize(draw, largest / 8))
        text = json.dumps(header, separators=(",", ":"), sort_keys=True)
        if draw.random() < 0.3:
            arrays |= {f"theta.{k}": np.zeros(1) for k in range(_resize(draw, 2000))}
        try:
            return seal(header, arrays)
        except ValueError:  # too large for seal itself
            return with_head(text)
    if draw.random() < 0.3:
        return with_head("{}", _resize(draw, largest / 64), draw)
    return with_head(_text_bomb(draw, _resize(draw, largest)))


# --- the doors --------------------------------------------------------------------------------


def _run(*arguments):
    """Run the command line in this process: exit code, stdout, stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(each) for each in arguments])
    told = []
    for stream in (out, err):
        stream.flush()
        told.append(stream.buffer.getvalue().decode())
    return code, *told


def broken_by(path, table, *, landscape=False):
    """What breaks where an accepted file is shown, asked and followed; None if nothing does."""
    doors = [
        ("show", path),
        ("show", path, "--json"),
        ("report", path),
        ("predict", path, table),
        ("predict", path, table, "--interval", "0.5"),
        ("trace", path, table, "--row", "1"),
        ("trace", path, table, "--row", "2", "--update", "sgd:lr=0.1"),
        ("trace", path, "--check"),
        *([("landscape", path, table, "-o", path.with_suffix(".html"), "--force")] * landscape),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            model = load_model(path)
            texts = [repr(model), model._repr_html_().partition('<div class="thalweg">')[2]]
        except Exception as bad:
            return f"repr: {type(bad).__name__}: {bad}"
        texts = [_NO_EXAMPLE.sub("", text) for text in texts]
        if found := next(filter(None, map(_NO_NUMBER.search, texts)), None):
            return f"repr says {found[0]}"
        for door in doors:
            code, out, err = _run(*door)
            if "\x1b" in err or (door[0] != "predict" and "\x1b" in out):
                return f"{door[0]} commands the terminal: {err.strip()[:300]!r}"
            if _UNTOLD.search(err):
                return f"{door[0]}: {err.strip()[:300]}"
            shown = out.partition("<script")[0] if door[0] == "report" else out
            if code == 0 and "--json" not in door and (found := _NO_NUMBER.search(shown)):
                line = shown[max(0, found.start() - 80) : found.end() + 40]
                return f"{door[0]} says {line!r}"
    return None


def _refuse(path):
    with contextlib.suppress(ModelFileError):
        read_model(path)


@dataclass
class Tally:
    """What came of many files."""

    refused: int = 0
    accepted: int = 0
    slowest: float = 0.0
    largest: int = 0
    dearest: list = field(default_factory=list)
    broken: list = field(default_factory=list)
    error: ModelFileError | None = None  # of the last refusal

    def read(self, path, data, *, memory):
        """Read a file that was written; True if it is accepted."""
        started = time.process_time()
        try:
            read_model(path)
        except ModelFileError as error:
            self.refused, self.error = self.refused + 1, error
            taken = time.process_time() - started
            if taken > SECONDS:
                taken = seconds_when_quiet(lambda: _refuse(path))
            self.slowest = max(self.slowest, taken)
        except BaseException as bad:
            self.broken.append(f"reading: {type(bad).__name__}: {bad}")
            return False
        else:
            self.accepted += 1
            return True
        if memory:
            tracemalloc.start()
            _refuse(path)
            peak = tracemalloc.get_traced_memory()[1] - len(data)
            tracemalloc.stop()
            self.largest = max(self.largest, peak)
        return False


def forge_many(all_bases, folder, seeds, *, every=1, landscapes=0):
    """Forgeries by their seeds; every one that is accepted goes through every door.

    Of ``every`` so many seeds one does, that is; of 500, so many go through the dearest door, too.
    """
    tally, path = Tally(), folder / "forged"
    for seed in seeds:
        data, base = forgery(random.Random(seed), all_bases)
        path.write_bytes(data)
        if tally.read(path, data, memory=seed % 10 == 0) and seed % every == 0:
            found = broken_by(path, base.table, landscape=seed % 500 < landscapes)
            if found:
                tally.broken.append(f"seed {seed}: {found}")
    return tally


def bomb_many(all_bases, folder, seeds):
    """Bombs by their seeds."""
    tally, path = Tally(), folder / "bomb"
    for seed in seeds:
        data = bomb(random.Random(seed), all_bases)
        path.write_bytes(data)
        before = copy.copy(tally)
        tally.read(path, data, memory=seed % 10 == 0)
        dear = tally.slowest > max(before.slowest, SECONDS)
        if dear or tally.largest > max(before.largest, BYTES):
            tally.dearest.append(f"seed {seed}, {len(data):,} bytes: {told(tally)}")
    return tally


def told(tally):
    """A tally in words."""
    return (
        f"{tally.refused:,} refused, {tally.accepted:,} accepted, {len(tally.broken)} broken; "
        f"the dearest refusal {1e3 * tally.slowest:.1f} ms and {tally.largest / 2**20:.1f} MB"
    )


if __name__ == "__main__":
    what, count = sys.argv[1], int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = list(bases(folder))
        gc.freeze()  # what the libraries hold is no part of what a file costs
        seeds = range(first, first + count)
        if what == "bombs":
            tally = bomb_many(found, folder, seeds)
        else:
            tally = forge_many(found, folder, seeds, every=int(sys.argv[4]) if sys.argv[4:] else 1)
        print(*tally.broken[:200], *tally.dearest, told(tally), sep="\n")
