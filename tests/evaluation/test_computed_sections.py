"""Sections of an evaluation: one shape for every task, the same for every order of rows."""

import json
import time
from typing import get_type_hints

import numpy as np
import pytest

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.computed_sections import Covered, sections_of
from thalweg.evaluation.conformal.coverage_sentences import coverage_sentence
from thalweg.evaluation.conformal.measured_coverage import interval_coverage, set_coverage
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.section_shapes import (
    AboutModel,
    AbstentionSection,
    BenefitSection,
    CalibrationSection,
    CoverageSection,
    SectionsData,
    ThresholdSection,
)
from thalweg.evaluation.task_kinds import SEVERAL_CLASSES, SEVERAL_QUANTILES, TASKS, TWO_CLASSES

PARTS = {
    "calibration": CalibrationSection,
    "threshold": ThresholdSection,
    "benefit": BenefitSection,
    "abstention": AbstentionSection,
    "coverage": CoverageSection,
}
NONE_OF = {
    "binary": set(),
    "multiclass": {"threshold", "benefit"},
    "regression": {"threshold", "benefit", "abstention"},
    # The evaluation itself has the coverage of each level; groups are those of one answer.
    "quantiles": {*PARTS, "subgroups"},
}
WITH_SECTIONS = [task for task in TASKS if task != "quantiles"]


def drawn(task, n, seed=0, how="test"):
    """Calibrated answers, their intervals or sets, and a column."""
    random = np.random.default_rng(seed)
    column = random.choice(["a", "b"], n)
    if task == "quantiles":
        p = random.normal(size=(n, 1)) + np.array([-1.0, 0.0, 1.0])
        return answers_of(p[:, 1] + random.normal(size=n), p, how=how), None, column
    if task == "regression":
        p = random.normal(size=n)
        held = np.stack([p - 1.645, p + 1.645], axis=1)
        return answers_of(p + random.normal(size=n), p, how=how), held, column
    if task == "binary":
        p = 1 / (1 + np.exp(-1.5 * random.normal(size=n)))
        rows = answers_of(random.random(n) < p, p, how=how)
        return rows, np.stack([p < 0.9, p > 0.1], axis=1), column
    p = random.dirichlet([1, 1, 1], n)
    y = (p.cumsum(axis=1) > random.random((n, 1))).argmax(axis=1)
    return answers_of(y, p, how=how), p > 0.1, column


CLASSES = {
    "binary": ("no", "yes"), "multiclass": ("a", "b", "c"), "regression": (), "quantiles": ()
}  # fmt: skip


def found_in(task, n=300, order=None, how="test"):
    answers, held, column = drawn(task, n, how=how)
    rows = np.arange(n) if order is None else order
    return sections_of(
        answers.rows(rows),
        kind=TASKS[task],
        classes=CLASSES[task],
        covered=None if held is None else Covered(held[rows]),
        by={} if held is None else {"column": column[rows]},
    )


@pytest.mark.parametrize("task", TASKS)
def test_the_shape_is_that_of_section_shapes_for_every_task(task):
    plain = found_in(task).as_dict()
    about = set(get_type_hints(AboutModel)) - {"left_out"}  # no model is known here
    assert list(plain) == [key for key in get_type_hints(SectionsData) if key not in about]
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert {key for key, part in plain.items() if part is None} == NONE_OF[task]
    for key, shape in PARTS.items():
        if plain[key] is not None:
            assert set(plain[key]) == set(get_type_hints(shape))
            assert plain[key]["sentence"]
    assert plain["how"] == "test"
    assert plain["n_samples"] == 300


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("task", TASKS)
def test_the_order_of_rows_does_not_matter(task):
    order = np.random.default_rng(1).permutation(300)
    assert found_in(task, order=order).as_dict() == found_in(task).as_dict()


@pytest.mark.parametrize("task", WITH_SECTIONS)
def test_each_section_refuses_for_itself_on_four_rows(task):
    plain = found_in(task, n=4).as_dict()
    json.dumps(plain, allow_nan=False)
    assert plain["coverage"]["found"]["refused"] is None
    if task == "binary":
        assert "10 rows of each class" in plain["benefit"]["sentence"]
        assert plain["threshold"]["point"]["n_samples"] == 4
    else:
        assert plain["calibration"]["sentence"]


@pytest.mark.parametrize("how", ["out-of-fold", "training"])
@pytest.mark.parametrize("task", WITH_SECTIONS)
def test_rows_that_evaluate_nothing_have_neither_coverage_nor_groups(task, how):
    plain = found_in(task, how=how).as_dict()
    assert plain["coverage"]["found"]["refused"]
    assert plain["subgroups"]["refused"]
    assert "these rows" in plain["calibration"]["sentence"]


def test_a_threshold_by_costs_is_that_of_the_formula_and_of_the_operating_point():
    answers, *_ = drawn("binary", 300)
    found = sections_of(answers, kind=TWO_CLASSES, threshold=by_costs(9, 1))
    plain = found.as_dict()["threshold"]
    assert plain["chosen"]["value"] == plain["point"]["threshold"] == 0.1
    assert plain["point"]["missed"] == 9
    assert "9 false alarms" in plain["sentence"]
    # Both mistakes would count alike there.
    assert found.as_dict()["abstention"] is None


def test_several_classes_with_costs_have_the_groups_of_the_cheapest_class():
    answers, *_ = drawn("multiclass", 400)
    by = {"column": np.where(np.arange(400) < 200, "a", "b")}
    asked = {"kind": SEVERAL_CLASSES, "classes": ("a", "b", "c"), "by": by}
    alike = sections_of(answers, costs=np.ones(3), **asked)
    costly = sections_of(answers, costs=np.array([50.0, 1.0, 1.0]), **asked)
    assert alike.subgroups.overall["accuracy"].value > 0.5
    assert costly.subgroups.overall["accuracy"].value < 0.5  # nearly all are called "a"
    assert costly.abstention is None


def test_the_other_model_is_in_the_curve_of_net_benefit():
    answers, *_ = drawn("binary", 300)
    curve = sections_of(answers, kind=TWO_CLASSES, other=answers).benefit
    assert curve.other == tuple(each.value for each in curve.model)
    assert sections_of(answers, kind=TWO_CLASSES).benefit.other is None


def test_coverage_in_words():
    """Nine of ten intervals, and sets that hold class a too rarely."""
    y = np.zeros(10)
    ends = np.stack([np.r_[np.full(9, -1.0), 1.0], np.full(10, 2.0)], axis=1)
    said = coverage_sentence(interval_coverage(answers_of(y, y), ends))
    assert said.startswith("Intervals at 90 % hold 90.0 % [59.6, 98.2] of the true numbers; their")
    scaled = coverage_sentence(interval_coverage(answers_of(y, y), ends, scaled=True))
    assert scaled == f"Scaled i{said[1:]}"
    truth = np.repeat([False, True], 100)
    rows = answers_of(truth, np.full(200, 0.5))
    sets = np.stack([np.arange(200) % 2 == 0, np.ones(200, dtype=bool)], axis=1)
    said = coverage_sentence(set_coverage(rows, sets, ["no", "yes"]), ["no", "yes"])
    assert "no: 50.0 % [40.4, 59.6], fewer than asked for; yes: 100 % [96, 100])" in said
    assert "50 % of the rows have a set of one class." in said
    none = interval_coverage(answers_of(y, y, how="training"), ends)
    assert coverage_sentence(none) == none.refused


def test_ten_thousand_rows_take_less_than_three_seconds():
    """Issue 15: all sections for 10,000 rows within 3 s on one core."""
    answers, held, column = drawn("binary", 10_000)
    start = time.process_time()
    sections_of(
        answers, kind=TWO_CLASSES, classes=("no", "yes"), covered=Covered(held),
        by={"column": column}, other=answers,
    ).as_dict()  # fmt: skip
    assert time.process_time() - start < 3


def test_sentences_say_the_classes_in_the_words_of_the_table():
    # The plain word, and one that is no plain word; never "positive" and "negative" instead.
    answers, held, column = drawn("binary", 300)
    few = answers.rows(np.r_[:15])
    for names, (negative, positive) in (
        (("benign", "malignant"), ("benign", "malignant")),
        (("0", "very ill"), ('"0"', '"very ill"')),
    ):
        for rows in (answers, few):
            sections = sections_of(
                rows,
                kind=TWO_CLASSES,
                classes=names,
                threshold=by_costs(9, 1),
                covered=Covered(held[: len(rows)]),
                by={"g": column[: len(rows)]},
            )
            said = json.dumps(sections.sentences(), ensure_ascii=False)
            texts = said + json.dumps(sections.subgroups.notes, ensure_ascii=False)
            texts += "".join(
                metric.why
                for table in sections.subgroups.tables
                for group in table.groups
                for metric in group.metrics.values()
            )
            assert "positive" not in texts
            assert "negative" not in texts
        said = sections_of(
            answers, kind=TWO_CLASSES, classes=names, threshold=by_costs(9, 1)
        ).sentences()
        n = int(answers.truth.sum())
        assert f"({n} {positive}, {300 - n} {negative})" in said["calibration"]
        assert f"a missed {positive} row costs as much as 9 false alarms" in said["threshold"]
        assert f" of {n} {positive} rows are found" in said["threshold"]
        assert f" of {300 - n} {negative} ones are false alarms" in said["threshold"]
        assert f"{n} of them {positive}" in said["benefit"]


def test_classes_without_names_are_positive_and_negative():
    answers, _, _ = drawn("binary", 300)
    said = sections_of(answers, kind=TWO_CLASSES).sentences()
    assert " positive rows are found" in said["threshold"]


def test_groups_of_several_quantiles_are_refused():
    answers, _, column = drawn("quantiles", 60)
    with pytest.raises(SettingsError, match=r"evaluated for one answer.*model\.for_target"):
        sections_of(answers, kind=SEVERAL_QUANTILES, by={"column": column})
