"""Traced formulas against the bodies that they come from, and what cannot be traced."""

import math

import numpy as np
import pytest

import thalweg.elementary_functions as vocabulary
from step_by_step import evaluated
from thalweg.data.encoding import calendar_parts, number_formulas
from thalweg.elementary_functions import exp, maximum, where
from thalweg.network.formulas.activations import ACTIVATIONS, gelu
from thalweg.network.formulas.expressions.symbols import FUNCTIONS, FormulaStep, traced
from thalweg.network.formulas.loss_bodies import joined, log_of_sum, log_share
from thalweg.network.formulas.losses import LOSSES
from thalweg.network.formulas.rising_bodies import risen

# Signs and sizes from 1e-300 to 1e4, and what is special.
SIZES = 10.0 ** np.random.default_rng(0).uniform(-300, 4, 1500)
NEAR = np.random.default_rng(1).normal(size=1500) * 3
ARGUMENTS = np.concatenate((SIZES, -SIZES, NEAR, [0.0, -0.0, 1e4, -1e4, 30.0, -745.0]))


def ulps(found, expected) -> float:
    """The largest distance in units of the last place, of results that are normal numbers."""
    found, expected = np.array(found, float), np.asarray(expected, float)
    normal = (abs(expected) > 1e-300) & np.isfinite(expected)
    assert (abs(found[~normal] - expected[~normal]) <= 1e-300).all() or not (~normal).any()
    return float(np.max(abs(found - expected)[normal] / np.spacing(abs(expected[normal]))))


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("slope", [False, True])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_slopes_are_their_bodies(name, slope):
    body = ACTIVATIONS[name].slope if slope else ACTIVATIONS[name].value
    formula = traced(body, "z")
    assert formula.arguments == ("z",)
    with np.errstate(under="ignore", over="ignore", invalid="ignore"):
        expected = body(ARGUMENTS)
    found = np.array([evaluated(formula, z) for z in ARGUMENTS.tolist()])
    # Where the slope of silu, gelu and mish changes its sign, nearly all of it cancels.
    root = (abs(expected) < 0.1) & (abs(ARGUMENTS) < 5) & (name in ("silu", "gelu", "mish"))
    assert ulps(found[~root], expected[~root]) <= (8 if slope else 4)
    assert abs(found - expected)[root].max(initial=0.0) <= 1e-16


@pytest.mark.parametrize("name", LOSSES)
def test_links_are_their_bodies(name):
    loss = LOSSES[name]
    z = np.random.default_rng(2).normal(size=300) * 5
    if loss.coupled:
        z, others = -abs(z), abs(z[::-1])
        formula = traced(loss.link, "z", "others")
        found = list(map(evaluated, [formula] * 300, z.tolist(), others.tolist()))
        assert ulps(found, loss.link(z, others)) <= 4
        logs = traced(log_share, "z", "others")
        found = list(map(evaluated, [logs] * 300, z.tolist(), others.tolist()))
        assert ulps(found, log_share(z, others)) <= 4
        return
    if loss.rising:
        formula = traced(risen, "below", "z")
        found = list(map(evaluated, [formula] * 300, z.tolist(), z[::-1].tolist()))
        assert ulps(found, risen(z, z[::-1])) <= 4
        return
    for body in (loss.link, loss.link_slope):
        formula = traced(body, "z", loss.constant)
        assert ulps([evaluated(formula, each) for each in z.tolist()], body(z, loss.constant)) <= 4


def test_sums_of_exponentials_have_several_results():
    formula = traced(joined, "top", "others", "z")
    assert len(formula.results) == 2
    given = np.random.default_rng(3).normal(size=(3, 100)) * 4
    found = np.array([evaluated(formula, *each) for each in given.T.tolist()])
    np.testing.assert_allclose(found, np.stack(joined(*given), axis=1), rtol=1e-14)
    assert evaluated(traced(log_of_sum, "top", "others"), 2.0, 1.0) == 2.0 + math.log(2.0)


def test_formulas_of_the_encoder_have_the_bits_of_their_bodies():
    random = np.random.default_rng(4)
    given = random.normal(size=(5, 500)) * 3
    ramp = traced(number_formulas.ramp_body, "value", "start", "per_unit", "least", "most")
    found = [evaluated(ramp, *each) for each in given.T.tolist()]
    assert found == number_formulas.ramp_body(*given).tolist()
    smooth = traced(number_formulas.smooth_body, "third")
    assert [evaluated(smooth, t) for t in given[0].tolist()] == (
        number_formulas.smooth_body(given[0]).tolist()
    )
    days = np.floor(random.uniform(-7e5, 2.9e6, 400)) + random.choice([0.0, 0.25, 0.7], 400)
    for body in calendar_parts.CALENDAR_BODIES:
        formula = traced(body, "days")
        found = [evaluated(formula, each) for each in days.tolist()]
        np.testing.assert_allclose(found, body(days), rtol=0, atol=5e-16)
    weekday = traced(calendar_parts.weekday_mark, "days", "weekday")
    found = [evaluated(weekday, each, 3.0) for each in days.tolist()]
    assert found == calendar_parts.weekday_mark(days, 3.0).tolist()


# --- what a trace is ------------------------------------------------------------------------------


def twice(z):
    return exp(z) + exp(z) * half(z)


def half(z):
    return 0.5 * z


def branching(z):
    return z if z > 0.0 else 0.0


def useless(z):
    exp(z)
    return maximum(z, 0.0)


def constant_alone(z):
    return exp(0.0)


def signed_zeros(z):
    return where(z > 0.0, 0.0, -0.0)


def test_what_is_computed_twice_is_one_step():
    operations = [step.operation for step in traced(twice, "z").steps]
    assert sorted(operations) == sorted(["argument", "exp", "constant", "*", "*", "+"])
    assert len(traced(gelu, "z").steps) == len(set(traced(gelu, "z").steps))


def test_what_no_result_needs_is_no_step():
    assert [step.operation for step in traced(useless, "z").steps] == [
        "argument", "constant", "maximum",
    ]  # fmt: skip


def test_a_step_comes_after_those_that_it_needs():
    for each in ACTIVATIONS.values():
        for place, step in enumerate(traced(each.slope, "z").steps):
            if step.operation != "argument":
                assert all(operand < place for operand in step.operands)


def test_functions_of_numbers_alone_are_numbers_and_zeros_keep_their_signs():
    assert traced(constant_alone, "z").steps == (FormulaStep("constant", (), 1.0),)
    values = [step.value for step in traced(signed_zeros, "z").steps if step.operation != "where"]
    assert {math.copysign(1.0, value) for value in values} == {1.0, -1.0}


def test_a_branch_is_refused_and_says_what_to_use():
    with pytest.raises(TypeError, match="use where"):
        traced(branching, "z")


def test_the_original_is_not_changed_and_every_function_of_the_vocabulary_is_known():
    before = dict(gelu.__globals__)
    traced(gelu, "z")
    assert gelu.__globals__ == before
    words = {name for name, each in vars(vocabulary).items() if callable(each)}
    assert words == set(FUNCTIONS)
