"""Models of every kind, and rows that are hard to carry: what exports are compared on."""

import itertools
import random
import warnings
from functools import cache, lru_cache

import numpy as np
import pandas as pd

from in_page import mixed_table
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.data.encoding.few_row_encoding import Ramps
from thalweg.export.queries.sql_text import SOURCE, quoted
from thalweg.export.running.export_runtimes import RUNTIMES, answers_of_table
from thalweg.jobs.exports.checked_export import check_export
from thalweg.jobs.exports.written_export import WRITERS, carried

ACTIVATIONS = (
    "identity", "relu", "leaky_relu", "elu", "selu", "sigmoid", "softplus", "tanh", "silu", "gelu",
    "mish", "of each layer",
)  # fmt: skip
FACTORS = {
    "activation": ACTIVATIONS,
    "dtype": ("float32", "float64"),
    "layers": (0, 1, 2, 3),
    "task": (
        "two", "two first", "three", "grades", "squared_error", "absolute_error",
        "huber:delta=1.5", "quantile:level=0.8", "quantile:levels=0.1/0.5/0.9", "poisson",
        "gamma", "tweedie:power=1.4", "formula: where(z > y, z - y, 2 * (y - z))",
    ),
    "n_bins": (0, 2, 32),
    "columns": (
        "mixed", "numbers", "two levels", "many levels", "yes and no", "dates", "bounds", "nothing",
        "codes",
    ),
    "missing": ("none", "learned", "only later", "words"),
    "networks": ("one", "three", "folds"),
    "costs": (False, True),
    "corrected": (False, True),
    "labels": ("text", "whole", "truth", "signs"),
    "threshold": (None, 0.3),
    "offset": (None, "exposure", "offset"),
    "scaling": ("robust", "none"),
}  # fmt: skip
N_TRAIN = 150
_WHOLE = ("mixed", "numbers", "two levels", "many levels", "yes and no", "dates", "codes")


def pairwise(n: int, seed: int = 0) -> list[dict]:
    """At least ``n`` settings, in which every pair of values occurs."""
    chance, names = random.Random(seed), list(FACTORS)
    open_pairs = {
        ((a, x), (b, y))
        for a, b in itertools.combinations(names, 2)
        for x in FACTORS[a]
        for y in FACTORS[b]
    }
    found: list[dict] = []
    while open_pairs or len(found) < n:
        tried = [{name: chance.choice(FACTORS[name]) for name in names} for _ in range(40)]
        best = max(tried, key=lambda each: len(open_pairs & _pairs(each)))
        if open_pairs and not open_pairs & _pairs(best):
            (a, x), (b, y) = min(open_pairs, key=repr)
            best = {**best, a: x, b: y}
        open_pairs -= _pairs(best)
        if best["task"].partition(":")[0] in _RATES:  # their outputs are logarithms
            best = {**best, "scaling": "robust"}
        if best["scaling"] == "none":  # it has neither bins nor missing numbers
            columns = best["columns"] if best["columns"] in _WHOLE else "two levels"
            best = {**best, "n_bins": 0, "missing": "none", "columns": columns}
        found.append(best)
    return found


def _pairs(setting):
    return set(itertools.combinations(setting.items(), 2))


def table_for(setting: dict, seed: int = 0) -> pd.DataFrame:
    missing = 0.15 if setting["missing"] in ("learned", "words") else 0.0
    columns = setting["columns"]
    levels = {"many levels": 70, "mixed": 5}.get(columns, 3)
    frame = mixed_table(N_TRAIN, seed, levels, missing)
    chance = np.random.default_rng(seed)
    if columns == "numbers":
        frame = frame[["age", "dose", "count"]]
    elif columns == "two levels":
        frame = frame[["age", "sex", "smoker"]]
    elif columns == "many levels":
        frame = frame[["age", "ward", "sex"]].assign(name=[f"person {k}" for k in range(N_TRAIN)])
    elif columns == "yes and no":
        yes = chance.choice(["ja", "nein", "Ja", "NEIN"], N_TRAIN)
        frame = frame[["age"]].assign(asked=yes, truth=chance.choice(["true", "false"], N_TRAIN))
    elif columns == "dates":
        frame = frame[["seen", "count"]]
    elif columns == "bounds":
        cells = [f"<{k % 9}" if k % 7 == 0 else f"{k % 50}.5" for k in range(N_TRAIN)]
        frame = frame[["age"]].assign(crp=np.array(cells, object))
    elif columns == "nothing":
        frame = frame[["age", "sex"]].assign(empty=None, all_missing=np.nan)
    elif columns == "codes":
        codes = chance.choice(["01", "1.5", "3", "A?", "\u00e9", "e\u0301", "a'b\"c\\"], N_TRAIN)
        frame = frame[["age"]].assign(
            code=codes, group=pd.Categorical(chance.integers(1, 5, N_TRAIN))
        )
    if setting["missing"] == "words" and "sex" in frame:
        frame["sex"] = frame["sex"].astype(object).where(chance.random(N_TRAIN) > 0.1, "k.A.")
    return frame


def target_for(setting: dict, frame: pd.DataFrame, seed: int = 0) -> np.ndarray:
    chance = np.random.default_rng(seed + 1)
    first = frame["age"] if "age" in frame else frame["count"]
    size = np.nan_to_num(first.to_numpy(float)) / 20 + chance.normal(0, 1, len(frame))
    task = setting["task"]
    if task.startswith("two"):
        labels = {
            "text": ("no", "yes"), "whole": (-3, 7), "truth": (False, True),
            "signs": ("caf\u00e9 \u2603", "z'\"\\\n*/"),
        }  # fmt: skip
        return np.array(labels[setting["labels"]])[(size > np.median(size)).astype(int)]
    if task in ("three", "grades"):
        labels = {
            "text": ("a", "b", "c"), "whole": (1, 2, 10), "truth": ("x", "y", "z"),
            "signs": ("\u00e4", "b*/", "c'\"\n"),
        }  # fmt: skip
        places = np.searchsorted(np.quantile(size, [0.3, 0.7]), size)
        return np.array(labels[setting["labels"]])[places]
    return np.abs(size) * 10 + 0.1


def fitted_for(setting: dict, seed: int = 0):
    """A model of a setting, and its table; what does not go together is left out.

    Tests that ask for the same one share it.
    """
    return _fitted(tuple(setting.items()), seed)


@lru_cache(maxsize=32)
def _fitted(items, seed: int):
    setting = dict(items)
    frame, task = table_for(setting, seed), setting["task"]
    y = target_for(setting, frame, seed)
    n = setting["layers"]
    activation = setting["activation"]
    if activation == "of each layer":
        activation = ["tanh", "relu", "mish"][:n] or "relu"
    given = {
        "hidden_layer_sizes": (9, 5, 4)[:n], "activation": activation, "dtype": setting["dtype"],
        "max_iter": 4, "random_state": seed,
        "scaling": setting["scaling"],
    }  # fmt: skip
    if setting["scaling"] != "none":
        given["n_bins"] = setting["n_bins"]
    if setting["networks"] == "folds":
        given |= {"early_stopping": "folds", "n_folds": 3}
    else:
        given |= {"early_stopping": False, "n_ensemble": 1 if setting["networks"] == "one" else 3}
    if setting["missing"] == "words":
        given["missing"] = ["k.A."]
    is_class = task in ("two", "two first", "three", "grades")
    corrected = setting["corrected"] and setting["networks"] == "folds" and task != "grades"
    if corrected and (is_class or task.partition(":")[0] in ("squared_error", *_RATES)):
        given["calibration"] = "temperature" if task == "three" else "affine"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not is_class:
            model, more = ThalwegRegressor(loss=task, **given), {}
            if setting["offset"] == "exposure" and task.partition(":")[0] in _RATES:
                frame = frame.assign(time=np.linspace(0.5, 3, len(frame)))
                more, _ = {"exposure": "time"}, given.pop("calibration", None)
                model = ThalwegRegressor(loss=task, **given)
            elif setting["offset"] == "offset":
                frame = frame.assign(time=np.linspace(-1, 1, len(frame)))
                more, _ = {"offset": "time"}, given.pop("calibration", None)
                model = ThalwegRegressor(loss=task, **given)
            return model.fit(frame, y, **more), frame
        labels = sorted(set(y.tolist()))
        if setting["costs"]:
            given["class_weight"] = {each: 1 + 2 * k for k, each in enumerate(labels)}
        if task == "grades":
            given |= {"loss": "ordinal", "grades": [labels[1], labels[0], labels[2]]}
        if task.startswith("two"):
            given["positive"] = labels[0 if task == "two first" else 1]
        model = ThalwegClassifier(**given).fit(frame, y)
        if setting["threshold"] and task.startswith("two"):
            model.threshold_ = setting["threshold"]
    return model, frame


# Names that would end a text, a comment or a line, or act in a language.
HOSTILE = (
    'a"""b', "c'd", "e\nf", "*/ g", "??/ h", "\\", "import", "{0}", "</script>", "__proto__",
    "\u2028 \u00e9", "x" * 10_000, "%s", "-- i", '";\nimport os', "NaN", "\U0001f600", "?", "int",
    "constructor", "thalweg_row", "`${1}`", "#define x", "SELECT",
)  # fmt: skip


@cache
def hostile_model():
    """A model whose columns, levels and classes have such names, and its table."""
    chance = np.random.default_rng(0)
    levels = [each for each in HOSTILE if each != "?"]
    columns = {name: chance.choice(levels, 80) for name in HOSTILE[:4]}
    frame = pd.DataFrame({**columns, **{name: chance.normal(size=80) for name in HOSTILE[4:]}})
    y = np.where(chance.random(80) < 0.5, HOSTILE[0], HOSTILE[14])
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    return model.fit(frame, y), frame


_RATES = ("poisson", "gamma", "tweedie")


def odd_rows(model, setting: dict, frame: pd.DataFrame, n: int, seed: int = 9) -> pd.DataFrame:
    """Made-up rows: every cell from another row, extremes, bin edges, unknown levels, missing."""
    chance = np.random.default_rng(seed)
    rows = frame.iloc[chance.integers(0, len(frame), n)].reset_index(drop=True)
    edges = _edges(model)
    for name in frame.columns:
        cells = frame[name].to_numpy()[chance.integers(0, len(frame), n)]
        rows[name] = cells
        if name == "time":
            continue
        if frame[name].dtype == float and name != "all_missing":
            own = list(edges.get(name, [0.0]))
            if setting["scaling"] != "none":
                own += [1e300, -1e300, 5e-324, -0.0, 1e-310, -1e12, 1.7e9]
            near = np.array([own, np.nextafter(own, np.inf), np.nextafter(own, -np.inf)]).ravel()
            near = near[np.abs(near) <= 1e300]
            some = chance.random(n) < 0.4
            rows.loc[some, name] = chance.choice(near, some.sum())
        elif frame[name].dtype == object and name in ("ward", "sex", "code"):
            some = chance.random(n) < 0.2
            rows.loc[some, name] = chance.choice(
                ["never seen", "\u2603", "w0", " m", ""], some.sum()
            )
        if setting["missing"] != "none":
            if rows[name].dtype == bool:
                rows[name] = rows[name].astype(object)
            rows.loc[chance.random(n) < 0.1, name] = None
    return rows


def _edges(model) -> dict[str, list[float]]:
    """The numbers at which a ramp begins and ends."""
    found: dict[str, list[float]] = {}
    names = model.schema_.names
    for network in carried(model, "").stages.networks:
        for form in network.panel.forms:
            if isinstance(form, Ramps):
                parts = zip(form.column, form.start, form.per_unit, form.most, strict=True)
                for column, start, per_unit, most in parts:
                    ends = [start, start + most / per_unit] if per_unit else [start]
                    ends = [float(each) for each in ends if abs(each) < 1e12]
                    found.setdefault(names[column], []).extend(ends)
    return found


def parity(model, ending: str, rows: pd.DataFrame, runtime=None, writer=None):
    """The check of an export of a model on rows."""
    made = carried(model, "")
    data = (writer or WRITERS[ending])(made)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check_export(runtime or RUNTIMES[ending], data, ending, model, made, rows)


def run_duckdb(path, made, rows):
    """The answers of DuckDB, as `run_sql` of `export_runtimes` gives those of SQLite."""
    import duckdb

    database = duckdb.connect(":memory:")
    names = ", ".join(
        f"{quoted(each.name)} {'VARCHAR' if each.is_text else 'DOUBLE'}" for each in made.inputs
    )
    database.execute(f"CREATE TABLE {SOURCE} ({names})")
    cells = [[None if cell != cell or cell == "" else cell for cell in row] for row in rows]
    places = ", ".join("?" for _ in made.inputs)
    database.executemany(f"INSERT INTO {SOURCE} VALUES ({places})", cells)
    return answers_of_table(made, database.execute(path.read_bytes().decode("utf-8")).fetchall())
