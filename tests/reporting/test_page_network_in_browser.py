"""The network that runs in a page, in a browser: its answers and contributions are Python's."""

import math

import numpy as np
import pandas as pd
import pytest

from browser import Browser
from in_page import (
    answers_of,
    asked,
    cell_of,
    classifier,
    made_up,
    mixed_table,
    page_of,
    regressor,
)
from thalweg import load_table
from thalweg.estimators.explaining.explained_rows import explained_rows
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.reporting.inline import DRAW, joined

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning"),
]

N = 300
FRAME = mixed_table(N, seed=0, n_levels=60)
NOISE = np.random.default_rng(0).normal(size=N)
SIZE = np.nan_to_num(FRAME["age"].to_numpy()) + 10 * (FRAME["sex"] == "m") + 5 * NOISE
TWO = np.where(SIZE > 50, "yes", "no")
FIVE = np.array(["a", "b", "c", "d", "e"])[np.clip((SIZE - 20) // 12, 0, 4).astype(int)]
COUNTS = np.abs(SIZE / 10).round()
COSTS = {"class_weight": {"yes": 7, "no": 1}, "positive": "yes"}
SMALL = {"hidden_layer_sizes": (12, 8), "max_iter": 6}

MODELS = {
    "default": lambda: classifier(positive="yes").fit(FRAME, TWO),
    "first class is positive": lambda: classifier(**SMALL, positive="no").fit(FRAME, TWO),
    "costs and a map": lambda: classifier(**SMALL, **COSTS, calibration="affine").fit(FRAME, TWO),
    "five classes": lambda: classifier(**SMALL).fit(FRAME, FIVE),
    "five classes, costs and a map": lambda: classifier(
        **SMALL, class_weight={"a": 3, "b": 1, "c": 1, "d": 2, "e": 1}, calibration="temperature"
    ).fit(FRAME, FIVE),
    "grades with costs": lambda: classifier(
        **SMALL, loss="ordinal", grades=list("bacde"), class_weight={"c": 3}
    ).fit(FRAME, FIVE),
    "number": lambda: regressor(max_iter=8).fit(FRAME, SIZE),
    "number with a map": lambda: regressor(**SMALL, calibration="affine").fit(FRAME, SIZE),
    "counts": lambda: regressor(**SMALL, loss="poisson").fit(FRAME, COUNTS),
    "scaled intervals": lambda: regressor(**SMALL, interval_kind="scaled").fit(FRAME, SIZE),
    "double precision": lambda: classifier(**SMALL, dtype="float64", positive="yes").fit(
        FRAME, TWO
    ),
    "three layers of tanh": lambda: regressor(
        hidden_layer_sizes=(10, 8, 6), activation="tanh", max_iter=6
    ).fit(FRAME, SIZE),
    "no hidden layer": lambda: classifier(
        hidden_layer_sizes=(), max_iter=6, positive="yes"
    ).fit(FRAME, TWO),
    "one network": lambda: classifier(
        **SMALL, early_stopping=False, positive="yes", n_ensemble=1
    ).fit(FRAME, TWO),
    **{
        name: lambda name=name: classifier(
            hidden_layer_sizes=(7, 5), activation=name, max_iter=4, positive="yes"
        ).fit(FRAME, TWO)
        for name in ACTIVATIONS
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def unit_of(model) -> float:
    """The size that differences are compared with: 1, or the scale of the target."""
    outputs = model.members_[0].outputs
    return max(1.0, abs(getattr(outputs, "scale", 1.0)))


@pytest.mark.parametrize("name", MODELS)
def test_the_page_answers_as_python_does(browser, tmp_path, name):
    model = MODELS[name]()
    rows, cells = made_up(FRAME, 200, seed=1)
    browser.open(page_of(model, tmp_path / "model.html"))
    found = asked(browser, "answers", cells)
    assert browser.errors() == []
    expected, unit = answers_of(model, rows), unit_of(model)
    answers = np.array([each["answer"] for each in found])
    np.testing.assert_allclose(answers, expected, rtol=0, atol=1e-6 * unit)
    # Each network's own answer: their mean is the model's, where no map corrects it.
    each = np.array([row["each"] for row in found])
    assert each.shape == (200, len(model.members_), expected.shape[1])
    if model.calibration_ is None:
        np.testing.assert_allclose(each.mean(axis=1), expected, rtol=0, atol=1e-6 * unit)
    assert np.ptp(expected) > 0.01
    _require_contributions(browser, model, rows.iloc[:12], cells[:12], unit)
    if name == "scaled intervals":
        sigma = model._known.conformal.sigma(model.schema_.matrix(rows, unknown="ignore"))
        np.testing.assert_allclose(asked(browser, "scales", cells), sigma, rtol=1e-5)


def _require_contributions(browser, model, rows, cells, unit):
    """The contributions that Python computes from the typical row, for all answers."""
    schema, base = model.schema_, model._known.likeness.typical[None]
    matrix = schema.matrix(rows, unknown="ignore")
    expected = explained_rows(model._known, matrix, base)
    typical = [
        None if math.isnan(value) else column.levels[int(value) - 1] if column.levels else value
        for column, value in zip(schema.given, base[0].tolist(), strict=False)
    ]
    for which in range(expected.values.shape[2]):
        found = asked(browser, "contributions", cells, typical, which)
        assert None not in found
        values = np.array([each["values"] for each in found])
        np.testing.assert_allclose(values, expected.values[:, :, which], rtol=0, atol=2e-6 * unit)
        sums = values.sum(axis=1) + [each["base"] for each in found]
        np.testing.assert_allclose(sums, expected.answers[:, which], rtol=0, atol=2e-6 * unit)
        assert abs(found[0]["base"] - expected.base_values[which]) <= 1e-6 * unit


WITHOUT_NUMBERS = FRAME[["sex", "ward", "smoker"]]
MANY = np.random.default_rng(8)
UNLIKE_TABLES = {
    "mixed": (FRAME, None),
    "levels and missing cells alone": (WITHOUT_NUMBERS, None),
    "weights": (FRAME, MANY.integers(1, 4, N).astype(float)),
    "a constant number and bounds": (
        pd.DataFrame(
            {
                "same": np.where(MANY.random(N) < 0.1, None, 5.0),
                "crp": np.where(MANY.random(N) < 0.3, "<0.6", MANY.gamma(2, 3, N).round(1)),
                "time": pd.Series(MANY.integers(0, 24, N)).map("{:02d}:30".format),
                "town": MANY.choice([f"t{k}" for k in range(100)], N),
            }
        ),
        None,
    ),
    # Above 200 numbers, their correlations are not kept.
    "many numbers": (pd.DataFrame(MANY.normal(size=(N, 210))).add_prefix("x"), None),
}  # fmt: skip


@pytest.mark.parametrize("name", UNLIKE_TABLES)
def test_the_page_has_the_outlier_p_of_python(browser, tmp_path, name):
    frame, weights = UNLIKE_TABLES[name]
    model = classifier(hidden_layer_sizes=(2,), max_iter=1).fit(frame, TWO, sample_weight=weights)
    rows, cells = made_up(frame, 300, seed=2)
    if "crp" in rows:  # of a made-up row of the page no number is a bound
        rows["crp"] = np.where(rows["crp"] == "<0.6", "0.6", rows["crp"])
        column = list(rows.columns).index("crp")
        for row, cell in zip(cells, rows["crp"], strict=True):
            row[column] = float(cell)
        # A number that never varied has one level: any other was never seen.
        rows.loc[:20, "same"] = 7.0
        for row in cells[:21]:
            row[0] = 7.0
    browser.open(page_of(model, tmp_path / "model.html"))
    found = asked(browser, "unlike", cells)
    assert browser.errors() == []
    expected = model.unlike(rows)
    assert found == expected.tolist()
    assert len(set(found)) > 20
    assert min(found) < 0.05 < 0.5 < max(found)


def test_wisconsin_with_empty_cells(browser, tmp_path):
    table = load_table("wisconsin")
    model = classifier(positive="malignant").fit(table.frame, table.target)
    browser.open(page_of(model, tmp_path / "model.html"))
    rows = table.frame.iloc[:200]
    cells = [[None if each in ("", "?") or cell_of(each) is None else float(each) for each in row]
             for row in rows.to_numpy().tolist()]  # fmt: skip
    answers = np.array([each["answer"] for each in asked(browser, "answers", cells)])
    np.testing.assert_allclose(answers, answers_of(model, rows), rtol=0, atol=1e-6)
    assert asked(browser, "unlike", cells) == model.unlike(rows).tolist()


def test_formulas_in_the_browser_have_nearly_the_bits_of_numpy(browser, tmp_path):
    random = np.random.default_rng(3)
    z = np.concatenate((10.0 ** random.uniform(-300, 4, 600), random.normal(size=600) * 4))
    z = np.concatenate((z, -z))
    for name, activation in ACTIVATIONS.items():
        model = classifier(hidden_layer_sizes=(2,), activation=name, max_iter=1).fit(FRAME, TWO)
        browser.open(page_of(model, tmp_path / "model.html"))
        found = np.array(
            browser.run(f"{z.tolist()}.map((z) => window.formulas.{name}(z))"), dtype=float
        )
        with np.errstate(under="ignore", over="ignore"):
            expected = activation.value(z)
        normal = abs(expected) > 1e-300
        far = abs(found - expected)[normal] / np.spacing(abs(expected[normal]))
        assert far.max() <= 4, name


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1970-01-01", 0), ("2000-03-01", 11_017), ("0001-01-01", -719_162),
        ("9999-12-31", 2_932_896), ("2024-02-29T12:00", 19_782.5), ("06:00", 0.25),
        ("2024-02", 19_754), ("2023-02-29", None), ("", None), ("soon", None),
    ],
)  # fmt: skip
def test_dates_are_days(browser, tmp_path, text, days):
    path = tmp_path / "dates.html"
    entry = 'import { daysOf } from "./page_network.js";\nwindow.daysOf = daysOf;\n'
    entry += 'document.documentElement.dataset.drawn = "yes";\n'
    program = joined(DRAW, "entry.js", {"entry.js": entry})
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><script type="module">{program}</script>'
    )
    browser.open(path)
    assert browser.run(f"window.daysOf({text!r})") == days or (
        days is None and browser.run(f"Number.isNaN(window.daysOf({text!r}))")
    )
