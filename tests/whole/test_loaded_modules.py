"""What a process does not load, so that programs and the command line start fast."""

import json
import subprocess
import sys

import pytest

# Of others and of this package, from where a process loads none until it asks for what they do.
NOT_OF_A_FIT = {
    "PIL", "distributed", "matplotlib", "openpyxl", "optuna", "pyarrow.parquet", "skops",
    "sklearn.ensemble", "sklearn.linear_model",
    *(f"thalweg.{room}" for room in (
        "cli", "cluster.spread_on_cluster", "data.doctor", "data.larger", "data.read",
        "estimators.effects", "estimators.explaining", "estimators.larger",
        "estimators.importance.importance_of_fit",
        "evaluation.any_estimator", "evaluation.effects", "evaluation.importance",
        "evaluation.subgroups", "export", "jobs", "landscape", "persistence", "reporting",
        "tracing", "tuning",
    )),
}  # fmt: skip
NOT_OF_THE_CLASSES = NOT_OF_A_FIT | {
    "numba",
    *(f"thalweg.{room}" for room in (
        "estimators.importance", "estimators.learning.fit_plan", "estimators.learning.continuing",
        "estimators.learning.train_networks", "estimators.resuming", "evaluation.calibration",
        "network.compiled", "training.keeping", "training.training_loop",
    )),
}  # fmt: skip
NOT_OF_A_HELP = {
    "numba", "pandas", "pyarrow", "scipy", "sklearn",
    *(f"thalweg.{room}" for room in ("evaluation", "persistence", "reporting", "tuning")),
}  # fmt: skip

NOTE = """
import json, sys
print("\\n" + json.dumps(sorted(sys.modules)))
"""
CLASSES = "from thalweg import ThalwegClassifier, ThalwegRegressor"
FIT = """
X = [[0.0, 1.0], [1.0, 0.0]] * 12
model = ThalwegClassifier((2,), max_iter=1, early_stopping=False).fit(X, [0, 1] * 12)
model.predict_proba(X)
"""
HELP = """
from thalweg.cli.main import main
main([{!r}, "--help"])
"""


def loaded_by(*steps):
    """The names of all modules that a new process has after each of these pieces of code."""
    code = "".join(f"{step}\n{NOTE}" for step in steps)
    run = [sys.executable, "-W", "ignore", "-c", code]
    out = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    return [set(json.loads(line)) for line in out.splitlines() if line.startswith('["')]


def too_many(loaded, unwanted):
    return {name for name in loaded if any(f"{name}.".startswith(f"{each}.") for each in unwanted)}


def test_the_classes_load_nothing_that_trains_and_a_fit_nothing_else():
    classes, fit = loaded_by(CLASSES, FIT)
    assert not too_many(classes, NOT_OF_THE_CLASSES)
    # 353 of the first class, before what trains was loaded by the first method that trains.
    assert sum(name.startswith("thalweg") for name in classes) <= 200
    assert not too_many(fit, NOT_OF_A_FIT)


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["fit", "predict"])
def test_the_help_of_a_verb_loads_no_table_and_no_network(verb):
    [loaded] = loaded_by(HELP.format(verb))
    assert not too_many(loaded, NOT_OF_A_HELP)


def test_the_names_of_the_lists_are_modules():
    """A module that was renamed would never be found to be loaded."""
    from importlib.util import find_spec

    ours = {name for name in NOT_OF_THE_CLASSES | NOT_OF_A_HELP if name.startswith("thalweg")}
    assert {name for name in ours if find_spec(name) is None} == set()
