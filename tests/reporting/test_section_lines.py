"""The lines of the sections, of files with sentences that this version does not write."""

import copy

import pytest

from sections_by_hand import invented, two_class_sections
from thalweg.evaluation.section_texts.reasons_left_out import OF_OWN_LOSS
from thalweg.reporting.section_lines import section_lines


@pytest.mark.parametrize("sentence", ["Perfect", "", "x" * 4_500, "on 12 test rows"])
def test_a_sentence_of_another_form_leaves_the_numbers(sentence):
    sections = copy.deepcopy(two_class_sections(*invented(240)))
    sections["calibration"]["sentence"] = sentence
    said = dict(section_lines(sections, ["no", "yes"]))["Calibration"]
    assert said.startswith("Slope "), said
    assert "joint test at 5 %: p" in said


def test_why_there_is_no_calibration_stands_beside_its_name():
    sections = copy.deepcopy(two_class_sections(*invented(240)))
    sections["calibration"], sections["left_out"] = None, {"calibration": OF_OWN_LOSS}
    assert ("Calibration", OF_OWN_LOSS) in section_lines(sections, [])
