"""The commands that make one model for each kind of several targets."""

import shlex

from thalweg.evaluation.task_kinds import ONE_NUMBER, SEVERAL_CLASSES, TWO_CLASSES
from thalweg.jobs.evaluate import EvaluateRequest
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.jobs.targets.commands_of_kinds import commands_of_kinds

KINDS = {"ill": TWO_CLASSES, "x": ONE_NUMBER, "three": SEVERAL_CLASSES, "old one": TWO_CLASSES}


def test_each_command_has_the_options_of_its_kind():
    request = EvaluateRequest(
        table="t.csv", folds=3, seed=4, reading=Reading(separator=";"),
        columns=Columns(
            targets=tuple(KINDS), positives={"ill": "yes"}, drop=["z"], number={"x": "1,5"},
            missing=["k.A."], drop_missing=["x", "ill"], group="case",
        ),
        settings={"hidden_layer_sizes": (8,), "loss": "huber", "class_weight": "balanced"},
        sections=AskedSections(missed=5, alarm=1, no_trees=True),
    )  # fmt: skip
    labels, number, several = map(shlex.split, commands_of_kinds(KINDS, request, "evaluate"))
    for words in (labels, number, several):
        text = " ".join(words)
        assert text.startswith("thalweg evaluate t.csv --target")
        for option in (
            "--hidden 8", "--drop z", "--number x=1,5", "--missing k.A.", "--group case",
            "--separator ;", "--folds 3", "--seed 4", "--no-trees",
        ):  # fmt: skip
            assert option in text
    assert "--target ill --target old one --positive ill=yes" in " ".join(labels)
    assert labels[labels.index("--drop-missing") + 1] == "ill"
    assert number[number.index("--drop-missing") + 1] == "x"
    assert "--drop-missing" not in several
    assert ("--loss" in labels, "--loss" in number) == (False, True)
    assert ("--class-weight" in labels, "--class-weight" in number) == (True, False)
    assert ("--missed" in labels, "--missed" in number) == (True, False)
