"""Each method calls the function that its documentation names, with all arguments."""

import importlib
import inspect

import pytest

from thalweg import ThalwegClassifier, ThalwegRegressor

SEARCH, X, Y = object(), object(), object()
PLOTS = "reporting.figures.model_plots"
DOORS = {
    "save": ("persistence.model_file", "save_model", ("m",), {"overwrite": False}),
    "plot_history": (PLOTS, "plot_history", (), {"dark": False}),
    "plot_lr_find": (PLOTS, "plot_lr_find", (SEARCH,), {"dark": False}),
    "lr_find": ("estimators.rate_search", "find_rate", (X, Y, None), {}),
    "trace": ("reporting.trace.model_trace", "trace_model", (X, Y), {}),
    "check_gradient": ("reporting.trace.model_trace", "check_model_gradient", (X, Y), {}),
    "landscape": ("reporting.landscape.model_landscape", "model_landscape", (X, Y), {}),
    "plot_roc": (PLOTS, "plot_roc", (X, Y), {"dark": False}),
    "plot_confusion_matrix": (
        PLOTS, "plot_confusion_matrix", (X, Y), {"threshold": None, "dark": False}
    ),
    "plot_predictions": (PLOTS, "plot_predictions", (X, Y), {"dark": False}),
}  # fmt: skip


@pytest.mark.parametrize("name", DOORS)
def test_a_door_leads_where_it_says(name, monkeypatch):
    module, function, given, defaults = DOORS[name]
    heard = []
    behind = importlib.import_module(f"thalweg.{module}")
    monkeypatch.setattr(behind, function, lambda *all, **named: heard.append((all, named)) or "out")
    kind = ThalwegRegressor if name == "plot_predictions" else ThalwegClassifier
    model = kind()
    gave = getattr(model, name)(*given)
    assert gave == (None if name == "save" else "out")
    assert heard == [((model, *given), defaults)]
    if defaults:
        changed = dict.fromkeys(defaults, "changed")
        getattr(model, name)(*given, **changed)
        assert heard[1] == ((model, *given), changed)
    assert f"thalweg.{module}" in inspect.getdoc(getattr(kind, name))
