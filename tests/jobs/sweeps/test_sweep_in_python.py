"""``thalweg.sweep``: an estimator with ``over`` gives a curve, a table alone a map."""

import numpy as np
import pytest

import thalweg
from thalweg import ThalwegClassifier
from thalweg.errors import SettingsError
from thalweg.jobs.sweeps.sweep_in_python import sweep
from thalweg.reporting.sweeps.shown_curve import ShownCurve
from thalweg.reporting.sweeps.shown_sweep import ShownSweep

MODEL = ThalwegClassifier(hidden_layer_sizes=(2,), max_iter=2, n_folds=2, random_state=0)
X = np.random.default_rng(0).normal(size=(40, 2))
Y = (X[:, 0] > 0).astype(int)
OVER = {"alpha": [1.0, 3.0]}


def test_it_is_the_public_name_and_the_recipe_runs(tmp_path, monkeypatch):
    assert thalweg.sweep is sweep
    shown = sweep(estimator=MODEL, X=X, y=Y, over=OVER)
    assert isinstance(shown, ShownCurve)
    monkeypatch.chdir(tmp_path)
    exec(shown.recipes["python"], {"X": X, "y": Y})
    assert (tmp_path / "sweep.html").stat().st_size > 10_000


@pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")
def test_a_table_alone_gives_the_map():
    shown = sweep("wisconsin", [0.1, 1.0], units=[2], seeds=2, steps=5)
    assert isinstance(shown, ShownSweep)


def test_arguments_that_lack_or_are_too_many():
    with pytest.raises(SettingsError, match="does not know the setting"):
        sweep(MODEL, X, Y)
    with pytest.raises(TypeError, match="lacks X"):
        sweep(MODEL, over=OVER)
    with pytest.raises(TypeError, match="two values of X"):
        sweep(MODEL, X, Y, X=X, over=OVER)
    with pytest.raises(TypeError, match="4 arguments by their places"):
        sweep(MODEL, X, Y, None, None, over=OVER)
    with pytest.raises(SettingsError, match="takes a ThalwegClassifier or ThalwegRegressor"):
        sweep("wisconsin", X, Y, over=OVER)
