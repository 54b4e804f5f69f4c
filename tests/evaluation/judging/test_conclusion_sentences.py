import pytest

from thalweg.evaluation.judging.conclusion_sentences import different_rows


@pytest.mark.parametrize(
    ("n_rows", "n_different", "said"),
    [
        (6, 6, ""),
        (18, 6, ""),
        (19, 6, "only 6 different rows"),
        (100, 34, ""),
        (100, 33, "only 33 different rows"),
        (7, 5, "only 5 different rows"),
        (7, 1, "all equal"),
    ],
)
def test_different_rows_are_counted_below_six_or_below_a_third(n_rows, n_different, said):
    assert different_rows(n_rows, n_different) == (said and f" ({said}; equal rows stay together)")
