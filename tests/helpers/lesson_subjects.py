"""Subjects of lessons for tests: a small network on the bundled table, trained once."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from thalweg import ThalwegClassifier, load_table
from thalweg.estimators.article_network import ARTICLE_SETTINGS
from thalweg.evaluation.answers import Answers
from thalweg.reporting.lessons.known_lessons import LESSONS
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks.row.traced_row import row_with_large_loss
from thalweg.reporting.trace.table_rows import whole_matrix


@cache
def small_subject(row: int = 252) -> Subject:
    """A network with one hidden layer, as the lesson on faults trains it."""
    table = load_table("wisconsin")
    model = ThalwegClassifier(
        **LESSONS["fault"].settings, positive="malignant", random_state=0
    ).fit(table.frame, table.target)  # fmt: skip
    return Subject(model, table.frame, np.array([*map(str, table.target)]), "wisconsin", row)


@cache
def article_subject(row: int | None = None) -> Subject:
    """The article's network on the rows without a missing cell, as the lessons on one row train it.

    ``row`` is a place among these rows, from 0; None takes the one with a large loss.
    """
    model, frame, labels, kept = _article_network()
    place = row_with_large_loss(model, frame, labels) if row is None else row
    return Subject(model, frame, labels, "wisconsin", place, kept=kept)


@cache
def _article_network():
    table = load_table("wisconsin")
    whole = np.flatnonzero((table.frame["bare_nuclei"] != "").to_numpy())
    frame = table.frame.iloc[whole].reset_index(drop=True)
    labels = np.array([*map(str, table.target)])[whole]
    settings = {**ARTICLE_SETTINGS, "batch_size": len(labels)}
    model = ThalwegClassifier(**settings, positive="malignant", random_state=0).fit(frame, labels)
    return model, frame, labels, whole


@cache
def few_units_subject(silent: int, units: int = 2) -> Subject:
    """A network with few units and a penalty, and a row with so many silent ones and no input 0."""
    _, frame, labels, _ = _article_network()
    settings = {**ARTICLE_SETTINGS, "hidden_layer_sizes": (units,), "alpha": 0.01, "max_iter": 60}
    model = ThalwegClassifier(**settings, positive="malignant", random_state=0).fit(frame, labels)
    X = np.asarray(model.members_[0].encoder.encode(whole_matrix(model, frame)))
    (W1, b1), _ = model.architecture_.layers(np.asarray(model.theta_, float))
    counted = (X @ W1.T + b1.ravel() <= 0).sum(axis=1)
    (places,) = np.nonzero((counted == silent) & (X != 0).all(axis=1))
    return Subject(model, frame, labels, "wisconsin", int(places[0]))


@cache
def wide_subject() -> Subject:
    """A row with more inputs than the picture has pills; what is furthest out hardly weighs."""
    random = np.random.default_rng(4)
    X = random.normal(0, 1, (300, 30))
    labels = np.where(X[:, 0] + X[:, 1] > 0, "yes", "no")
    frame = pd.DataFrame(X, columns=[f"c{k + 1}" for k in range(30)])
    model = ThalwegClassifier(**{**ARTICLE_SETTINGS, "max_iter": 40}, random_state=0)
    model.fit(frame, labels)
    (W1, _), _ = model.architecture_.layers(np.asarray(model.theta_, float))
    row = np.full(30, 2.0)
    row[np.abs(W1).sum(axis=0).argmin()] = 2.6
    frame.iloc[0] = row
    return Subject(model, frame, labels, "wide", 0)


def made_up_answers(n: int, seed: int) -> Answers:
    """Probabilities that know something of a class of 30 %."""
    random = np.random.default_rng(seed)
    truth = random.random(n) < 0.3
    z = np.where(truth, 2.0, -2.0) + random.normal(0, 1.5, n)
    return Answers(truth, 1 / (1 + np.exp(-z)))


@cache
def prepared_for_tests(name: str) -> PreparedLesson:
    """A lesson about a subject that is quickly made."""
    known = LESSONS[name]
    if known.article:
        return known.prepared(article_subject())
    subject = None if known.about == "nothing" else small_subject()
    if known.about == "answers":
        subject = replace(subject, choosing=made_up_answers(400, 1), test=made_up_answers(200, 2))
    return known.prepared(subject)
