import numpy as np
import pytest

from thalweg.counter_based_random import generator, seed_from


def draw(*key):
    return generator(*key).random(4).tolist()


def test_the_same_key_gives_the_same_numbers():
    assert draw(7, "order", 3) == draw(7, "order", 3)


def test_every_part_of_the_key_counts():
    keys = [
        (7, "order"),
        (8, "order"),
        (7, "weights"),
        (7, "order", 1),
        (7, "order", 1, 1),
        (7, "order", 2, 1),
        (7, "order", 1, 2),
    ]
    draws = [tuple(draw(*key)) for key in keys]
    assert len(set(draws)) == len(keys)


def test_a_long_draw_does_not_run_into_the_next_counter():
    long = generator(1, "order", 0).random(100_000)
    assert not np.isin(generator(1, "order", 1).random(1000), long).any()


def test_the_stream_is_numpys_philox():
    # An independent way to the same numbers: the key and the counter set by hand.
    bits = np.random.Philox(key=[5, 2], counter=[0, 0, 0, 9])
    assert draw(5, "order", 9) == np.random.Generator(bits).random(4).tolist()


def test_seed_from_takes_what_scikit_learn_takes():
    assert seed_from(12) == 12
    assert seed_from(np.int64(12)) == 12
    assert seed_from(np.random.RandomState(0)) == seed_from(np.random.RandomState(0))
    assert seed_from(np.random.default_rng(0)) == seed_from(np.random.default_rng(0))
    assert len({seed_from(None) for _ in range(20)}) == 20


def test_a_generator_moves_on():
    state = np.random.RandomState(0)
    assert seed_from(state) != seed_from(state)


def test_an_unknown_purpose_is_refused():
    with pytest.raises(KeyError):
        generator(0, "nonsense")
