"""Lists of numbers on the command line, and the settings that were given."""

import pytest

from thalweg.cli.options.sweep_options import SweepOptions, read_numbers, read_over
from thalweg.errors import SettingsError


def test_numbers_are_read_as_they_are_written():
    assert read_numbers("0.01,1e-1, 1", "--rates", whole=False) == (0.01, 0.1, 1.0)
    units = read_numbers("2,15", "--units", whole=True)
    assert units == (2, 15)
    assert all(isinstance(each, int) for each in units)


@pytest.mark.parametrize(("text", "whole"), [("", False), ("1,,2", False), ("1.5", True)])
def test_other_texts_are_refused_with_an_example_that_is_read(text, whole):
    with pytest.raises(SettingsError, match="with commas, as in ") as caught:
        read_numbers(text, "--flag", whole=whole)
    assert read_numbers(str(caught.value).rpartition(" ")[2].rstrip("."), "--flag", whole=whole)


def test_what_is_not_given_is_left_to_the_defaults():
    assert SweepOptions().settings() == {}
    given = SweepOptions(rates="0.1,1", seeds=3, alpha="auto").settings()
    assert given == {"rates": (0.1, 1.0), "seeds": 3}


def test_a_range_or_a_list_of_one_setting():
    assert read_over("alpha=0.01..10") == {"alpha": (0.01, 10)}
    assert read_over("learning-rate-init=1e-4..1e-1") == {"learning_rate_init": (1e-4, 0.1)}
    assert read_over("hidden=8,16x4,none") == {"hidden_layer_sizes": [(8,), (16, 4), ()]}
    assert read_over("activation=relu, mish") == {"activation": ["relu", "mish"]}
    assert read_over("epochs=10,20") == {"max_iter": [10, 20]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alpha", "names no values"),
        ("depth=1..2", 'no setting "depth".*learning_rate_init='),
        ("alpha=a..2", '"a" is no number.*alpha=LOW..HIGH'),
        ("activation=rulu", "rulu.*relu"),
        ("optimizer=sgd:lr=0.1,adam", "in Python"),
    ],
)
def test_other_settings_and_values_are_refused(text, words):
    with pytest.raises(SettingsError, match=words):
        read_over(text)
