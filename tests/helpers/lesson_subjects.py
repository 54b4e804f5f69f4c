"""Subjects of lessons for tests: a small network on the bundled table, trained once."""

from functools import cache

import numpy as np

from thalweg import ThalwegClassifier, load_table
from thalweg.reporting.lessons.known_lessons import LESSONS
from thalweg.reporting.lessons.subject import Subject


@cache
def small_subject(row: int = 252) -> Subject:
    """A network with one hidden layer, as the lesson on faults trains it."""
    table = load_table("wisconsin")
    model = ThalwegClassifier(
        **LESSONS["fault"].settings, positive="malignant", random_state=0
    ).fit(table.frame, table.target)  # fmt: skip
    return Subject(model, table.frame, np.array([*map(str, table.target)]), "wisconsin", row)
