"""What a nested evaluation says before it begins."""

import pandas as pd
import pytest

from thalweg.evaluation.comparing.margin_rule import UNDECIDED, Margin, Ruling
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.tuning.nested.tuning_worth import TuningWorth, announced, duration


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


def worth(*folds):
    """A worth of searches: what each returned, its selections, and whether time cut them."""
    rows = [
        {"chosen": chosen, "n_trials": 5, "n_resamples": n, "is_cut": n < 200, "expected": -0.01}
        for chosen, n in folds
    ]
    difference = PairedDifference.of_95(Estimate(-0.05, -0.1, 0.0))
    ruling = Ruling("log-loss", difference, Margin(0.01), UNDECIDED)
    losses = {"tuned": 0.25, "default": 0.3, "ensemble": 0.25}
    found = TuningWorth("log-loss", losses, ruling, ruling, pd.DataFrame(rows), 90, "Asked", 0)
    return " ".join(found.lines())


def test_where_no_search_returned_a_tuned_model_none_is_spoken_of():
    said = worth(("default", 200), ("default", 200))
    assert "The mean log-loss is 0.30 of the default. No search returned a tuned model;" in said
    assert "of the tuned model" not in said
    said = worth(("tuned", 200), ("default", 200))
    assert "The mean log-loss is 0.25 of what the searches returned, and 0.30 of the def" in said
    assert "1 search of 2 returned a tuned model; a search had 5 trials." in said
    assert "time" not in said


def test_searches_whose_selections_time_cut_are_counted():
    assert "left a search too little time for all selections of trials: it made 37." in worth(
        ("tuned", 37), ("default", 200)
    )
    assert "left 2 searches too little time for all selections of trials: they made 20 to 37" in (
        worth(("tuned", 37), ("default", 20))
    )
