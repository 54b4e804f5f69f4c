"""The public ground of runs: what it refuses, with a fix that works."""

import pytest

from thalweg import SettingsError, ground_of_runs
from thalweg.studio.ground.ground_of_runs import _EXAMPLE

SMALL = {"grid": 11, "steps": 20, "hidden": [2]}


@pytest.mark.parametrize(
    "runs",
    [[], "sgd", {}, ["sgd"], [{"rule": "sgd:lr=0.1"}], [{**_EXAMPLE[0], "stop": 1}],
     [{**_EXAMPLE[0], "points": 0}]],
)  # fmt: skip
def test_runs_that_are_none_are_refused_before_anything_is_trained(runs):
    with pytest.raises(SettingsError, match=r"no list of runs|no whole number"):
        ground_of_runs("no such file.csv", runs)


def test_other_words_are_refused_and_the_fix_works():
    with pytest.raises(SettingsError, match="has no parameter 'hiden'"):
        ground_of_runs("wisconsin", _EXAMPLE, hiden=(2,))
    with pytest.raises(SettingsError, match="There is no network 'mine'") as told:
        ground_of_runs("wisconsin", _EXAMPLE, preset="mine")
    assert 'preset="article"' in told.value.fix
    [trail] = ground_of_runs("wisconsin", _EXAMPLE, preset="article", **SMALL).trails
    assert trail.steps[-1] == 24  # the run has no more: so many whole epochs hold 20 steps
