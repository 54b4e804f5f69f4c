"""Commands that can be copied say every setting as it was, to the last digit."""

import pytest

from thalweg.estimators.parameters.parameter import spelled
from thalweg.estimators.parameters.parameter_table import BY_NAME
from thalweg.estimators.parameters.setting_texts import reader_of
from thalweg.jobs.recipes.command_words import file_words, setting_words


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alpha", 0.123456789), ("alpha", 1e-300), ("alpha", 0.1 + 0.2), ("alpha", 5.0),
        ("hidden_layer_sizes", (64, 32)), ("early_stopping", False), ("max_iter", 12),
        ("class_weight", {"ill": 1234567.5, "well": 1 / 3}),
    ],
)  # fmt: skip
def test_a_setting_is_read_again_as_it_was(name: str, value: object) -> None:
    flag, text = setting_words({name: value})
    assert flag.startswith("--")
    assert text == spelled(BY_NAME[name], value)
    assert reader_of(BY_NAME[name])(text) == value


def test_files_to_write_are_options() -> None:
    assert file_words({"output": "a b.csv", "report": "r.html"}) == [
        "-o", "a b.csv", "--report", "r.html"
    ]  # fmt: skip
