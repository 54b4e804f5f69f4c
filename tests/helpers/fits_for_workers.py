"""Functions for workers of a cluster, which import them: so they stand in no test."""

import os
import time
import warnings

from thalweg import ThalwegClassifier
from thalweg.errors import SettingsError
from thalweg.persistence.model_file import model_bytes


def square(shared, item):
    return shared * item * item


def slow_square(shared, item):
    time.sleep(0.05 * (5 - item % 5))
    return shared * item * item


def model_of(table, seed):
    """The bytes of a small model."""
    X, y = table
    model = ThalwegClassifier(hidden_layer_sizes=(4,), max_iter=8, n_folds=2, random_state=seed)
    return model_bytes(model.fit(X, y))


def long_model_of(table, item):
    """The bytes of a model whose fit takes a while."""
    seed, epochs = item
    X, y = table
    model = ThalwegClassifier(
        hidden_layer_sizes=(16, 16), max_iter=epochs, n_folds=2, random_state=seed, tol=0.0,
        n_iter_no_change=10_000,
    )  # fmt: skip
    return model_bytes(model.fit(X, y))


def fails_at(shared, item):
    if item >= shared:
        raise SettingsError(f"item {item} fails")
    return item


def warns(shared, item):
    warnings.warn(f"{shared} {item % 2}", UserWarning, stacklevel=2)
    return item


def ends_the_process(shared, item):
    if item == shared:
        os._exit(3)
    return item


def takes_memory(megabytes, item):
    """As many megabytes as asked, touched; the item says how long they are kept."""
    kept = bytearray(megabytes * 1_000_000)
    kept[::4096] = b"x" * len(kept[::4096])
    time.sleep(item)
    return len(kept)


def disk_full(shared, item):
    raise OSError(28, "No space left on device")


def sleeps(shared, item):
    time.sleep(item)
    return item


def spreads_inside(address):
    """What a task must not do."""
    from distributed import Client

    from thalweg.cluster.spread_on_cluster import spread_on

    with Client(address, set_as_default=False) as client:
        return spread_on(client, square, [1], 1)


def generates(shared, item):
    """A result that cannot be pickled."""
    return (shared for _ in range(item))


def raises_with_generator(shared, item):
    """An error that cannot be pickled."""
    raise ValueError(generates(shared, item))
