"""A file or a frame with the name of its target, and ``eval_set``: the same fit as with X and y."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes

from thalweg import DataError, SettingsError, ThalwegClassifier, ThalwegRegressor, load_table

TABLE = load_table("wisconsin")
X, Y = TABLE.frame, np.asarray(TABLE.target, str)
WHOLE = X.assign(kind=Y)
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0, "n_folds": 2}


@pytest.fixture
def path(tmp_path):
    WHOLE.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


def test_a_file_and_a_frame_with_their_target_are_x_and_y(path):
    usual = ThalwegClassifier(**QUICK).fit(X, Y)
    for rows in (path, str(path), WHOLE):
        model = ThalwegClassifier(**QUICK).fit(rows, target="kind")
        np.testing.assert_array_equal(model.theta_, usual.theta_)
        assert model.data_hash_ == usual.data_hash_
        assert model.score(rows, target="kind") == usual.score(X, Y)
    np.testing.assert_array_equal(usual.predict_proba(path), usual.predict_proba(X))
    np.testing.assert_array_equal(usual.predict(path), usual.predict(X))
    array = ThalwegClassifier(**QUICK).fit(X.to_numpy(), Y)
    renamed = X.set_axis([f"x{j}" for j in range(X.shape[1])], axis=1)
    renamed.to_csv(path, index=False)
    np.testing.assert_array_equal(array.predict(path), array.predict(X.to_numpy()))


def test_a_number_in_a_file(tmp_path):
    frame, y = load_diabetes(return_X_y=True, as_frame=True)
    frame.assign(y=y).to_parquet(tmp_path / "d.parquet")
    usual = ThalwegRegressor(**QUICK).fit(frame, y)
    model = ThalwegRegressor(**QUICK).fit(tmp_path / "d.parquet", target="y")
    np.testing.assert_array_equal(model.theta_, usual.theta_)
    assert model.score(tmp_path / "d.parquet", target="y") == usual.score(frame, y)


def test_numbers_with_fractions_in_a_file_are_no_classes(tmp_path):
    frame, y = load_diabetes(return_X_y=True, as_frame=True)
    path = tmp_path / "d.csv"
    frame.assign(y=y / 10, two=np.where(y > 140, 1.5, 0.5)).to_csv(path, index=False)
    for target in ("y", ["two", "y"]):
        with pytest.raises(DataError, match=r"numbers with fractions.*use ThalwegRegressor"):
            ThalwegClassifier(**QUICK).fit(path, target=target)
    few = ThalwegClassifier(**QUICK).fit(path, target="two")
    assert list(few.classes_) == ["0.5", "1.5"]
    texts = (y / 10).astype(str)
    many = ThalwegClassifier(**QUICK).fit(frame.assign(two=1.0), texts)  # said to be text
    assert 0 <= many.score(path, target="y") < 1


def test_eval_set_is_x_val_and_y_val(path):
    train, held = (X[:500], Y[:500]), (X[500:], Y[500:])
    usual = ThalwegClassifier(**QUICK).fit(*train, X_val=held[0], y_val=held[1])
    for eval_set in (held, [held], list(held), (held,)):
        model = ThalwegClassifier(**QUICK).fit(*train, eval_set=eval_set)
        np.testing.assert_array_equal(model.theta_, usual.theta_)
    model = ThalwegClassifier(**QUICK).fit(WHOLE[:500], target="kind", X_val=WHOLE[500:])
    np.testing.assert_array_equal(model.theta_, usual.theta_)
    assert model.stopping_ == "validation"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"eval_set": [(X, Y), (X, Y)]}, "has 2 sets"),
        ({"eval_set": X}, "no pair"),
        ({"eval_set": [X]}, "no pair"),
        ({"eval_set": (X, Y, Y)}, "no pair"),
        ({"eval_set": []}, "no pair"),
        ({"eval_set": (X, Y), "X_val": X}, "exclude each other"),
        ({"target": "kind"}, "y and target exclude"),
    ],
)
def test_what_contradicts_itself_is_refused(given, words):
    with pytest.raises(SettingsError, match=words) as caught:
        ThalwegClassifier(**QUICK).fit(X, Y, **given)
    assert "Fix: " in str(caught.value)


def test_absent_files_and_columns_are_guessed(path):
    model = ThalwegClassifier(**QUICK)
    for rows in (path, WHOLE):
        with pytest.raises(DataError, match=r'"knid".*Did you mean "kind"'):
            model.fit(rows, target="knid")
    with pytest.raises(DataError, match=r"no such file.*Did you mean .*table\.csv"):
        model.fit(path.with_name("tabel.csv"), target="kind")
    with pytest.raises(SettingsError, match="target column of the file is not named"):
        model.fit(path)
    numbers = ThalwegRegressor(**QUICK)  # score, fit_more and fit need the same
    for call in (model.fit, numbers.score, numbers.partial_fit):
        with pytest.raises(SettingsError, match=r'Fix: name it, beside the path: target="…"'):
            call(path)
    with pytest.raises(SettingsError, match="eval_set is the path of a file, and the column"):
        model.fit(X, Y, eval_set=path)
    with pytest.raises(SettingsError, match="file and y exclude"):
        model.fit(path, Y)
    with pytest.raises(SettingsError, match="this table has no names"):
        model.fit(X.to_numpy(), target="kind")
    with pytest.raises(DataError, match="not numeric"):
        ThalwegRegressor(**QUICK).fit(path, target="kind")


def test_a_table_of_arrow_has_its_target_by_name():
    """Also several, and labels that Arrow keeps as codes."""
    pa = pytest.importorskip("pyarrow")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "b"])
    frame["c"] = pd.Categorical(np.where(frame.a > 0, "yes", "no"))
    frame["d"] = np.where(frame.b > 0, "yes", "no")
    table = pa.Table.from_pandas(frame)
    asked = {"hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0}
    for target in ("c", "d", ["c", "d"]):
        mine = ThalwegClassifier(**asked).fit(table, target=target)
        theirs = ThalwegClassifier(**asked).fit(frame, target=target)
        assert (mine.predict_proba(table) == theirs.predict_proba(frame)).all()
        assert mine.score(table, target=target) == theirs.score(frame, target=target)
    numbers = ThalwegRegressor(**asked).fit(table, target="b").predict(table)
    assert (numbers == ThalwegRegressor(**asked).fit(frame, target="b").predict(frame)).all()
    with pytest.raises(DataError, match=r'no column "e" \(the table has "a", "b", "c", "d"\)'):
        ThalwegClassifier().fit(table, target="e")


@pytest.mark.parametrize("kind", [ThalwegRegressor, ThalwegClassifier])
def test_further_rows_and_held_out_rows_may_be_files(kind, tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=40), "b": rng.normal(size=40)})
    is_regressor = kind is ThalwegRegressor
    frame["y"] = frame["a"] * 2 if is_regressor else np.where(frame["a"] > 0, "yes", "no")
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False, float_format="%.17g")
    X, y = frame[["a", "b"]], frame["y"]
    model = kind(hidden_layer_sizes=(4,), max_iter=2, early_stopping=False, random_state=0)
    first = {} if is_regressor else {"classes": ["no", "yes"]}

    def same(one, other):
        np.testing.assert_array_equal(one.theta_, other.theta_)

    same(
        clone(model).fit(path, target="y").fit_more(path, target="y", epochs=1),
        clone(model).fit(X, y).fit_more(X, y, 1),
    )
    same(
        clone(model).partial_fit(str(path), target="y", **first),
        clone(model).partial_fit(X, y, **first),
    )
    stops = clone(model).set_params(early_stopping="auto")
    expected = clone(stops).fit(X, y, X_val=X, y_val=y)
    same(clone(stops).fit(path, target="y", eval_set=str(path)), expected)
    same(clone(stops).fit(path, target="y", X_val=path), expected)
    with pytest.raises(SettingsError, match="target column of the file"):
        clone(model).fit(X, y).fit_more(path)
