"""Errors of the estimators, and that the fix they print works."""

import datetime
import json
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, make_scorer

from thalweg import (
    DataError,
    SettingsError,
    ThalwegClassifier,
    ThalwegRegressor,
    check_table,
    load_table,
)
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import Status, ThalwegWarning, UnfinishedWarning
from thalweg.estimators.learning.interrupted_fit import report_interrupt
from thalweg.training.train import Descent

RNG = np.random.default_rng(0)
X = pd.DataFrame({"a": RNG.normal(size=60), "b": RNG.normal(size=60)})
Y = np.where(X["a"] > 0, "p", "n")
QUICK = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0, "n_folds": 2}


@pytest.mark.parametrize("labels", [["p", "n"], ["p", "n", "m"]])
@pytest.mark.parametrize("kind", ["default", "pandas", "polars"])
def test_probabilities_of_any_kind_are_called(kind, labels):
    y = np.resize(labels, 60)
    model = ThalwegClassifier(**QUICK).fit(X, y).set_output(transform=kind)
    assert model.called(model.predict_proba(X)).tolist() == model.predict(X).tolist()


@pytest.mark.parametrize("labels", [["p", "n"], ["p", "n", "m"], [0.0, 1.0], [True, False]])
def test_probabilities_in_a_frame_are_called_by_its_names(labels):
    model = ThalwegClassifier(**QUICK).fit(X, np.resize(labels, 60))
    p, expected = model.predict_proba(X), model.predict(X).tolist()
    frames = [pd.DataFrame(p, columns=model.classes_)]
    frames.append(frames[0].rename(columns=str))
    frames.append(frames[0].iloc[:, ::-1])
    named = frames[1][[*frames[1].columns[::-1]]]
    frames += [named, pl.DataFrame(named.to_dict("list")), pa.table(named.to_dict("list"))]
    frames.append(pd.DataFrame(p))  # columns without names
    for frame in frames:
        assert model.called(frame).tolist() == expected
    for foreign in (named.set_axis(["a", *named.columns[1:]], axis=1), named.assign(z=0.0),
                    named.iloc[:, 1:], named.iloc[:, [0] * len(p[0])]):  # fmt: skip
        with pytest.raises(DataError, match=r"not the classes.*order of classes_: np.asarray\(p\)"):
            model.called(foreign)


def test_probabilities_of_another_shape_are_not_called():
    model = ThalwegClassifier(**QUICK).fit(X, Y)
    several = ThalwegClassifier(**QUICK).fit(X, np.resize(["p", "n", "m"], 60))
    p = model.predict_proba(X)
    for each in (np.c_[p, p[:, 0]], p[:, :1], p[None], 0.5):
        with pytest.raises(DataError, match=r"are not of shape \(n_samples, 2\).*as predict_proba"):
            model.called(each)
    with pytest.raises(DataError, match=r"shape \(3,\) are not .*, 3\).*np.reshape\(p, \(1, -1"):
        several.called([0.2, 0.3, 0.5])
    with pytest.raises(DataError, match=r"'p' in each row, give np.column_stack\(\(1 - p, p\)\)"):
        model.called(p[:, 1])
    assert (
        model.called(np.column_stack((1 - p[:, 1], p[:, 1]))).tolist() == model.predict(X).tolist()
    )
    assert model.called(np.reshape([0.2, 0.8], (1, -1))).tolist() == ["p"]
    assert model.called(np.empty((0, 2))).tolist() == []
    with pytest.raises(DataError, match=r"A probability is -.*row 1.*not logarithms"):
        model.called(model.predict_log_proba(X))
    with pytest.raises(DataError, match=r"not numbers.*as predict_proba"):
        model.called([["a", "b"]])
    with pytest.raises(NotFittedError):
        ThalwegClassifier().called(p)


def test_rows_without_a_probability_are_not_called():
    weights = np.r_[1.0, 0.0, np.ones(57), 0.0]
    model = ThalwegClassifier(**QUICK).fit(X, Y, weights)
    p = model.oof_decision_function_
    names = dict(zip(model.classes_, p.T, strict=True))
    known = model.called(p[weights > 0]).tolist()
    for given in (p, pd.DataFrame(names), pl.DataFrame(names)):
        with pytest.raises(
            DataError, match=r"2 rows have no prob.*first in row 2.*weight 0"
        ) as why:
            model.called(given)
        fix = why.value.fix.partition("as in ")[2].partition(" for ")[0]
        assert eval(fix, {"model": model, "p": given, "np": np}).tolist() == known


def test_rows_before_the_first_window_of_time_are_named():
    rows = np.arange(60)
    model = ThalwegClassifier(**QUICK, early_stopping="folds").fit(X, Y, time_column=rows)
    with pytest.raises(DataError, match="time_column, for rows before the first held-out win"):
        model.called(model.oof_decision_function_)


def test_a_path_is_no_table_and_the_fix_loads_it(tmp_path):
    path = tmp_path / 'a "table".csv'
    X.assign(y=Y).to_csv(path, index=False)
    model = ThalwegClassifier(**QUICK).fit(X, Y)
    for given in (path, str(path), "wisconsin"):
        with pytest.raises(DataError, match=r"^A path is given instead of a table") as told:
            check_table(given)
        assert "reshape" not in str(told.value)
        place = json.dumps(str(given))
        assert f"table = load_table({place}, target=…)" in told.value.fix
        code = told.value.fix.partition("without a target, ")[2]
        exec(code, scope := {"load_table": load_table})
        assert len(scope["X"]) == (60 if given != "wisconsin" else 699)
    with pytest.raises(DataError, match=r"got 0D array.*Fix: give a DataFrame of pandas"):
        model.predict(7)


def test_the_error_of_a_score_that_takes_the_table_for_a_frame_says_what_it_gets():
    def by_name(model, X, y):
        return float((X["a"] * (model.predict(X) == y)).sum())

    with pytest.raises(SettingsError, match=r"scoring=.*failed: IndexError.*X as an array") as why:
        ThalwegClassifier(**QUICK, scoring=by_name).fit(X, Y)
    assert isinstance(why.value.__cause__, IndexError)
    seen = []

    def by_place(model, X, y):
        seen.append(X)
        return float((X[:, 0] * (model.predict(X) == y)).sum())

    ThalwegClassifier(**QUICK, scoring=by_place).fit(X, Y)
    assert {each.shape[1] for each in seen} == {2}
    assert np.isin(seen[0][:, 0], X["a"]).all()


@pytest.mark.parametrize("given", ["a", "1.5", None, [1, 2], np.ones(2)])
def test_a_score_that_is_no_number_is_said(given):
    with pytest.raises(SettingsError, match=r"scoring=.* gave .*, not a number.*return one") as why:
        ThalwegClassifier(**QUICK, scoring=lambda estimator, X, y: given).fit(X, Y)
    fix = why.value.fix.partition("such as ")[2]
    ThalwegClassifier(
        **QUICK,
        scoring=lambda estimator, X, y: eval(
            fix, {"estimator": estimator, "X": X, "y": y, "np": np}
        ),
    ).fit(X, Y)


def test_the_name_of_a_column_in_the_place_of_groups_gets_the_fix():
    df = X.assign(sex=np.resize(["m", "f", "d"], 60))
    with pytest.raises(DataError, match=r"groups='sex' is one value.*not the name of a col") as why:
        ThalwegClassifier(**QUICK).fit(df, Y, groups="sex")
    groups = eval(why.value.fix.partition("groups=")[2], {"df": df})
    ThalwegClassifier(**QUICK).fit(df, Y, groups=groups)


def test_texts_of_numpys_string_type_are_texts():
    texts = np.array(Y, dtype=np.dtypes.StringDType())
    groups = np.resize(["a", "b", "c", "d"], 60)
    own = groups.astype(np.dtypes.StringDType())
    model = ThalwegClassifier(**QUICK).fit(X, Y, groups=groups)
    same = ThalwegClassifier(**QUICK).fit(X, texts, groups=own)
    assert (same.classes_.tolist(), same.data_hash_) == (["n", "p"], model.data_hash_)
    assert np.array_equal(same.theta_, model.theta_)
    assert same.score(X, texts) == model.score(X, Y)
    classes = np.unique(texts)
    begun = ThalwegClassifier(**QUICK).partial_fit(X, texts, classes=classes)
    begun.partial_fit(X, texts, classes=classes).fit_more(X, texts, epochs=1)
    objects = Y.astype(object)
    objects[3] = np.nan
    with pytest.raises(DataError, match=r"1 missing value.*row 4"):
        ThalwegClassifier(**QUICK).fit(X, objects.astype(np.dtypes.StringDType(na_object=np.nan)))


def test_a_metric_in_the_place_of_a_scorer_gets_the_fix_to_make_one():
    with pytest.raises(SettingsError, match=r"failed: TypeError.*make_scorer\(accuracy_score\)"):
        ThalwegClassifier(**QUICK, scoring=accuracy_score).fit(X, Y)
    ThalwegClassifier(**QUICK, scoring=make_scorer(accuracy_score)).fit(X, Y)


def test_columns_that_are_dead_after_the_first_batch_are_reported():
    with pytest.warns(ThalwegWarning, match='2 columns have only one value: "a", "b"'):
        ThalwegClassifier(**QUICK).partial_fit(X[:1], Y[:1], classes=["n", "p"])
    half = X.assign(b=1.0)
    with pytest.warns(ThalwegWarning, match='1 column has only one value: "b".*more rows'):
        ThalwegRegressor(**QUICK).partial_fit(half, X["a"])
    ThalwegRegressor(**QUICK).partial_fit(X, X["a"])  # the fix


@pytest.mark.parametrize("loss", ["mse", "sigmoid_cross_entropy", "huber2:delta=1"])
def test_a_loss_that_is_not_there_names_those_that_are(loss):
    with pytest.raises(SettingsError) as refused:
        ThalwegRegressor(loss, **QUICK).fit(X, X["a"])
    *_, named = refused.value.fix.partition("take one of ")
    assert "cross_entropy" not in named
    for each in named.partition(";")[0].split(", "):
        ThalwegRegressor(each, **QUICK).fit(X, np.abs(X["a"]))


@pytest.mark.parametrize("classes", [["p"], [], "p"])
def test_classes_that_lack_one_are_named(classes):
    with pytest.raises(DataError, match=r"classes=.* names fewer than two classes.*numpy.unique"):
        ThalwegClassifier(**QUICK).partial_fit(X, Y, classes=classes)
    ThalwegClassifier(**QUICK).partial_fit(X, Y, classes=np.unique(Y))


def test_too_few_rows_of_numbers_are_no_class():
    with pytest.warns(ThalwegWarning, match="There are too few different rows to hold") as told:
        ThalwegRegressor(**QUICK).fit([[1.0]], [2.0])
    assert not [each for each in told if "class" in str(each.message)]


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_a_missing_value_in_the_target_is_reported(kind):
    y = RNG.integers(0, 2, 60).astype(float)
    y[7] = np.nan
    for each in (y, pl.Series(y).fill_nan(None), pd.array(y, dtype="Float64")):
        with pytest.raises(DataError, match=r"The target has .*missing value.*row 8") as refused:
            kind(**QUICK).fit(X, each)
        assert "is not numeric" not in str(refused.value)


NAMES = [b"Z\xc3\xbcrich", b"Bern", b"Oslo"] * 20
BYTES = {
    "pandas": pd.DataFrame({"town": NAMES}),
    "with a missing value": pd.DataFrame({"town": [*NAMES[:-1], None]}),
    "polars": pl.DataFrame({"town": NAMES}),
    "NumPy": np.array(NAMES, dtype=object)[:, None],
}


@pytest.mark.parametrize("kind", BYTES)
def test_what_is_said_of_bytes_makes_texts_of_them(kind):
    X = BYTES[kind]
    with pytest.raises(DataError, match="A cell of type bytes") as refused:
        infer_schema(X)
    code = refused.value.fix.removeprefix("give text, such as ").partition("; or ")[0]
    town = pd.DataFrame({"town": eval(code, {"pd": pd, "X": X})})
    assert infer_schema(town).columns[0].levels == ("Bern", "Oslo", "Zürich")


def test_of_bytes_that_are_no_text_no_text_is_made():
    with pytest.raises(DataError, match="A cell of type bytes") as refused:
        infer_schema(pd.DataFrame({"town": [b"\xff\xfe", b"a"] * 20}))
    assert "decode" not in refused.value.fix


def test_durations_of_numpy_are_refused_by_name():
    with pytest.raises(DataError, match="A cell of type timedelta64 instead of a number"):
        infer_schema(np.arange(60).astype("m8[D]")[:, None])


SPANS = [datetime.timedelta(hours=hour) for hour in range(3)] * 20
TIMES = {
    "pandas": pd.Series(SPANS),
    "with a missing value": pd.Series([None, *SPANS[1:]]),
    "polars": pl.Series(SPANS),
    "NumPy": np.array(SPANS, dtype="m8[s]"),
}


@pytest.mark.parametrize("kind", TIMES)
def test_what_is_said_of_durations_makes_numbers_of_them(kind):
    cells = TIMES[kind]
    if isinstance(cells, np.ndarray):
        X = cells[:, None]
    else:
        X = pl.DataFrame({"m": cells}) if isinstance(cells, pl.Series) else cells.to_frame("m")
    with pytest.raises(DataError) as refused:
        infer_schema(X)
    made = refused.value.fix.partition("; or ")[0].partition("such as ")[2]
    numbers = pd.Series(eval(made, {"X": X, "pd": pd}), dtype=float)
    assert numbers.nunique() == 3
    assert numbers.isna().sum() == kind.endswith("with a missing value")
    assert infer_schema(pd.DataFrame({"m": numbers})).kinds == ("number",)


PERIODS = pd.period_range("2020-01", periods=3, freq="M")[np.arange(60) % 3]


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
@pytest.mark.parametrize(
    ("y", "says"),
    [
        (PERIODS, "contains periods of time"),
        (pd.Series(PERIODS), "contains periods of time"),
        (list(PERIODS), "contains periods of time"),
        (pd.Series(pd.to_datetime(PERIODS.to_timestamp())), "contains dates or times"),
        ([datetime.time(k % 3, 30) for k in range(60)], "contains times of day"),
    ],
    ids=["index", "Series", "list", "dates", "times of day"],
)
def test_periods_in_the_target_are_refused_as_dates_are(kind, y, says):
    with pytest.raises(DataError, match=says) as told:
        kind(**QUICK).fit(X, y)
    number, texts = told.value.fix.split(". For classes give texts, as in ")
    code = number.partition("as in ")[2] if kind is ThalwegRegressor else texts
    exec(code, scope := {"y": y, "numpy": np, "pandas": pd})
    assert len(np.unique(scope["y"])) == 3
    kind(**QUICK).fit(X, scope["y"])


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
@pytest.mark.parametrize(
    ("y", "says"),
    [
        ("b", "the target is one text"),
        (7, "the target is one int"),
        ({"y": [0, 1]}, "the target is one dict"),
        (np.arange(240).reshape(60, 2, 2) // 7 % 2, "got an array of shape"),
        ([[1, 2]] * 59 + [[1]], "rows of different lengths"),
        (np.array([(k % 3,) for k in range(60)], dtype=[("a", int)]), "record array"),
        (np.arange(60) % 3 + 1j, "Complex data not supported"),
    ],
    ids=["name", "number", "dict", "three dimensions", "ragged", "records", "complex"],
)
def test_a_target_of_another_form_is_refused_with_a_fix(kind, y, says):
    with pytest.raises(DataError, match=says) as told:
        kind(**QUICK).fit(X, y)
    fix = told.value.fix
    assert fix
    for code in re.findall(r"y = [^;]*?[\])](?=[;,]|$)", fix):
        if "table" not in code and says != "rows of different lengths":
            exec(code, scope := {"y": y, "np": np})
            if kind is ThalwegRegressor or says != "Complex data not supported":
                kind(**QUICK).fit(X, scope["y"])
    assert "argmax" not in fix


def test_labels_that_no_score_takes_are_refused():
    y = pd.Series(pd.interval_range(0, 3)[np.arange(60) % 3])
    for verb in (
        lambda y: ThalwegClassifier(**QUICK).fit(X, y),
        lambda y: ThalwegClassifier(**QUICK).partial_fit(X, Y, classes=y),
    ):
        with pytest.raises(DataError, match=r"no class labels: Unknown label type.*row 1") as told:
            verb(y)
    exec(told.value.fix.partition(": ")[2], scope := {"y": y, "np": np})
    assert len(ThalwegClassifier(**QUICK).fit(X, scope["y"]).classes_) == 3


def test_a_status_prints_its_name():
    assert f"{Status.INTERRUPTED} {Status.INTERRUPTED!s}" == "INTERRUPTED INTERRUPTED"
    assert json.dumps(Status.INTERRUPTED) == "3"
    model = ThalwegClassifier(**QUICK).fit(X, Y)
    assert str(model.status_) == "MAX_EPOCHS"


def test_an_unfinished_fit_tells_how_to_end_the_search_around_it():
    cut = Descent(np.zeros(1), 1, Status.INTERRUPTED, [{"epoch": 1}])
    with pytest.warns(UnfinishedWarning, match=r"search around it.*Ctrl-C twice within two sec"):
        report_interrupt([cut])


def test_a_score_of_one_class_says_what_to_write_for_several():
    labels = np.array(["a", "b", "c"])[np.arange(len(Y)) % 3]
    with pytest.raises(SettingsError, match="score of one positive class") as told:
        ThalwegClassifier(**QUICK, scoring="f1").fit(X, labels)
    fix = told.value.fix.split('"')[1]
    assert fix == "f1_macro"
    ThalwegClassifier(**QUICK, scoring=fix).fit(X, labels)


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_array, sparse.coo_array])
def test_a_sparse_target_gets_a_fix_that_works(kind, form):
    y = form((Y == "p")[:, None].astype(int))
    with pytest.raises(DataError, match="The target is sparse") as why:
        kind(**QUICK).fit(X, y)
    scope = {"y": y}
    exec(why.value.fix.partition(": ")[2], scope)
    kind(**QUICK).fit(X, scope["y"])


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_a_target_of_16_bits_is_one_of_64(kind):
    y = (Y == "p").astype(np.float16)  # warnings are errors
    narrow, wide = (kind(**QUICK).fit(X, each) for each in (y, y.astype(np.float64)))
    assert narrow.predict(X).tolist() == wide.predict(X).tolist()
    with pytest.raises(DataError, match="numbers with fractions"):
        ThalwegClassifier(**QUICK).fit(X, y + np.float16(0.5))


@pytest.mark.parametrize("name", [0, np.int64(0), "0"])
def test_a_time_column_may_have_a_number_as_its_name(name):
    table = pd.DataFrame({0: np.arange(60), 1: X["b"]})
    model, same = (
        ThalwegClassifier(**QUICK).fit(table, Y, time_column=each) for each in (name, table[0])
    )
    assert model.predict_proba(table).tobytes() == same.predict_proba(table).tobytes()


def test_a_number_that_names_no_column_says_so():
    with pytest.raises(DataError, match='no column "7" to order the rows by'):
        ThalwegClassifier(**QUICK).fit(X, Y, time_column=7)
    with pytest.raises(DataError, match=r"groups=7 is one value.*groups=df\[7\]"):
        ThalwegClassifier(**QUICK).fit(X, Y, groups=7)


@pytest.mark.parametrize("weight", ["a", "2", None, 1j, [1]])
def test_a_class_weight_that_is_no_number_is_refused(weight):
    model = ThalwegClassifier(**QUICK, class_weight={"p": weight, "n": 1})
    with pytest.raises(SettingsError, match="class_weight gives 'p' the weight") as why:
        model.fit(X, Y)
    costs = eval(why.value.fix.partition("class_weight=")[2])
    model.set_params(class_weight=costs).fit(X, Y)


@pytest.mark.parametrize("name", ["category", "text", "number"])
def test_one_text_is_one_name(name, tmp_path):
    table = X.assign(sex=np.resize([0, 1, 2], 60))
    one, several = (
        ThalwegClassifier(**QUICK, **{name: each}).fit(table, Y) for each in ("sex", ["sex"])
    )
    assert one.schema_ == several.schema_
    assert one.settings_[name] == ["sex"]
    several.set_params(**{name: "sex"}).fit_more(table, Y, epochs=1)
    one.save(tmp_path / "model.thalweg")
    other = ThalwegClassifier(**QUICK).fit(table, Y).set_params(**{name: "sex"})
    with pytest.raises(SettingsError, match=rf"{name}=\['sex'\] cannot be changed"):
        other.fit_more(table, Y)
    other.set_params(**{name: None}, date="sex")
    with pytest.raises(SettingsError, match="does not say how dates are read"):
        other.fit_more(table, Y)


def test_arguments_of_fit_that_are_none_are_named():
    model, numbers = ThalwegRegressor(**QUICK), X["a"].to_numpy()
    odd = np.where(np.arange(60) == 3, np.nan, 1.0)
    for weights in (odd, np.ma.masked_invalid(odd), odd.tolist(), pd.Series(odd), -odd):
        with pytest.raises(DataError, match=r"weight is (nan|-1.0), not a number.*row [14]\)"):
            model.fit(X, numbers, sample_weight=weights)
    with pytest.raises(DataError, match=r"sample_weight is not numbers.*sample_weight=values"):
        model.fit(X, numbers, sample_weight="q")
    for weights in (odd[1:], np.ones((60, 1))):
        with pytest.raises(DataError, match=r"do not match the rows \(shape .*60 rows.*one weight"):
            model.fit(X, numbers, sample_weight=weights)
    with pytest.raises(
        TypeError, match=r"^fit\(\) got an unexpected keyword argument 'eval_names'"
    ):
        model.fit(X, numbers, eval_names=["a"])
    with pytest.raises(SettingsError, match="loss is a function, which is for targets that are nu"):
        ThalwegClassifier(**QUICK, loss=lambda z, y: abs(z - y)).fit(X, Y)
    with pytest.raises(DataError, match="fill the values in"):
        model.fit(X, pd.Series(np.where(odd == 1, numbers, np.nan)))
