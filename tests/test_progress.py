import io
import sys

from thalweg.training.progress import Bar, Lines, Silent, watch

RECORD = {"epoch": 1, "train_loss": 0.5, "valid_loss": None}


def test_a_log_gets_a_line_every_few_seconds_and_one_at_the_end():
    stream = io.StringIO()
    seconds = iter([0.0, *(i / 10 for i in range(1, 1000))])
    with Lines("Training", 70, stream, clock=lambda: next(seconds)) as progress:
        for _ in range(70):
            progress.epoch({**RECORD, "valid_loss": 0.25})
    lines = stream.getvalue().splitlines()
    assert lines[0] == "Training: epoch 30 of 70, loss 0.5000, held out 0.2500"
    assert lines[-1] == "Training: 70 epochs, loss 0.5000, held out 0.2500"
    assert len(lines) == 3
    assert "\r" not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_a_descent_that_never_began_says_nothing():
    stream = io.StringIO()
    with Lines("Training", 70, stream):
        pass
    assert stream.getvalue() == ""


def test_the_bar_shows_and_leaves_nothing_behind(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with Bar("Training", 3, stream) as progress:
        for _ in range(3):
            progress.epoch(RECORD)
    assert "Training" in stream.getvalue()
    assert "3/3" in stream.getvalue()


def test_who_watches_decides(monkeypatch):
    assert isinstance(watch("t", 3, verbose=0), Silent)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(watch("t", 3, verbose=1), Lines)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert isinstance(watch("t", 3, verbose=1), Bar)


def test_silence_is_silent(capsys):
    with watch("t", 3, verbose=0) as progress:
        progress.epoch(RECORD)
    assert capsys.readouterr() == ("", "")
