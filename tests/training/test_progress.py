import io
import sys
from types import SimpleNamespace

import numpy as np

from thalweg import ThalwegClassifier
from thalweg.errors import Status
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.mean_of_networks import mean_record, report_mean
from thalweg.training.progress import (
    Log,
    Meter,
    ProgressStep,
    ShownProgress,
    Silent,
    Told,
    progress_told_to,
    watch,
)
from thalweg.training.train import Descent

RECORD = {"epoch": 1, "train_loss": 0.5, "valid_loss": None}


def lines(title, total, stream, networks=0, **more):
    return ShownProgress(title, total, Log(stream, **more), networks)


def bar(title, total, stream, networks=0, **more):
    return ShownProgress(title, total, Meter(stream, **more), networks)


def test_a_log_gets_a_line_every_few_seconds_and_one_at_the_end():
    stream = io.StringIO()
    seconds = iter([0.0, *(i / 10 for i in range(1, 1000))])
    with lines("Training", 70, stream, clock=lambda: next(seconds)) as progress:
        for _ in range(70):
            progress.epoch({**RECORD, "valid_loss": 0.25})
    said = stream.getvalue().splitlines()
    assert said[0] == "Training: epoch 30 of 70, loss 0.5000, held out 0.2500"
    assert said[-1] == "Training: 70 epochs, loss 0.5000, held out 0.2500"
    assert len(said) == 3
    assert "\r" not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_a_descent_that_never_began_says_nothing():
    stream = io.StringIO()
    with lines("Training", 70, stream):
        pass
    assert stream.getvalue() == ""


def test_the_bar_shows_and_leaves_nothing_behind(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with bar("Training", 3, stream) as progress:
        for _ in range(3):
            progress.epoch(RECORD)
    assert "Training" in stream.getvalue()
    assert "3/3" in stream.getvalue()


def test_who_watches_decides(monkeypatch):
    assert isinstance(watch("t", 3, verbose=0), Silent)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(watch("t", 3, verbose=1).by, Log)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with watch("t", 3, verbose=1) as progress:
        assert isinstance(progress.by, Meter)


def test_silence_is_silent(capsys):
    with watch("t", 3, verbose=0) as progress:
        progress.epoch(RECORD)
    assert capsys.readouterr() == ("", "")


def test_many_networks_are_counted_and_what_they_spare_is_not_waited_for():
    stream = io.StringIO()
    seconds = iter(range(0, 1000, 2))
    with lines("Folds", 30, stream, clock=lambda: next(seconds), networks=3) as progress:
        for _ in range(4):
            progress.epoch(RECORD)
        progress.network(6)
        for _ in range(3):
            progress.epoch(RECORD)
    assert stream.getvalue().splitlines() == [
        "Folds: epoch 2 of 30, 0 of 3 networks, loss 0.5000",
        "Folds: epoch 4 of 30, 0 of 3 networks, loss 0.5000",
        "Folds: epoch 6 of 24, 1 of 3 networks, loss 0.5000",
        "Folds: 7 epochs, 1 of 3 networks, loss 0.5000",
    ]


def terminal(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    return stream


def test_the_bar_counts_networks_too(monkeypatch):
    stream = terminal(monkeypatch)
    with bar("Folds", 6, stream, networks=2) as progress:
        progress.epoch(RECORD)
        progress.network(2)
        progress.epoch({**RECORD, "train_loss": 0.125})
    assert "2/4" in stream.getvalue()
    assert "1 of 2 networks, loss 0.1250" in stream.getvalue()


def test_the_bar_moves_no_faster_than_an_eye(monkeypatch):
    now = [0.0]
    with bar("Training", 1000, terminal(monkeypatch), clock=lambda: now[0]) as progress:
        drawn = []
        monkeypatch.setattr(
            progress.by.bar, "update", lambda *_, completed, **__: drawn.append(completed)
        )
        for _ in range(10):
            progress.epoch(RECORD)
        now[0] = 0.0499
        progress.epoch(RECORD)
        assert drawn == []
        now[0] = 0.05
        progress.epoch(RECORD)
        assert drawn == [12]
        progress.epoch(RECORD)
    assert drawn == [12, 13]


def test_a_descent_that_is_taken_up_again_begins_at_its_epochs():
    stream, now = io.StringIO(), [0.0]
    with lines("Training", 9, stream, clock=lambda: now[0]) as progress:
        for epoch in (6, 7, 8):
            now[0] += 4
            progress.epoch({**RECORD, "epoch": epoch})
    assert [line.split(",")[0] for line in stream.getvalue().splitlines()] == [
        "Training: epoch 6 of 9",
        "Training: epoch 7 of 9",
        "Training: epoch 8 of 9",
        "Training: 8 epochs",
    ]


def test_the_time_that_is_left_does_not_take_epochs_of_before_for_fast_ones(monkeypatch):
    now = [0.0]
    with bar("Training", 1000, terminal(monkeypatch), clock=lambda: now[0]) as progress:
        progress.by.bar.get_time = lambda: now[0]
        for epoch in range(501, 511):
            now[0] += 2.0
            progress.epoch({**RECORD, "epoch": epoch})
        [task] = progress.by.bar.tasks
        assert task.completed == 510
        assert task.speed == 0.5  # epochs a second


def test_watching_many():
    silent = watch("t", 3, verbose=0, networks=2)
    silent.network(1)
    assert isinstance(silent, Silent)


def test_networks_are_handed_on(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with watch("t", 3, verbose=1, networks=2) as progress:
        assert progress.networks == 2
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with watch("t", 3, verbose=1, networks=2) as progress:
        assert progress.networks == 2


def test_who_listens_gets_it_and_nothing_is_shown(capsys):
    steps = []
    with progress_told_to(steps.append), watch("Training", 3, verbose=0, networks=2) as progress:
        progress.epoch(RECORD)
        progress.network(1)
    assert isinstance(progress, Told)
    assert steps == [
        ProgressStep("Training", 1, 3, "epoch", 0, 2, RECORD),
        ProgressStep("Training", 1, 2, "epoch", 1, 2, RECORD, ended=True),
    ]
    assert steps[-1].said == "1 of 2 networks, loss 0.5000"
    assert capsys.readouterr() == ("", "")
    assert isinstance(watch("Training", 3, verbose=0), Silent)


def test_a_penalty_that_is_part_of_the_loss_is_said(monkeypatch):
    stream = io.StringIO()
    with ShownProgress("Training", 1, Log(stream), penalty=True) as progress:
        progress.epoch({"epoch": 1, "train_loss": 0.5, "valid_loss": 0.25})
    assert stream.getvalue() == "Training: 1 epoch, loss 0.5000 with its penalty, held out 0.2500\n"
    steps = []
    with progress_told_to(steps.append), watch("t", 1, verbose=0, penalty=True) as progress:
        progress.epoch(RECORD)
    assert [step.said for step in steps] == ["loss 0.5000 with its penalty"] * 2
    monkeypatch.setattr("sys.stderr", io.StringIO())
    X, y = np.arange(40.0)[:, None], np.arange(40) % 2
    how = {"hidden_layer_sizes": (2,), "max_iter": 1, "random_state": 0, "verbose": 1}
    for penalties, said in (
        ({}, True), ({"alpha": 0.0}, False), ({"alpha": 0.0, "l1": 0.1}, True),
    ):  # fmt: skip
        model = ThalwegClassifier(**how, **penalties).fit(X, y).fit_more(X, y, 1)
        lines = sys.stderr.getvalue().splitlines()
        assert len(lines) == 2
        assert [("with its penalty" in line) for line in lines] == [said, said]
        assert model.alpha == penalties.get("alpha", "auto")
        monkeypatch.setattr("sys.stderr", io.StringIO())


def test_the_last_line_of_several_networks_is_their_mean():
    X = np.zeros((6, 1))
    data = Data.of(X, X, np.array([1.0, 1.0, 2.0, 4.0, 1.0, 1.0]))

    once = Settings(parse_optimizer("sgd"), 8, 2)

    def member(rows, held_out):
        network = Architecture((1, 1), ("identity",))
        place = np.array(held_out)
        return Member(network, np.zeros(2), data, "squared_error", 0.0, once, rows, place)

    def descent(*losses):
        history = [{"epoch": 1, "train_loss": a, "valid_loss": b} for a, b in losses]
        return Descent(np.zeros(2), 1, Status.PATIENCE, history)

    members = [member(np.array([0, 1]), [3]), member(np.array([2, 3]), [4, 5])]
    descents = [descent((1.0, 2.0), (9.0, 9.0)), descent((9.0, 9.0), (5.0, 7.0))]
    mean = mean_record(members, descents, [1, 2])
    assert mean == {"train_loss": (2 * 1.0 + 6 * 5.0) / 8, "valid_loss": (4 * 2.0 + 2 * 7.0) / 6}
    assert mean_record(members, descents, [0, 2]) == {"train_loss": 5.0, "valid_loss": 7.0}
    assert mean_record(members, descents, [0, 0]) is None
    steps = []
    with progress_told_to(steps.append), watch("Training", 3, verbose=0, networks=2) as progress:
        progress.epoch(RECORD)
        report_mean(progress, members, descents, [None, SimpleNamespace(best_epoch=2)])
    assert [step.said for step in steps] == [
        "0 of 2 networks, loss 0.5000",
        "0 of 2 networks, mean of their best epochs: loss 4.0000, held out 3.6667",
    ]


def test_networks_on_all_rows_count_by_the_weight_of_their_rows():
    def member(*weights):
        X = np.zeros((len(weights), 1))
        network = Architecture((1, 1), ("identity",))
        once = Settings(parse_optimizer("sgd"), 8, 2)
        data = Data.of(X, X, np.array(weights))
        return Member(network, np.zeros(2), data, "squared_error", 0.0, once)

    descents = [
        Descent(np.zeros(2), 1, Status.MAX_EPOCHS, [{"train_loss": loss, "valid_loss": None}])
        for loss in (1.0, 7.0)
    ]
    mean = mean_record([member(1.0, 3.0), member(2.0, 3.0, 3.0)], descents, [1, 1])
    assert mean == {"train_loss": (4 * 1.0 + 8 * 7.0) / 12, "valid_loss": None}


def test_the_last_line_of_one_network_is_its_last_epoch_and_no_mean():
    data = Data.of(np.zeros((2, 1)), np.zeros((2, 1)))
    once = Settings(parse_optimizer("sgd"), 8, 2)
    network = Architecture((1, 1), ("identity",))
    member = Member(network, np.zeros(2), data, "squared_error", 0.0, once)
    history = [{"epoch": 1, "train_loss": 7.0, "valid_loss": None}]
    steps = []
    with progress_told_to(steps.append), watch("Training", 3, verbose=0) as progress:
        progress.epoch(RECORD)
        report_mean(progress, [member], [Descent(np.zeros(2), 1, Status.PATIENCE, history)], [1])
    assert [(step.said, step.mean) for step in steps] == [("loss 0.5000", False)] * 2


def test_a_total_that_is_not_known_is_not_said():
    stream, seconds = io.StringIO(), iter(range(0, 1000, 100))
    log = Log(stream, lambda: next(seconds))
    log.show(ProgressStep("Reading the columns", 172_738, 0, "row"))
    log.show(ProgressStep("Pass 1 of 2", 5, 300_000, "row"))
    assert stream.getvalue() == "Reading the columns: row 172,738\nPass 1 of 2: row 5 of 300,000\n"
    meter = Meter(io.StringIO(), lambda: next(seconds))
    meter.show(ProgressStep("Reading the columns", 172_738, 0, "row"))
    (task,) = meter.bar.tasks
    assert (task.completed, task.total) == (172_738, None)
    meter.show(ProgressStep("Reading the columns", 200_000, 300_000, "row"))
    assert task.total == 300_000
    meter.close()
