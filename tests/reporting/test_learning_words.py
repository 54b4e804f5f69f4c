"""The sentences about the losses of a training run hold for the losses beside them."""

import re

import numpy as np
import pytest

from thalweg import ThalwegClassifier
from thalweg.jobs.parts.summary_facts import model_facts, model_lines
from thalweg.reporting.learning_words import change, learning_title, steps_meant

# The two runs of a teacher: plain gradient descent with a learning rate that is far too large.
RISING = [14.89, 20.52, 22.13, 21.22]
DEAD = [2.642, 3.691, 3.177, 3.362, 2.973]


def history(train, valid=None, rate=0.1):
    valid = valid or [None] * len(train)
    return [
        {"epoch": k, "steps": k, "train_loss": a, "valid_loss": b, "rate": rate}
        for k, (a, b) in enumerate(zip(train, valid, strict=True), 1)
    ]


@pytest.mark.parametrize(
    ("train", "best", "said"),
    [
        (RISING, 4, "rose from 14.89 to 21.22 between epoch 1 and epoch 4 of 4"),
        (DEAD, 4, "rose from 2.642 to 3.362 between epoch 1 and epoch 4 of 5"),
        ([0.8165], 1, "was 0.8165 in epoch 1 of 1, which was kept"),
        ([1.0374, 1.0373, 1.0372], 3, "stayed at 1.037 between epoch 1 and epoch 3 of 3"),
        ([0.9, 0.4, 0.5], 2, "fell from 0.9 to 0.4 between epoch 1 and epoch 2 of 3"),
    ],
)
def test_the_title_says_that_a_loss_fell_only_where_it_did(train, best, said):
    title = learning_title(history(train), best, "none")
    assert title == f"The training loss {said}; no row was held out"


@pytest.mark.parametrize(
    ("train", "best", "said"),
    [
        (RISING, 4, "Epoch 4 was kept because the loss after it (that of one more pass)"),
        (DEAD, 4, "Epoch 4 was kept because the loss after it (that of epoch 5, 2.973)"),
        ([0.9, 0.4, 0.5], 1, "Epoch 1 was kept because the loss after it (that of epoch 2, 0.4)"),
    ],
)
def test_the_loss_that_chose_the_epoch_is_named(train, best, said):
    assert f"{said} is the lowest after any epoch." in steps_meant(history(train), best)


def test_no_loss_is_called_the_lowest_that_is_not():
    assert "lowest" not in steps_meant(history([0.8165]), 1)
    assert "lowest" not in steps_meant(history([0.9, 0.5, 0.7, 0.6]), 2)
    held_out = history([0.9, 0.5, 0.4], [0.6, 0.7, 0.8])
    assert "lowest after epoch 1 of 3: 0.6" in learning_title(held_out, 1, "hold-out")
    assert learning_title(held_out, 2, "hold-out").endswith(
        " was 0.7 after epoch 2 of 3, which was kept"
    )


def test_a_score_that_chose_the_epoch_is_named():
    held_out = history([0.9, 0.5, 0.4], [0.6, 0.5, 0.8])
    title = learning_title(held_out, 3, "folds", "roc_auc", 5)
    assert title == (
        "In network 1 of 5, the held-out loss was 0.8 after epoch 3 of 3, the best by roc_auc"
    )
    title = learning_title(held_out, 3, "cross-validation", "roc_auc")
    assert title == "Cross-validation found 3 epochs best by roc_auc"


def test_an_iteration_has_one_step():
    said = steps_meant(history([0.9, 0.4], rate=None), 2)
    assert said.startswith("That of an iteration is from before it moved the weights. Iteration 2")


def test_a_change_is_that_of_the_printed_numbers():
    assert change(1.0, 0.5) == "fell from 1 to 0.5"
    assert change(0.5, 1.0) == "rose from 0.5 to 1"
    assert change(1.00001, 1.0) == "stayed at 1"
    assert change(1.0, np.inf) == "went from 1 to inf"


def test_the_terminal_says_that_the_loss_after_the_epoch_chose_it():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), rng.integers(0, 2, 60)
    given = {"early_stopping": False, "max_iter": 3, "n_bins": 0, "random_state": 0}
    model = ThalwegClassifier((2,), **given).fit(X, y)

    def training():
        return dict(model_lines(model_facts(model)))["Training"]

    best = model.best_epoch_
    assert training().startswith(f"epoch {best} of 3 was the best by the training loss after it; ")
    # Of further epochs the last one is kept, whatever its loss.
    model.fit_more(X, y, epochs=2)
    assert training().startswith("epoch ")
    assert re.match(r"epoch (\d) of \1 was kept, after training that continued; ", training())
    assert model_facts(model)["training"]["continued"]
