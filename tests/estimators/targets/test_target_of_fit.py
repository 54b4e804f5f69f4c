"""What several targets of one network go together with, and what is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from thalweg import ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.from_others.from_sklearn import from_sklearn

QUICK = {"hidden_layer_sizes": (6,), "max_iter": 4, "random_state": 0, "early_stopping": False}
RNG = np.random.default_rng(1)
X = RNG.normal(size=(90, 3))
NUMBERS = np.exp(X[:, :2] * 0.5 + 0.1 * RNG.normal(size=(90, 2)))
LABELS = (X[:, :3] + 0.5 * RNG.normal(size=(90, 3)) > 0).astype(int)


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        (ThalwegRegressor("poisson", **QUICK), {"exposure": np.ones(90)}, "exposure is for one"),
        (ThalwegRegressor(**QUICK), {"offset": np.ones(90)}, "offset is for one target"),
        (ThalwegRegressor("quantile:levels=0.1/0.9", **QUICK), {}, "is for one target.*2 columns"),
        (ThalwegRegressor(lambda z, y: (z - y) ** 4, **QUICK), {}, "loss of one's own is for one"),
        (ThalwegClassifier(loss="ordinal", **QUICK), {}, "ordinal.*is for one target.*3 columns"),
    ],
)
def test_what_is_for_one_target_is_refused(model, given, words):
    y = LABELS if isinstance(model, ThalwegClassifier) else NUMBERS
    with pytest.raises(SettingsError, match=words) as told:
        model.fit(X, y, **given)
    assert "a model of its own" in told.value.fix


def test_an_offset_of_predictions_is_refused():
    model = ThalwegRegressor("poisson", **QUICK).fit(X, NUMBERS)
    with pytest.raises(SettingsError, match="fitted without exposure"):
        model.predict(X, exposure=2.0)


@pytest.mark.parametrize(
    "loss", ["poisson", "gamma", "tweedie:power=1.5", "huber", "quantile:level=0.8"]
)
def test_the_losses_of_numbers_work_and_are_stored(loss, tmp_path):
    model = ThalwegRegressor(loss, **QUICK | {"activation": ["tanh"], "scaling": "none"})
    model.fit(X, NUMBERS).save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert np.array_equal(again.predict(X), model.predict(X))
    assert model.out_activation_ == ("identity" if loss[:1] in "hq" else "exp")
    own = model.for_target(1)
    np.testing.assert_allclose(own.predict(X), model.predict(X)[:, 1], rtol=1e-6)
    more = again.fit_more(X, NUMBERS, 2)
    assert len(more.history_) == len(model.history_) + 2


@pytest.mark.parametrize("labels", [True, False])
def test_columns_of_a_table_or_of_a_file_are_several_targets(labels, tmp_path):
    y = np.where(LABELS[:, :2] > 0, "yes", "no") if labels else NUMBERS
    table = pd.DataFrame(X, columns=list("pqr")).assign(a=y[:, 0], b=y[:, 1])
    table.to_csv(tmp_path / "t.csv", index=False)
    kind = ThalwegClassifier if labels else ThalwegRegressor
    plain = kind(**QUICK).fit(table[list("pqr")], table[["a", "b"]])
    for given in (table, tmp_path / "t.csv", str(tmp_path / "t.csv")):
        model = kind(**QUICK).fit(given, target=["a", "b"])
        assert model.targets_ == ("a", "b")
        assert model.feature_names_in_.tolist() == ["p", "q", "r"]
        assert np.array_equal(model.predict(table), plain.predict(table))
        assert np.array_equal(model.predict(given), plain.predict(table))
        score = plain.score(table, table[["a", "b"]])
        assert model.score(given, target=["a", "b"]) == pytest.approx(score)
    one = kind(**QUICK).fit(table.drop(columns="b"), target=["a"])
    assert not hasattr(one, "targets_")
    with pytest.raises(SettingsError, match="different columns"):
        kind(**QUICK).fit(table, target=["a", "a"])
    with pytest.raises(DataError, match='no column "c"'):
        kind(**QUICK).fit(table, target=["a", "c"])


def test_networks_of_scikit_learn_for_several_targets_come_over(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        labelled = MLPClassifier(hidden_layer_sizes=(5,), max_iter=30, random_state=0).fit(
            X, LABELS
        )
        numbered = MLPRegressor(hidden_layer_sizes=(5,), max_iter=30, random_state=0).fit(
            X, NUMBERS
        )
    model, of_numbers = from_sklearn(labelled), from_sklearn(numbered)
    known = labelled.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), known, rtol=0, atol=1e-6)
    assert np.array_equal(model.predict(X), labelled.predict(X))
    np.testing.assert_allclose(of_numbers.predict(X), numbered.predict(X), rtol=0, atol=1e-6)
    one = model.for_target(2)
    np.testing.assert_allclose(one.predict_proba(X)[:, 1], known[:, 2], rtol=0, atol=1e-6)
    for each in (model, of_numbers, one):
        each.save(tmp_path / "m", overwrite=True)
        assert np.array_equal(load_model(tmp_path / "m").predict(X), each.predict(X))
    assert not hasattr(of_numbers, "predict_interval")
    assert len(of_numbers.fit_more(X, NUMBERS, 2).history_) == 2
