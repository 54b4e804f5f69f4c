"""Rates from the curvature of a loss, against a dense Hessian and a parabola's bound."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from thalweg.data.read import load_table
from thalweg.errors import SettingsError
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.path import terrain_of
from thalweg.landscape.runs.presets import RunRates, entries
from thalweg.landscape.runs.rates_of_table import rates_of


@cache
def wisconsin(activation="relu"):
    return member_of(load_table("wisconsin"), steps=60, hidden=(4,), activation=activation)[0]


def test_the_curvatures_are_those_of_dense_hessians():
    member = wisconsin("tanh")  # without kinks, where differences have a limit
    terrain, found = terrain_of(member), rates_of(member)
    assert found.steps == (0, 30, 60)
    h = 1e-5
    for step, curvature in zip(found.steps, found.curvatures, strict=True):
        theta = np.asarray(found.pilot.thetas[step], np.float64)
        rows = [
            terrain.loss_and_gradient(theta + h * e)[1]
            - terrain.loss_and_gradient(theta - h * e)[1]
            for e in np.eye(len(theta))
        ]
        H = np.array(rows) / (2 * h)
        assert curvature == pytest.approx(np.linalg.eigvalsh((H + H.T) / 2)[-1], rel=1e-3)


def test_rates_are_shares_of_two_over_the_curvature():
    found = rates_of(wisconsin())
    first, flattest = found.curvatures[0], min(found.curvatures)
    assert found.rates.small == pytest.approx(0.1 * 2 / first, rel=5e-3)
    assert found.rates.medium == pytest.approx(0.25 * 2 / first, rel=5e-3)
    assert found.rates.large == pytest.approx(1.5 * 2 / flattest, rel=5e-3)
    for rate in vars(found.rates).values():  # as a text form has it
        assert rate == float(f"{rate:.3g}")
    json.dumps(found.as_dict(), allow_nan=False)
    assert "pilot" not in found.as_dict()
    said = found.sentence(entries(["sgd", "large"]))
    assert f"{first:.3g} beside the start (a kink lies at it)" in said
    smooth = rates_of(wisconsin("tanh"))
    assert not smooth.kink
    assert f"{smooth.curvatures[0]:.3g} at the start" in smooth.sentence(entries(["sgd"]))
    assert f"after {found.steps[found.curvatures.index(flattest)]} small steps" in said


@pytest.mark.parametrize("rules", [["sgd", "adam"], ["large"], ["anneal", "one-row"]])
def test_the_rates_of_runs_that_are_not_shown_are_not_mentioned(rules):
    said = rates_of(wisconsin()).sentence(entries(rules))
    assert ("where it is least" in said) == bool({"large", "anneal"} & {*rules})
    assert ("the start" in said.partition(". ")[0]) == (rules != ["large"])
    names = [each.title.lower() for each in entries(["sgd", "anneal", "large", "one-row", "adam"])]
    shown = [each.title.lower() for each in entries(rules) if each.needs_rates]
    told = said.partition(". ")[2].lower()
    assert [name for name in names if f" of {name}" in told or f" and {name}" in told] == shown


def test_on_a_kink_the_curvature_is_that_of_points_beside_it():
    """A row of zeros has Z = 0 in every unit of the start, whose biases are 0."""
    member = wisconsin()
    terrain, found = terrain_of(member), rates_of(member)
    assert found.kink == bool((np.abs(member.data.X).sum(axis=1) == 0).any())
    rng = np.random.default_rng(7)
    for share in (1e-4, 3e-3):
        step = rng.standard_normal(member.theta.size)
        step *= share * np.linalg.norm(member.theta) / np.linalg.norm(step)
        theta, h = np.asarray(member.theta, np.float64) + step, 1e-7
        rows = [
            terrain.loss_and_gradient(theta + h * e)[1]
            - terrain.loss_and_gradient(theta - h * e)[1]
            for e in np.eye(len(theta))
        ]
        H = np.array(rows) / (2 * h)
        top = np.linalg.eigvalsh((H + H.T) / 2)[-1]
        assert found.curvatures[0] == pytest.approx(top, rel=0.03)


def test_rates_do_not_hang_on_the_unit_of_the_weights():
    # Twice the weight of all rows leaves the loss, a mean, as it is.
    member = wisconsin()
    data = replace(member.data, weights=2 * member.data.weights)
    twice, once = rates_of(replace(member, data=data)), rates_of(member)
    assert twice.curvatures == pytest.approx(once.curvatures, rel=1e-6)


def test_a_loss_without_curvature_gives_no_rate(monkeypatch):
    module = "thalweg.landscape.runs.rates_of_table.spectrum"
    flat = type("Flat", (), {"top": np.array([-1e-3])})()
    monkeypatch.setattr(module, lambda *_, **__: flat)
    with pytest.raises(SettingsError, match="No rate can be derived"):
        rates_of(wisconsin())


def test_presets_take_the_rates_to_three_digits():
    sgd, adam = entries(["sgd", "adam"])
    assert sgd.at(RunRates(0.123456, 1, 2)).rule == "sgd:lr=0.123"
    assert adam.at(RunRates(1, 1, 1)) is adam
