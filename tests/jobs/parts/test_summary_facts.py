"""The summary of a model in words: what decided, and what ran."""

import numpy as np
import pytest

from thalweg import ThalwegClassifier
from thalweg.errors import Status
from thalweg.jobs.parts.summary_facts import _outputs_in_words, _tuning, model_facts, model_lines

X = np.random.default_rng(0).normal(size=(120, 3))
Y = np.where(X[:, 0] + np.random.default_rng(1).normal(size=120) > 0, "a", "b")


def lines_of(model):
    return dict(model_lines(model_facts(model)))


@pytest.mark.parametrize(
    ("early_stopping", "said"),
    [
        ("folds", "was the best by roc_auc on its fold, for the first network; "),
        (True, "was the best by roc_auc on a hold-out; "),
        ("cross-validation", "as cross-validation found best by roc_auc; "),
    ],
)
def test_the_score_that_decided_is_named(early_stopping, said):
    given = {"early_stopping": early_stopping, "max_iter": 30, "n_iter_no_change": 3}
    model = ThalwegClassifier((3,), scoring="roc_auc", random_state=0, n_bins=0, **given)
    model.fit(X, Y)
    training = lines_of(model)["Training"]
    assert said in training
    assert "loss" not in training
    shown = model._repr_html_()
    assert "by roc_auc" in shown
    assert "the loss had stopped" not in shown


@pytest.mark.parametrize(
    ("early_stopping", "said"),
    [("folds", "; the loss of all folds together had stopped"), (True, "; the loss had stopped")],
)
def test_the_loss_that_ended_training_is_named(early_stopping, said):
    model = ThalwegClassifier(
        (3,), early_stopping=early_stopping, max_iter=300, n_iter_no_change=3, random_state=0,
        n_bins=0, optimizer="adam:lr=0.1",
    ).fit(X, Y)  # fmt: skip
    assert model.status_ is Status.PATIENCE
    assert said in lines_of(model)["Training"]
    assert said in model._repr_html_()


def test_a_cross_validation_without_time_says_so():
    model = ThalwegClassifier(
        (3,), early_stopping="cross-validation", max_iter=10**6, n_iter_no_change=10**6,
        time_limit=0.3, random_state=0, n_bins=0,
    ).fit(X, Y)  # fmt: skip
    assert model.status_ is Status.TIME_LIMIT
    said = "the best as far as cross-validation came within the time limit"
    assert said in lines_of(model)["Training"]
    assert said in model._repr_html_()


def test_a_model_of_partial_fit_shows_only_what_ran():
    model = ThalwegClassifier((3,), random_state=0, n_bins=0)
    for _ in range(3):
        model.partial_fit(X, Y, classes=["a", "b"])
    lines = lines_of(model)
    rate = model.history_[-1]["rate"]
    assert lines["Training"] == f"3 batches of partial_fit at the constant rate {rate:g}; seed 0"
    for each in ("schedule", "average", "epochs", "patience"):
        assert each not in lines["Optimizer"] + lines["Settings"]


def test_batches_after_a_fit_are_counted_apart():
    model = ThalwegClassifier((3,), random_state=0, n_bins=0, max_iter=4, early_stopping=False)
    lines = lines_of(model.fit(X, Y).partial_fit(X, Y))
    assert lines["Training"].startswith("1 batch of partial_fit at the constant rate ")
    assert lines["Training"].endswith(f", after {len(model.history_) - 1} epochs; seed 0")
    assert "schedule=cosine" in lines["Optimizer"]


@pytest.mark.parametrize(
    ("loss", "n_outputs", "said"),
    [
        ("squared_error", 1, "1 value"),
        ("squared_error", 2, "2 values"),
        ("quantile:level=0.9", 2, "2 values"),
        ("quantile:levels=0.1/0.9", 2, "2 quantiles"),
    ],
)
def test_values_of_several_targets_are_no_quantiles(loss, n_outputs, said):
    network = {"sizes": [3, 4, n_outputs]}
    training = {"settings": {"loss": loss}}
    facts = {"network": network, "kind": "regressor", "training": training}
    assert _outputs_in_words(facts) == said


def test_a_trial_in_several_slots_counts_its_networks_once():
    networks, order = [3, 3, 2, 2, 3, 3, 2, 2, 3, 3], [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    said = _tuning({"trials": 4, "networks": networks, "order": order}, unlike=False)
    assert "4 networks: 2 of trial 3 (counts 3 times), 2 of trial 2 (counts 2 times)" in said
    said = _tuning({"trials": 4, "networks": [3, 3, 2, 2]}, unlike=False)
    assert "4 networks: 2 of trial 3, 2 of trial 2;" in said
