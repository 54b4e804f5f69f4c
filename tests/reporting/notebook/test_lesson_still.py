"""The still of a lesson: its picture has the numbers of its page, or it lists the steps."""

from lesson_subjects import prepared_for_tests
from thalweg.reporting.notebook.lesson_still import lesson_still


def test_the_losses_of_the_features_lesson_are_those_of_its_page():
    prepared = prepared_for_tests("features")
    figure = lesson_still(prepared)
    lines = prepared.facts["lines"]
    ends = [line.get_ydata()[-1] for line in figure.axes[0].get_lines()]
    last = [line["losses"][line["stable"]][-1] for line in lines.values()]
    assert sorted(ends) == sorted(last)
    for loss in last:
        assert f"{loss:.3g}" in figure.title
    words = [text.get_text() for text in figure.texts]
    for name, line in lines.items():
        assert name in words
        assert f"rate {prepared.facts['rates'][line['stable']]:g}" in words


def test_other_lessons_list_their_steps():
    prepared = prepared_for_tests("threshold")
    words = [text.get_text() for text in lesson_still(prepared, dark=True).texts]
    for place, step in enumerate(prepared.text.steps, 1):
        assert f"{place}. {step.name}" in words
