"""Neural networks for tables, written from scratch, to understand and to trust.

Public names are imported when they are first used (PEP 562), so ``import thalweg`` loads nothing
else. The command line can therefore set its signal handlers before NumPy is loaded; not even
``typing`` is imported here, because Ctrl-C during it would show a traceback.
"""

TYPE_CHECKING = False

__version__ = "0.1.0"

# public name -> the module that defines it
_PUBLIC = {
    **dict.fromkeys(
        (
            "CheckpointError",
            "CheckpointWarning",
            "DataError",
            "DivergenceError",
            "DivergenceWarning",
            "ModelFileError",
            "ModelVersionError",
            "OutputError",
            "SettingsError",
            "ThalwegError",
            "ThalwegWarning",
            "UnfinishedError",
            "UnfinishedWarning",
            "UnseenLevelWarning",
        ),
        "thalweg.errors",
    ),
    "Checkpoint": "thalweg.training.checkpoint",
    "ClusterError": "thalweg.errors",
    "ClusterWarning": "thalweg.errors",
    "Evaluation": "thalweg.evaluation.any_estimator.evaluation",
    "ThalwegClassifier": "thalweg.estimators.classifier",
    "ThalwegRegressor": "thalweg.estimators.regressor",
    "check_table": "thalweg.data.doctor.table_check",
    "dlnet": "thalweg.estimators.article_network",
    "drift": "thalweg.estimators.drifting.model_drift",
    "effects": "thalweg.reporting.effects.effects_of_model",
    "evaluate": "thalweg.evaluation.any_estimator.evaluate_estimator",
    "evaluate_tuning": "thalweg.tuning.nested.evaluate_tuning",
    "fit_many": "thalweg.cluster.fit_many",
    "from_sklearn": "thalweg.estimators.from_others.from_sklearn",
    "from_torch": "thalweg.estimators.from_others.from_torch",
    "ground_of_runs": "thalweg.studio.ground.ground_of_runs",
    "importance": "thalweg.estimators.importance.importance_of_model",
    "json_schemas": "thalweg.jobs.documents.documents",
    "lesson": "thalweg.jobs.lessons.lesson_in_python",
    "load_model": "thalweg.persistence.model_file",
    "load_table": "thalweg.data.read",
    "model_card": "thalweg.jobs.cards.made_card",
    "race_landscape": "thalweg.reporting.landscape.landscape_display",
    "sweep": "thalweg.jobs.sweeps.sweep_in_python",
    "theta_of_run": "thalweg.studio.runs.theta_of_run",
    "tune": "thalweg.tuning.tune_estimator",
}

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "CheckpointWarning",
    "ClusterError",
    "ClusterWarning",
    "DataError",
    "DivergenceError",
    "DivergenceWarning",
    "Evaluation",
    "ModelFileError",
    "ModelVersionError",
    "OutputError",
    "SettingsError",
    "ThalwegClassifier",
    "ThalwegError",
    "ThalwegRegressor",
    "ThalwegWarning",
    "UnfinishedError",
    "UnfinishedWarning",
    "UnseenLevelWarning",
    "check_table",
    "dlnet",
    "drift",
    "effects",
    "evaluate",
    "evaluate_tuning",
    "fit_many",
    "from_sklearn",
    "from_torch",
    "ground_of_runs",
    "importance",
    "json_schemas",
    "lesson",
    "load_model",
    "load_table",
    "model_card",
    "race_landscape",
    "sweep",
    "theta_of_run",
    "tune",
]

if TYPE_CHECKING:
    from typing import Any

    from thalweg.cluster.fit_many import fit_many
    from thalweg.data.doctor.table_check import check_table
    from thalweg.data.read import load_table
    from thalweg.errors import (
        CheckpointError,
        CheckpointWarning,
        ClusterError,
        ClusterWarning,
        DataError,
        DivergenceError,
        DivergenceWarning,
        ModelFileError,
        ModelVersionError,
        OutputError,
        SettingsError,
        ThalwegError,
        ThalwegWarning,
        UnfinishedError,
        UnfinishedWarning,
        UnseenLevelWarning,
    )
    from thalweg.estimators.article_network import dlnet
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.estimators.drifting.model_drift import drift
    from thalweg.estimators.from_others.from_sklearn import from_sklearn
    from thalweg.estimators.from_others.from_torch import from_torch
    from thalweg.estimators.importance.importance_of_model import importance
    from thalweg.estimators.regressor import ThalwegRegressor
    from thalweg.evaluation.any_estimator.evaluate_estimator import evaluate
    from thalweg.evaluation.any_estimator.evaluation import Evaluation
    from thalweg.jobs.cards.made_card import model_card
    from thalweg.jobs.documents.documents import json_schemas
    from thalweg.jobs.lessons.lesson_in_python import lesson
    from thalweg.jobs.sweeps.sweep_in_python import sweep
    from thalweg.persistence.model_file import load_model
    from thalweg.reporting.effects.effects_of_model import effects
    from thalweg.reporting.landscape.landscape_display import race_landscape
    from thalweg.studio.ground.ground_of_runs import ground_of_runs
    from thalweg.studio.runs.theta_of_run import theta_of_run
    from thalweg.training.checkpoint import Checkpoint
    from thalweg.tuning.nested.evaluate_tuning import evaluate_tuning
    from thalweg.tuning.tune_estimator import tune


# What thalweg needs, by the names of imports.
_NEEDS = {
    "matplotlib": "matplotlib",
    "narwhals": "narwhals",
    "numpy": "numpy",
    "pandas": "pandas",
    "PIL": "pillow",
    "platformdirs": "platformdirs",
    "rich": "rich",
    "sklearn": "scikit-learn",
    "scipy": "scipy",
    "threadpoolctl": "threadpoolctl",
    "typer": "typer",
}


def __getattr__(name: str) -> "Any":
    if name not in _PUBLIC:
        raise AttributeError(f"module 'thalweg' has no attribute {name!r}")
    from importlib import import_module

    try:
        module = import_module(_PUBLIC[name])
    except ModuleNotFoundError as error:
        if error.name in _NEEDS:
            raise ModuleNotFoundError(
                _lacking(name, _NEEDS[error.name]), name=error.name
            ) from error
        raise
    return getattr(module, name)


def _lacking(name: str, package: str) -> str:
    """What to say where a package is missing that thalweg needs: most often in a browser."""
    import sys

    packages = sorted(_NEEDS.values())
    fix = f"python -m pip install {' '.join(packages)}"
    if sys.platform == "emscripten":
        fix = f"import micropip; await micropip.install({packages})"
    return (
        f"thalweg.{name} needs {package}, which is not installed here. thalweg came here without "
        f"the packages that it needs. Fix: {fix}"
    )


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
