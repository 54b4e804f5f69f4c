"""The rule with a margin in both directions."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import SettingsError
from thalweg.evaluation.comparing.corrected_resampling import Chances
from thalweg.evaluation.comparing.margin_rule import (
    AUC,
    BETTER,
    BETTER_LITTLE,
    EQUIVALENT,
    UNDECIDED,
    VERDICTS,
    WORSE,
    WORSE_LITTLE,
    Margin,
    margin_of,
    rule,
    verdict_of,
)
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.task_kinds import LOG_LOSS, RMSE

INF, NAN = math.inf, math.nan


def difference(low, low90, high90, high, sd=NAN):
    value = (low90 + high90) / 2
    return PairedDifference(Estimate(value, low, high), Estimate(value, low90, high90), sd)


CASES = [
    ((-0.08, -0.07, -0.03, -0.02), BETTER),
    ((-0.02, -0.011, -0.002, -0.001), BETTER),
    ((-0.012, -0.01, -0.002, -0.001), BETTER_LITTLE),
    ((-0.012, -0.01, 0.01, 0.012), EQUIVALENT),  # the 95 % interval need not be within the margin
    ((-0.012, -0.0101, 0.005, 0.006), UNDECIDED),
    ((-0.006, -0.005, 0.0101, 0.012), UNDECIDED),
    ((-0.02, -0.015, -0.001, 0.0), UNDECIDED),  # what touches 0 is no proof
    ((0.0, 0.0, 0.0, 0.0), EQUIVALENT),  # equal predictions
    ((0.001, 0.002, 0.01, 0.012), WORSE_LITTLE),
    ((0.001, 0.002, 0.011, 0.02), WORSE),
    ((0.1, 0.2, INF, INF), WORSE),
    ((NAN, NAN, NAN, NAN), UNDECIDED),
    ((-0.02, NAN, NAN, NAN), UNDECIDED),
]


@pytest.mark.parametrize(("ends", "verdict"), CASES)
def test_the_verdicts(ends, verdict):
    assert verdict_of(difference(*ends), 0.01) == verdict
    turned = {BETTER: WORSE, BETTER_LITTLE: WORSE_LITTLE}
    turned |= {there: here for here, there in turned.items()}
    mirrored = verdict_of(difference(*ends).mirrored(), 0.01)
    assert mirrored == turned.get(verdict, verdict)
    assert verdict_of(difference(*ends), 0.01, more_is_better=True) == mirrored


@pytest.mark.parametrize("n_rows", [1, 2, 5])
@pytest.mark.parametrize("which", ["n_telling", "n_different", "n_effective"])
@pytest.mark.parametrize(("ends", "verdict"), CASES)
def test_a_handful_of_rows_shows_nothing(ends, verdict, which, n_rows):
    few = rule(LOG_LOSS, difference(*ends), Margin(0.01), **{which: n_rows})
    assert (few.verdict, few.is_of_few) == (UNDECIDED, True)
    enough = rule(LOG_LOSS, difference(*ends), Margin(0.01), **{which: 6})
    assert (enough.verdict, enough.is_of_few) == (verdict, False)


@given(st.tuples(*[st.floats(-0.1, 0.1)] * 4).map(sorted), st.floats(0.001, 0.1))
def test_a_wider_margin_takes_no_equivalence_back(ends, margin):
    narrow, wide = (verdict_of(difference(*ends), m) for m in (margin, 2 * margin))
    if narrow in (EQUIVALENT, BETTER_LITTLE, WORSE_LITTLE):
        assert wide == narrow


def test_margins():
    assert margin_of(LOG_LOSS, 0.3) == Margin(0.01)
    assert margin_of(AUC, 0.8, (30, 30)) == Margin(0.01)
    assert margin_of(RMSE, 20.0) == Margin(0.2, share=0.01)
    # A person's margin: a share of the loss in regression, as it is elsewhere, and never capped.
    assert margin_of(RMSE, 20.0, asked=0.02) == Margin(0.4, "asked", 0.02)
    assert margin_of(LOG_LOSS, 0.3, (1, 600), asked=0.02) == Margin(0.02, "asked")
    assert margin_of(LOG_LOSS, 0.3, (1, 600)).value < 0.001
    for bad in (0, -0.01, NAN, INF):
        with pytest.raises(SettingsError, match="not a number above 0"):
            margin_of(LOG_LOSS, 0.3, asked=bad)


def test_auc_is_better_above_0():
    assert rule(AUC, difference(0.02, 0.03, 0.07, 0.08), Margin(0.01)).verdict == BETTER


@pytest.mark.parametrize(("ends", "verdict"), CASES)
def test_plain_data_for_every_verdict(ends, verdict):
    ruling = rule(LOG_LOSS, difference(*ends), Margin(0.01), chances=Chances(0.1, 0.2, 0.7))
    data = ruling.as_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["verdict"] == verdict
    assert data["chances"] == {"worse": 0.1, "equal": 0.2, "better": 0.7}
    assert VERDICTS.count(verdict) == 1


@pytest.mark.parametrize("size", [1e-9, 1.0, 2.5e8])
def test_the_margin_of_numbers_is_one_percent_of_the_loss_of_the_other(size):
    """In whatever units the target is written."""
    margin = margin_of(RMSE, 100 * size)
    for low, high, verdict in (
        (-0.9, 0.9, EQUIVALENT), (-0.9, 1.1, UNDECIDED), (0.1, 0.2, WORSE_LITTLE), (0.1, 2, WORSE)
    ):  # fmt: skip
        ends = (low * size, low * size, high * size, high * size)
        assert rule(RMSE, difference(*ends), margin).verdict == verdict
    # The same predictions without any error.
    assert rule(RMSE, difference(0, 0, 0, 0), margin_of(RMSE, 0.0)).verdict == EQUIVALENT


def test_the_margin_of_numbers_is_a_hundredth_of_a_nat_of_normal_errors():
    width = 3.7  # of the errors of the other model
    margin = margin_of(RMSE, width).value
    assert math.log(width + margin) - math.log(width) == pytest.approx(0.01, rel=0.01)


def test_the_margin_of_a_rare_class_is_a_twentieth_of_what_there_is_to_know():
    """0.01 nats are all that there is to know of 1 row in 667."""
    share = 6 / 4000
    known = -share * math.log(share) - (1 - share) * math.log(1 - share)
    margin = margin_of(LOG_LOSS, 0.01, (3994, 6))
    assert margin.value == pytest.approx(known / 20)
    narrow = rule(LOG_LOSS, difference(-0.005, -0.004, 0.004, 0.005), margin)
    assert (narrow.verdict, narrow.is_narrow) == (UNDECIDED, True)
    assert margin_of(LOG_LOSS, 0.2, (940, 60)) == Margin(0.01)


def test_only_a_default_margin_of_log_loss_can_be_narrow():
    """In regression the margin is 1 % of a loss in units of the target, however small it is."""
    same = difference(0, 0, 0, 0)
    assert not rule(RMSE, same, margin_of(RMSE, 1e-6)).is_narrow
    assert not rule(LOG_LOSS, same, margin_of(LOG_LOSS, 0.3)).is_narrow
    assert not rule(LOG_LOSS, same, margin_of(LOG_LOSS, 0.3, asked=0.001)).is_narrow
