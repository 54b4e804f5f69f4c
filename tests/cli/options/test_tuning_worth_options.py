"""How `--tune` is read."""

import pytest

from thalweg.cli.options.tuning_worth_options import TuningWorthOptions
from thalweg.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "seconds", "trials"),
    [("60s", 60, None), ("10m", 600, None), ("1.5", 1.5, None), ("12trials", None, 12)],
)
def test_times_and_trials_are_read(text, seconds, trials):
    found = TuningWorthOptions(text, "wide").asked()
    assert (found.time_limit, found.n_trials, found.space) == (seconds, trials, "wide")


@pytest.mark.parametrize("text", ["", "soon", "0s", "1trial", "-5s", "trials"])
def test_other_texts_are_refused_with_a_fix(text):
    with pytest.raises(SettingsError, match="--tune 60s or --tune 10m"):
        TuningWorthOptions(text).asked()


def test_a_space_alone_is_refused():
    assert TuningWorthOptions().asked() is None
    with pytest.raises(SettingsError, match="no"):
        TuningWorthOptions(None, "small").asked()
