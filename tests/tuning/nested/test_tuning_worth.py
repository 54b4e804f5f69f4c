"""What a nested evaluation says before it begins."""

import pytest

from thalweg.tuning.nested.tuning_worth import announced, duration


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((15, 60.0, None), "15 searches of 60 s each: about 15 min, and 15 fits of the default."),
        ((1, 600.0, 9), "1 search of 10 min each: at most about 10 min, and 1 fit of the default."),
        ((5, None, 12), "5 searches of 12 trials each: about as long as 60 fits, and 5 fits of the "
         "default."),
    ],
)  # fmt: skip
def test_how_long_it_takes_is_said_before(given, said):
    assert announced(*given) == said


def test_durations_have_the_unit_that_people_use():
    assert [duration(each) for each in (0.5, 119, 120, 7200)] == ["0.5 s", "119 s", "2 min", "2 h"]
