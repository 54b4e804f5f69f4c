"""Sweeps: each cell is what training and the loss by hand give, and divergence is no mean."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from thalweg.counter_based_random import generator
from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.read import Table, load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError, Status
from thalweg.landscape.sweeps.held_out_table import held_out_table
from thalweg.landscape.sweeps.rate_units_sweep import (
    _diverged,
    _member,
    _Training,
    sweep_on_table,
)
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Objective, choose
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.train import Descent, train

pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")


def wisconsin():
    return load_table("wisconsin")


@pytest.fixture(scope="module")
def small():
    return sweep_on_table(wisconsin(), [0.01, 0.1, 1000.0], [2, 5], seeds=3, steps=60, threads=1)


def test_a_cell_is_the_mean_of_networks_trained_one_by_one(small):
    held, engine = held_out_table(wisconsin(), 0), choose()
    objective = Objective.over("sigmoid_cross_entropy", 0.0, held.weights)
    for units, rate in ((2, 0.1), (5, 0.01)):
        cell, by_hand = small.cell(units, rate), []
        for seed in small.seeds:
            architecture = Architecture.dense(held.data.X.shape[1], (units,), 1, "relu")
            theta = initial_theta(architecture, "he", generator(seed, "weights"))
            settings = Settings(
                parse_optimizer(f"sgd:lr={rate}"), 32, small.epochs,
                stop_after=small.epochs, seed=seed,
            )  # fmt: skip
            end = train(
                architecture, theta, held.data, held.loss, 0.0, settings, rows=held.train
            ).theta
            by_hand.append(
                engine.losses(architecture, objective, end[None], held.data, held.held_out)[0]
            )
        assert cell.seed_losses == pytest.approx(by_hand, rel=1e-12)
        assert cell.loss == pytest.approx(np.mean(by_hand))
        assert cell.low < cell.loss < cell.high
        assert cell.error == pytest.approx(np.hypot(cell.of_rows, cell.of_seeds))
        assert cell.of_seeds == pytest.approx(np.std(by_hand, ddof=1) / np.sqrt(3))


def test_a_cell_with_a_diverged_network_has_no_mean(small):
    lost = [small.cell(units, 1000.0) for units in small.units]
    assert all(each.diverged for each in lost)
    for each in lost:
        assert each.loss is each.low is each.high is each.error is None
        assert not each.shown_higher
        assert sum(np.isnan(loss) for loss in each.seed_losses) == each.diverged
    assert small.lowest.diverged == 0
    assert any("In 2 cells a network diverged" in each for each in small.sentences())
    data = small.as_dict()
    assert data["cells"][2]["loss"] is None
    json.dumps(data, allow_nan=False)


def test_held_out_rows_are_no_training_rows_and_columns_are_encoded_by_training_rows_alone():
    frame = pd.DataFrame({"x": [*range(40), *range(40)], "z": [*range(80)]})
    y = pd.Series(["a", "b"] * 40)
    table = Table("t", frame.drop(columns="z"), y, "y", None, ())
    held = held_out_table(table, 3)
    assert len({*held.train} & {*held.held_out}) == 0
    assert held.count(held.train) + held.count(held.held_out) == 80
    # Equal rows, here two of each, are on one side.
    assert len(held.train) + len(held.held_out) == 40
    assert set(held.data.weights) == {2.0}
    shares = [held.data.Y[rows].mean() for rows in (held.train, held.held_out)]
    assert shares == pytest.approx([0.5, 0.5])
    expected = -np.mean(np.log(np.full(len(held.held_out), 0.5)))
    assert held.constant == pytest.approx(expected)
    # The encoder of the training rows alone, once more by hand.
    schema = infer_schema(table.frame)
    merged = canonical_rows(schema.matrix(table.frame), (y == "b").to_numpy(float), np.ones(80))
    known = merged.X[held.train]
    encoder = fit_encoder(known, merged.weights[held.train], schema.n_levels)
    np.testing.assert_array_equal(held.data.X, encoder.encode(merged.X))
    everything = fit_encoder(merged.X, merged.weights, schema.n_levels)
    assert not np.array_equal(held.data.X, everything.encode(merged.X))


@pytest.mark.parametrize("labels", [["c", "a", "b"], [str(k * k / 7) for k in range(60)]])
def test_several_classes_and_numbers(labels):
    frame = pd.DataFrame({"x": np.arange(180) % 60, "z": np.arange(180) ** 2 % 31})
    y = pd.Series([labels[k % 60 % len(labels)] for k in range(180)])
    table = Table("t", frame, y, "y", None, ())
    found = sweep_on_table(table, [0.01, 0.1], [3], seeds=2, steps=40)
    assert all(np.isfinite(each.loss) for each in found.cells)
    held = held_out_table(table, 0)
    known = np.average(held.data.Y[held.train], axis=0, weights=held.data.weights[held.train])
    Y = held.data.Y[held.held_out]
    each = -np.log(Y @ known) if len(labels) == 3 else 0.5 * ((Y - known) ** 2).sum(axis=1)
    assert found.constant == pytest.approx(np.average(each, weights=held.weights))


def test_the_same_for_any_number_of_threads_and_ended_when_asked(small):
    two = sweep_on_table(wisconsin(), [0.01, 0.1, 1000.0], [2, 5], seeds=3, steps=60, threads=2)
    assert two.as_dict() == small.as_dict()
    told = []

    def watch(done, total):
        told.append((done, total))
        return True

    assert sweep_on_table(wisconsin(), [0.1], [2, 5], seeds=2, steps=30, watch=watch) is None
    assert told == [(2, 4)]


def test_default_rates_are_those_of_the_optimizer_times_the_same_steps():
    found = sweep_on_table(wisconsin(), (), [2], seeds=2, steps=12, optimizer="adam")
    assert found.rates[0] == pytest.approx(0.03 * 0.001)
    assert found.rates[-1] == pytest.approx(0.1)
    assert found.optimizer == "adam"


def test_the_finding_says_what_is_lowest_and_what_it_is_not_shown_to_be(small):
    lowest = small.lowest
    assert lowest.loss == min(each.loss for each in small.cells if each.loss is not None)
    words = f"lowest with {lowest.units} units at rate {lowest.rate:g}"
    assert words in small.finding
    around = small.neighbours(lowest)
    assert {(each.units, each.rate) for each in around} == {
        (units, rate)
        for units in small.units
        for rate in small.rates
        if abs(small.units.index(units) - small.units.index(lowest.units))
        + abs(small.rates.index(rate) - small.rates.index(lowest.rate))
        == 1
    }
    edges = {small.units[0]: "", small.units[-1]: "more units", small.rates[0]: "smaller rates",
             small.rates[-1]: "larger rates"}  # fmt: skip
    said = " ".join(small.sentences())
    for value in (lowest.units, lowest.rate):
        assert edges.get(value, "") in said
    assert ("It lies at the edge of the map" in said) == any(
        edges.get(each) for each in (lowest.units, lowest.rate)
    )
    assert all(each.low is None or each.low >= 0 for each in small.cells)
    assert f"{small.held_rows} held-out rows ({small.held_different} of them different)" in said
    assert "on new rows expect a higher one" in said


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rates": [0.1, 0.01]}, "do not grow"),
        ({"units": [2, 2]}, "do not grow"),
        ({"units": [0, 2]}, "no list of numbers of units"),
        ({"rates": [-1.0]}, "no network with these settings"),
        ({"rates": [float("inf")]}, "no network with these settings"),
        ({"units": range(1, 40)}, "39 units make no map"),
        ({"seeds": 1}, "no whole number from 2 on"),
        ({"optimizer": "lbfgs"}, "no learning rate to sweep over"),
    ],
)
def test_what_makes_no_map_is_refused(changed, message):
    with pytest.raises(SettingsError, match=message):
        sweep_on_table(wisconsin(), **{"rates": [0.1], "units": [2], "steps": 5, **changed})


def test_too_few_rows_are_refused():
    frame = pd.DataFrame({"x": np.arange(20)})
    table = Table("t", frame, pd.Series(["a", "b"] * 10), "y", None, ())
    with pytest.raises(DataError, match="too few to evaluate on"):
        sweep_on_table(table, [0.1], [2])


def test_a_network_that_ends_above_twice_the_loss_of_its_start_has_diverged():
    held, engine = held_out_table(wisconsin(), 0), choose()
    training = _Training(parse_optimizer("sgd"), "relu", 0.0, 32, 1, (0,), 1)
    member = _member(held, 4, 0.1, 0, training)
    objective = Objective.over(held.loss, 0.0, held.data.weights[held.train])
    found = []
    for factor in (1.0, 2.0, 50.0):
        theta = factor * member.theta
        start, end = engine.losses(
            member.architecture, objective, np.array([member.theta, theta]), held.data, held.train
        )
        descent = Descent(theta, 1, Status.MAX_EPOCHS, [])
        found.append((_diverged(member, descent, engine), bool(end > 2 * start)))
    assert [one for one, _ in found] == [other for _, other in found]
    assert found[0] == (False, False)
    assert found[-1] == (True, True)
    assert _diverged(member, Descent(member.theta, 0, Status.DIVERGED, []), engine)


def of_losses(rows, shown):
    """A map of these mean losses, of which some are shown to be above the lowest."""
    units, rates = tuple(range(1, len(rows) + 1)), tuple(0.1 * 2**k for k in range(len(rows[0])))
    base = sweep_on_table(wisconsin(), [0.1], [2], seeds=2, steps=12)
    cells = tuple(
        replace(base.cells[0], units=n, rate=rate, loss=loss, low=loss / 2, high=2 * loss,
                shown_higher=(loss in shown))
        for n, row in zip(units, rows, strict=True) for rate, loss in zip(rates, row, strict=True)
    )  # fmt: skip
    return replace(base, units=units, rates=rates, cells=cells)


def test_the_finding_names_what_is_shown_and_what_is_not():
    losses = [[5.0, 4.0, 6.0], [3.0, 1.0, 7.0], [8.0, 2.0, 9.0]]
    for shown, said in (
        ((), "but no setting beside it is shown to be worse"),
        ((4.0, 3.0), "but 2 of 4 settings beside it are not shown to be worse"),
        ((4.0, 3.0, 7.0), "but 1 of 4 settings beside it is not shown to be worse"),
        ((4.0, 3.0, 7.0, 2.0), "and shown to be lower than at each setting beside it"),
    ):
        found = of_losses(losses, shown)
        assert found.finding.endswith(said)
        assert "edge of the map" not in " ".join(found.sentences())
    corner = of_losses([[9.0, 5.0], [5.0, 1.0]], ())
    assert (
        "It lies at the edge of the map: more units were not tried and larger rates were not "
        in (" ".join(corner.sentences()))
    )
    # There is no network of fewer units than one.
    first = of_losses([[9.0, 1.0, 8.0], [5.0, 6.0, 7.0]], ())
    assert "edge of the map" not in " ".join(first.sentences())


def test_the_sentence_says_whether_the_lowest_cell_is_below_a_constant_answer(small):
    found = small.beside_constant
    assert found.shown
    assert found.difference == pytest.approx(small.lowest.loss - small.constant)
    assert small.as_dict()["beside_constant"]["high"] == found.high < 0
    assert found.n_cells == sum(each.loss is not None for each in small.cells)
    for changed, said in (
        ({}, "it is shown that something is learned."),
        ({"high": 0.1, "shown": False}, "it may be 0.100 higher: it is not shown that anything is"),
        # A limit is not rounded upwards, and not to 0.
        ({"difference": -0.56, "high": -0.4786}, "is 0.560 lower; at 95 %, the lowest of"),
        ({"difference": -0.56, "high": -0.4786}, "it is at least 0.478 lower: it is shown that"),
        ({"difference": -0.56, "high": -0.0004}, "it is at least 0.0004 lower: it is shown that"),
        ({"difference": 0.1}, ", and no cell is lower: it is not shown that anything is learned."),
    ):
        other = replace(small, beside_constant=replace(found, **changed))
        assert said in " ".join(other.sentences())


@pytest.mark.slow
def test_without_a_relation_hardly_any_table_is_said_to_teach_something():
    rng, wrong = np.random.default_rng(0), 0
    for k in range(200):
        frame = pd.DataFrame(rng.normal(size=(160, 2)), columns=["a", "b"])
        table = Table("t", frame, pd.Series(rng.choice(["no", "yes"], 160)), "y", None, ())
        found = sweep_on_table(table, [1e-3, 1e-2, 1e-1], [1, 4], seeds=3, steps=200, seed=k)
        wrong += found.beside_constant.shown
    assert wrong <= 10
