"""What thalweg does in a browser, from a fit to a landscape, on one thread.

``python all_in_a_browser.py MODELS [PART ...]``: MODELS is `tests/models`. It is run under CPython
in a disguise (`as_in_a_browser.py`), and inside Pyodide where its wheels are at hand. Each part
prints a line of
JSON with its name and its seconds. After an error the other parts go on; the exit code is then 1.
"""

import json
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import numpy as np

import thalweg

# What another processor or NumPy may round otherwise, beside a prediction of 1.
ALLOWED = {"float32": 2e-6, "float64": 1e-12}
PARTS = []
_kept = {}


def part(function):
    """One part, in the order of the file."""
    PARTS.append(function)
    return function


def table():
    """The bundled table."""
    if "table" not in _kept:
        _kept["table"] = thalweg.load_table("wisconsin")
    return _kept["table"]


def model():
    """A small model with folds."""
    return _kept["model"]


@part
def fit(folder):
    rows = table()
    given = {"positive": "malignant", "random_state": 0, "max_iter": 30, "n_jobs": 4}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        _kept["model"] = thalweg.ThalwegClassifier(**given).fit(rows.frame, rows.target)
    texts = [str(each.message) for each in told if "engine" in str(each.message)]
    if sys.platform == "emscripten":
        assert len(texts) == 1, texts
        assert "There is no Numba in a browser" in texts[0], texts
    heights = (20 * (np.arange(len(rows.frame)) % 9) + np.arange(len(rows.frame)) % 4).astype(float)
    number = thalweg.ThalwegRegressor(random_state=0, max_iter=3, n_jobs=-1)
    _kept["number"] = number.fit(rows.frame, heights)


@part
def predict(folder):
    rows = table()
    said = model().predict_proba(rows.frame)
    assert said.shape == (len(rows.frame), 2)
    assert np.isfinite(said).all()
    assert (model().predict(rows.frame) == rows.target).mean() > 0.9
    one = np.concatenate([model().predict_proba(rows.frame[k : k + 1]) for k in range(5)])
    assert (one == said[:5]).all()
    assert np.isfinite(_kept["number"].predict(rows.frame)).all()


@part
def save_and_load(folder):
    for name in ("model", "number"):
        path = folder / f"{name}.safetensors"
        _kept[name].save(path)
        again = thalweg.load_model(path)
        frame = table().frame
        ask = "predict_proba" if name == "model" else "predict"
        assert (getattr(again, ask)(frame) == getattr(_kept[name], ask)(frame)).all()


@part
def golden_models(folder):
    n = 0
    for path in sorted(Path(sys.argv[1]).glob("*/*.safetensors")):
        before = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["predictions"]
        frame = thalweg.load_table(path.with_name("rows.csv"), need_target=False).frame
        golden = thalweg.load_model(path)
        said = golden.predict_proba(frame) if hasattr(golden, "predict_proba") else (
            golden.predict(frame)
        )  # fmt: skip
        each = (
            said.values() if isinstance(said, dict) else said if isinstance(said, list) else [said]
        )
        now = np.concatenate([np.asarray(one, np.float64).ravel() for one in each])
        then = np.array([float.fromhex(text) for text in before])
        apart = np.abs(now - then) / np.maximum(1.0, np.abs(then))
        assert apart.max() <= ALLOWED[str(golden.theta_.dtype)], (path, apart.max())
        n += 1
    assert n >= 10, n


@part
def evaluate(folder):
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    rows = table()
    other = make_pipeline(SimpleImputer(), LogisticRegression())
    frame = rows.frame.apply(lambda column: column.replace("", np.nan).astype(float))
    found = thalweg.evaluate(other, frame, rows.target, positive="malignant")
    assert str(found)
    small = thalweg.ThalwegClassifier(max_iter=5, positive="malignant", random_state=0)
    found = thalweg.evaluate(small, rows.frame, rows.target)
    found.report(folder / "evaluation.html")


@part
def report(folder):
    rows = table()
    model().report(folder / "report.html")
    model().report(folder / "rows.html", rows.frame, rows.target)
    _kept["number"].report(folder / "number.html")
    assert all((folder / f"{name}.html").stat().st_size > 50_000
               for name in ("report", "rows", "number"))  # fmt: skip
    assert "loss" in model()._repr_html_().lower()


@part
def explain(folder):
    rows = table()
    assert str(model().explain(rows.frame[:1]))
    model().what_if(rows.frame[:1], {"bare_nuclei": 5})
    thalweg.effects(model(), rows.frame[:100])
    thalweg.importance(model(), rows.frame, rows.target)
    thalweg.drift(model(), rows.frame[:100])
    thalweg.check_table(rows.frame.assign(diagnosis=rows.target), "diagnosis")
    model().card()


@part
def trace(folder):
    rows = table()
    found = model().trace(rows.frame[:1], rows.target[:1])
    found.save(folder / "trace.html")
    model().check_gradient(rows.frame[:20], rows.target[:20])


@part
def lessons(folder):
    from thalweg.reporting.lessons.known_lessons import LESSONS

    for name in LESSONS:
        begun = time.process_time()
        thalweg.lesson(name).save(folder / f"{name}.html")
        told(f"lesson {name}", begun)


@part
def landscapes(folder):
    rows = table()
    found = thalweg.race_landscape(grid=21)
    found.save(folder / "hills.html")
    assert found._repr_mimebundle_()
    thalweg.race_landscape("wisconsin", grid=11, steps=200).save(folder / "race.html")
    model().landscape(rows.frame, rows.target, grid=11).save(folder / "model.html")


@part
def export(folder):
    for ending in (".py", ".mjs", ".c", ".onnx"):
        model().export(folder / f"model{ending}")
    assert (folder / "model.mjs").stat().st_size > 10_000


@part
def sweep_and_checkpoint(folder):
    rows = table()
    small = thalweg.ThalwegClassifier(max_iter=3, random_state=0)
    thalweg.sweep(small, rows.frame, rows.target, over={"alpha": [0.1, 1.0]})
    small.fit(rows.frame, rows.target, checkpoint=folder / "fit.ckpt")


@part
def large_tables(folder):
    rows = table()
    rows.frame.assign(diagnosis=rows.target).to_csv(folder / "large.csv", index=False)
    small = thalweg.ThalwegClassifier(max_iter=2, random_state=0)
    small.fit(folder / "large.csv", target="diagnosis", max_memory="1GB")
    batches = [rows.frame[:100], rows.frame[100:200]]
    assert sum(len(each) for each in small.predict_batches(batches)) == 200


@part
def commands(folder):
    from thalweg.cli.main import main

    assert main(["--help"]) == 0
    out = str(folder / "command.safetensors")
    assert main(["fit", "wisconsin", "-o", out, "-q", "--epochs", "3"]) == 0
    assert main(["predict", out, "wisconsin", "-o", str(folder / "said.csv"), "-q"]) == 0
    assert main(["lesson", "derivative", "-q", "-o", str(folder / "lesson.html")]) == 0


def told(name, begun):
    print(json.dumps({"part": name, "seconds": round(time.process_time() - begun, 2)}), flush=True)


def main():
    """All parts; the number of those that failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for function in PARTS:
            if sys.argv[2:] and function.__name__ not in sys.argv[2:]:
                continue
            begun = time.process_time()
            try:
                function(Path(scratch))
            except Exception:
                traceback.print_exc()
                failed += 1
            else:
                told(function.__name__, begun)
    return failed


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(1 if main() else 0)
