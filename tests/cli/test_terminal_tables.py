"""Tables on the terminal."""

import io

from rich.console import Console

from thalweg.cli.terminal_tables import page


def test_a_long_word_of_a_line_is_not_cut():
    words = "adam:lr=0.007740605338202494,beta_2=0.95,schedule=cosine,average=2,scales=6"
    console = Console(file=io.StringIO(), width=40)
    console.print(page([("Optimizer", words)]))
    told = console.file.getvalue()
    assert "…" not in told
    assert words in "".join(told.removeprefix("Optimizer").split())
