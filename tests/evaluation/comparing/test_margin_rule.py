"""The rule with a margin in both directions, and its sentences."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thalweg.evaluation.judging.comparison_rule import (
    AS_GOOD,
    BETTER,
    LOG_LOSS,
    NOT_SHOWN,
    RMSE,
    WORSE,
    compare,
)

from thalweg.errors import SettingsError
from thalweg.evaluation.comparing.corrected_resampling import Chances
from thalweg.evaluation.comparing.margin_rule import (
    AUC,
    BETTER_LITTLE,
    VERDICTS,
    WORSE_LITTLE,
    Margin,
    margin_of,
    rule,
    verdict_of,
)
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.comparing.ruling_sentences import ruling_sentence
from thalweg.evaluation.judging.intervals import Estimate

INF, NAN = math.inf, math.nan


def difference(low, low90, high90, high, sd=NAN):
    value = (low90 + high90) / 2
    return PairedDifference(Estimate(value, low, high), Estimate(value, low90, high90), sd)


CASES = [
    ((-0.08, -0.07, -0.03, -0.02), BETTER),
    ((-0.02, -0.011, -0.002, -0.001), BETTER),
    ((-0.012, -0.01, -0.002, -0.001), BETTER_LITTLE),
    ((-0.012, -0.01, 0.01, 0.012), AS_GOOD),  # the 95 % interval need not be within the margin
    ((-0.012, -0.0101, 0.005, 0.006), NOT_SHOWN),
    ((-0.006, -0.005, 0.0101, 0.012), NOT_SHOWN),
    ((-0.02, -0.015, -0.001, 0.0), NOT_SHOWN),  # what touches 0 is no proof
    ((0.0, 0.0, 0.0, 0.0), AS_GOOD),  # equal predictions
    ((0.001, 0.002, 0.01, 0.012), WORSE_LITTLE),
    ((0.001, 0.002, 0.011, 0.02), WORSE),
    ((0.1, 0.2, INF, INF), WORSE),
    ((NAN, NAN, NAN, NAN), NOT_SHOWN),
    ((-0.02, NAN, NAN, NAN), NOT_SHOWN),
]


@pytest.mark.parametrize(("ends", "verdict"), CASES)
def test_the_verdicts(ends, verdict):
    assert verdict_of(difference(*ends), 0.01) == verdict
    turned = {BETTER: WORSE, BETTER_LITTLE: WORSE_LITTLE}
    turned |= {there: here for here, there in turned.items()}
    mirrored = verdict_of(difference(*ends).mirrored(), 0.01)
    assert mirrored == turned.get(verdict, verdict)
    assert verdict_of(difference(*ends), 0.01, more_is_better=True) == mirrored


@given(
    st.floats(-0.1, 0.1),
    st.floats(0, 0.1),
    st.integers(1, 12),
    st.sampled_from([LOG_LOSS, RMSE]),
    st.sampled_from([(), (30, 31), (1, 600)]),
)
def test_with_the_95_percent_interval_alone_it_is_the_rule_of_today(
    value, half, n_rows, measure, counts
):
    counts = counts if measure == LOG_LOSS else ()
    at_95 = Estimate(value, value - half, value + half)
    today = compare(measure, at_95, 0.7, n_rows, counts, n_rows)
    telling = today.n_telling
    margin = margin_of(measure, 0.7, counts)
    assert margin == Margin(today.margin)
    found = rule(
        measure, PairedDifference.of_95(at_95), margin, n_telling=telling, n_different=n_rows
    )
    assert found.verdict.split(",")[0] == today.comparison
    assert found.is_of_few == today.is_of_few


@given(st.tuples(*[st.floats(-0.1, 0.1)] * 4).map(sorted), st.floats(0.001, 0.1))
def test_a_wider_margin_takes_no_equivalence_back(ends, margin):
    narrow, wide = (verdict_of(difference(*ends), m) for m in (margin, 2 * margin))
    if narrow in (AS_GOOD, BETTER_LITTLE, WORSE_LITTLE):
        assert wide == narrow


def test_margins():
    assert margin_of(LOG_LOSS, 0.3) == Margin(0.01)
    assert margin_of(AUC, 0.8, (30, 30)) == Margin(0.01)
    assert margin_of(RMSE, 20.0) == Margin(0.2)
    # A person's margin: a share of the loss in regression, as it is elsewhere, and never capped.
    assert margin_of(RMSE, 20.0, asked=0.02) == Margin(0.4, "asked")
    assert margin_of(LOG_LOSS, 0.3, (1, 600), asked=0.02) == Margin(0.02, "asked")
    assert margin_of(LOG_LOSS, 0.3, (1, 600)).value < 0.001
    for bad in (0, -0.01, NAN, INF):
        with pytest.raises(SettingsError, match="not a number above 0"):
            margin_of(LOG_LOSS, 0.3, asked=bad)


def test_auc_is_better_above_0():
    assert rule(AUC, difference(0.02, 0.03, 0.07, 0.08), Margin(0.01)).verdict == BETTER


@pytest.mark.parametrize(("ends", "verdict"), CASES)
def test_plain_data_and_a_sentence_for_every_verdict(ends, verdict):
    ruling = rule(LOG_LOSS, difference(*ends), Margin(0.01), chances=Chances(0.1, 0.2, 0.7))
    data = ruling.as_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["verdict"] == verdict
    said = ruling_sentence(ruling)
    assert "nan" not in said
    assert "inf " not in said
    assert VERDICTS.count(verdict) == 1


def test_sentences():
    undecided = rule(LOG_LOSS, difference(-0.02, -0.017, 0.013, 0.016, sd=0.15), Margin(0.01))
    assert ruling_sentence(undecided) == (
        "These rows do not show whether the network or logistic regression is better: the log-loss "
        "of the network is 0.002 lower (95 % interval: 0.02 lower to 0.016 higher). A difference "
        "of 0.01 or more in either direction is not excluded. If they are equally good, about "
        "1,927 test rows would be needed to show it. If in doubt, take the simpler model."
    )
    little = rule(RMSE, difference(-0.09, -0.08, -0.02, -0.01), Margin(0.1))
    assert ruling_sentence(little, other="ridge regression") == (
        "The network is better than ridge regression, but by less than matters: the RMSE of the "
        "network is 0.05 lower (95 % interval: 0.09 lower to 0.01 lower). A difference of more "
        "than 0.1 is excluded (90 % interval). Prefer the simpler model."
    )
    one_side = rule(LOG_LOSS, difference(-0.02, -0.015, 0.005, 0.008), Margin(0.01))
    assert "A log-loss that is lower by 0.01 or more is not excluded." in ruling_sentence(one_side)
    few = rule(LOG_LOSS, difference(-0.5, -0.4, -0.2, -0.1), Margin(0.01), n_telling=5)
    assert few.verdict == NOT_SHOWN
    assert "too few" in ruling_sentence(few)
    sure = rule(LOG_LOSS, difference(-5, -4, -3, -2), Margin(0.01), chances=Chances(1e-9, 0, 1.0))
    assert "worse by more than that below 0.01" in ruling_sentence(sure)
