"""Matrix products of the compiled engine: exact integers, NumPy, guards, and bits."""

import ctypes
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slow_cases import slow_but
from thalweg.network.compiled import jit_cache, products, vector_code
from thalweg.network.compiled.products import product_of, single_of, transpose, transpose_of
from thalweg.network.compiled.vector_code import LINE, lanes_of, padded, registers

DTYPES = [np.float32, np.float64]
GUARD = 77.0
INT = ctypes.c_ssize_t
MADE = product_of, transpose_of, single_of


class Product:
    """The kernels of a dtype as functions of arrays; what lies around C must not be touched."""

    def __init__(self, dtype: Any, made: Any = None) -> None:
        self.dtype, self.size = np.dtype(dtype), np.dtype(dtype).itemsize
        self.made = made or tuple(made(self.dtype) for made in MADE)
        self.product, self.transpose, self.single = (
            ctypes.CFUNCTYPE(None, *[INT] * n)(each.address)
            for each, n in zip(self.made, (11, 6, 6), strict=True)
        )

    def __call__(self, A: Any, B: Any, *, turned: bool = False) -> Any:
        """A B; ``turned`` lets A lie column by column."""
        (rows, k), columns = A.shape, B.shape[1]
        a = np.ascontiguousarray(A.T if turned else A, self.dtype)
        steps = (1, rows) if turned else (k, 1)
        b = self.room(k, columns, self.dtype.type(np.nan))
        b[:, :columns] = B
        c_step = columns + 3
        c = np.full((rows + 1, c_step), GUARD, self.dtype)
        at = [each.ctypes.data for each in (c, a, b)]
        self.product(at[0], c_step, at[1], *steps, at[2], b.shape[1], rows, columns, k, 0)
        assert np.all(c[:, columns:] == GUARD)
        assert np.all(c[rows:] == GUARD)
        return c[:rows, :columns]

    def room(self, rows: int, columns: int, value: Any) -> Any:
        """Rows as long as the engine makes them. Their end may be read, but not used."""
        return np.full((rows, padded(columns, self.size)), value, self.dtype)

    def turned(self, A: Any) -> Any:
        """Aᵀ, through the other kernel."""
        rows, columns = A.shape
        line = LINE // self.size
        a = self.room(-(-rows // line) * line, columns, self.dtype.type(np.nan))
        a[:rows, :columns] = A
        whole = -(-columns // line) * line
        t = np.full((whole + 1, padded(rows, self.size)), GUARD, self.dtype)
        self.transpose(t.ctypes.data, t.shape[1], a.ctypes.data, a.shape[1], rows, columns)
        assert np.all(t[whole:] == GUARD)
        assert np.all(t[:, -(-rows // line) * line :] == GUARD)
        return t[:columns, :rows]


@pytest.fixture(scope="module", params=DTYPES, ids=["float32", "float64"])
def product(request: Any) -> Product:
    return Product(request.param)


def of_one_column(product: Product, A: Any, b: Any) -> Any:
    """A b by ``single``: what lies behind b counts for nothing, and nothing more is written."""
    (rows, k), line = A.shape, LINE // product.size
    a = np.ascontiguousarray(A, product.dtype)
    behind = np.full(k + line, np.nan, product.dtype)
    behind[:k] = b
    c = np.full(rows + line, GUARD, product.dtype)
    at = [each.ctypes.data for each in (c, a, behind)]
    product.single(at[0], at[1], k, at[2], rows, k)
    assert np.all(c[rows:] == GUARD)
    return c[:rows]


def check_one_column(product: Product, rows: Any, ks: Any) -> None:
    """``single`` has the bits of ``product``, and NumPy's value."""
    rng = np.random.default_rng(5)
    for n, k in itertools.product(rows, ks):
        A, b = rng.normal(size=(n, k)), rng.normal(size=k)
        found = of_one_column(product, A, b)
        # Bit for bit, as of one column among many; and what NumPy has.
        among = product(A, np.column_stack([b] * 20))[:, 7]
        assert found.tobytes() == np.ascontiguousarray(among).tobytes(), (n, k)
        np.testing.assert_allclose(found, A @ b, atol=1e-4 if product.size == 4 else 1e-12)


def whole_numbers(rng: Any, *shape: int) -> Any:
    """Small ones, whose products add up without rounding."""
    return rng.integers(-9, 10, shape).astype(float)


def check_exactly(product: Product, shapes: Any) -> None:
    rng = np.random.default_rng(21)
    for rows, columns, k in shapes:
        A, B = whole_numbers(rng, rows, k), whole_numbers(rng, k, columns)
        exact = A.astype(int) @ B.astype(int)
        for turned in (False, True):
            found = product(A, B, turned=turned)
            assert np.array_equal(found, exact), (rows, columns, k, turned)


SMALL = list(itertools.product(range(1, 31), range(1, 71), range(1, 6)))
LARGE = [
    (100, 100, 100), (33, 257, 65), (1, 512, 300), (15, 512, 9), (256, 512, 256), (2, 130, 1000),
    (3, 129, 7), (130, 3, 513), (64, 1, 100), (1, 1, 1), (25, 1000, 3),
]  # fmt: skip


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("chunk", slow_but((0, 3), range(5)))
def test_small_products_of_whole_numbers_are_exact(chunk, product):
    check_exactly(product, SMALL[chunk::5])


def test_large_products_of_whole_numbers_are_exact(product):
    check_exactly(product, LARGE)


@given(
    rows=st.integers(1, 70), columns=st.integers(1, 150), k=st.integers(1, 80),
    dtype=st.sampled_from(DTYPES), turned=st.booleans(), seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_products_are_as_near_as_sums_in_order_can_be(rows, columns, k, dtype, turned, seed):
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(rows, k)).astype(dtype), rng.normal(size=(k, columns)).astype(dtype)
    exact = A.astype(np.longdouble) @ B.astype(np.longdouble)
    most = k * np.finfo(dtype).eps * (np.abs(A.astype(float)) @ np.abs(B.astype(float)))
    found = Product(dtype)(A, B, turned=turned)
    assert np.all(np.abs(found - exact) <= most + np.finfo(dtype).smallest_subnormal)


def in_order(A: Any, B: Any, fused: bool) -> Any:
    """Σ over k in order, each product rounded or not."""
    total = np.zeros((A.shape[0], B.shape[1]), A.dtype)
    for i in range(A.shape[1]):
        exact = A[:, i : i + 1].astype(np.longdouble) * B[i].astype(np.longdouble)
        total = ((exact if fused else exact.astype(A.dtype)) + total).astype(A.dtype)
    return total


def test_one_column_has_the_bits_that_it_has_among_many(product):
    check_one_column(product, [*range(1, 20), 31, 32, 33, 64, 100, 128], [*range(1, 20), 64, 129])


def test_an_element_is_the_sum_over_k_in_order(product):
    # Powers of two far apart show the order by themselves.
    ones, A = np.ones((4, 33)), np.array([[2.0**60, 1.0, -(2.0**60), 1.0]])
    np.testing.assert_array_equal(product(A, ones), 1.0)
    np.testing.assert_array_equal(product(A[:, ::-1].copy(), ones), 0.0)
    np.testing.assert_array_equal(product(A[:, [0, 2, 1, 3]], ones), 2.0)


def test_an_element_is_that_sum_to_the_bit():
    # In float32 long double holds a product, and their sum but for rare ties. Whether a product
    # is rounded before it is added is the processor's.
    rng = np.random.default_rng(22)
    A, B = (rng.normal(size=shape).astype(np.float32) for shape in ((13, 60), (60, 77)))
    found = Product(np.float32)(A, B)
    assert max(np.mean(found == in_order(A, B, fused)) for fused in (True, False)) > 0.999


def test_an_elements_bits_do_not_depend_on_the_rest(product):
    rng = np.random.default_rng(23)
    A, B = (rng.normal(size=s).astype(product.dtype) for s in ((40, 37), (37, 600)))
    full = product(A, B)
    np.testing.assert_array_equal(product(A, B, turned=True), full)
    for rows in (1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 23, 24, 25, 40):
        np.testing.assert_array_equal(product(A[40 - rows :], B), full[40 - rows :])
    for columns in (*range(1, 40), 63, 64, 65, 127, 129, 255, 511, 600):
        for rows in (1, 3, 12):
            found = product(A[:rows], B[:, 600 - columns :])
            np.testing.assert_array_equal(found, full[:rows, 600 - columns :])


def test_what_is_not_finite_stays_in_its_row_and_column(product):
    rng = np.random.default_rng(24)
    A, B = rng.normal(size=(20, 9)), rng.normal(size=(9, 90))
    clean = product(A, B)
    A[7, 3], B[2, 50] = np.nan, np.inf
    found = product(A, B)
    touched = np.zeros(clean.shape, bool)
    touched[7] = touched[:, 50] = True
    np.testing.assert_array_equal(found[~touched], clean[~touched])
    assert not np.any(np.isfinite(found[touched]))


@pytest.mark.parametrize("rows", [*range(1, 36), 64, 100, 512])
def test_transposed(rows, product):
    for columns in (*range(1, 36), 64, 100, 257):
        A = np.arange(1.0, rows * columns + 1).reshape(rows, columns)
        np.testing.assert_array_equal(product.turned(A), A.T)


# --- other machines -----------------------------------------------------------------------------

# Bytes of a vector and how many: what registers() says of AVX2, SSE and NEON, AVX-512.
MACHINES = {"avx2": (32, 12), "sse": (16, 12), "neon": (16, 24), "avx512": (64, 24)}


def made_for(monkeypatch: Any, machine: str, dtype: Any) -> Product:
    # What is made for another machine must not be kept.
    monkeypatch.setattr(jit_cache, "directory", lambda: None)
    for module in (products, vector_code):
        monkeypatch.setattr(module, "registers", lambda: MACHINES[machine])
    assert lanes_of(dtype) == MACHINES[machine][0] // np.dtype(dtype).itemsize
    kind = np.dtype(dtype)
    return Product(dtype, tuple(made.__wrapped__(kind) for made in MADE))


@pytest.mark.parametrize(
    ("machine", "dtype"), slow_but([("sse", np.float64)], itertools.product(MACHINES, DTYPES))
)
def test_vectors_of_other_machines(machine, dtype, monkeypatch):
    other = made_for(monkeypatch, machine, dtype)
    check_exactly(other, SMALL[::7])
    check_exactly(other, LARGE)
    check_one_column(other, (1, 8, 19, 40), (1, 7, 16, 33))
    for rows, columns in itertools.product((1, 3, 8, 17, 33), repeat=2):
        A = np.arange(1.0, rows * columns + 1).reshape(rows, columns)
        np.testing.assert_array_equal(other.turned(A), A.T)
    # An element is the same sum in vectors of any width.
    rng = np.random.default_rng(25)
    A, B = (rng.normal(size=shape).astype(dtype) for shape in ((29, 50), (50, 150)))
    np.testing.assert_array_equal(other(A, B), Product(dtype)(A, B))


FEATURES = [
    ({"avx512f": True, "avx2": True, "avx": True}, "x86_64", (64, 24)),
    ({"avx512f": False, "avx2": True, "avx": True}, "x86_64", (32, 12)),
    ({"avx": True}, "AMD64", (32, 12)),
    ({"sse4.2": True}, "x86_64", (16, 12)),
    ({}, "arm64", (16, 24)),
    ({}, "aarch64", (16, 24)),
]


@pytest.mark.parametrize(("features", "machine", "expected"), FEATURES)
def test_registers_of_a_machine(features, machine, expected, monkeypatch):
    monkeypatch.setattr(vector_code.binding, "get_host_cpu_features", lambda: features)
    monkeypatch.setattr(vector_code.platform, "machine", lambda: machine)
    assert registers() == expected


def test_a_vector_is_never_longer_than_a_line():
    for width, many in {*MACHINES.values(), registers()}:
        assert LINE % width == 0
        assert many >= 8  # few rows take eight vectors at once


@given(st.integers(0, 10**6), st.sampled_from([4, 8]))
def test_a_row_has_room_for_whole_lines_and_an_odd_number_of_them(length, size):
    room = padded(length, size)
    lines, rest = divmod(room * size, LINE)
    assert rest == 0
    assert lines % 2 == 1
    assert length <= room <= length + 2 * LINE // size


def test_the_templates_run_as_python_too():
    # ``transpose`` names each square once, and none beyond.
    seen = []
    names = {"SIZE": 4, "LANES": 16, "SQUARE": lambda *each: seen.append(each)}
    jit_cache.filled(transpose, names, "transpose")(0, 100, 10**6, 50, 20, 40)
    assert [each[0] for each in seen] == [
        column * 400 + row * 4 for row in (0, 16) for column in (0, 16, 32)
    ]
    assert [each[2] - 10**6 for each in seen] == [
        row * 200 + column * 4 for row in (0, 16) for column in (0, 16, 32)
    ]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_product_is_made_once(dtype):
    for made in MADE:
        assert made(np.dtype(dtype)) is made(np.dtype(dtype))
