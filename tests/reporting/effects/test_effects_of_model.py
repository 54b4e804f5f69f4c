"""`thalweg.effects`: of any estimator, in every form."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import thalweg
from thalweg import DataError, SettingsError, ThalwegClassifier, ThalwegRegressor
from thalweg.reporting.effects.effect_words import effect_lines


def table(n=400, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["age", "dose", "<b>$x$</b>"])
    y = np.where(X["age"] - 2 * X["dose"] + rng.logistic(size=n) > 0, "ill", "well")
    return X, y


@pytest.fixture(scope="module")
def fitted():
    X, y = table()
    model = ThalwegClassifier((8,), max_iter=20, random_state=0, positive="ill").fit(X, y)
    return model, X, thalweg.effects(model, X)


def test_of_logistic_regression_it_is_its_lines_in_log_odds():
    X, y = table()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    found = thalweg.effects(model, X, positive="ill")
    assert found.scale == "log-odds"
    slopes = -model[-1].coef_[0] / model[0].scale_  # of ill, which is the first class
    for each in found:
        j = list(X.columns).index(each.column)
        assert each.output == "ill"
        line = slopes[j] * (each.x - X[each.column].mean())
        assert each.mean == pytest.approx(line, abs=1e-8)
    assert found.mean_probability == pytest.approx(model.predict_proba(X)[:, 0].mean())
    p = found.mean_probability
    assert found.percent(np.array([0.0, 1.0])) == pytest.approx(
        [100 * p, 100 / (1 + (1 - p) / p * np.exp(-1))]
    )


def counts_of(data):
    effect = data["effects"][0]
    return [
        data["rows"],
        *effect["rows_in_bin"],
        *([effect["missing"]["rows"]] if effect["missing"] else []),
    ]


def test_counts_of_rows_in_json_are_integers_unless_weights_make_them_fractions():
    X, _ = table(200)
    X.loc[:29, "age"] = np.nan

    def found(weights):
        shown = thalweg.effects(
            lambda rows: np.asarray(rows)[:, 1], X, ["age"], sample_weight=weights
        )
        return counts_of(json.loads(json.dumps(shown.as_dict())))

    for weights in (None, np.full(200, 2.0)):
        assert all(type(count) is int for count in found(weights))
    assert type(found(np.linspace(0.3, 1.7, 200))[0]) is float


def test_effective_rows_are_called_so():
    X, _ = table(200)
    X.loc[:29, "age"] = np.nan
    weights = np.linspace(0.3, 1.7, 200)
    shown = thalweg.effects(lambda rows: np.asarray(rows)[:, 1], X, ["age"], sample_weight=weights)
    kish = weights.sum() ** 2 / (weights**2).sum()
    assert f"{int(kish)} effective rows; accumulated" in effect_lines(shown)[1]
    (note,) = shown["age"].notes
    assert re.fullmatch(r"[\d.]+ effective rows have no value: too few for a point", note)


def test_of_numbers_in_an_array_without_names():
    X, _ = table()
    array = X.to_numpy()
    model = LinearRegression().fit(array, array @ [1.0, -2.0, 0.0])
    found = thalweg.effects(model, array, ["x1"])
    assert found["x1"].sentence == "falls throughout"
    assert found.scale == "number"
    assert found["x1"].mean == pytest.approx(-2 * (found["x1"].x - array[:, 1].mean()))


def test_probabilities_of_0_and_1_have_no_log_odds():
    X, y = table()
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    found = thalweg.effects(forest, X)
    assert found.scale == "probability"
    assert "because some are exactly 0 or 1" in found.notes[-1]
    assert found.mean_probability is None
    with pytest.raises(DataError, match='give scale="auto"'):
        thalweg.effects(forest, X, scale="log-odds")


def test_of_many_rows_some_are_drawn_and_rows_of_weight_0_do_not_count():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(25_000, 2))

    def double(X):
        return 2 * X[:, 0]

    found = thalweg.effects(double, X)
    assert found.n_rows == 20_000
    assert found.notes[0] == "Computed on 20,000 of 25,000 rows, drawn at random"
    weights = np.where(np.arange(25_000) < 300, 1, 0)
    few = thalweg.effects(double, X, sample_weight=weights)
    same = thalweg.effects(double, X[:300])
    assert few["x0"].mean.tolist() == same["x0"].mean.tolist()
    assert few.n_rows == 300


def test_what_is_no_model_or_no_table_is_refused(fitted):
    model, X, _ = fitted
    with pytest.raises(SettingsError, match="cannot be asked"):
        thalweg.effects("model", X)
    with pytest.raises(DataError, match="rows and columns"):
        thalweg.effects(np.sum, np.ones(80))
    with pytest.raises(DataError, match="finite number for each row"):
        thalweg.effects(lambda X: np.full(len(X), np.nan), X)
    with pytest.raises(SettingsError, match="no scale"):
        thalweg.effects(model, X, scale="odds")
    with pytest.raises(DataError, match="groups"):
        thalweg.effects(model, X, groups=[1, 2])
    with pytest.raises(DataError, match="weights do not match"):
        thalweg.effects(model, X, sample_weight=[1, 2])


def test_the_frame_and_the_plain_data_have_the_same_numbers(fitted):
    _, _, found = fitted
    frame, data = found.to_frame(), json.loads(json.dumps(found.as_dict()))
    keys = {"column", "kind", "x", "mean", "members", "low", "high", "rows_in_bin", "supported"}
    for each in data["effects"]:
        assert keys <= set(each)
        lines = frame[frame["column"] == each["column"]]
        for name in ("mean", "low", "high", "rows_in_bin", "supported"):
            assert lines[name].tolist() == each[name]
        whole = isinstance(each["x"][0], str)
        assert lines["text" if whole else "x"].tolist() == each["x"]
        assert lines[[f"network_{m}" for m in range(1, 6)]].to_numpy().T.tolist() == each["members"]
    assert data["mean_probability"] == found.mean_probability
    assert [each.column for each in found] == list(frame["column"].unique())


def test_the_frame_can_be_written_as_parquet(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=300), "ward": rng.choice(["n", "s"], 300)})
    X["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, 300), unit="D")
    X.loc[:60, "a"] = np.nan
    y = X["a"].fillna(1.0) + (X["ward"] == "n") + rng.normal(size=300) / 9
    frame = thalweg.effects(ThalwegRegressor(max_iter=3, random_state=0).fit(X, y), X).to_frame()
    frame.to_parquet(tmp_path / "curves.parquet")
    back = pd.read_parquet(tmp_path / "curves.parquet")
    assert back["x"].dtype == float
    assert {*back.loc[back["column"] == "ward", "text"]} == {"n", "s"}
    dates = back[back["column"] == "since"]
    days = pd.to_datetime(dates["text"]) - pd.Timestamp("1970-01-01")
    assert days.dt.days.tolist() == dates["x"].tolist()
    missing = back[back["x"].isna() & back["text"].isna()]
    assert missing["column"].tolist() == ["a"]


def test_lines_fit_a_terminal_and_names_are_escaped_in_html(fitted):
    _, X, found = fitted
    lines = effect_lines(found)
    assert max(map(len, lines)) <= 80
    assert lines[0] == "Effect of each column on the log-odds of ill"
    assert str(found) == repr(found) == "\n".join(lines)
    text = "\n".join(effect_lines(found, ascii=True))
    assert text.isascii()
    page = found._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert "<script" not in page
    hostile = X.rename(columns={"age": "a\x1b[31m" + "g" * 200})
    named = thalweg.effects(ThalwegClassifier((2,), max_iter=2).fit(hostile, table()[1]), hostile)
    assert "\x1b" not in str(named)
    assert max(map(len, str(named).splitlines())) <= 80


def test_the_same_seed_gives_the_same_bits(fitted):
    model, X, found = fitted
    again = thalweg.effects(model, X)
    other = thalweg.effects(model, X, seed=1)
    assert json.dumps(again.as_dict()) == json.dumps(found.as_dict())
    assert other["age"].mean.tolist() == found["age"].mean.tolist()
    assert other["age"].low.tolist() != found["age"].low.tolist()


def test_a_curve_without_a_supported_point_has_a_line():
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"x": rng.normal(size=400).round(2), "z": rng.normal(size=400).round(2)})
    y = np.where(X["x"] + X["z"] + rng.normal(size=400) > 0, "p", "n")
    model = ThalwegClassifier(max_iter=10, hidden_layer_sizes=(8,), random_state=0).fit(X, y)
    said = str(thalweg.effects(model, X.assign(x=X["x"] + 40)))
    assert "x " in said
    assert "z " in said


def levels_and_missing(n=600):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"ward": rng.choice(list("ABC"), n), "k": rng.normal(size=n)})
    X.loc[: n // 3, "k"] = np.nan
    return X


def price(X):
    return 3.0 * (X["ward"] == "A") - 3.0 * (X["ward"] == "C") + 2.0 * X["k"].isna()


class Shares:
    """The same as a probability, without a fit."""

    classes_ = np.array(["no", "yes"])
    _estimator_type = "classifier"

    def predict_proba(self, X):
        p = 0.5 + price(X).to_numpy() / 20
        return np.column_stack((1 - p, p))

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)]


def test_changes_have_their_unit_in_sentences_and_on_the_terminal():
    X = levels_and_missing()
    named = thalweg.effects(price, X, target="price")
    assert named["k"].sentence.startswith("higher by 2 units of price if missing; a value moves ")
    assert named["k"].sentence.endswith(" units of price or less")
    text = str(named)
    assert "Effect of each column on the price" in text
    assert "missing: +2 units of price [+2, +2], 201 rows" in text
    assert named.as_dict()["unit"] == "units of price"
    nameless = thalweg.effects(price, X)
    assert nameless["k"].sentence.startswith("higher by 2 if missing; a value moves ")
    shares = thalweg.effects(Shares(), X, scale="probability", positive="yes")
    assert shares["k"].sentence.startswith("higher by 10 percentage points if missing; ")
    assert "missing: +10 percentage points [+10, +10], 201 rows" in str(shares)
    odds = thalweg.effects(Shares(), X, positive="yes")
    assert " log-odds if missing; " in odds["k"].sentence
    # Answers themselves are in percent, and have no sign.
    whole = thalweg.effects(Shares(), X, scale="probability", positive="yes", centered=False)
    at = whole["k"].missing.mean
    assert 0.5 < at < 0.7
    assert f"missing: {100 * at:.3g} % [" in str(whole)


def test_levels_have_their_names_on_the_terminal():
    text = str(thalweg.effects(price, levels_and_missing(), ["ward"]))
    means = thalweg.effects(price, levels_and_missing(), ["ward"])["ward"]
    of = dict(zip(means.levels, means.mean, strict=True))
    assert of["A"] - of["C"] == pytest.approx(6)
    a, b, c = (f"{level} {of[level]:+.3g}" for level in "ABC")
    assert f"    {a}, {b}, {c}\n" in text
    rng = np.random.default_rng(0)
    many = pd.DataFrame({"town": np.char.add("new town ", rng.integers(0, 20, 900).astype(str))})
    found = thalweg.effects(lambda X: X["town"].str[9:].astype(float), many)
    lines = effect_lines(found, ascii=True)
    words = " ".join(line.strip() for line in lines)
    assert "new town 19 +" in words
    assert ", 12 between, new town 3 -" in words
    # A line does not end between a level and its number.
    assert not any(line.rstrip().endswith(("town", "new")) for line in lines)
    assert max(map(len, lines)) <= 80


def test_long_names_are_whole_on_the_terminal():
    X = pd.DataFrame({"C-reactive protein on the first day": np.arange(100.0)})
    lines = effect_lines(thalweg.effects(lambda X: X.to_numpy()[:, 0], X))
    assert lines[3] == "C-reactive protein on the first day"
    assert " to +" in lines[4]


def test_that_likeness_is_not_known_is_noted_of_own_models_trained_further(fitted):
    _, X, before = fitted
    assert not any("How like" in note for note in before.notes)
    y = table()[1]
    model = ThalwegClassifier((4,), preset="quick", max_iter=2, random_state=0)
    model.fit(X[:200], y[:200]).fit_more(X[200:], y[200:], epochs=1)
    found = thalweg.effects(model, X, ["age"])
    assert [note for note in found.notes if "not known of this model" in note]
    with pytest.raises(SettingsError, match=r"typical row.*trained further.*on all rows"):
        model.explain(X[:1])
    with pytest.raises(SettingsError, match=r"what values.*trained further.*on all rows"):
        model.counterfactuals(X[:1], ["age"])


def test_a_search_has_the_curves_of_the_model_that_it_found(fitted):
    model, X, own = fitted
    search = GridSearchCV(model, {"max_iter": [20]}, cv=2)
    search.best_estimator_ = model
    found = thalweg.effects(search, X)
    assert found.notes == own.notes
    assert all(len(each.members) for each in found)


def test_tables_and_answers_that_are_ambiguous_say_why():
    X = np.random.default_rng(0).normal(size=(100, 2))
    twice = pd.DataFrame(X, columns=["a", "a"])
    model = LinearRegression().fit(X, X[:, 0])
    for ask in (
        lambda: thalweg.effects(model, twice),
        lambda: thalweg.importance(model, twice, X[:, 0]),
    ):
        with pytest.raises(DataError, match='Duplicate column names: "a"'):
            ask()
    two = LinearRegression().fit(X, X)
    with pytest.raises(DataError, match=r"predicts 2 numbers for each row.*\[:, 0\]"):
        thalweg.effects(two, X)
    one = thalweg.effects(lambda rows: two.predict(rows)[:, 0], X, ["x0"])  # as the message says
    assert one["x0"].sentence == "rises throughout"


def test_a_table_of_polars_has_the_curves_of_the_same_table_of_pandas():
    polars = pytest.importorskip("polars")
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=300), "ward": rng.choice(["n", "s"], 300)})
    X["flag"], X["b"] = rng.random(300) < 0.4, np.where(rng.random(300) < 0.2, np.nan, 1.0 * X["a"])

    def answer(X):
        ward = np.asarray(X["ward"]) == "n"
        return 2 * np.nan_to_num(np.asarray(X["a"], float)) + 3 * ward + np.asarray(X["flag"], int)

    of_pandas, of_polars = (thalweg.effects(answer, each) for each in (X, polars.from_pandas(X)))
    for one, other in zip(of_pandas, of_polars, strict=True):
        assert one.as_dict() == other.as_dict()


def test_a_model_that_was_fitted_on_polars_says_what_to_give():
    polars = pytest.importorskip("polars")
    X = pd.DataFrame({"a": np.random.default_rng(0).normal(size=100)})
    of_polars = thalweg.effects(
        lambda X: X.select(polars.col("a") * 2).to_numpy(), polars.from_pandas(X)
    )
    assert of_polars["a"].sentence == "rises throughout"
    with pytest.raises(DataError, match=r"here a DataFrame of pandas\. Fix: give the table in the"):
        thalweg.effects(lambda X: X.select(polars.col("a") * 2).to_numpy(), X)
    with pytest.raises(DataError, match=r"as in X\.collect\(\)"):
        thalweg.effects(lambda X: X, polars.from_pandas(X).lazy())


@pytest.mark.parametrize(
    "groups",
    [pd.Series([None, *"vw" * 60][:120]), pd.array([None, *[0, 1] * 60][:120], dtype="Int64")],
)
def test_a_missing_group_is_the_error_of_fit(groups):
    X = np.random.default_rng(0).normal(size=(120, 1))
    with pytest.raises(DataError, match=r"groups has 1 missing value .* row 1"):
        thalweg.effects(lambda table: table[:, 0], X, groups=groups)


def test_few_groups_are_drawn_and_written_without_an_interval():
    X = np.random.default_rng(0).normal(size=(120, 2))
    X[:30, 1] = np.nan
    groups = np.arange(120) % 3
    found = thalweg.effects(lambda table: table[:, 0] + np.isnan(table[:, 1]), X, groups=groups)
    assert "no statement: the rows count as 3 groups" in " ".join(str(found).split())
    assert "nan" not in str(found)
    assert found.to_frame()["low"].isna().all()
    assert found._repr_html_().startswith("<img")
