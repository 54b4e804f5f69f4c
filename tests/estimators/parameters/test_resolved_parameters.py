"""Parameters that are resolved for a table: networks that cannot fit into memory."""

import ast
import mmap
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from thalweg import ThalwegClassifier, race_landscape
from thalweg.data.encoding.lazy_encoded import COMPACT_BELOW
from thalweg.data.formats.budget import memory_in_use
from thalweg.errors import SettingsError
from thalweg.estimators.article_network import dlnet
from thalweg.estimators.learning.encoded_training_data import Lesson, place, starting_point
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.parameters.auto_by_width import adam_text
from thalweg.estimators.parameters.resolved_parameters import (
    cut_of,
    recipe_of,
    settings_of,
    stopping_together,
)
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data
from thalweg.parallel_map import usable_threads
from thalweg.training.descent.network_memory import TrainingMemory
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.train import train

GIGABYTE = 10**9
MODULE = "thalweg.training.descent.network_memory"
X = np.random.default_rng(0).normal(size=(60, 9))
Y = (X[:, 0] > 0).astype(int)


@contextmanager
def peak_memory():
    """A list that gets the largest number of bytes that were in use at once, as Python counts."""
    found = []
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        yield found
        found.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()


@pytest.fixture(autouse=True)
def _one_gigabyte(monkeypatch):
    monkeypatch.setattr(f"{MODULE}.usable_memory", lambda: (GIGABYTE, "here"))
    monkeypatch.setattr(f"{MODULE}.memory_in_use", lambda: 0)
    for other in ("available_memory", "address_space_left"):
        monkeypatch.setattr(f"{MODULE}.{other}", lambda: None, raising=False)


@pytest.mark.parametrize(
    ("given", "named", "other"),
    [
        ({"n_ensemble": 10**8}, "n_ensemble", "hidden_layer_sizes"),
        ({"n_ensemble": 10**8, "hidden_layer_sizes": ()}, "n_ensemble", "hidden_layer_sizes"),
        ({"hidden_layer_sizes": (99_999_999,)}, "hidden_layer_sizes", "n_ensemble"),
        ({"hidden_layer_sizes": 99_999_999}, "hidden_layer_sizes", "n_ensemble"),
    ],
)
def test_networks_that_cannot_fit_into_memory_are_refused_at_once(given, named, other):
    with pytest.raises(SettingsError, match="only 1 GB here") as caught:
        ThalwegClassifier(**given).fit(X, Y)
    assert named in caught.value.fix
    assert other not in caught.value.fix


@pytest.mark.parametrize(
    ("early_stopping", "n_rows", "n_folds"),
    [("auto", 1000, 5), ("folds", 10**6, 5), ("auto", 10**6, 1), (False, 1000, 1)],
)
@pytest.mark.parametrize(
    ("optimizer", "dtype", "of_run", "of_thread"),
    [
        # θ₀, three states of θ and two moments, the average and its change in float64.
        ("adam:average=2", "float32", 4 + 3 * 12 + 16, 4),
        ("adam", "float32", 4 + 3 * 12, 4),
        ("sgd", "float64", 8 + 3 * 16, 8),
        ("lbfgs:history=5", "float64", 8 + 3 * 8, 8 + 8 * (10 + 12)),
    ],
)
def test_the_limit_counts_all_that_training_holds(
    early_stopping, n_rows, n_folds, optimizer, dtype, of_run, of_thread
):
    def asked(units):
        model = ThalwegClassifier(
            (units,), n_ensemble=10, early_stopping=early_stopping, dtype=dtype,
            optimizer=optimizer, n_jobs=2,
        )  # fmt: skip
        return recipe_of(model, n_rows, 9, 0)

    # Nine inputs and a bias for each unit, and one weight behind it; a bias of the output.
    of_parameter = 10 * n_folds * of_run + min(usable_threads(2), 10 * n_folds) * of_thread
    most = int(((GIGABYTE - 4096 * 10 * n_folds) / of_parameter - 1) / (9 + 1 + 1))
    assert asked(most - 1).hidden == (most - 1,)
    with pytest.raises(SettingsError, match="10 networks") as caught:
        asked(most + 1)
    assert f"each of which takes {of_run} bytes" in caught.value.where


def test_the_fix_fits_and_is_not_much_less_than_what_fits():
    def fitted(**given):
        model = ThalwegClassifier(max_iter=1, early_stopping=False, **given)
        return recipe_of(model, 60, 9, 0)

    with pytest.raises(SettingsError) as caught:
        fitted(hidden_layer_sizes=(20_000, 20_000))
    assert "fewer units in hidden_layer_sizes, such as hidden_layer_sizes=(" in caught.value.fix
    sizes = ast.literal_eval(caught.value.fix.rpartition("hidden_layer_sizes=")[2])
    assert fitted(hidden_layer_sizes=sizes).hidden == sizes
    with pytest.raises(SettingsError):
        fitted(hidden_layer_sizes=tuple(int(1.4 * units) for units in sizes))


def test_what_this_process_uses_already_is_not_free(monkeypatch):
    def asked(units):
        return recipe_of(ThalwegClassifier((units,), early_stopping=False), 1000, 9, 0)

    assert asked(1_000_000)
    monkeypatch.setattr(f"{MODULE}.memory_in_use", lambda: 900_000_000)
    with pytest.raises(SettingsError, match="only 100 MB are free of the 1 GB here"):
        asked(1_000_000)


@pytest.mark.parametrize(
    ("available", "left", "said"),
    [
        (3 * 10**8, None, "but only 300 MB are available on this machine now"),
        (3 * 10**8, 10**8, "but only 100 MB are left of the address space of this process"),
        (2 * GIGABYTE, 2 * GIGABYTE, "but there are only 1 GB here"),
        (None, None, "but there are only 1 GB here"),
    ],
)
def test_what_is_free_is_the_smallest_of_what_is_known(monkeypatch, available, left, said):
    monkeypatch.setattr(f"{MODULE}.available_memory", lambda: available, raising=False)
    monkeypatch.setattr(f"{MODULE}.address_space_left", lambda: left, raising=False)
    with pytest.raises(SettingsError, match=said):
        recipe_of(ThalwegClassifier((4_000_000,), early_stopping=False), 1000, 9, 0)


@pytest.mark.parametrize(("n_ensemble", "also"), [(1, ""), (2, ", or a smaller n_ensemble")])
def test_too_little_memory_in_training_names_what_to_shrink(monkeypatch, n_ensemble, also):
    def none_left(*_, **__):
        raise MemoryError

    monkeypatch.setattr("thalweg.estimators.learning.train_networks.train_many", none_left)
    model = ThalwegClassifier((64,), early_stopping=False, n_ensemble=n_ensemble)
    with pytest.raises(SettingsError, match="not enough memory to train the networks") as caught:
        model.fit(X, Y)
    assert caught.value.fix == f"give fewer units in hidden_layer_sizes{also}"
    with pytest.raises(MemoryError):  # the table is what is large
        model.set_params(hidden_layer_sizes=(), n_ensemble=1).fit(
            np.tile(X, (50, 1)), np.tile(Y, 50)
        )


@pytest.mark.parametrize("way", ["fit", "fit_more", "partial_fit"])
def test_too_little_memory_in_training_that_continues_is_said(monkeypatch, way):
    def none_left(*_, **__):
        raise MemoryError

    model = ThalwegClassifier((64,), max_iter=1, early_stopping=False, warm_start=True).fit(X, Y)
    model.set_params(alpha=3.0)  # something to learn
    theta = model.theta_
    monkeypatch.setattr("thalweg.estimators.learning.continuing.train_many", none_left)
    monkeypatch.setattr("thalweg.estimators.learning.continuing.seen_by", none_left) if (
        way == "partial_fit"
    ) else None
    with pytest.raises(SettingsError, match="not enough memory to train the networks") as caught:
        getattr(model, way)(X, Y)
    assert caught.value.fix.startswith("end other programs, or fit anew: give fewer units")
    assert model.theta_ is theta


def test_the_memory_in_use_grows_with_what_is_filled():
    before, size = memory_in_use(), 80_000_000
    # Not from NumPy, which may get memory that this process has had since an earlier test.
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:
        for page in range(0, size, mmap.PAGESIZE):
            held[page] = 1
        assert memory_in_use() - before == pytest.approx(size, rel=0.1)


def test_bins_and_categories_count_once_the_table_is_encoded():
    """A column of numbers has many inputs; before it is encoded, only one is certain."""
    rows = np.random.default_rng(0).normal(size=(5000, 200))
    classes = (rows[:, 0] > 0).astype(int)
    units = 20_000  # 0.3 GB with 200 inputs
    model = ThalwegClassifier((units,), early_stopping=False, n_bins=8, max_iter=1)
    assert recipe_of(model, *rows.shape, 0)
    with pytest.raises(SettingsError, match="only 1 GB here"):
        model.fit(rows, classes)


# Sizes of their own: a thread keeps the gradient of networks that it has trained.
@pytest.mark.parametrize(
    ("optimizer", "units"), [("adam:average=2", 700), ("sgd", 710), ("lbfgs", 400)]
)
def test_what_fits_is_not_refused(optimizer, units):
    """The estimate is below the peak of a training run, here with 1 to 2 MB of weights."""
    settings = Settings(parse_optimizer(optimizer), None, 12)
    dtype = np.float64 if optimizer == "lbfgs" else np.float32
    data = Data.of(X.astype(dtype), Y[:, np.newaxis])

    def trained(units):
        architecture = Architecture.dense(9, (units, units), 1, "relu")
        drawn = np.random.default_rng(0).normal(size=architecture.n_parameters) / units
        theta = drawn.astype(dtype)
        with peak_memory() as peak:
            train(architecture, theta, data, "sigmoid_cross_entropy", 0.0, settings)
        needed = TrainingMemory(
            sizes=architecture.sizes, dtype=dtype, optimizer=settings.optimizer, n_thetas=0
        )
        return needed.total / peak[0]

    trained(3)  # what is imported and compiled
    assert 0.6 < trained(units) < 1


HUGE = 10**8


def _partial_fit():
    ThalwegClassifier((HUGE,)).partial_fit(X, Y, classes=[0, 1])


def _partial_fit_of_many():
    ThalwegClassifier((3,), n_ensemble=HUGE).partial_fit(X, Y, classes=[0, 1])


def _landscape():
    race_landscape("wisconsin", hidden=(HUGE,))


def _landscape_of_many_runs():
    """One run fits, and so do two at a time; but not the points of all paths."""
    rules = [f"sgd:lr={number / 100}" for number in range(1, 61)]
    race_landscape("wisconsin", rules, hidden=(30_000,))


def _continued(monkeypatch, begin):
    """A model whose training is continued where memory has become scarce."""
    model = ThalwegClassifier((400,), max_iter=1, early_stopping=False)
    model = model.fit(X, Y) if begin == "fit_more" else model.partial_fit(X, Y, classes=[0, 1])
    monkeypatch.setattr(f"{MODULE}.usable_memory", lambda: (10**5, "here"))
    return model


@pytest.mark.parametrize("begin", ["fit_more", "partial_fit"])
def test_continuing_refuses_what_has_no_room(monkeypatch, begin):
    with pytest.raises(SettingsError, match="only 100 KB here"):
        getattr(_continued(monkeypatch, begin), begin)(X, Y)


def test_a_checkpoint_counts_its_copies():
    sizes, adam = (10, 100, 1), parse_optimizer("adam")
    without = TrainingMemory(sizes=sizes, dtype="float32", optimizer=adam)
    kept = replace(without, has_checkpoint=True)
    assert kept.of_run - without.of_run == 3 * 2 * 12  # current and best, copied three times


def _train():
    architecture = Architecture((9, HUGE, 1), ("relu", "identity"))
    theta = np.broadcast_to(np.zeros(1), (architecture.n_parameters,))  # it takes no memory
    data = Data.of(X, Y[:, np.newaxis])
    settings = Settings(parse_optimizer("adam"), None, 1)
    train(architecture, theta, data, "sigmoid_cross_entropy", 0.0, settings)


def _article():
    net = dlnet(X.T, Y[np.newaxis])
    net.dims = [9, HUGE, 1]
    net.nInit()


@pytest.mark.parametrize(
    ("begin", "named"),
    [
        (_partial_fit, "hidden_layer_sizes"),
        (_partial_fit_of_many, "n_ensemble"),
        (_landscape, "hidden"),
        (_landscape_of_many_runs, "hidden"),
        (_train, "sizes"),
        (_article, "dims"),
    ],
)
def test_all_that_trains_refuses_networks_that_cannot_fit(begin, named):
    with pytest.raises(SettingsError, match="only 1 GB here") as caught:
        begin()
    fix = caught.value.fix
    assert f" {named}" in fix
    if named != "n_ensemble":
        assert f", such as {named}=" in fix


@pytest.mark.parametrize("verb", ["fit", "evaluate", "trace", "landscape"])
def test_every_verb_that_trains_refuses_them_at_once(cli, verb):
    code, out, err = cli(verb, "wisconsin", "--hidden", HUGE)
    assert (code, out) == (2, "")
    assert "GB of memory or more while they are trained, but there are only 1 GB here" in err
    assert "Fix: give fewer units in --hidden, such as --hidden " in err


def test_numbers_in_automatic_bins_are_always_kept_encoded():
    # Encoding them anew in every epoch doubled the time of a fit of 300,000 rows. Kept are, of each
    # number, itself and an output in float32, and its bin in a byte.
    most = 0
    for n_columns in (1, 2, 3, 5, 8, 13, 20, 50, 100, 128, 256):
        for n_rows in np.geomspace(1_000, 10**8, 400).astype(int).tolist():
            if cut_of("auto", n_rows, n_columns).n_bins:
                most = max(most, n_rows * n_columns * (4 + 4 + 1))
    assert 300_000_000 < most <= COMPACT_BELOW


@pytest.mark.parametrize(
    ("n_rows", "n_columns", "n_bins"),
    [
        (99_999, 20, 12),  # 256 bins of all columns
        (100_000, 20, 25),  # 512
        (300_000, 20, 25),
        (300_000, 1, 32),
        (300_000, 16, 32),
        (300_000, 256, 0),
        (136_718, 256, 2),
        (136_719, 256, 0),  # more than 35 million numbers
        (2_000_000, 17, 30),
        (2_000_000, 18, 0),
    ],
)
def test_large_tables_have_more_bins_and_a_limit_of_numbers(n_rows, n_columns, n_bins):
    assert cut_of("auto", n_rows, n_columns).n_bins == n_bins


@pytest.mark.parametrize(
    ("n_rows", "n_columns", "scale"),
    [
        (99_999, 20, 1.0),
        (100_000, 20, 128 / 500),  # 25 bins of each column
        (100_000, 4, 1.0),  # 128 bins
        (100_000, 5, 128 / 160),
        (100_000, 0, 1.0),
        (1_000_000, 16, 0.25),
        (1_000_000, 50, 1.0),  # no bins
    ],
)
def test_the_scales_of_all_bins_of_a_large_table_add_up_to_128_at_most(n_rows, n_columns, scale):
    assert cut_of("auto", n_rows, n_columns).scale == scale
    assert cut_of(25, n_rows, n_columns).scale == 1.0  # what a person says is left as it is


def test_the_first_steps_of_a_large_table_leave_units_of_a_narrow_network_on():
    # A weak target. With the full scale, the first steps switched off all units of some networks,
    # so that they predicted a constant for every row ever after.
    random, n = np.random.default_rng(0), 2_000
    X = random.normal(size=(n, 20))
    y = random.random(n) < 1 / (1 + np.exp(0.1 * X[:, 1] - 0.2 * X[:, 0]))
    lesson = Lesson(X, y * 1.0, np.ones(n), Classes.equal(np.array([0, 1])), (0,) * 20)
    adam = parse_optimizer(adam_text({"hidden_layer_sizes": (16,)}))
    settings = Settings(adam, batch_size=256, max_epochs=48, stop_after=3)

    def units_off(cut):
        here = place(lesson, np.arange(n), "float32", cut)
        starts = (starting_point(here, (16,), "relu", seed) for seed in range(20))
        loss = here.outputs.loss
        return np.array([train(*at, here.data, loss, 1.0, settings).dead_units[0] for at in starts])

    cut = cut_of("auto", 200_000, 20)
    of_full_scale, now = units_off(cut._replace(scale=1.0)), units_off(cut)
    assert (of_full_scale == 16).sum() >= 2
    assert now.max() <= 8
    assert now.mean() < 0.3 * of_full_scale.mean()


@pytest.mark.parametrize(
    ("n_rows", "epochs"),
    [
        (10, 48),
        (99_999, 48),
        (100_000, 16),  # 48 √(10,000 / n), rounded up
        (300_000, 9),
        (480_000, 7),
        (1_920_000, 6),
        (10**8, 6),
    ],
)
def test_epochs_fall_with_the_square_root_of_many_rows(n_rows, epochs):
    estimator = ThalwegClassifier()
    assert settings_of(estimator, n_rows, 0).max_epochs == epochs
    assert settings_of(estimator, n_rows, 0, in_batches=True).max_epochs == 48
    narrow = ThalwegClassifier((32,))
    assert 4 * epochs - 4 <= settings_of(narrow, n_rows, 0).max_epochs <= 4 * epochs or epochs == 6
    assert settings_of(ThalwegClassifier(max_iter=100), n_rows, 0).max_epochs == 100
    assert settings_of(ThalwegClassifier(()), n_rows, 0).max_epochs == 768


def test_a_network_that_stops_alone_is_patient_for_longer_than_folds_together():
    model = ThalwegClassifier()
    assert settings_of(model, 300, 0).patience == 20
    assert stopping_together(model, recipe_of(model, 300, 3, 0)).settings.patience == 6


@pytest.mark.parametrize(
    ("n_rows", "rows"),
    [(10, 32), (4_095, 32), (4_096, 64), (8_191, 64), (8_192, 128), (20_000, 256), (10**8, 256)],
)
def test_batches_grow_with_the_rows_of_the_table(n_rows, rows):
    assert settings_of(ThalwegClassifier(), n_rows, 0).batch_size == rows
    assert settings_of(ThalwegClassifier(batch_size=50), n_rows, 0).batch_size == 50
