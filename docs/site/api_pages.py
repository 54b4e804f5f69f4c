"""The pages of the Python interface: one for each public name, grouped by task."""

import inspect
import re
from pathlib import Path
from typing import Any

import thalweg

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"(.*?)^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# task -> what it is for, and its names
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Tables": ("Read a table, and check it before a fit.", ("load_table", "check_table")),
    "Models": (
        "Fit, predict, save and load.",
        ("ThalwegClassifier", "ThalwegRegressor", "load_model"),
    ),
    "Evaluation": (
        "What predictions are worth on rows that the model has not seen.",
        ("evaluate", "Evaluation", "evaluate_tuning"),
    ),
    "Explanation": (
        "Which columns matter, how answers follow them, and whether a table has changed.",
        ("importance", "effects", "drift", "model_card"),
    ),
    "Settings": ("Search settings, or draw the loss over them.", ("tune", "sweep")),
    "Learning": (
        "Landscapes, lessons, and the network of the article.",
        ("race_landscape", "ground_of_runs", "theta_of_run", "lesson", "dlnet"),
    ),
    "Networks of other programs": (
        "Bring a network over with its weights.",
        ("from_sklearn", "from_torch"),
    ),
    "Long fits, many fits": (
        "Go on after a kill, or fit many models on a cluster.",
        ("Checkpoint", "fit_many"),
    ),
    "Programs that read JSON": ("What documents of thalweg may hold.", ("json_schemas",)),
    "Errors": (
        "Each says what, where, why and how to fix it.",
        (
            "ThalwegError",
            "DataError",
            "SettingsError",
            "ModelFileError",
            "ModelVersionError",
            "CheckpointError",
            "OutputError",
            "ClusterError",
            "DivergenceError",
            "UnfinishedError",
        ),
    ),
    "Warnings": (
        "All are of one class, so one filter silences them.",
        (
            "ThalwegWarning",
            "DivergenceWarning",
            "UnfinishedWarning",
            "CheckpointWarning",
            "ClusterWarning",
            "UnseenLevelWarning",
        ),
    ),
}
# name -> the page of the guide that has more
GUIDES = {
    "load_table": "reading",
    "check_table": "tables",
    "ThalwegClassifier": "estimators",
    "ThalwegRegressor": "estimators",
    "load_model": "model-file",
    "evaluate": "estimators",
    "Evaluation": "estimators",
    "evaluate_tuning": "tuning",
    "importance": "importance",
    "effects": "effects",
    "drift": "drift",
    "model_card": "card",
    "tune": "tuning",
    "sweep": "tuning",
    "race_landscape": "landscape",
    "ground_of_runs": "studio",
    "theta_of_run": "studio",
    "lesson": "lessons",
    "dlnet": "article",
    "from_sklearn": "coming-from",
    "from_torch": "coming-from",
    "Checkpoint": "training",
    "fit_many": "cluster",
    "CheckpointError": "training",
    "CheckpointWarning": "training",
    "ClusterError": "cluster",
    "ClusterWarning": "cluster",
    "DivergenceError": "training",
    "DivergenceWarning": "training",
    "UnseenLevelWarning": "tables",
    "ModelFileError": "model-file",
    "ModelVersionError": "model-file",
    "DataError": "tables",
    "json_schemas": "json-schemas",
}
# What scikit-learn adds to each estimator, for its own routing of arguments.
ROUTING = (
    "get_metadata_routing, set_fit_request, set_partial_fit_request, set_predict_request, "
    "set_score_request, set_predict_proba_request"
)


def public_names() -> list[str]:
    """Every public name of the package."""
    # Rooms of the package are among its names once something has imported them.
    return [
        name
        for name in dir(thalweg)
        if not name.startswith("_")
        and name != "TYPE_CHECKING"
        and not inspect.ismodule(getattr(thalweg, name, thalweg))
    ]


def directive(name: str, thing: Any) -> list[str]:
    """How Sphinx documents a name."""
    if not inspect.isclass(thing):
        return [f".. autofunction:: {name}"]
    if issubclass(thing, BaseException):
        members = ["   :members:"] if name == "ThalwegError" else []
        return [f".. autoexception:: {name}", "   :show-inheritance:", *members]
    return [
        f".. autoclass:: {name}",
        "   :members:",
        "   :inherited-members:",
        f"   :exclude-members: {ROUTING}",
    ]


def example(name: str) -> list[str]:
    """The example of a name in docs/examples.md, where its docstring has none."""
    text = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        return []
    lines = ["", ".. rubric:: Example", ""]
    for prose, kind, body in FENCE.findall(section[1]):
        lines += [*re.sub(r"`([^`]+)`", r"``\1``", prose).strip().splitlines(), ""]
        lines += [f".. code-block:: {kind}", "", *(f"   {line}" for line in body.splitlines()), ""]
    first = ":doc:`Before it stand the table and the network </docs/examples>`."
    return [*lines, first] if "model" in section[1] or "network" in section[1] else lines


def page(name: str) -> str:
    """The page of a name."""
    lines = [name, "=" * len(name), "", ".. currentmodule:: thalweg", ""]
    lines += [*directive(name, getattr(thalweg, name)), *example(name)]
    if guide := GUIDES.get(name):
        lines += ["", f"The guide has more: :doc:`/docs/{guide}`."]
    lines += ["", f".. minigallery:: thalweg.{name}", "   :add-heading: Pictures made with it", ""]
    return "\n".join(lines)


def first_sentence(name: str) -> str:
    """What a docstring says first, for the overview."""
    summary = " ".join((inspect.getdoc(getattr(thalweg, name)) or "").split("\n\n")[0].split())
    return summary.partition(". ")[0].rstrip(".")


def overview() -> str:
    """All names by task."""
    lines = [
        "Python",
        "======",
        "",
        "Every public name of ``thalweg`` has a page with an example",
        "that the tests run.",
        "",
    ]
    for task, (about, names) in GROUPS.items():
        lines += [task, "-" * len(task), "", about, "", ".. list-table::", "   :widths: 1 3", ""]
        for name in names:
            lines += [f"   * - :doc:`{name} <{name}>`", f"     - {first_sentence(name)}"]
        lines += ["", ".. toctree::", "   :hidden:", ""]
        lines += [*(f"   {name}" for name in names), ""]
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """The text of each page by its place."""
    made = {f"api/{name}.rst": page(name) for name in public_names()}
    return {"api/index.rst": overview(), **made}
