"""The public way to the weights of a run: its bits, and what it refuses with a fix that works."""

import numpy as np
import pytest

from thalweg import SettingsError, load_table, theta_of_run
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.path import record
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.runs.run_recipe import ReadTable, network_words, run_in_python
from thalweg.studio.runs.shared_start import all_settings
from thalweg.studio.runs.theta_of_run import _EXAMPLE

SMALL = {"hidden": [2], "steps": 12}
RULE = "adam:lr=0.02"


def definition(preset):
    settings = all_settings({"preset": preset, "seed": 3, "hidden": [2]})
    return RunDefinition("table", {}, settings, "a name", RULE)


def test_it_has_the_bits_of_what_trains():
    table = load_table("wisconsin")
    member, _ = member_of(table, hidden=(2,), steps=12, held_out=0.2, seed=4)
    path = record(member)  # plain descent at its usual rate
    rule = str(member.settings.optimizer)
    for step in (0, 7, path.steps[-1]):
        found = theta_of_run(table, rule, step, seed=4, **SMALL)
        assert found.tobytes() == path.thetas[step].tobytes()
    start = path.thetas[5]
    assert np.array_equal(theta_of_run(table, RULE, 0, start=start.tolist(), **SMALL), start)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"step": -1}, "no whole number from 0 on"),
        ({"changes": "sgd"}, "no list of steps with rules"),
        ({"changes": [3]}, "no list of steps with rules"),
        ({"changes": [(3, 4)]}, "no list of steps with rules"),
        ({"changes": [(9, "sgd:lr=1"), (3, "sgd:lr=2")]}, "has the steps 9, 3"),
        ({"changes": [(11, "sgd:lr=1")]}, "has the steps 11"),
        ({"start": "here"}, "no array of numbers"),
        ({"rows_a_step": 0}, "no whole number from 1 on"),
        ({"hiden": (2,)}, "theta_of_run has no parameter 'hiden'"),
        ({"preset": "mine"}, "There is no network 'mine'"),
    ],
)
def test_what_is_none_is_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        theta_of_run("wisconsin", RULE, **{"step": 10, **given})


def test_a_step_that_is_never_made_is_refused_and_the_fix_works():
    with pytest.raises(SettingsError, match="has not been at step 500") as told:
        theta_of_run("wisconsin", RULE, 500, **SMALL)
    last = int(told.value.fix.split()[-1])
    assert theta_of_run("wisconsin", RULE, last, **SMALL).shape == (25,)


@pytest.mark.slow
def test_so_is_a_change_that_comes_later_and_a_point_of_another_network():
    with pytest.raises(SettingsError, match="has not been at step 400"):
        theta_of_run("wisconsin", RULE, 500, changes=[(400, "sgd:lr=1")], **SMALL)
    with pytest.raises(SettingsError, match=r"none of this network. Its shape is \(2,\)"):
        theta_of_run("wisconsin", RULE, 3, start=[1.0, 2.0], **SMALL)
    start = theta_of_run("wisconsin", RULE, 0, **SMALL)
    start[3] = np.nan
    with pytest.raises(SettingsError, match=f"1 of its {len(start)} numbers are not finite"):
        theta_of_run("wisconsin", RULE, 3, start=start, **SMALL)
    changed = theta_of_run("wisconsin", RULE, 41, changes=_EXAMPLE, hidden=[2])
    assert not np.array_equal(changed, theta_of_run("wisconsin", RULE, 41, hidden=[2]))


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        ("article", {"seed": 3, "hidden": [2]}),
        ("default", {"seed": 3, "hidden": [2], "preset": "default"}),
    ],
)
def test_the_program_says_which_network_it_is(preset, words):
    """That of a ground left the preset out, and made the article's network of a fit's."""
    assert network_words(definition(preset)) == words
    text = run_in_python(definition(preset), 5, ReadTable("table = 1", {"category": ["a"]}))
    assert ("preset='default'" in text) == (preset == "default")
    assert text.endswith(", category=['a'])\n")


def test_a_point_of_many_weights_is_read_from_a_file():
    text = run_in_python(definition("article"), 5, ReadTable("table = 1", {}), np.zeros(60_000))
    assert text.splitlines()[:3] == ["import numpy as np", "", "import thalweg"]
    assert "# theta.npy has to hold the 60,000 weights" in text
    assert 'start = np.load("theta.npy")' in text
    assert compile(text, "recipe", "exec")
