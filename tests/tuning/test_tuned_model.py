"""What the result of a search says: trials that a study had, and settings as they are given."""

import shlex
from dataclasses import replace

import pytest

from simulated_search import simulated
from thalweg import ThalwegClassifier
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.wording import amount


@pytest.fixture(scope="module")
def found():
    return replace(
        simulated(lambda values: values["learning_rate_init"], n=12),
        estimator=ThalwegClassifier(n_folds=3, hidden_layer_sizes=(8, 4)),
    )


def test_a_resumed_search_without_a_new_trial_says_so(found):
    none_new = replace(found, n_before=12)
    said = "The study already had the 12 trials that were asked for. All of them count, and none "
    assert f"{said}was added; n_trials=22 adds 10." in str(none_new)
    assert f"{said}was added; --trials 22 adds 10." in none_new.lines(as_option)
    out_of_time = replace(
        none_new, bounds=replace(found.bounds, n_trials=None, time_limit=1.0), ended_by="time"
    )
    assert "No trial was added to the 12 trials that the study already had." in str(out_of_time)
    for with_more in (found, replace(found, n_before=11)):
        assert "added" not in str(with_more)


def test_settings_are_named_as_they_are_given(found):
    best = found.trials.iloc[1 + int(found.trials.loss[1:].argmin())]
    start = f"Of the others trial {best.number} is the best, with {amount(best.loss)}: "
    (python,) = [each for each in found.lines() if each.startswith(start)]
    given = eval(f"dict({python.removeprefix(start)[:-1]})")
    assert given["learning_rate_init"] == best.learning_rate_init
    assert given["hidden_layer_sizes"] == (int(best.width),) * int(best.layers)
    (shell,) = [each for each in found.lines(as_option) if each.startswith(start)]
    words = shlex.split(shell.removeprefix(start)[:-1])
    assert dict(zip(words[::2], words[1::2], strict=True)) == {
        "--hidden": ",".join([str(best.width)] * int(best.layers)),
        "--dropout": str(best.dropout), "--learning-rate-init": str(best.learning_rate_init),
        "--alpha": str(best.alpha), "--epochs": str(best.max_iter),
        "--activation": best.activation, "--bins": str(best.n_bins),
    }  # fmt: skip
    default = "The default is trial 0, with the settings given: "
    assert f"{default}hidden_layer_sizes=(8, 4), n_folds=3." in str(found)
    assert any(each.startswith(f"{default}--hidden 8,4 ") for each in found.lines(as_option))
