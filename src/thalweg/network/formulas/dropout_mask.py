"""The dropout mask: counter-based random bits, the same in every engine.

The position of an output is its index in the layer's matrix A, shape (n_units, n_samples), row by
row. Its bits are a hash of that position and of a key made from (seed, step, layer). There is no
state, so a resumed run or another thread draws the same bits. The hash is the finaliser of
splitmix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA),
with the constants of Stafford's variant 13.
"""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _40 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(40)


def scrambled(word: Words) -> Words:
    """Sixty-four bits that all depend on all of the word's."""
    word = (word ^ (word >> _30)) * _FIRST
    word = (word ^ (word >> _27)) * _SECOND
    return word ^ (word >> _31)


def layer_key(seed: Words, step: Words, layer: Words) -> Words:
    """The key of one layer's mask in one step."""
    return scrambled(scrambled(scrambled(seed) + step) + layer)


def kept(place: Words, key: Words, threshold: np.uint64) -> NDArray[np.bool_]:
    """Whether the output at that place stays."""
    return (scrambled(key + _GOLDEN * place) >> _40) >= threshold


def dropout_threshold(dropout: float) -> np.uint64:
    """The share of dropped outputs, in units of 2⁻²⁴."""
    return np.uint64(round(dropout * 2**24))
