"""What training takes in memory, counted by hand, and what is said of too much of it."""

from dataclasses import replace

import pytest

from thalweg.errors import SettingsError
from thalweg.training.descent import network_memory as module
from thalweg.training.descent.network_memory import TrainingMemory, require_memory_for
from thalweg.training.descent.training_settings import parse_optimizer

ADAM = parse_optimizer("adam")
SMALL = TrainingMemory(sizes=(3, 5, 2), dtype="float64", optimizer=ADAM)
N_PARAMETERS = (3 + 1) * 5 + (5 + 1) * 2
# θ₀, and three states of θ and two moments.
OF_RUN = 8 + 3 * 3 * 8
# What Python needs for a network.
NETWORK = 4096


@pytest.fixture
def free(monkeypatch):
    """Sets how many bytes are free."""

    def put(n_bytes):
        monkeypatch.setattr(module, "_free", lambda: (n_bytes, f"only {n_bytes} are free"))

    return put


def refusal_of(needed):
    with pytest.raises(SettingsError) as caught:
        require_memory_for(needed)
    return caught.value


def test_unless_more_is_said_one_network_is_trained_by_one_thread():
    assert SMALL.n_parameters == N_PARAMETERS
    assert (SMALL.of_run, SMALL.of_thread) == (OF_RUN, 8)
    assert SMALL.total == NETWORK + N_PARAMETERS * (OF_RUN + 8)


def test_all_runs_are_kept_and_only_those_that_train_have_a_gradient():
    many = replace(SMALL, n_networks=3, n_folds=5, threads=4)
    assert many.total == 15 * NETWORK + N_PARAMETERS * (15 * OF_RUN + 4 * 8)
    # There are no more gradients than runs.
    assert replace(many, threads=99).total == many.total + N_PARAMETERS * 11 * 8


def test_stored_points_count_as_thetas_of_all_runs_together():
    stored = replace(SMALL, n_networks=2, n_stored=7)
    assert stored.total == 2 * NETWORK + N_PARAMETERS * (2 * OF_RUN + 8 + 7 * 8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_average_is_kept_in_float64_and_its_m_is_packed(dtype):
    averaged = parse_optimizer("adam:average=2")
    without = replace(SMALL, dtype=dtype)
    # m and its change.
    assert replace(without, optimizer=averaged).of_run == without.of_run + 2 * 8
    packed = replace(without, has_checkpoint=True)
    # m once more, copied three times.
    assert replace(packed, optimizer=averaged).of_run == packed.of_run + 2 * 8 + 3 * 8


@pytest.mark.parametrize(
    ("units", "share", "expected"),
    [(1234, 1.0, 1200), (1299, 1.0, 1200), (99, 1.0, 99), (7, 1.0, 7), (20_000, 0.5, 10_000),
     (98_765, 0.5, 49_000), (7, 0.5, 3), (7, 0.01, 1)],
)  # fmt: skip
def test_a_share_of_the_hidden_units_is_rounded_down_to_two_digits(units, share, expected):
    found = replace(SMALL, sizes=(3, units, 2 * units, 17_777)).of_share(share)
    assert (found.sizes[0], found.sizes[1], found.sizes[3]) == (3, expected, 17_777)
    assert all(type(size) is int for size in found.sizes)


@pytest.mark.parametrize("hundreds", [12, 55, 78])
def test_the_fix_names_the_most_units_of_two_digits_that_fit(free, hundreds):
    needed = replace(SMALL, sizes=(3, 10_000, 2))
    fitting = replace(needed, sizes=(3, 100 * hundreds, 2))
    # Fixes leave a fifth of the memory free.
    free(int(fitting.total / 0.8) + 1)
    assert f"such as hidden_layer_sizes=({100 * hundreds},)" in refusal_of(needed).fix
    free(int(fitting.total / 0.8) - 1)
    assert f"such as hidden_layer_sizes=({100 * (hundreds - 1)},)" in refusal_of(needed).fix


def test_where_not_even_one_unit_fits_no_number_is_named(free):
    free(NETWORK)
    assert refusal_of(SMALL).fix == "give fewer units in hidden_layer_sizes"


def test_what_fits_exactly_is_not_refused(free):
    free(SMALL.total)
    require_memory_for(SMALL)
    free(SMALL.total - 1)
    refusal_of(SMALL)


def test_folds_are_named_where_there_are_several(free):
    free(NETWORK)
    several = refusal_of(replace(SMALL, n_networks=4, n_folds=5))
    assert ": 4 networks on each of 5 folds, each with 32 parameters" in several.where
    single = refusal_of(replace(SMALL, n_networks=4))
    assert ": 4 networks, each with 32 parameters" in single.where
