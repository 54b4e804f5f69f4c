"""Subjects of lessons for tests: a small network on the bundled table, trained once."""

from dataclasses import replace
from functools import cache

import numpy as np

from thalweg import ThalwegClassifier, load_table
from thalweg.evaluation.answers import Answers
from thalweg.reporting.lessons.known_lessons import LESSONS
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson
from thalweg.reporting.lessons.subject import Subject


@cache
def small_subject(row: int = 252) -> Subject:
    """A network with one hidden layer, as the lesson on faults trains it."""
    table = load_table("wisconsin")
    model = ThalwegClassifier(
        **LESSONS["fault"].settings, positive="malignant", random_state=0
    ).fit(table.frame, table.target)  # fmt: skip
    return Subject(model, table.frame, np.array([*map(str, table.target)]), "wisconsin", row)


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
    subject = None if known.about == "nothing" else small_subject()
    if known.about == "answers":
        subject = replace(subject, choosing=made_up_answers(400, 1), test=made_up_answers(200, 2))
    return known.prepared(subject)
