"""The compiled words of formulas against fifty digits, at random bits and where it gets narrow."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from numba import njit

import thalweg.elementary_functions as elementary_functions
from slow_cases import slow_but
from thalweg.network.compiled.formula_loops import scalar
from thalweg.network.compiled.vector_math import words

DTYPES = [np.float32, np.float64]
WORDS = {np.float32: np.uint32, np.float64: np.uint64}
EXACT = {"exp": mpmath.exp, "expm1": mpmath.expm1, "log1p": mpmath.log1p}
ALLOWED = 4  # units in the last place


def over_arrays(word, n_arguments=1):
    """A compiled loop over a word, with the freedoms that the engine's loops have."""
    how = {"fastmath": {"contract", "reassoc"}, "error_model": "numpy"}
    if n_arguments == 1:

        @njit(**how)
        def run(out, x):
            for i in range(x.size):
                out[i] = word(x[i])

    else:

        @njit(**how)
        def run(out, x, y):
            for i in range(x.size):
                out[i] = word(x[i], y[i])

    def call(*arrays):
        out = np.empty_like(arrays[0])
        run(out, *map(np.ascontiguousarray, arrays))
        return out

    return call


@pytest.fixture(scope="module")
def compiled():
    """Each word of each dtype, as a function of arrays."""
    made = {}
    for dtype in DTYPES:
        known = words(dtype)
        for name in ("exp", "expm1", "log1p", "sqrt", "sign"):
            made[name, dtype] = over_arrays(known[getattr(elementary_functions, name)])
        for name in ("maximum", "minimum"):
            made[name, dtype] = over_arrays(known[getattr(elementary_functions, name)], 2)
    return made


def exactly(name, x):
    """The true value, as far as any float can tell it."""
    x = float(x)
    if np.isnan(x) or (name == "log1p" and x < -1):
        return mpmath.nan
    if name == "log1p" and x in (-1.0, np.inf):
        return mpmath.sign(x) * mpmath.inf
    # Beyond 2000 exp is beyond both formats, and mpmath would take its time.
    return EXACT[name](mpf(min(max(x, -2000.0), 2000.0)) if name != "log1p" else mpf(x))


def ulps(got, exact):
    """How far a float is from the truth, in units of the last place that the truth has.

    The infinite stands for the number that would come after the largest.
    """
    form = np.finfo(got.dtype)
    largest = mpf(2) ** form.maxexp
    if mpmath.isnan(exact) or np.isnan(got):
        return 0.0 if mpmath.isnan(exact) and np.isnan(got) else np.inf
    exact = max(-largest, min(exact, largest))
    got = max(-largest, min(mpf(float(got)), largest))
    lowest = form.minexp - form.nmant
    place = max(mpmath.mag(exact) - form.nmant - 1, lowest) if exact else lowest
    return float(abs(got - exact) / mpf(2) ** place)


def worst(name, found, x):
    """The largest error, and where it is."""
    with mpmath.workdps(50):
        errors = [ulps(got, exactly(name, each)) for got, each in zip(found, x, strict=True)]
    at = int(np.argmax(errors))
    return errors[at], (x[at], found[at])


def domain(name, x):
    """Half of all bit patterns have no logarithm: their answer is tested elsewhere."""
    return x[x > -1] if name == "log1p" else x


def quietly_cast(x, dtype):
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(x).astype(dtype)


# --- against fifty digits ---------------------------------------------------------------------


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("n", slow_but((300,), (300, 1_000, 10_000)))
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EXACT)
def test_random_bit_patterns(name, dtype, n, compiled):
    rng, word = np.random.default_rng(11), WORDS[dtype]
    bits = rng.integers(0, np.iinfo(word).max, n, dtype=word, endpoint=True).view(dtype)
    error, where = worst(name, compiled[name, dtype](bits), bits)
    assert error <= ALLOWED, where


def range_of(dtype):
    """ln of the largest number, and of the smallest."""
    form = np.finfo(dtype)
    return form.maxexp * np.log(2.0), (form.minexp - form.nmant) * np.log(2.0)


@pytest.mark.parametrize("thousand", slow_but((60,), (60, 200, 1000)))
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EXACT)
def test_many_numbers_where_the_curve_bends(name, dtype, thousand, compiled):
    # Most bit patterns are too large or too small for that.
    rng, (top, bottom) = np.random.default_rng(12), range_of(dtype)
    x = [
        rng.uniform(-1, 1, 3 * thousand),
        rng.uniform(bottom, top, 3 * thousand),
        rng.uniform(-60, 60, thousand),
        rng.choice([-1, 1], 2 * thousand) * 10.0 ** rng.uniform(-45, 3, 2 * thousand),
        -1 + 2.0 ** rng.uniform(-60, 0, thousand),  # where log1p has its pole
    ]
    x = domain(name, quietly_cast(np.concatenate(x), dtype))
    error, where = worst(name, compiled[name, dtype](x), x)
    assert error <= ALLOWED, where


def neighbours(x, dtype, n=40):
    """A float and the floats around it."""
    x, word = np.abs(np.array(x, dtype)), WORDS[dtype]
    around = np.arange(-n, n + 1).astype(word)  # modulo the word
    return (x.view(word) + around).view(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EXACT)
def test_all_floats_around_the_narrow_places(name, dtype, compiled):
    form, (top, bottom) = np.finfo(dtype), range_of(dtype)
    normal = np.log(float(form.smallest_normal))
    half = 0.5 * np.log(2.0)
    places = {
        # infinite, subnormal and 0, and both sides of several roundings of k
        "exp": [top, -normal, -bottom, -bottom + 0.69, half, 3 * half, 7 * half, 99 * half, 1.0],
        # -1 from where on, and overflow in the last step
        "expm1": [top, top - 0.69, half, 3 * half, form.nmant * np.log(2), 0.25, 1.0, 40.0],
        # m at √½ and √2, 1 + x at 2 and 4, where x swallows the 1, the largest
        "log1p": [1 - 0.5**0.5, 2**0.5 - 1, 1.0, 3.0, 2.0 ** (form.nmant + 1), form.max / 2],
    }
    for place in places[name]:
        for x in (neighbours(place, dtype), -neighbours(place, dtype)):
            x = domain(name, x)
            if len(x):
                error, where = worst(name, compiled[name, dtype](x), x)
                assert error <= ALLOWED, (place, where)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EXACT)
def test_near_0_subnormals_and_signs(name, dtype, compiled):
    form = np.finfo(dtype)
    tiny, small = form.smallest_subnormal, form.smallest_normal
    x = np.array([0.0, tiny, 3 * tiny, small / 2, small, form.eps / 4, form.eps], dtype)
    x = np.concatenate([x, -x])
    found = compiled[name, dtype](x)
    error, where = worst(name, found, x)
    assert error <= ALLOWED, where
    if name != "exp":
        # expm1 halves and doubles, and so may lose the last bit of a subnormal number.
        assert np.all(found[x == 0] == 0)
        np.testing.assert_allclose(found, x, rtol=2 * form.eps, atol=float(tiny))


# --- limits -----------------------------------------------------------------------------------

INF, NAN = np.inf, np.nan
LIMITS = {
    "exp": [(INF, INF), (-INF, 0.0), (NAN, NAN), (0.0, 1.0), (-0.0, 1.0), (1e30, INF), (-1e30, 0)],
    "expm1": [(INF, INF), (-INF, -1.0), (NAN, NAN), (1e30, INF), (-1e30, -1.0)],
    "log1p": [(INF, INF), (-INF, NAN), (NAN, NAN), (-1.0, -INF), (-1.5, NAN), (-1e30, NAN)],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_those_of_numpy(name, dtype, compiled):
    x, expected = np.array(LIMITS[name], dtype).T
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(getattr(np, name)(x), expected)
    np.testing.assert_array_equal(compiled[name, dtype](x), expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_infinite_or_0_begins_where_it_does_in_numpy(dtype, compiled):
    top, bottom = range_of(dtype)
    for name in ("exp", "expm1"):
        x = neighbours(top, dtype)
        with np.errstate(over="ignore"):
            theirs = getattr(np, name)(x)
        assert 0 < np.count_nonzero(np.isinf(theirs)) < len(x)
        np.testing.assert_array_equal(np.isinf(compiled[name, dtype](x)), np.isinf(theirs))
    x = -neighbours(-bottom + np.log(2.0), dtype)  # half of the smallest rounds to 0
    found = compiled["exp", dtype](x)
    with np.errstate(under="ignore"):
        np.testing.assert_array_equal(found == 0, np.exp(x) == 0)
    assert 0 < np.count_nonzero(found) < len(x)


# --- the curve as a whole -----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EXACT)
def test_the_curve_falls_nowhere_by_more_than_rounding(name, dtype, compiled):
    # Across the seams of the reductions most of all: at every (k + ½) ln 2, and m at √½.
    (top, bottom), half = range_of(dtype), 0.5 * np.log(2.0)
    seams = (2 * np.arange(-40, 40) + 1) * half
    if name == "log1p":
        seams = np.expm1(seams[seams > -30])
    seams = seams[(seams > bottom) & (seams < top)].astype(dtype)
    x = np.concatenate([np.sign(each) * neighbours(each, dtype) for each in seams])
    x = np.unique(domain(name, x))
    found = compiled[name, dtype](x)
    falls = found[:-1] - found[1:]
    assert np.all(falls <= np.spacing(np.abs(found[:-1])))
    assert np.count_nonzero(falls > 0) <= 0.02 * len(x)


def check_every(step, name, compiled):
    """float32 at every so many bit patterns, against float64 of another library."""
    pieces = np.arange(0, 2**32, 2**26)
    for start in pieces:
        bits = np.arange(start, start + 2**26, step, dtype=np.uint64).astype(np.uint32)
        x = domain(name, bits.view(np.float32))
        x = x[np.isfinite(x)]
        if not len(x):
            continue
        with np.errstate(over="ignore", under="ignore"):
            exact = getattr(np, name)(x.astype(np.float64))
            narrow = np.abs(exact).astype(np.float32)
        found = compiled[name, np.float32](x)
        finite = np.isfinite(narrow)
        np.testing.assert_array_equal(np.isfinite(found), finite)
        off = np.abs(found[finite] - exact[finite])
        with np.errstate(over="ignore"):
            assert np.all(off <= ALLOWED * np.spacing(narrow[finite]).astype(float))


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("name", EXACT)
def test_one_in_a_thousand_of_all_single_numbers(name, compiled):
    check_every(1009, name, compiled)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
def test_one_in_eleven_of_all_single_numbers(name, compiled):
    check_every(11, name, compiled)


# --- the other words ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_sqrt_and_sign_are_numpys(dtype, compiled):
    tiny = np.finfo(dtype).smallest_subnormal
    x = np.array([0.0, -0.0, 1.0, 2.0, 1e30, tiny, INF, NAN, -1.0, -tiny, -INF], dtype)
    with np.errstate(invalid="ignore"):
        theirs = np.sqrt(x)
    np.testing.assert_array_equal(compiled["sqrt", dtype](x), theirs)
    np.testing.assert_array_equal(compiled["sign", dtype](x), np.sign(x))
    rng = np.random.default_rng(13)
    many = quietly_cast(10.0 ** rng.uniform(-44, 38, 10**4), dtype)
    np.testing.assert_array_equal(compiled["sqrt", dtype](many), np.sqrt(many))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_the_larger_and_the_smaller(name, dtype, compiled):
    values = np.array([-INF, -2.0, 0.0, 1.0, 3.0, INF, NAN], dtype)
    x, y = (each.ravel() for each in np.meshgrid(values, values[:-1]))
    found = compiled[name, dtype](x, y)
    np.testing.assert_array_equal(found, getattr(np, name)(x, y))
    # What is promised is that a NaN in front stays; formulas put what varies there.
    assert np.all(np.isnan(found[np.isnan(x)]))


@given(st.lists(st.floats(width=32), min_size=1, max_size=40))
def test_where_chooses(values):
    x = np.array(values, np.float32)
    y = x[::-1].copy()
    where = words(np.float32)[elementary_functions.where]
    pairs = zip((x < y).tolist(), x, y, strict=True)
    found = np.array([where.py_func(*each) for each in pairs], np.float32)
    np.testing.assert_array_equal(found, np.where(x < y, x, y))


log1p = elementary_functions.log1p


def _log1p_of(z):
    return log1p(z)


@pytest.mark.parametrize("dtype", DTYPES)
def test_words_keep_their_places_inside_a_formula(dtype):
    # Inlined in a loop that may add in any order, their compensated sums must not be touched.
    run = over_arrays(scalar(_log1p_of, dtype))
    x = quietly_cast(10.0 ** np.random.default_rng(14).uniform(-8, -1, 1000), dtype)
    error, where = worst("log1p", run(x), x)
    assert error <= ALLOWED, where
