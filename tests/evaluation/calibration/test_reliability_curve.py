"""The CORP curve, its band, and MCB, DSC and UNC: closed forms, a toy table, scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

from planted import rows, two_classes
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.calibration import reliability_curve
from thalweg.evaluation.calibration.probability_rows import probability_rows
from thalweg.evaluation.calibration.reliability_curve import n_draws, reliability

TOY_P = [0.1, 0.1, 0.4, 0.4, 0.7, 0.7, 0.7, 0.9]
TOY_Y = [0, 0, 0, 1, 0, 1, 1, 1]


def test_the_toy_table_has_the_printed_parts():
    # Slides on classifier calibration at https://tailor-uob.github.io (design study, section 1).
    curve, brier, _ = reliability(rows(TOY_Y, TOY_P), 0)
    np.testing.assert_allclose(curve.observed, [0, 1 / 2, 2 / 3, 1])
    assert curve.low.tolist() == curve.high.tolist() == [0.1, 0.4, 0.7, 0.9]
    assert curve.n_rows.tolist() == [2, 2, 3, 1]
    assert brier.score == pytest.approx(0.1525)
    assert brier.mcb == pytest.approx(0.006667, abs=5e-7)
    assert brier.dsc == pytest.approx(0.104167, abs=5e-7)
    assert brier.unc == pytest.approx(0.25)


def test_the_square_of_a_uniform_prediction_has_the_parts_of_the_closed_form(monkeypatch):
    # q ~ U(0, 1), truth q²: MCB 1/30, DSC 4/45, UNC 2/9, Brier 1/6 (design study, section 1).
    monkeypatch.setattr(reliability_curve, "_FEWER_DRAWS", 2)
    random = np.random.default_rng(0)
    q = random.random(400_000)
    _, brier, _ = reliability(rows(random.random(len(q)) < q**2, q), 0)
    # The curve follows the rows by about 1e-4.
    found = [brier.mcb, brier.dsc, brier.unc, brier.score]
    np.testing.assert_allclose(found, [1 / 30, 4 / 45, 2 / 9, 1 / 6], atol=1e-3)


@pytest.mark.parametrize(("n", "mean"), [(50, 0.034), (100, 0.023), (200, 0.015), (1000, 0.0055)])
def test_calibrated_predictions_have_the_mean_mcb_of_the_study(n, mean):
    # Uniform p, from simulations of the design study, section 1 (V12).
    random = np.random.default_rng(n)
    expected, found = [], []
    for _ in range(8):
        p = random.random(n)
        _, brier, _ = reliability(rows(random.random(n) < p, p), 0)
        expected.append(brier.mcb_if_calibrated)
        found.append(brier.mcb)
        assert brier.mcb_if_calibrated < brier.mcb_if_calibrated_at_most
    assert np.mean(expected) == pytest.approx(mean, rel=0.06)
    assert np.mean(found) == pytest.approx(mean, rel=0.5)


def test_the_curve_is_scikit_learns_isotonic_regression():
    answers = two_classes(300, 0)
    p = answers.answer.round(2)
    weights = np.random.default_rng(0).uniform(0.5, 2, 300)
    curve, _, _ = reliability(probability_rows(Answers(answers.truth, p, weights)), 0)
    other = IsotonicRegression().fit(p, answers.truth, sample_weight=weights)
    place = np.searchsorted(curve.high, p)
    np.testing.assert_allclose(curve.observed[place], other.predict(p), atol=1e-12)
    np.testing.assert_array_less(curve.high[:-1], curve.low[1:])
    np.testing.assert_array_less(curve.observed[:-1], curve.observed[1:])


def test_the_scores_are_scikit_learns():
    answers = two_classes(300, 1)
    weights = np.random.default_rng(0).uniform(0.5, 2, 300)
    rows_ = probability_rows(Answers(answers.truth, answers.answer, weights))
    _, brier, logs = reliability(rows_, 0)
    own = answers.truth, answers.answer
    assert brier.score == pytest.approx(brier_score_loss(*own, sample_weight=weights), rel=1e-12)
    assert logs.score == pytest.approx(log_loss(*own, sample_weight=weights), rel=1e-12)
    base = np.average(answers.truth, weights=weights)
    assert brier.unc == pytest.approx(base * (1 - base))
    assert logs.unc == pytest.approx(-base * np.log(base) - (1 - base) * np.log(1 - base))


TABLES = st.lists(
    st.tuples(st.booleans(), st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.2, 0.5, 1.0]))),
    min_size=1,
    max_size=30,
)


@given(TABLES)
def test_no_part_is_below_0_and_the_parts_add_up(table):
    truth, p = zip(*table, strict=True)
    curve, *parts = reliability(rows(truth, p), 0)
    for part in parts:
        assert part.mcb >= 0
        assert part.dsc >= 0
        assert 0 < part.p_value <= 1
        assert np.isfinite([part.dsc, part.unc, part.mcb_if_calibrated]).all()
        if np.isfinite(part.score):
            assert part.mcb - part.dsc + part.unc == pytest.approx(part.score, rel=1e-9, abs=1e-12)
    certain_and_wrong = any((q == 0 and y) or (q == 1 and not y) for y, q in table)
    assert np.isinf(parts[1].score) == np.isinf(parts[1].mcb) == certain_and_wrong
    assert np.all((curve.observed >= 0) & (curve.observed <= 1))
    assert np.all(curve.band_low <= curve.band_high)
    assert np.all(np.diff(curve.band_low) >= 0)
    assert np.all(np.diff(curve.band_high) >= 0)


@given(st.integers(0, 10), st.permutations(range(50)))
def test_the_order_of_rows_changes_no_bit(seed, order):
    answers = two_classes(50, seed)
    one, other = (
        reliability(probability_rows(each), 0) for each in (answers, answers.rows(np.array(order)))
    )
    assert [each.as_dict() for each in one] == [each.as_dict() for each in other]


def test_the_band_holds_the_curves_of_calibrated_predictions():
    random = np.random.default_rng(0)
    p = np.sort(random.random(150))
    curve, _, _ = reliability(rows(random.random(150) < p, p), 0)
    inside = []
    for _ in range(400):
        drawn = (random.random((1, 150)) < p).astype(float)
        steps = reliability_curve.pooled(drawn, np.ones(150))
        at = steps.shares[
            np.searchsorted(steps.starts, np.searchsorted(p, curve.band_at), "right") - 1
        ]
        inside.append((curve.band_low <= at) & (at <= curve.band_high))
    held = np.mean(inside, axis=0)
    assert np.mean(held) == pytest.approx(0.955, abs=0.015)
    assert held.min() > 0.9


def test_the_share_of_draws_is_a_p_value():
    random = np.random.default_rng(3)
    p_values = []
    for _ in range(200):
        p = random.random(60)
        _, brier, _ = reliability(rows(random.random(60) < p, p), 1)
        p_values.append(brier.p_value)
    assert 1 <= np.sum(np.array(p_values) < 0.05) <= 20  # 10 expected
    _, brier, _ = reliability(probability_rows(two_classes(400, 0, slope=0.4)), 0)
    assert brier.p_value < 0.01
    assert brier.mcb > brier.mcb_if_calibrated_at_most


def test_many_rows_are_drawn_fewer_times_and_the_band_has_few_points():
    assert (n_draws(1000), n_draws(1001)) == (1000, 200)
    curve, _, _ = reliability(probability_rows(two_classes(1500, 0)), 0)
    assert len(curve.band_at) == 101
    assert curve.band_at[0] == curve.low[0]
    assert curve.band_at[-1] == curve.high[-1]


def test_other_draws_are_another_seed():
    rows_ = probability_rows(two_classes(100, 0))
    one, same, other = (reliability(rows_, seed)[1].mcb_if_calibrated for seed in (0, 0, 1))
    assert one == same != other
