"""What stands beside runs: the losses of models with their rows, and the scale of a target."""

from pathlib import Path

import pytest

from studio.messy_table import messy_table
from studio.models.asked_models import asked_models


def test_losses_stand_with_the_rows_that_they_are_of(tmp_path: Path) -> None:
    choices = {"target": "Ill", "ids": ["Patient No"]}
    with asked_models(tmp_path / "w") as models:
        table = models.add(messy_table(), "t.csv")
        model = models.fit(table, choices=choices)
        found = models.beside(table, choices, [model])
    assert found["scale"] is None
    (one,) = found["models"]
    figures = one["figures"]
    assert (one["file"], one["made"], figures["measure"]) == ("t.safetensors", "fit", "log-loss")
    assert f"evaluated on {figures['n_test']} held out" in figures["how"]
    subjects = [each["subject"] for each in figures["losses"]]
    assert subjects[0] == "network"
    assert "logistic regression" in subjects
    assert figures["locks"]
    assert len(figures["data_hash"]) == 64
    assert figures["fold"] is None  # this fit has held out rows in place of folds


def test_a_number_has_the_scale_of_the_runs(tmp_path: Path) -> None:
    lines = ["x,y", *(f"{i},{10 + i % 7}" for i in range(60))]
    with asked_models(tmp_path / "w") as models:
        table = models.add("\n".join(lines).encode(), "n.csv")
        choices = {"target": "y", "task": "regression"}
        model = models.fit(table, choices=choices)
        found = models.beside(table, choices, [model])
        assert models.beside(table, {"target": "z"}, [])["scale"] is None
    values = [10 + i % 7 for i in range(60)]
    mean = sum(values) / 60
    spread = (sum((each - mean) ** 2 for each in values) / 60) ** 0.5
    assert found["scale"] == pytest.approx(spread)
    figures = found["models"][0]["figures"]
    assert (figures["measure"], figures["locks"]) == ("RMSE", False)
