"""Elementary functions such as ``exp`` and ``log1p`` that the compiler can vectorise.

The functions have no branch, no table and no call, so that a compiler can vectorise them: NumPy's
loops cannot be used there, and libm's functions are about ten times slower. Every function is
accurate to 4 units in the last place; overflow, underflow, infinities and NaN are as in NumPy.

Reductions and series are classical (Cody & Waite 1980, "Software manual for the elementary
functions"). The differences between the two dtypes are in a ``FloatFormat``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import DTypeLike

import thalweg.elementary_functions as elementary_functions
from thalweg.network.compiled.jit_cache import named, once

# The compiler may fuse a product with a sum here, and nothing else: with more freedom it would
# simplify the compensated sums below to zeros.
CAREFUL = {
    "fastmath": {"contract"}, "error_model": "numpy", "nogil": True, "forceinline": True,
    "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
}  # fmt: skip


@dataclass(frozen=True)
class FloatFormat:
    """A floating-point format: its types, its bits, and how long a series it needs.

    ``ln2_high`` has so few digits that whole multiples of it are exact; ``ln2_low`` is the rest.
    """

    float: Any
    word: Any
    digits: int
    bias: int
    ln2_high: float
    ln2_low: float
    exp_terms: int
    log_terms: int

    @cached_property
    def rounder(self) -> Any:
        """Added and taken away again, it rounds to whole numbers, and shows them in its bits."""
        return self.float(1.5 * 2.0**self.digits)

    @cached_property
    def exp_series(self) -> tuple[Any, ...]:
        """1/n!, the highest power first, down to n = 2."""
        return tuple(self.float(1 / math.factorial(n)) for n in range(self.exp_terms, 1, -1))

    @cached_property
    def log_series(self) -> tuple[Any, ...]:
        """2/(2n + 1), the highest power first, down to n = 1."""
        return tuple(self.float(2 / (2 * n + 1)) for n in range(self.log_terms, 0, -1))


FLOAT32 = FloatFormat(
    np.float32, np.int32, 23, 127, float.fromhex("0x1.62e4p-1"), 1.4286068203094173e-06, 8, 6
)
FLOAT64 = FloatFormat(
    np.float64,
    np.int64,
    52,
    1023,
    float.fromhex("0x1.62e42fefap-1"),
    1.6465949582897082e-12,
    14,
    12,
)


def _careful(f: FloatFormat) -> Callable[[Any], Any]:
    """As ``njit``, for the functions below that are made once a format."""
    return lambda made: njit(**CAREFUL)(named(made, f"{made.__name__}_{f.float.__name__}"))


@once
def _power(f: FloatFormat) -> Any:
    """2ᵏ for a whole k in the range of normal numbers."""
    digits, bias, word, float_ = f.word(f.digits), f.word(f.bias), f.word, f.float

    @_careful(f)
    def power(k: int) -> Any:
        return word((k + bias) << digits).view(float_)  # the cast is a form that Numba asks for

    return power


@once
def _reduced(f: FloatFormat) -> Any:
    """x = k ln 2 + r with |r| ≤ ½ ln 2, as (k, k as float, exp(r) - 1)."""
    float_, word, rounder = f.float, f.word, f.rounder
    log2_e, high, low = f.float(1 / math.log(2)), f.float(f.ln2_high), f.float(f.ln2_low)
    rounder_bits, first, rest = rounder.view(word), f.exp_series[0], f.exp_series[1:]

    @_careful(f)
    def reduced(x: float) -> Any:
        shifted = x * log2_e + rounder
        k = float_(shifted).view(word) - rounder_bits
        whole = shifted - rounder
        r = (x - whole * high) - whole * low
        tail = first
        for coefficient in rest:
            tail = tail * r + coefficient
        return k, r + r * r * tail

    return reduced


def _exp(f: FloatFormat) -> Any:
    """2ᵏ exp(r); 2ᵏ in two halves, as it may be out of range where the product is not."""
    reduced, power, one, bit = _reduced(f), _power(f), f.float(1), f.word(1)
    # Beyond these limits it is infinite, or 0.
    highest = f.float((f.bias + 1.2) * math.log(2))
    lowest = f.float(-(f.bias + f.digits + 1) * math.log(2))

    @_careful(f)
    def exp(x: float) -> Any:
        x = highest if x > highest else x
        x = lowest if x < lowest else x
        k, tail = reduced(x)
        half = k >> bit
        return (one + tail) * power(half) * power(k - half)

    return exp


def _expm1(f: FloatFormat) -> Any:
    """2ᵏ (exp(r) - 1) + (2ᵏ - 1), with half of 2ᵏ in hand lest it overflow."""
    reduced, power, one, two, half = _reduced(f), _power(f), f.word(1), f.float(2), f.float(0.5)
    highest = f.float((f.bias + 1.2) * math.log(2))
    lowest = f.float(-(f.digits + 3) * math.log(2))

    @_careful(f)
    def expm1(x: float) -> Any:
        x = highest if x > highest else x
        x = lowest if x < lowest else x
        k, tail = reduced(x)
        scale = power(k - one)
        return two * (scale * tail + (scale - half))

    return expm1


def _log1p(f: FloatFormat) -> Any:
    """log(1 + x) = k ln 2 + log(m) with m between √½ and √2, and log(m) = 2 artanh(g / (2 + g)).

    g is m - 1, or x itself if k = 0: c corrects the rounding of 1 + x.
    """
    one, two, half, zero = f.float(1), f.float(2), f.float(0.5), f.float(0)
    word, float_ = f.word, f.float
    root_half = f.float(math.sqrt(0.5)).view(f.word)
    mantissa, digits = f.word(2**f.digits - 1), f.word(f.digits)
    high, low = f.float(f.ln2_high), f.float(f.ln2_low)
    first, rest = f.log_series[0], f.log_series[1:]
    infinity, nan = f.float(math.inf), f.float(math.nan)

    @_careful(f)
    def log1p(x: float) -> Any:
        u = one + x
        pattern = float_(u).view(word) - root_half
        k = pattern >> digits
        m = word((pattern & mantissa) + root_half).view(float_)
        c = (x - (u - one) if x < one else one - (u - x)) / u
        g = x if k == 0 else m - one
        c = zero if k == 0 else c
        s = g / (two + g)
        t = s * s
        series = first
        for coefficient in rest:
            series = series * t + coefficient
        square = half * g * g
        whole = float_(k)
        value = whole * high - ((square - (s * (square + t * series) + (whole * low + c))) - g)
        value = -infinity if u == zero else value
        value = nan if u < zero else value
        return value if x < infinity else x  # keep infinity and NaN

    return log1p


@njit(**CAREFUL)
def _maximum(x: float, y: float) -> Any:
    return y if x < y else x  # a NaN in x stays NaN


@njit(**CAREFUL)
def _minimum(x: float, y: float) -> Any:
    return y if y < x else x


@njit(**CAREFUL)
def _where(condition: bool, x: float, y: float) -> Any:
    return x if condition else y


@once
def words(dtype: DTypeLike) -> dict[Any, Any]:
    """Every word of ``elementary_functions`` that networks use, with its scalar function."""
    f = FLOAT32 if dtype == np.float32 else FLOAT64
    zero, one = f.float(0), f.float(1)

    @_careful(f)
    def sign(x: float) -> Any:
        return one if x > zero else (-one if x < zero else x)

    @_careful(f)
    def sqrt(x: float) -> Any:
        return np.sqrt(x)

    # These three are for losses that a person wrote; the compiler calls the C library for two.
    @_careful(f)
    def sin(x: float) -> Any:
        return np.sin(x)

    @_careful(f)
    def cos(x: float) -> Any:
        return np.cos(x)

    @_careful(f)
    def floor(x: float) -> Any:
        return np.floor(x)

    return {
        elementary_functions.exp: _exp(f),
        elementary_functions.expm1: _expm1(f),
        elementary_functions.log1p: _log1p(f),
        elementary_functions.sqrt: sqrt,
        elementary_functions.sin: sin,
        elementary_functions.cos: cos,
        elementary_functions.floor: floor,
        elementary_functions.sign: sign,
        elementary_functions.maximum: _maximum,
        elementary_functions.minimum: _minimum,
        elementary_functions.where: _where,
    }
