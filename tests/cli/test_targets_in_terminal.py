"""What the verbs print of several targets."""

from thalweg.cli.targets_in_terminal import targets_of_file
from thalweg.jobs.show import ShowOutcome


def test_a_file_without_evaluations_says_so_and_how_to_see_one(capsys):
    from rich.console import Console

    outcome = ShowOutcome(
        verb="show", lines=[("Model", "m")], judgement=None, targets=["a b", "c"],
        result={"file": "m.safetensors"},
    )  # fmt: skip
    Console(width=100).print(targets_of_file(outcome))
    text = " ".join(capsys.readouterr().out.split())
    assert "saved without an evaluation" in text
    assert "thalweg show m.safetensors --target 'a b'" in text
