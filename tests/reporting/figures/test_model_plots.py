"""The methods that draw a model use the right numbers."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.metrics import confusion_matrix, roc_auc_score

from figures import words_of
from thalweg import DataError, SettingsError, ThalwegClassifier


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(3)
    ill = (random.random(300) < 0.4).astype(float)
    frame = pd.DataFrame(
        {"a": random.normal(ill, 1), "b": random.normal(0, 1, 300), "c": random.normal(0 - ill, 2)}
    )
    return frame, np.where(ill > 0, "ill", "well")


def fitted(table, **settings):
    usual = {"hidden_layer_sizes": (4,), "max_iter": 6, "random_state": 5, "positive": "ill"}
    return ThalwegClassifier(**{**usual, **settings}).fit(*table)


@pytest.mark.parametrize(("early_stopping", "way", "label"), [
    ("folds", "epochs by its fold", "held out, its fold"),
    ("cross-validation", "epochs by cross-validation", "held out, mean over the folds"),
    (True, "epochs by a hold-out", "held out"),
    (False, "no row held out", None),
])  # fmt: skip
def test_plot_history(table, early_stopping, way, label):
    model = fitted(table, early_stopping=early_stopping, n_bins=0)
    figure = model.plot_history()
    words = [text for text, _ in words_of(figure)]
    which = "Network 1 of 5, " if early_stopping == "folds" else "Network "
    assert f"{which}3 → 4 → 1; {way}; seed 5" in words
    assert f"kept: epoch {model.best_epoch_}" in words
    curves = {line.get_label(): line.get_ydata() for line in figure.axes[0].get_lines()}
    assert list(curves["training, penalty included"]) == model.loss_curve_
    if label:
        assert list(curves[label]) == [epoch["valid_loss"] for epoch in model.history_]
    assert model.plot_history(dark=True).palette != figure.palette


@pytest.mark.parametrize(("positive", "negative"), [("ill", "well"), ("well", "ill")])
def test_plot_confusion_matrix(table, positive, negative):
    X, y = table
    model = fitted(table, positive=positive)
    figure = model.plot_confusion_matrix(X, y)
    (found, missed), (alarms, _) = confusion_matrix(
        y, model.predict(X), labels=[positive, negative]
    )
    n, m = found + missed, len(y) - found - missed
    assert figure.title == (
        f"Missed: {missed} of {n} {positive}; false alarms: {alarms} of {m} {negative}"
    )
    words = [text for text, _ in words_of(figure)]
    assert f"300 rows: {n} {positive}, {m} {negative}; seed 5" in words
    assert "threshold 0.5" in words


def test_plot_confusion_matrix_at_other_thresholds(table):
    X, y = table
    model = fitted(table)
    p = model.predict_proba(X)[:, list(model.classes_).index("ill")]
    one = model.plot_confusion_matrix(X, y, threshold=0.3, dark=True)
    missed = ((y == "ill") & (p <= 0.3)).sum()
    assert one.title.startswith(f"Missed: {missed} of {(y == 'ill').sum()} ill;")
    assert one.palette != model.plot_confusion_matrix(X, y).palette
    words = [t for t, _ in words_of(model.plot_confusion_matrix(X, y, threshold=(0.2, 0.8)))]
    assert {"threshold 0.2", "threshold 0.8"} <= set(words)
    with pytest.raises(SettingsError, match="one to three"):
        model.plot_confusion_matrix(X, y, threshold=[0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("positive", ["ill", "well"])
def test_plot_roc(table, positive):
    X, y = table
    model = fitted(table, positive=positive)
    figure = model.plot_roc(X, y)
    p = model.predict_proba(X)[:, list(model.classes_).index(positive)]
    auc = roc_auc_score(y == positive, p)
    assert figure.title.startswith(f"In {100 * auc:.1f}\u00a0% of all pairs, the {positive} row")
    called = p > model.threshold_
    (point,) = [line for line in figure.axes[0].get_lines() if line.get_marker() == "o"]
    rates = [called[y != positive].mean()], [called[y == positive].mean()]
    np.testing.assert_allclose(point.get_data(), rates, rtol=0, atol=1e-15)
    assert model.plot_roc(X, y, dark=True).palette != figure.palette


def test_labels_that_are_none_of_the_models(table):
    X, y = table
    model = fitted(table)
    strange = np.where(np.arange(300) == 7, "unsure", y)
    for draw in (model.plot_confusion_matrix, model.plot_roc):
        with pytest.raises(DataError, match=r'"unsure" is not a class of the model \(row 7\)\.'):
            draw(X, strange)
        with pytest.raises(DataError, match="do not match"):
            draw(X, y[:-1])
    with pytest.raises(DataError, match="both classes"):
        model.plot_roc(X[y == "ill"], y[y == "ill"])


def test_a_class_that_has_no_row_still_has_a_confusion_matrix(table):
    X, y = table
    figure = fitted(table).plot_confusion_matrix(X[y == "ill"], y[y == "ill"])
    assert "0 of 0 well" in figure.title


def test_a_model_that_is_not_fitted_has_no_pictures(table):
    model = ThalwegClassifier()
    for draw in (model.plot_history, lambda: model.plot_roc(*table)):
        with pytest.raises(NotFittedError):
            draw()
