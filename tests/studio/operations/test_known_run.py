"""A run as the server knows it: its curve grows, and each page gets what it has not got."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, tuples

from thalweg.studio.operations.known_run import KnownRun
from thalweg.studio.runs.shared_start import all_settings
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.outbox import Outbox
from thalweg.studio.wire.packets import Packet, PacketError

RUN = "a" * 64
TOLD = {
    "run": RUN, "step": 0, "total": 100, "state": "open", "why": "", "epoch": 4, "divergence": None
}  # fmt: skip
LISTED = {
    **TOLD, "id": RUN, "name": "sgd", "title": "small steps", "rule": "sgd:lr=0.1", "first": 0,
    "parent": None, "layers": 2, "table": "sample:wisconsin", "choices": {},
    "settings": all_settings({}), "about": ["a table: 699 rows."],
}  # fmt: skip


def points(first, last):
    steps = np.arange(first, last, dtype=np.int32)
    numbers = dict.fromkeys(("train", "valid", "whole", "rate"), steps + 0.5)
    return {"step": steps, **numbers, "gradient": np.ones((len(steps), 2), np.float32)}


def told(first, last, **more):
    return Packet({**TOLD, "step": last, **more}, points(first, last))


@given(lists(tuples(integers(0, 9), integers(0, 2)), max_size=100))
def test_each_page_gets_every_point_once(parts):
    run, pages = KnownRun.of(LISTED), [PageOutlet() for _ in range(2)]
    got = [[], []]
    step = 0
    for count, page in parts:
        run.take(told(max(0, step - 3), step + count))  # a worker may say some points again
        step += count
        if page < 2:
            packet = run.picture(pages[page])
            got[page] += list(packet.arrays.get("step", ()))
            assert (packet.head["last"], packet.head["step"]) == (step - 1, step)
    for steps, page in zip(got, pages, strict=True):
        steps += list(run.picture(page).arrays.get("step", ()))
        assert steps == list(range(step))
    run.again(pages[0])
    assert list(run.picture(pages[0]).arrays.get("step", ())) == list(range(step))


def test_pictures_that_wait_are_drawn_when_they_are_sent():
    run, page, box = KnownRun.of(LISTED), PageOutlet(), Outbox()
    for step in range(0, 50, 5):
        run.take(told(step, step + 5))
        box.put_picture("curve", lambda: run.picture(page))
    assert len(box) == 1
    assert list(box.take().arrays["step"]) == list(range(50))


def test_a_run_that_is_played_knows_the_time_to_its_end():
    now = [0.0]
    run = KnownRun(dict(LISTED), lambda: now[0])
    run.state, run.total = "running", 100
    run.want(float("inf"))
    assert run.seconds_left is None
    for step in range(0, 40, 10):
        run.take(told(step, step + 10))
        now[0] += 2.0
    assert run.seconds_left == pytest.approx(60 * 0.2)
    run.take(told(40, 50, state="ended", why="all steps were made"))
    assert (run.state, run.goes_on, run.seconds_left) == ("ended", False, None)


@pytest.mark.parametrize(
    "bad",
    [
        Packet({**TOLD, "run": "b" * 64}), Packet({**TOLD, "state": "x"}), Packet({}),
        Packet(TOLD, {"step": np.arange(3, dtype=np.int32)}),
        Packet(TOLD, {**points(0, 3), "train": np.zeros(2)}),
        Packet(TOLD, {**points(0, 3), "train": np.zeros(3, np.float32)}),
        Packet(TOLD, {**points(0, 3), "gradient": np.zeros((3, 3), np.float32)}),
        Packet(TOLD, {**points(0, 3), "step": np.zeros(3, np.int32)}),
    ],
)  # fmt: skip
def test_what_a_worker_says_is_checked(bad):
    run = KnownRun.of(LISTED)
    with pytest.raises(PacketError):
        run.take(bad)
    with pytest.raises(PacketError):
        KnownRun.of({**LISTED, "title": 3})
