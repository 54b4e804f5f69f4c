"""What several threads in one kernel need: a gate, a barrier, and the share of each.

Every thread runs the same kernel on the same bench, and computes a share of the units or of θ.
An element of a product is one sum whoever computes it, so no bit depends on the threads.

Kernels have one text for one thread and for several. The type of a team says which: without
threads it is the empty tuple, and what is below becomes nothing, or a constant.

At the gate the leader decides how many threads take part: those that came in time. Nobody waits
there for ever, so a thread that could not start, was interrupted, or came too late takes no part.
Behind the gate there is only compiled code, which cannot be interrupted. A thread that waits there
gives up its core after some microseconds, so the others go on also where they have to share it.
"""

import platform
from inspect import signature
from typing import Any, NamedTuple

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from thalweg.network.compiled.code_types import Body, Builder, Context, Kind, Target, Typed, Values
from thalweg.network.compiled.kernel_arguments import INSIDE, call
from thalweg.network.compiled.vector_code import LINE, SHORT, WORD, claim_line

# The gate after the leader went in alone.
CLOSED = -1
# Words of a board, so far apart that no two share a cache line, nor a pair of lines.
APART = 128
GATE, COUNT, ROUND = 0, APART, 2 * APART
N_BYTES = 3 * APART
# A thread looks so many times before it gives up its core: about 40 µs, which is longer than most
# meetings take, because on a busy machine another process then keeps the core for milliseconds.
# Where there are more threads than cores, the core is given up soon.
LOOKS, LOOKS_WHERE_CORES_ARE_FEW = 1500, 2
# How many times the leader gives up its core at the gate, at least 10 ms; then it goes without
# those that are missing. Others wait longer for the leader.
LEADS_AFTER, LEAVES_AFTER = 30_000, 1_000_000
# Shares of θ begin at multiples of this, as the turns of a compiled loop do.
TURN = 64


class Team(NamedTuple):
    """A thread among others: its place (the leader's is 0), and how many there are.

    ``board`` is the address of ``N_BYTES`` zeros that only this call has, ``rest`` that of a
    function of the system that gives up the core, ``looks`` how often a thread looks before, and
    ``room`` the bytes of scratch memory for the copies of wide products that each thread has.
    """

    place: int
    size: int
    board: int
    rest: int
    looks: int
    room: int


# --- words that threads share --------------------------------------------------------------------


@intrinsic
def _look(context: Context, at: Kind) -> Any:
    """The word at an address."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        return bl.load_atomic(bl.inttoptr(values[0], WORD.as_pointer()), "acquire", 8)

    return types.intp(types.intp), generate


@intrinsic
def _put(context: Context, at: Kind, word: Kind) -> Any:
    """Write a word."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        bl.store_atomic(values[1], bl.inttoptr(values[0], WORD.as_pointer()), "release", 8)
        return target.get_dummy_value()

    return types.void(types.intp, types.intp), generate


@intrinsic
def _add(context: Context, at: Kind, number: Kind) -> Any:
    """Add to a word; returns what it was."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        place = bl.inttoptr(values[0], WORD.as_pointer())
        return bl.atomic_rmw("add", place, values[1], "seq_cst")

    return types.intp(types.intp, types.intp), generate


@intrinsic
def _swap(context: Context, at: Kind, old: Kind, new: Kind) -> Any:
    """Write a word if it is still the old one; returns whether it was."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        place = bl.inttoptr(values[0], WORD.as_pointer())
        found = bl.cmpxchg(place, values[1], values[2], "seq_cst", "seq_cst")
        return bl.extract_value(found, 1)

    return types.boolean(types.intp, types.intp, types.intp), generate


@intrinsic
def _pause(context: Context) -> Any:
    """Tell the processor that this thread waits."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        machine = platform.machine().lower()
        if machine in ("x86_64", "amd64"):
            kind = ir.FunctionType(ir.VoidType(), [])
            pause = "llvm.x86.sse2.pause"
            bl.call(cgutils.get_or_insert_function(bl.module, kind, pause), [])
        elif machine in ("arm64", "aarch64"):
            kind = ir.FunctionType(ir.VoidType(), [SHORT])
            hint = cgutils.get_or_insert_function(bl.module, kind, "llvm.aarch64.hint")
            bl.call(hint, [ir.Constant(SHORT, 1)])
        return target.get_dummy_value()

    return types.void(), generate


@njit(**INSIDE)
def _rest(team: Team) -> None:
    """Give up the core."""
    call(types.int32(0), team.rest, ())


# --- what each of the threads does ---------------------------------------------------------------


@njit(**INSIDE)
def _lead(team: Team) -> int:
    """Close the gate; returns how many threads take part."""
    rounds = 0
    while True:
        there = _look(team.board + GATE)
        if there < 0:  # one of the others waited too long, and closed it
            return 1
        if there == team.size - 1 or rounds == LEADS_AFTER:
            if _swap(team.board + GATE, there, -there - 1):
                return there + 1
        else:
            rounds += 1
            _rest(team)


@njit(**INSIDE)
def _follow(team: Team) -> Any:
    """Come to the gate; returns the place, -1 outside, and how many threads take part.

    The word is the number of those that came; below 0, minus the number of those that take part.
    """
    place = 0
    while place == 0:
        there = _look(team.board + GATE)
        if there < 0:
            return -1, 1
        if _swap(team.board + GATE, there, there + 1):
            place = there + 1
    rounds = 0
    while True:
        there = _look(team.board + GATE)
        if there < 0:
            return place if place < -there else -1, -there
        if rounds == LEAVES_AFTER:
            _swap(team.board + GATE, there, CLOSED)
        else:
            rounds += 1
            _rest(team)


@njit(**INSIDE)
def _entered(team: Team) -> Team:
    place, size = 0, 0
    if team.place == 0:
        size = _lead(team)
    else:
        place, size = _follow(team)
    return Team(place, size, team.board, team.rest, team.looks, team.room)


@njit(**INSIDE)
def _meet(team: Team) -> None:
    """The round counts the meetings: a thread leaves when it is no longer the round it came in."""
    if team.size == 1:
        return
    now = _look(team.board + ROUND)
    if _add(team.board + COUNT, 1) == team.size - 1:
        _put(team.board + COUNT, 0)
        _put(team.board + ROUND, now + 1)
        return
    looks = 0
    while _look(team.board + ROUND) == now:
        if looks < team.looks:
            looks += 1
            _pause()
        else:
            _rest(team)


@intrinsic
def _claim_line(context: Context, at: Kind) -> Any:
    """Ask for a line of memory that will be written."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        claim_line(bl, values[0])
        return target.get_dummy_value()

    return types.void(types.intp), generate


@njit(**INSIDE)
def _claim(at: int, n: int) -> None:
    for line in range(at, at + n, LINE):
        _claim_line(line)


@njit(**INSIDE)
def _own(team: Team, n: int, unit: int) -> Any:
    units = (n + unit - 1) // unit
    first = units * team.place // team.size * unit
    end = units * (team.place + 1) // team.size * unit
    return min(first, n), min(end, n)


# --- what kernels call ---------------------------------------------------------------------------


def by_threads(function: Body, several: Body, one: Body) -> None:
    """Give a function a body for several threads, which only they compile, and one for one.

    The last parameter is the team.
    """
    for each in (several, one):
        each.__annotations__ = {}  # to Numba they are part of the signature

    def choose(*arguments: Kind) -> Body:
        return several if arguments[-1].count else one

    vars(choose)["__signature__"] = signature(several)
    overload(function, jit_options=INSIDE)(choose)


@intrinsic
def entered(context: Context, team: Kind) -> Any:
    """Come to the gate; returns the team as it is. Below 0, its place is outside."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        if not team.count:
            return values[0]
        return target.compile_internal(bl, _entered.py_func, signature, values)

    return team(team), generate


@intrinsic
def meet(context: Context, team: Kind) -> Any:
    """Wait for all others: what they wrote before is there, and what they read may be changed."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        if team.count:
            target.compile_internal(bl, _meet.py_func, signature, values)
        return target.get_dummy_value()

    return types.void(team), generate


@intrinsic
def own(context: Context, team: Kind, n: Kind, unit: Kind) -> Any:
    """The share of this thread in ``n`` things: from and to which, in whole ``unit``."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        if not team.count:
            nothing = ir.Constant(WORD, 0)
            return target.make_tuple(bl, signature.return_type, [nothing, values[1]])
        return target.compile_internal(bl, _own.py_func, signature, values)

    return types.UniTuple(types.intp, 2)(team, types.intp, types.intp), generate


@intrinsic
def claim(context: Context, team: Kind, at: Kind, n: Kind) -> Any:
    """Take n bytes that other threads have read from their caches, before they are written.

    One write after another would wait for its line: the move of θ took as long in two threads as in
    one, and 0.6 of that with this.
    """

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        if team.count:
            kind = types.void(types.intp, types.intp)
            target.compile_internal(bl, _claim.py_func, kind, values[1:])
        return target.get_dummy_value()

    return types.void(team, types.intp, types.intp), generate


@intrinsic
def place_of(context: Context, team: Kind) -> Any:
    """The place of this thread: 0 is the leader's."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        return bl.extract_value(values[0], 0) if team.count else ir.Constant(WORD, 0)

    return types.intp(team), generate


@intrinsic
def size_of(context: Context, team: Kind) -> Any:
    """How many threads take part."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        return bl.extract_value(values[0], 1) if team.count else ir.Constant(WORD, 1)

    return types.intp(team), generate


@intrinsic
def room_in(context: Context, team: Kind) -> Any:
    """Where the scratch memory of this thread begins, in bytes behind the leader's."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        if not team.count:
            return ir.Constant(WORD, 0)
        return bl.mul(bl.extract_value(values[0], 0), bl.extract_value(values[0], 5))

    return types.intp(team), generate


@intrinsic
def is_shared(context: Context, team: Kind) -> Any:
    """1 for several threads, 0 for one."""

    def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
        return ir.Constant(WORD, 1 if team.count else 0)

    return types.intp(team), generate
