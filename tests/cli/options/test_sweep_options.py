"""Lists of numbers on the command line, and the settings that were given."""

import pytest

from thalweg.cli.options.sweep_options import SweepOptions, read_numbers
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
