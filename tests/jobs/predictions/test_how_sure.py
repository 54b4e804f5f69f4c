"""What intervals and sets promise: the words for every way in which rows were held out."""

import re

import numpy as np
import pandas as pd
import pytest

from thalweg import Evaluation, ThalwegClassifier, ThalwegRegressor
from thalweg.errors import SettingsError
from thalweg.jobs.predictions.how_sure import HowSure
from thalweg.jobs.predictions.predicted_columns import predicted_columns
from thalweg.wording import spelled

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 3))
Y = X[:, 0] + RANDOM.normal(size=120)
KINDS = np.digitize(Y, [-0.8, 0.0, 0.8])


def small(kind, **settings):
    return kind(hidden_layer_sizes=(4,), max_iter=3, random_state=0, **settings)


def added(asked, model):
    asked.require(model, {})
    made, counts = asked.added(predicted_columns(model, X, abstain=asked.abstain), model, X)
    return made.rows(), *asked.told(counts, model)


def test_one_held_out_part_promises_what_split_conformal_prediction_does():
    model = small(ThalwegRegressor, early_stopping="hold-out").fit(X, Y)
    made, facts, [note] = added(HowSure(interval=0.9), model)
    assert made.columns == ["prediction", "low", "high"]
    assert "Split conformal prediction guarantees 90 % for networks whose held-out" in note
    assert facts["interval"]["floor"] == pytest.approx(0.9)


def test_scaled_intervals_are_said_and_promise_nothing():
    random = np.random.default_rng(1)
    many = random.normal(size=(300, 3))
    model = small(ThalwegRegressor, interval_kind="scaled").fit(many, many[:, 0])
    made, facts, [note] = added(HowSure(interval=0.9), model)
    assert [row[1:] for row in made.rows] == [tuple(each) for each in model.predict_interval(X)]
    assert facts["interval"] == {
        "kind": "scaled", "confidence_level": 0.9, "n_held_out": 300, "floor": None
    }  # fmt: skip
    assert note.startswith("Scaled intervals at 90 %, wide where held-out rows had large errors")
    assert "Nothing guarantees it" in note
    with pytest.raises(SettingsError, match=r"held-out rows are needed for intervals at 99\.9 %"):
        HowSure(interval=0.999).require(model, {})
    model.fit_more(many, many[:, 0], 1)
    with pytest.raises(SettingsError, match="Its networks have learned from all rows since"):
        HowSure(interval=0.9).require(model, {})


def test_groups_are_counted_instead_of_rows():
    model = small(ThalwegRegressor).fit(X, Y, groups=np.arange(120) // 10)
    _, facts, [note] = added(HowSure(interval=0.9), model)
    assert facts["interval"]["n_held_out"] == 12
    assert "if they are like the training rows and each of another group, should" in note
    # 1 - 2 / 2 is below 0: nothing is guaranteed.
    _, _, [note] = added(HowSure(interval=0.5), model)
    assert "CV+ guarantees nothing with so few rows" in note
    with pytest.raises(SettingsError) as told:
        HowSure(interval=0.95).require(model, {})
    assert "19 held-out groups are needed for intervals at 95 %; there are 12" in str(told.value)
    assert "interval=0.923 or less" in spelled(told.value.fix)


def test_of_a_class_the_groups_are_counted_whose_drawn_row_has_it():
    """20 of 40 groups have a row of class "rare", which is one of their six rows."""
    groups = np.arange(240) // 6
    kind = np.where(np.arange(240) % 12 == 0, "rare", np.where(np.arange(240) % 2, "a", "b"))
    x = RANDOM.normal(size=(240, 2))
    model = small(ThalwegClassifier).fit(x, kind, groups=groups)
    drawn = model._known.conformal.n[2]
    assert drawn < 9 < 20 == len(set(groups[kind == "rare"]))
    said = (
        "9 held-out groups whose drawn row is of class rare are needed for sets at 90 %; there "
        f"are {drawn:g} (one row of each group is drawn)"
    )
    for ask in (
        lambda: HowSure(sets=0.9).require(model, {}),  # of predict
        lambda: model.predict_set(x, 0.9),  # of fit
    ):
        with pytest.raises(SettingsError) as told:
            ask()
        assert told.value.what == said
        assert "fit on a table with more groups with rows of class rare" in told.value.fix
    p = model.predict_proba(x)
    for marks, outside in (
        ({}, "outside one of 5 random parts"),
        ({"fold": groups % 4, "how": "cross-validated"}, "outside one of the folds"),
    ):
        found = Evaluation.from_predictions(kind, p, groups=groups, **marks)
        with pytest.raises(SettingsError) as told:
            found.sets(0.9)
        assert told.value.what.startswith(said.partition("; ")[0])
        assert told.value.what.endswith(f" {outside} (one row of each group is drawn)")
        assert int(re.findall(r"there are (\d+) ", told.value.what)[0]) < 9


def test_many_different_sets_are_counted_together():
    model = small(ThalwegClassifier).set_params(max_iter=40).fit(X, KINDS)
    made, facts, [note] = added(HowSure(sets=0.5), model)
    counts = pd.Series([row[-1] for row in made.rows]).value_counts()
    assert facts["sets"]["words"] == counts.to_dict()
    told, others = note.split("Here: ")[1].rstrip(".").split("; ")[:6], len(counts) - 6
    assert others > 0
    assert [int(each.split(" × ")[0]) for each in told] == counts[:6].tolist()
    assert note.endswith(f"; {others} other set{'s' if others > 1 else ''}.")


def test_a_model_from_python_says_the_parameter_to_fit_with():
    model = small(ThalwegRegressor, early_stopping=False).fit(X, Y)
    with pytest.raises(SettingsError) as told:
        HowSure(interval=0.9).require(model, {})
    assert 'fit with early_stopping="folds"' in spelled(told.value.fix)
    with pytest.raises(AttributeError, match='Fix: fit with early_stopping="folds"'):
        model.predict_interval(X)


def test_no_rows_have_no_words():
    model = small(ThalwegClassifier).fit(X, KINDS > 1)
    made = predicted_columns(model, X)
    none = type(made)(made.columns, [[]] * len(made.columns))
    asked = HowSure(abstain=0.1)
    facts, notes = asked.told(asked.added(none, model, X)[1], model)
    assert facts["abstain"] == {"price": 0.1, "n_without_answer": 0}
    assert notes[0].startswith("Cannot tell: 0 of 0 rows")
