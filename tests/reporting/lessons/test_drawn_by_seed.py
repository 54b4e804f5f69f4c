"""Numbers drawn by a seed: MurmurHash3's mixing, even, and the same for equal seeds."""

import numpy as np

from thalweg.reporting.lessons.drawn_by_seed import drawn, variant_of

GOLDEN = 0x9E3779B9


def test_it_is_the_mixing_of_murmurhash():
    # Published values of fmix32: 0 -> 0, 1 -> 0x514E28B7, 2^32 - 1 -> 0x81F16F39.
    for word, mixed in ((0, 0), (1, 0x514E28B7), (2**32 - 1, 0x81F16F39)):
        seed = (word - GOLDEN) % 2**32
        assert drawn(seed, 0, 2**32) == mixed


def test_every_task_is_drawn_about_equally_often():
    for place in range(7):
        counts = np.bincount([drawn(seed, place, 6) for seed in range(6000)], minlength=6)
        assert counts.min() > 850
        assert counts.max() < 1150


def test_seed_0_has_the_first_task():
    assert [variant_of(0, place, 5) for place in range(7)] == [0] * 7
    assert len({variant_of(seed, 3, 5) for seed in range(1, 60)}) == 5
