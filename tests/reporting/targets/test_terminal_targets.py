"""Several targets on a terminal of 80 columns."""

import io

from rich.console import Console

from thalweg.reporting.targets.terminal_targets import targets_page


def _estimate(value):
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


def _verdict(ruling):
    models = ("logistic regression", "boosted trees", "always the commoner class")
    judged = {name: {"metrics": {"log_loss": _estimate(0.5)}, "n_samples": 60} for name in models}
    differences = {
        name: {"measure": "log-loss", "verdict": ruling} for name in models
    }  # fmt: skip
    return {
        "task": "binary", "how": "Trained on 200 rows, evaluated on 60 held out",
        "network": {"metrics": {"log_loss": _estimate(0.4)}, "n_samples": 60},
        "baselines": judged, "differences": differences, "sentence": "",
    }  # fmt: skip


def _printed(evaluated):
    out = io.StringIO()
    page = targets_page(evaluated, ["They go together."], "More.")
    Console(file=out, width=80).print(page)
    return out.getvalue()


def test_a_line_and_a_verdict_for_each_target():
    text = _printed({"a": _verdict("better"), "a_long_name_of_a_target": _verdict("worse")})
    assert max(map(len, text.splitlines())) <= 80
    assert "[0.35, 0.45]" in text
    assert "The network is better than logistic regression." in text
    assert "Logistic regression is better than the network" in text
    assert "They go together." in text


def test_one_verdict_of_all_stands_once():
    text = _printed({"a": _verdict("better"), "b": _verdict("better")})
    assert text.count("The network is better than logistic regression.") == 1
    assert "Each target: The network" in text
