"""Products in blocks of copies: the bits of those without, whatever the shape and the limits."""

import ctypes
import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest

from thalweg.network.architecture import Architecture
from thalweg.network.compiled import compiled_engine, jit_cache, products, vector_code
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.compiled.products import product_of
from thalweg.network.compiled.vector_code import padded
from thalweg.network.compiled.wide import blocked_products
from thalweg.network.compiled.wide.blocked_products import (
    blocked_of,
    is_wide,
    room_of,
)
from thalweg.network.compiled.wide.second_cache import second_cache
from thalweg.network.engine import Data, Objective

INT = ctypes.c_ssize_t
DTYPES = [np.float32, np.float64]
GUARD = 77.0
# How A lies: by rows, by rows with room between them, or by columns.
LAID = ("rows", "apart", "columns")


class Pair(NamedTuple):
    """The plain product of a dtype and one in blocks."""

    dtype: Any
    plain: Any
    blocked: Any
    room: Any

    @classmethod
    def of(cls, dtype: Any, made: Any) -> "Pair":
        kind = ctypes.CFUNCTYPE(None, *[INT] * 11)
        cls.alive = [*getattr(cls, "alive", ()), made]
        plain, blocked = kind(product_of(np.dtype(dtype)).address), kind(made.address)
        return cls(np.dtype(dtype), plain, blocked, room_of(dtype))

    def check(self, rng: Any, rows: int, columns: int, k: int, laid: str = "rows") -> None:
        """Both give the same bits, and write nothing beyond C or the room."""
        A = rng.normal(size=(k, rows) if laid == "columns" else (rows, k)).astype(self.dtype)
        steps = (1, rows) if laid == "columns" else (k, 1)
        if laid == "apart":
            room = padded(k, self.dtype.itemsize)
            steps = room, 1
            A = np.pad(A, ((0, 0), (0, room - k)), constant_values=np.nan)
        B = np.full((k, padded(columns, self.dtype.itemsize)), np.nan, self.dtype)
        B[:, :columns] = rng.normal(size=(k, columns))
        found = []
        for function in (self.plain, self.blocked):
            c_step = columns + 3
            C = np.full((rows + 1, c_step), GUARD, self.dtype)
            copies = np.full(self.room.size + 8, GUARD, self.dtype)
            copies[: self.room.size] = self.room
            at = [each.ctypes.data for each in (C, A, B, copies)]
            function(
                at[0], c_step, at[1], *steps, at[2], B.shape[1], rows, columns, k, at[3]
            )  # fmt: skip
            assert np.all(C[:, columns:] == GUARD)
            assert np.all(C[rows:] == GUARD)
            assert np.all(copies[self.room.size :] == GUARD)
            found.append(C.tobytes())
        assert found[0] == found[1], (rows, columns, k, laid)


def small_blocks(monkeypatch: Any, dtype: Any, piece: int, blocks: int, registers: Any) -> Pair:
    """Blocks so small that small shapes have many of them."""
    monkeypatch.setattr(jit_cache, "directory", lambda: None)
    limits = {"PIECE": piece, "LARGE": 0, "LARGE_BY_ROWS": 0, "MANY_COLUMNS": 0, "LEAST": 1}
    for name, value in limits.items():
        monkeypatch.setattr(blocked_products, name, value)
    monkeypatch.setattr(blocked_products, "copies_of", lambda _: (blocks, 3 - min(blocks, 2)))
    if registers:
        for module in (products, vector_code, blocked_products):
            monkeypatch.setattr(module, "registers", lambda: registers)
    return Pair.of(dtype, blocked_of.__wrapped__(np.dtype(dtype)))


# Bytes of a vector and how many (``vector_code.registers``); None is this machine.
# Half a piece is at least a vector.
CASES = [
    (np.float32, 32, 2, None, 2),
    (np.float64, 16, 1, None, 2),
    (np.float32, 20, 3, (32, 12), 11),
    (np.float64, 20, 3, (32, 12), 11),
    (np.float32, 17, 1, (16, 24), 11),
    (np.float64, 17, 1, (16, 12), 11),
]


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "piece", "blocks", "registers", "stride"), CASES)
def test_every_small_shape_has_the_bits_of_the_plain_product(
    dtype, piece, blocks, registers, stride, monkeypatch
):
    pair = small_blocks(monkeypatch, dtype, piece, blocks, registers)
    rng = np.random.default_rng(31)
    shapes = list(itertools.product(range(1, 34), repeat=3))
    for n, shape in enumerate(shapes[::stride]):
        for laid in LAID if stride == 1 else LAID[n % 3 :: 3]:
            pair.check(rng, *shape, laid)
    for shape in ((100, 100, 100), (33, 257, 65), (25, 70, 129), (12, 33, 48), (13, 32, 300)):
        for laid in LAID:
            pair.check(rng, *shape, laid)


def test_wide_shapes_have_the_bits_of_the_plain_product():
    rng = np.random.default_rng(32)
    pair = Pair.of(np.float32, blocked_of(np.dtype(np.float32)))
    for shape in ((1024, 70, 1024), (771, 33, 769), (40, 2_049, 385), (900, 17, 1_000)):
        for laid in LAID[1:]:
            pair.check(rng, *shape, laid)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
def test_two_hundred_random_shapes_have_the_bits_of_the_plain_product(dtype, monkeypatch):
    for name in ("LARGE", "LARGE_BY_ROWS"):
        monkeypatch.setattr(blocked_products, name, 0)
    monkeypatch.setattr(blocked_products, "MANY_COLUMNS", 0)
    monkeypatch.setattr(jit_cache, "directory", lambda: None)
    pair = Pair.of(dtype, blocked_of.__wrapped__(np.dtype(dtype)))
    rng = np.random.default_rng(33)
    for n in range(200):
        pair.check(rng, *(int(each) for each in rng.integers(1, 2_001, 3)), LAID[n % 3])


def test_which_networks_are_wide():
    assert not is_wide((50, 512, 512, 1), np.float32)
    assert is_wide((50, 1024, 1024, 1), np.float32)
    assert is_wide((50, 512, 512, 1), np.float64)
    assert not is_wide((9, 15, 1), np.float64)
    assert is_wide((100_000, 16, 1), np.float32)


def test_a_wide_network_has_the_gradient_of_the_plain_products(monkeypatch):
    """The engine with copies against the engine without, to the bit."""
    rng = np.random.default_rng(34)
    architecture = Architecture.dense(40, (800, 800), 2, "relu")
    X, y = rng.normal(size=(100, 40)).astype(np.float32), rng.normal(size=(100, 2))
    data = Data.of(X, y.astype(np.float32))
    theta = (rng.normal(size=architecture.n_parameters) / 20).astype(np.float32)
    found = []
    for wide in (True, False):
        if not wide:
            monkeypatch.setattr(compiled_engine, "is_wide", lambda *_: False)
        for kept in (compiled_engine._net, compiled_engine._nets):
            kept.cache_clear()
        monkeypatch.setattr(compiled_engine, "_OWN", type(compiled_engine._OWN)())
        engine = CompiledEngine()
        loss, gradient = engine.loss_and_gradient(
            architecture, Objective("squared_error"), theta, data
        )
        found.append(
            (loss, gradient.tobytes(), engine.predict(architecture, theta, data).tobytes())
        )
    for kept in (compiled_engine._net, compiled_engine._nets):
        kept.cache_clear()
    assert found[0] == found[1]


def test_copies_take_as_much_room_as_is_said():
    least, most = blocked_products.TOGETHER
    for dtype in DTYPES:
        assert least * 0.9 < room_of(dtype).nbytes < most + 2**12


@pytest.mark.parametrize("copies", [(1, 1), (2, 9), (5, 2)])
def test_code_of_a_machine_with_another_cache_keeps_to_its_room(copies, monkeypatch):
    # Compiled code is kept: it must not know how much room there is.
    compiled = blocked_of(np.dtype(np.float32))
    monkeypatch.setattr(blocked_products, "copies_of", lambda _: copies)
    pair = Pair.of(np.float32, compiled)
    rng = np.random.default_rng(35)
    for laid in LAID:
        pair.check(rng, 700, 300, 800, laid)


def test_the_second_cache_is_read_or_taken_for_one_mebibyte(tmp_path):
    assert second_cache(tmp_path) == 2**20
    for number, (level, size) in enumerate([("1", "48K"), ("2", "2048K"), ("3", "107520K")]):
        folder = tmp_path / f"index{number}"
        folder.mkdir()
        (folder / "level").write_text(f"{level}\n")
        (folder / "size").write_text(f"{size}\n")
    assert second_cache(tmp_path) == 2**21
    (tmp_path / "index1" / "size").write_text("\xff", "latin-1")
    assert second_cache(tmp_path) == 2**20
    (tmp_path / "index1" / "size").unlink()
    assert second_cache(tmp_path) == 2**20
