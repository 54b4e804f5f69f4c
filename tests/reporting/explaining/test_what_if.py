"""What-if and counterfactuals, as a person asks for them."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import thalweg
from explained import fitted, tables
from fitting import refitted
from thalweg import DataError, SettingsError, ThalwegClassifier, ThalwegRegressor
from thalweg.jobs.running.outcome import finite


@pytest.fixture(scope="module")
def model():
    return fitted("mixed", "plain", early_stopping="folds", positive="ill")


@pytest.fixture(scope="module")
def frame():
    return tables()["mixed"][0]


def ill(model, X):
    return model.predict_proba(X)[:, model.classes_.tolist().index("ill")]


def test_the_answers_are_those_of_the_changed_table(model, frame):
    rows, changes = frame.iloc[[3, 4]], {"age": 80, "town": "Bern", "sex": None}
    found = model.what_if(rows, changes)
    changed = rows.assign(**changes)
    np.testing.assert_allclose(found.before[:, 0], ill(model, rows), atol=1e-15)
    np.testing.assert_allclose(found.after[:, 0], ill(model, changed), atol=1e-15)
    np.testing.assert_allclose(found.members_after.mean(axis=0), found.after, atol=1e-6)
    assert rows["town"].tolist() == ["Bern", "Bern"]
    assert found.changes == {"age": "80", "sex": "missing"}
    assert found.same == [{"town": "Bern"}] * 2
    assert found.cells[0]["sex"] == rows["sex"].iloc[0]
    assert [after for _, after in found.labels] == model.predict(changed).tolist()
    p = model._known.likeness.outlier_p(model.schema_.matrix(changed))
    np.testing.assert_array_equal(found.outlier_p[:, 1], p)
    assert list(found.to_frame()["change"]) == (found.after - found.before)[:, 0].tolist()
    json.dumps(finite(found.as_dict()), allow_nan=False)


def test_the_sentences_of_a_change(model, frame):
    text = model.what_if(frame.iloc[[3]], {"age": 80}).text().replace("\n", " ")
    assert "age = 80 instead of" in text
    assert "that does not say that the outcome would" in text
    assert "outlier p" in text


def test_what_changes_nothing_is_no_change(model, frame):
    row = frame.iloc[[3]]
    assert row["town"].iloc[0] == "Bern"
    text = model.what_if(row, {"age": 80, "town": "Bern"}).text().replace("\n", " ")
    assert text.startswith(f"Row 1 with age = 80 instead of {row['age'].iloc[0]:g}:")
    assert "Row 1 has town = Bern already. The probability" in text
    found = model.what_if(row, {"town": "Bern"})
    assert found.changes == {}
    assert found.text().startswith("Row 1 has town = Bern already.\nNothing is changed.\n")
    none, other = frame.iloc[[3]].assign(age=np.nan), frame.iloc[[3]].assign(age=1 + 1e-9)
    assert model.what_if(none, {"age": None}).changes == {}
    assert model.what_if(other, {"age": 1.0}).changes == {"age": "1"}


def test_levels_that_the_model_does_not_know_are_as_the_table_has_them(model, frame):
    row = frame.iloc[[3]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.what_if(row, {"town": "Ulm"})
        assert found.changes == {"town": "Ulm"}
        back = model.what_if(row.assign(town="Ulm"), {"town": "Bern"})
        assert "town = Bern instead of Ulm" in back.text()
        said = model.what_if(row.assign(town="Ulm"), {"town": "Pisa"}).text()
        assert "town = Pisa instead of Ulm" in said
        for place in range(20):
            other = frame.iloc[[place]].assign(town="Ulm")
            found = model.counterfactuals(other, ["town", "age"])
            if any("town" in each.changes for each in found.found):
                assert "instead of Ulm" in str(found).replace("\n", " ")
                return
    pytest.fail("the town changes no answer")


@pytest.mark.parametrize("setting", ["plain", "map"])
def test_numbers_of_networks_are_clipped_as_those_of_the_model(setting):
    X, y = tables()["a number"]
    more = {} if setting == "plain" else {"calibration": "affine"}
    model = fitted("a number", "plain", max_iter=60, early_stopping="folds", **more)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.what_if(X.iloc[[3]], {"age": 900})
        assert found.after[0, 0] == model.predict(X.iloc[[3]].assign(age=900))[0]
    assert found.target_range == (y.min(), y.max())
    assert found.members_after.min() <= found.after[0, 0] <= found.members_after.max() <= y.max()
    n = len(model.members_)
    assert n > 1
    assert found.n_clipped.tolist() == [[0, n]]
    text = found.text().replace("\n", " ")
    assert "Answers are clipped to the range of the training targets, " in text
    assert f"those of {n} of {n} networks for the changed row." in text
    assert found.as_dict()["rows"][0]["clipped"] == [0, n]
    middle = model.what_if(X.iloc[[3]], {"age": 45})
    assert "clipped" not in middle.text()
    np.testing.assert_allclose(middle.members_after.mean(axis=0), middle.after, rtol=1e-6)


def test_errors_name_the_column(model, frame):
    with pytest.raises(SettingsError, match=r'names "agee".*write "age"'):
        model.what_if(frame[:1], {"agee": 3})
    with pytest.raises(SettingsError, match="names no column"):
        model.what_if(frame[:1], {})
    with pytest.raises(DataError, match='"age"'):
        model.what_if(frame[:1], {"age": "old"})


def test_counterfactuals_change_the_predicted_class(model, frame):
    found_any = False
    for place in range(20):
        row = frame.iloc[[place]]
        found = model.counterfactuals(row, ["age", "town", "smoker"])
        now = model.predict(row)[0]
        assert found.goal == ({"ill", "well"} - {now}).pop()
        for each in found.found:
            found_any = True
            assert each.labels == [(now, found.goal)]
            threshold, p = model.threshold_, each.after[0, 0]
            if found.goal == "ill":
                assert p >= threshold + 0.1 * (1 - threshold)
            else:
                assert p <= 0.9 * threshold
            assert each.outlier_p[0, 1] > 0.05
            assert set(each.changes) <= {"age", "town", "smoker"}
        if not len(found):
            assert "no change of one or two of these columns" in str(found).replace("\n", " ")
    assert found_any


def test_the_goals_of_numbers_and_of_classes():
    X = tables()["a number"][0]
    model = fitted("a number", "plain", max_iter=40)
    answers = model.predict(X)
    limit, most = float(np.median(answers)), int(answers.argmax())
    found = model.counterfactuals(X.iloc[[most]], ["age", "town"], below=limit)
    assert found.goal.startswith("below ")
    assert len(found)
    assert all(each.after[0, 0] < limit for each in found.found)
    assert all(each.labels is None for each in found.found)
    with pytest.raises(SettingsError, match="below or above, and not both"):
        model.counterfactuals(X[:1], ["age"])
    classes = fitted("three classes", "plain", max_iter=60)
    X = tables()["three classes"][0]
    other = classes.counterfactuals(X[:1], ["x0", "x1"])
    now = classes.predict(X[:1])[0]
    assert other.goal == f"another class than {now}"
    assert all(each.labels[0][1] != now for each in other.found)
    named = classes.counterfactuals(X[:1], ["x0", "x1"], to="c" if now != "c" else "a")
    assert all(each.labels[0][1] == named.goal for each in named.found)


def test_errors_about_goals(model, frame):
    row = frame[:1]
    now = model.predict(row)[0]
    with pytest.raises(SettingsError, match="what the model answers already"):
        model.counterfactuals(row, ["age"], to=now)
    with pytest.raises(SettingsError, match=r"is no class of the model.*to=\"ill\" or to=\"well\""):
        model.counterfactuals(row, ["age"], to="sick")
    with pytest.raises(SettingsError, match="for predicted numbers"):
        model.counterfactuals(row, ["age"], below=3)
    with pytest.raises(DataError, match="There are 2 rows"):
        model.counterfactuals(frame[:2], ["age"])
    with pytest.raises(SettingsError, match=r'"name", whose values are not tried'):
        model.counterfactuals(row, ["name"])
    old = refitted(fitted("two numbers", "plain"), likeness=None)
    with pytest.raises(SettingsError, match=r"does not know what values.*what_if"):
        old.counterfactuals(tables()["two numbers"][0][:1], ["x0"])


def test_a_number_that_is_reached_already_is_no_goal():
    X, model = tables()["a number"][0], fitted("a number", "plain", max_iter=40)
    now = float(model.predict(X[:1])[0])
    for goal, fix in (({"above": now - 1}, "larger"), ({"below": now + 1}, "smaller")):
        with pytest.raises(SettingsError, match=rf"already.*give a {fix} number"):
            model.counterfactuals(X[:1], ["age"], **goal)
    assert model.counterfactuals(X[:1], ["age"], above=now).goal.startswith("above ")


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
@pytest.mark.parametrize("how", [{}, {"against": 1}, {"background": 3}])
def test_models_that_are_not_fitted(kind, how):
    X, model = tables()["a number"][0], kind()
    with pytest.raises(NotFittedError, match=rf"{kind.__name__} is not fitted yet; call fit"):
        model.explain(X[:1], **{name: X[:n] for name, n in how.items()})
    with pytest.raises(NotFittedError):
        model.what_if(X[:1], {"age": 30})
    with pytest.raises(NotFittedError):
        model.counterfactuals(X[:1], ["age"])


def test_a_text_is_one_column(model, frame):
    one, several = (model.counterfactuals(frame[:1], each) for each in ("age", ["age"]))
    assert one.columns == ["age"]
    assert one.as_dict() == several.as_dict()


def test_a_logistic_line_flips_where_its_formula_says():
    # Δ_j = -(z - z_t) / w_j, here in the encoded input: the least quantile beyond it is found.
    model = fitted("two numbers", "no hidden layer", n_bins=0, early_stopping=False, max_iter=60)
    X = tables()["two numbers"][0]
    values = model._known.likeness.columns[0].quantiles
    for place in range(30):
        row = X.iloc[[place]]
        found = [
            each for each in model.counterfactuals(row, ["x0"]).found if set(each.changes) == {"x0"}
        ]
        if not found:
            continue
        every = row.loc[row.index.repeat(len(values))].assign(x0=values)
        p = model.predict_proba(every)[:, model.classes_.tolist().index(model.positive_)]
        t, up = model.threshold_, found[0].after[0, 0] > model.threshold_
        good = p >= t + 0.1 * (1 - t) if up else p <= 0.9 * t
        good &= model._known.likeness.outlier_p(model.schema_.matrix(every)) > 0.05
        nearest = np.abs(values - row["x0"].iloc[0])[good].min()
        changed = float(found[0].changes["x0"])
        assert abs(abs(changed - row["x0"].iloc[0]) - nearest) < 1e-4
        return
    pytest.fail("no row has a change of x0 that does")


@pytest.mark.parametrize("named", [True, False])
def test_columns_without_text_names_are_named_by_numbers(named):
    X, y = tables()["two numbers"]
    own = X.set_axis([0, 1], axis=1) if named else X.to_numpy()
    model = ThalwegClassifier((4,), max_iter=12, random_state=0).fit(own, y)
    row = own[:1]
    found = model.what_if(row, {1: 1.5})
    changed = np.array(row, np.float64)
    changed[0, 1] = 1.5
    after = model.predict_proba(pd.DataFrame(changed) if named else changed)
    np.testing.assert_allclose(found.after[0, -1], after[0, 1], atol=1e-12)
    same = model.what_if(row, pd.Series({1: 1.5}))
    np.testing.assert_array_equal(same.after, found.after)
    name = model.schema_.given_names[1]
    for change in (1, [1], [np.int64(1)]):
        assert model.counterfactuals(row, change).columns == [name]
    curve = thalweg.effects(model, own, [1])
    assert [each.column for each in curve] == [name]
    with pytest.raises(SettingsError, match='names "7", which is no column'):
        model.what_if(row, {7: 1.5})
    with pytest.raises(SettingsError, match="twice"):
        model.what_if(row, {1: 1.5, name: 2.0})
    with pytest.raises(SettingsError, match="of type list, and no mapping"):
        model.what_if(row, [1])


def test_where_no_change_does_the_networks_that_have_to_agree_are_named():
    model = fitted("two numbers", "plain")
    row = tables()["two numbers"][0][:1]
    found = replace(model.counterfactuals(row, "x0"), found=[], n_unlike=0)
    assert len(model.members_) == 3
    text = found.text().replace("\n", " ")
    assert "by a margin, also for 3 of its 3 networks alone (" in text
    assert "alone" not in replace(found, n_members=1).text()
