"""Several tests at once: a published table, the steps, and p-values that are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from thalweg.evaluation.comparing.multiple_tests import holm

# Benjamini & Hochberg 1995, JRSS B 57:289-300, section 4.1: 15 p-values.
FIFTEEN = np.array([
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
])  # fmt: skip


def test_holm_on_the_15_p_values_of_benjamini_and_hochberg():
    adjusted = holm(FIFTEEN)
    assert (adjusted < 0.05).sum() == 3
    assert (15 * FIFTEEN < 0.05).sum() == 3  # Bonferroni
    others = stats.false_discovery_control(FIFTEEN)
    assert (others < 0.05).sum() == 4
    assert others[3] == pytest.approx(0.0356, abs=5e-5)
    assert adjusted[:4] == pytest.approx([15e-4, 56e-4, 0.0247, 0.114])


@given(st.permutations(range(15)))
def test_holm_follows_the_order_and_leaves_out_what_was_not_tested(order):
    mixed = np.append(FIFTEEN[np.array(order)], np.nan)
    assert holm(mixed)[:15].tolist() == holm(FIFTEEN)[np.array(order)].tolist()
    assert np.isnan(holm(mixed)[15])


def test_each_rejection_goes_a_step_further():
    assert (holm(np.array([0.04, 0.01, 0.02])) <= 0.05).tolist() == [True, True, True]
    assert (holm(np.array([0.04, 0.01, 0.03])) <= 0.05).tolist() == [False, True, False]
