"""The lesson on planted faults: what each fault spoils, and which lines it is made of."""

import re

import numpy as np
import pytest

from lesson_subjects import small_subject
from thalweg import DataError, ThalwegClassifier, load_table
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.reporting.lessons.fault_tasks import (
    PENALTY,
    _ratio,
    _ratios,
    _traces,
    fault_lesson_tasks,
)
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.lesson_sheets import sheets_of
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.prepared_lesson import right_answer
from thalweg.reporting.lessons.subject import Subject
from thalweg.tracing.planted_faults import FAULTS
from thalweg.tracing.row_trace import trace

WORDS = lesson_text("fault")


def trace_of_one_row():
    one, _ = _traces(small_subject())
    return one


@pytest.fixture(scope="module")
def lesson():
    return fault_lesson_tasks(small_subject())


def test_every_planted_fault_has_its_line_its_texts_and_three_fixes(lesson):
    lines = {line["key"]: line for line in WORDS.more["lines"]}
    assert len(lines) == len(WORDS.more["lines"]) == 14
    names = {*WORDS.more["faults"], *WORDS.more["second"]}
    assert names <= set(FAULTS)
    for name in ("sign", "sigmoid_derivative", "slope_at_output", "input_before_activation",
                 "missing_1_over_n", "last_row_only", "dropped_bias", "wrong_axis",
                 "missing_penalty", "penalty_on_biases", "updated_too_early"):  # fmt: skip
        assert name in names
    for name, fault in WORDS.more["faults"].items():
        for key, form in fault["forms"].items():
            assert form in lines[key]
            assert len(set(fault["fix"])) == 3
            assert "right" in fault["fix"]
            assert all(each in lines[key] for each in fault["fix"]), name
        assert len(fault["choices"]) == 3
        right = fault["choices"][fault["answer"]]["say"]
        assert right.startswith("Right.")
        assert sum(each["say"].startswith("Right.") for each in fault["choices"]) == 1


def test_the_pattern_of_a_fault_is_that_of_its_gradient(lesson):
    # Which blocks each fault spoils with one row, by the derivation.
    expected = {
        "sign": "In all four blocks",
        "sigmoid_derivative": "In all four blocks",
        "slope_at_output": "In W1 and b1 only",
        "updated_too_early": "In W1 and b1 only",
        "input_before_activation": "In W2 only",
        "dropped_bias": "In b1 only",
        "wrong_axis": "In b1 only",
        "missing_penalty": "In the weights, in no bias",
        "penalty_on_biases": "In the biases, in no weight",
    }
    found = {}
    for variant in lesson.variants["pattern"]:
        found[variant.values["fault"]] = variant.choices[variant.answer]["text"]
        assert variant.values["pattern"] == variant.choices[variant.answer]["text"]
        assert len(variant.choices) == 3
    assert found == expected


def test_all_steps_about_one_fault_draw_the_same(lesson):
    steps = {step.key: place for place, step in enumerate(lesson.text.steps)}
    for seed in range(40):
        drawn = {
            lesson.drawn_variant(steps[key], seed).values["fault"]
            for key in ("pattern", "line", "why", "fix")
        }
        assert len(drawn) == 1


def test_the_slope_at_the_output_is_wrong_by_its_ratio(lesson):
    (variant,) = lesson.variants["article"]
    right, wrong, ratio = variant.answer
    y = float(variant.values["y"])
    assert right == pytest.approx(y * (1 - y), rel=2e-3)
    s = 1 / (1 + np.exp(-y))
    assert wrong == pytest.approx(s * (1 - s), rel=1e-3)
    assert ratio == pytest.approx(wrong / right)


def test_the_ratio_of_the_slope_holds_where_the_text_says_so(lesson):
    one = trace_of_one_row()
    ratio = lesson.variants["article"][0].answer[2]
    wrong = FAULTS["sigmoid_derivative"].gradient(one)
    for block in one.architecture.blocks:
        off, true = block.of(wrong), block.of(one.gradient)
        if block.name.startswith("b"):
            np.testing.assert_allclose(off, ratio * true, rtol=1e-9)
        else:  # the penalty keeps its size
            penalty = PENALTY * block.of(one.theta)
            np.testing.assert_allclose(off - penalty, ratio * (true - penalty), rtol=1e-6)
            assert np.max(np.abs(off - ratio * true)) > 0.01 * np.max(np.abs(true))
    right = lesson.text.steps[-1].question["right"]
    assert "only the penalty in lines 8 and 12 keeps its size" in right
    lines = [line["right"] for line in WORDS.more["lines"]]
    assert [i for i, line in enumerate(lines, 1) if "+ a * W" in line] == [8, 12]


def test_a_sheet_can_be_done_on_paper(lesson):
    sheet = sheets_of(lesson, 1, 0)["student-01.html"]
    code = sheet[sheet.index("<pre>") + 5 : sheet.index("</pre>")]
    assert code.count("\n") == 13
    assert "\\n" not in sheet
    assert code.splitlines()[0] == " 1  Z1 = W1 @ X + b1"
    first, second = sheet.split('<li value="2">')
    assert 'class="checked"' in first  # question 1 asks about ratios
    assert second.count('class="checked"') == 2
    for words in ("Tap", "Take one", "below the tables", "marked", "Press"):
        assert words not in sheet
    for variant in lesson.variants["pattern"]:
        assert f"Line {variant.values['number']} is wrong" not in sheet
        assert variant.values["right_line"] not in second


def test_sheet_and_key_have_the_command_with_model_and_table(lesson):
    command = "thalweg lesson fault m.safetensors 'my table.csv' --target ill --row 30"
    pages = sheets_of(lesson, 2, 7, command)
    shown = command.replace("'", "&#x27;")
    assert f"{shown} --seed 8 -o fault.html" in pages["student-02.html"]
    assert f"{shown} --students 2 --seed 7 -o DIRECTORY" in pages["key.html"]
    assert "why there (on the screen only)" in pages["key.html"]


def test_on_paper_a_wide_layer_shows_its_largest_inputs():
    random = np.random.default_rng(0)
    architecture = Architecture.dense(183, (8,), 1, "tanh")
    theta = random.normal(0, 0.3, architecture.n_parameters)
    X, Y = random.normal(0, 1, (1, 183)), np.ones((1, 1))
    wide = trace(architecture, Objective("sigmoid_cross_entropy", PENALTY), theta, Data.of(X, Y))
    tables = _ratios(wide, "sign")
    heads = re.findall(r"<th>X(\d+)</th>", tables)
    assert sorted(map(int, heads)) == sorted(np.argsort(-np.abs(X[0]))[:12] + 1)
    assert "171 more inputs are not shown" in tables


def test_a_ratio_that_is_not_1_is_not_written_as_1():
    assert (_ratio(1.002, 1), _ratio(1.00001, 1), _ratio(-2, 1)) == ("1.0020", "1.00", "−2.00")


def test_the_page_is_small_and_the_key_names_lines(lesson):
    assert len(lesson_html(lesson).encode()) < 110_000
    pages = sheets_of(lesson, 5, 1)
    line = lesson.text.steps[1]
    assert all("Why does it show there" not in pages[name] for name in pages if "student" in name)
    for number in range(1, 6):
        answer = right_answer(line, lesson.drawn_variant(1, number))
        assert answer.startswith("Line ")
        assert answer in pages["key.html"]
        variant = lesson.drawn_variant(0, number)
        sheet = pages[f"student-{number:02}.html"]
        assert variant.values["wrong_line"] in sheet
        assert variant.values["right_line"] not in sheet
        assert '<table class="checked">' in sheet


def test_a_network_that_does_not_fit_into_fourteen_lines_is_refused():
    table = load_table("wisconsin")
    model = ThalwegClassifier((9, 5), max_iter=1, n_bins=0, random_state=0)
    model.fit(table.frame, table.target)
    subject = Subject(model, table.frame, np.array([*map(str, table.target)]), "wisconsin", 0)
    with pytest.raises(DataError, match=r"layers 10-9-5-1.*one hidden layer.*TABLE alone"):
        fault_lesson_tasks(subject)
