"""Compiles each formula into a loop over the rows of a matrix.

The engine's kernels are compiled once for each dtype, whatever the network: they do not contain
the formulas, but call them by address, one row of a matrix at a time. A loop is compiled when the
first network needs it (about 0.2 s) and comes from the cache afterwards (2 ms).

A formula is written for arrays (``activations``, ``losses``, ``rules``). ``scalar`` compiles the
same function for one element: the functions of ``elementary_functions`` are replaced by their
scalar versions, and its numbers by numbers of the dtype, since a float64 constant would widen
float32.

The templates below are never called directly: ``Maker`` replaces the names FORMULA, SLOPE, FLOAT
and SLOTS. They work on pointers: a row of a matrix is one.
"""

from collections.abc import Callable, Hashable
from threading import RLock
from types import FunctionType
from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import DTypeLike

from thalweg.network.compiled.code_types import Body, Floats
from thalweg.network.compiled.jit_cache import compiled_loop, filled, named, once
from thalweg.network.compiled.vector_math import CAREFUL, words
from thalweg.network.formulas.activations import activation
from thalweg.network.formulas.dropout_mask import kept
from thalweg.network.formulas.loss_bodies import joined
from thalweg.network.formulas.losses import loss
from thalweg.network.formulas.rising_bodies import risen
from thalweg.network.formulas.rules import rule

FORMULA: Any = None
SLOPE: Any = None
FLOAT: Any = None
SLOTS: int = 0


def _value(z: Floats, a: Floats, bias: float, n: int) -> None:
    """z ← z + b and a = f(z): a unit over all samples."""
    for i in range(n):
        moved = z[i] + bias
        z[i] = moved
        a[i] = FORMULA(moved)


def _value_in_place(z: Floats, a: Floats, bias: float, n: int) -> None:
    """a ← f(a + b), where the slope can be told from a alone; z is left alone."""
    for i in range(n):
        a[i] = FORMULA(a[i] + bias)


def _slope(z: Floats, d: Floats, n: int) -> Any:
    """d ← d f'(z), from dA to dZ; returns its sum, which is db."""
    total = FLOAT(0)
    for i in range(n):
        moved = d[i] * FORMULA(z[i])
        d[i] = moved
        total += moved
    return total


def _below_one(z: Floats, a: Floats, d: Floats, w: float, into: Floats, dot: Floats, n: int) -> Any:
    """A unit below a layer of one unit, whose dZ is d: w its weight there, dot that weight's slope.

    into = w d f'(z) is its own dZ; returns the sum of that. One pass instead of three.
    """
    total, weighted = FLOAT(0), FLOAT(0)
    for i in range(n):
        moved = w * d[i] * FORMULA(z[i])
        into[i] = moved
        total += moved
        weighted += d[i] * a[i]
    dot[0] = weighted
    return total


def _height(z: Floats, y: Floats, constant: Floats, share: Floats, n: int) -> float:
    """Σ share ℓ(z, y) over the samples."""
    total = FLOAT(0)
    for i in range(n):
        total += share[i] * FORMULA(z[i], y[i], constant[i])
    return np.float64(total)


def _height_and_slope(
    z: Floats, y: Floats, constant: Floats, share: Floats, d: Floats, n: int
) -> float:
    """The same, and d = share dℓ/dz."""
    total = FLOAT(0)
    for i in range(n):
        total += share[i] * FORMULA(z[i], y[i], constant[i])
        d[i] = share[i] * SLOPE(z[i], y[i], constant[i])
    return np.float64(total)


def _risen(below: Floats, z: Floats, into: Floats, n: int) -> None:
    """The next cumulative logit of every sample, which is also the one below the next."""
    for i in range(n):
        moved = FORMULA(below[i], z[i])
        below[i] = moved
        into[i] = moved


def _slope_of_rising(
    gap: Floats, y: Floats, d: Floats, share: Floats, above: Floats, n: int
) -> None:
    """d = share dℓ/dz, where d holds the cumulative logit before; ``above`` as the body has it."""
    for i in range(n):
        slope, above[i] = FORMULA(gap[i], y[i], d[i], above[i])
        d[i] = share[i] * slope


def _written_height(z: Floats, y: Floats, units: Floats, share: Floats, n: int) -> float:
    """Σ share ℓ(z, y) of a loss that a person wrote, which is computed in float64."""
    total = FLOAT(0)
    center, scale, size, grain = units[0], units[1], units[2], units[3]
    for i in range(n):
        own_z, own_y = np.float64(z[i]), np.float64(y[i])
        total += share[i] * FLOAT(FORMULA(own_z, own_y, center, scale, size, grain))
    return np.float64(total)


def _written_height_and_slope(
    z: Floats, y: Floats, units: Floats, share: Floats, d: Floats, n: int
) -> float:
    """The same, and d = share dℓ/dz."""
    total = FLOAT(0)
    center, scale, size, grain = units[0], units[1], units[2], units[3]
    for i in range(n):
        own_z, own_y = np.float64(z[i]), np.float64(y[i])
        total += share[i] * FLOAT(FORMULA(own_z, own_y, center, scale, size, grain))
        d[i] = share[i] * FLOAT(SLOPE(own_z, own_y, center, scale, size, grain))
    return np.float64(total)


def _joined(top: Floats, others: Floats, z: Floats, n: int) -> None:
    """One more output in the normaliser of every sample."""
    for i in range(n):
        top[i], others[i] = FORMULA(top[i], others[i], z[i])


def _mask(a: Floats, place: int, key: int, threshold: int, stays: float, n: int) -> None:
    """a ← a stays, or 0 where dropped; ``place`` is that of the first element in the layer."""
    for i in range(n):
        a[i] *= FLOAT(stays) if FORMULA(np.uint64(place + i), key, threshold) else FLOAT(0)


def _terms(step: int, rate: float, constants: Floats, terms: Floats) -> None:
    """What is the same for every element of θ in one step."""
    own = (constants[0], constants[1], constants[2], constants[3])
    terms[0], terms[1], terms[2], terms[3], terms[4], terms[5] = FORMULA(step, rate, own)


def _move(
    theta: Floats, gradient: Floats, a: Floats, b: Floats, c: Floats, terms: Floats, n: int
) -> None:
    """One step of a rule; memory that the rule does not keep is neither read nor written."""
    t0, t1, t2 = FLOAT(terms[0]), FLOAT(terms[1]), FLOAT(terms[2])
    t3, t4, t5 = FLOAT(terms[3]), FLOAT(terms[4]), FLOAT(terms[5])
    for i in range(n):
        moved, own_a, own_b, own_c = FORMULA(
            theta[i], gradient[i], a[i], b[i], c[i], t0, t1, t2, t3, t4, t5
        )
        theta[i] = moved
        if SLOTS > 0:
            a[i] = own_a
        if SLOTS > 1:
            b[i] = own_b
        if SLOTS > 2:
            c[i] = own_c


# The formulas of these are compiled for float64, whatever the dtype of the engine.
_IN_FLOAT64 = (_terms, _written_height, _written_height_and_slope)


def scalar(formula: Callable[..., Any], dtype: DTypeLike) -> Any:
    """The same function, compiled for one element of the dtype."""
    return _scalar((formula, np.dtype(dtype).type))


@once
def _scalar(task: tuple[Any, Any]) -> Any:
    formula, float_ = task
    code, known = formula.__code__, words(float_)
    numbers = tuple(float_(each) if type(each) is float else each for each in code.co_consts)
    meanings = dict(formula.__globals__)
    for name in code.co_names:
        meaning = meanings.get(name)
        if isinstance(meaning, Hashable) and meaning in known:
            meanings[name] = known[meaning]
        elif isinstance(meaning, FunctionType):
            meanings[name] = _scalar((meaning, float_))
    function = FunctionType(code.replace(co_consts=numbers), meanings)
    return njit(**CAREFUL)(named(function, f"{formula.__name__}_{float_.__name__}"))


class Maker:
    """Makes loops for one dtype, and keeps them: an address is good as long as its loop lives."""

    def __init__(self, dtype: DTypeLike) -> None:
        self.dtype = np.dtype(dtype)
        self._loops: dict[str, Any] = {}
        self._lock = RLock()
        number = types.float64 if self.dtype == np.float64 else types.float32
        row, word, size, real = types.CPointer(number), types.uint64, types.intp, types.float64
        reals = types.CPointer(real)
        self._signatures = {
            _value: types.void(row, row, number, size),
            _value_in_place: types.void(row, row, number, size),
            _slope: number(row, row, size),
            _below_one: number(row, row, row, number, row, row, size),
            _height: real(row, row, row, row, size),
            _height_and_slope: real(row, row, row, row, row, size),
            _written_height: real(row, row, reals, row, size),
            _written_height_and_slope: real(row, row, reals, row, row, size),
            _joined: types.void(row, row, row, size),
            _risen: types.void(row, row, row, size),
            _slope_of_rising: types.void(row, row, row, row, row, size),
            _mask: types.void(row, size, word, word, real, size),
            _terms: types.void(size, real, reals, reals),
            _move: types.void(row, row, row, row, row, reals, size),
        }

    def activation(self, name: str, in_place: bool) -> tuple[int, int]:
        """Addresses of value and slope."""
        formula = activation(name)
        template = _value_in_place if in_place else _value
        return self._address(template, formula.value), self._address(_slope, formula.slope)

    def below_one(self, name: str) -> int:
        """Address of the passage below a layer of one unit."""
        return self._address(_below_one, activation(name).slope)

    def loss(self, text: str) -> tuple[int, int]:
        """Addresses of height, and of height and slope; where outputs rise, of slope alone."""
        formula = loss(text)
        if formula.rising:
            return (
                self._address(_height, formula.element),
                self._address(_slope_of_rising, formula.element_slope),
            )
        if (own := formula.written) is not None:
            return (
                self._address(_written_height, own.element),
                self._address(_written_height_and_slope, own.element, slope=own.element_slope),
            )
        return (
            self._address(_height, formula.element),
            self._address(_height_and_slope, formula.element, slope=formula.element_slope),
        )

    def rule(self, name: str) -> tuple[int, int]:
        """Addresses of terms and move."""
        formula = rule(name)
        return (
            self._address(_terms, formula.terms),
            self._address(_move, formula.move, slots=formula.n_slots),
        )

    def joined(self) -> int:
        """Address of the normaliser's step."""
        return self._address(_joined, joined)

    def risen(self) -> int:
        """Address of the step from one cumulative logit to the next."""
        return self._address(_risen, risen)

    def mask(self) -> int:
        """Address of dropout's mask."""
        return self._address(_mask, kept)

    def _address(
        self, template: Body, formula: Body, slope: Body | None = None, slots: int = 0
    ) -> int:
        # Two formulas may share a body (Adam's), but a name must not have two meanings.
        name = f"{formula.__name__}{template.__name__}_{self.dtype.name}_{slots}"
        with self._lock:
            if name not in self._loops:
                float_ = np.float64 if template in _IN_FLOAT64 else self.dtype.type
                meanings = {
                    "FORMULA": scalar(formula, float_),
                    "SLOPE": slope and scalar(slope, float_),
                    "FLOAT": self.dtype.type,
                    "SLOTS": slots,
                }
                self._loops[name] = self._compile(template, meanings, name)
            return int(self._loops[name].address)

    def _compile(self, template: Body, meanings: dict[str, Any], name: str) -> Any:
        function = filled(template, meanings, name)
        # Sums may be reordered; otherwise no loop with a sum could be vectorised.
        freedom = {"contract", "reassoc"}
        signature = self._signatures[template]
        return compiled_loop(function, signature, fastmath=freedom, error_model="numpy")


@once
def maker(dtype: DTypeLike) -> Maker:
    """The one maker of a dtype."""
    return Maker(dtype)
