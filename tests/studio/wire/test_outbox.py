"""The outbox: no event is lost, doubled or out of order; of pictures the latest counts."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from thalweg.studio.wire.outbox import EventLog, Numbered, Outbox
from thalweg.studio.wire.packets import Packet


def test_events_come_first_and_in_order_then_pictures_by_turns() -> None:
    log, box = EventLog(), Outbox()
    box.put_picture("curve", Packet({"n": 1}))
    box.put_picture("ground", Packet({"n": 2}))
    box.put_event(log.add(Packet({"type": "began"})))
    box.put_picture("curve", Packet({"n": 3}))
    box.put_event(log.add(Packet({"type": "ended"})))
    assert len(box) == 4
    taken = [box.take() for _ in range(5)]
    assert [each.number for each in taken[:2] if isinstance(each, Numbered)] == [1, 2]
    assert [each.head["n"] for each in taken[2:4] if isinstance(each, Packet)] == [3, 2]
    assert taken[4] is None


def test_a_page_that_takes_nothing_costs_no_more_than_its_bound() -> None:
    log, box = EventLog(), Outbox(most_events=10)
    for n in range(100):
        box.put_event(log.add(Packet({"n": n})))
        box.put_picture("curve", Packet({"n": n}))
        assert len(box) <= 11
    assert box.has_overflowed
    assert box.take() is None


@given(most=st.integers(1, 6), n_events=st.integers(0, 12), has=st.integers(-3, 15))
def test_a_page_that_comes_back_gets_the_rest_or_nothing(
    most: int, n_events: int, has: int
) -> None:
    log = EventLog(most)
    for n in range(1, n_events + 1):
        assert log.add(Packet({"n": n})).number == n
    rest = log.after(has)
    wanted = list(range(has + 1, n_events + 1))
    if has > n_events or has < 0 or len(wanted) > most:
        assert rest is None
    else:
        assert rest is not None
        assert [event.number for event in rest] == wanted
        assert [event.packet.head["n"] for event in rest] == wanted


class Pages(RuleBasedStateMachine):
    """A page that drops out and comes back at any time, beside a list of all events."""

    def __init__(self) -> None:
        super().__init__()
        self.log, self.box = EventLog(50), Outbox(50)
        self.has, self.seen = 0, list[int]()
        self.pictures: dict[str, int] = {}
        self.shown: dict[str, int] = {}
        self.n = 0

    @rule()
    def event(self) -> None:
        self.n += 1
        self.box.put_event(self.log.add(Packet({"n": self.n})))

    @rule(slot=st.sampled_from("abc"))
    def picture(self, slot: str) -> None:
        self.n += 1
        self.pictures[slot] = self.n
        self.box.put_picture(slot, Packet({"slot": slot, "n": self.n}))

    @rule()
    def takes(self) -> None:
        given: Any = self.box.take()
        if isinstance(given, Numbered):
            self.has = given.number
            self.seen.append(given.number)
        elif given is not None:
            slot, n = given.head["slot"], given.head["n"]
            assert n == self.pictures[slot] > self.shown.get(slot, 0)
            self.shown[slot] = n

    @rule()
    def comes_back(self) -> None:
        self.box = Outbox(50)
        rest = self.log.after(self.has)
        assert rest is not None
        for event in rest:
            self.box.put_event(event)

    @invariant()
    def nothing_is_lost(self) -> None:
        assert self.seen == list(range(1, self.has + 1))


TestPages = Pages.TestCase
