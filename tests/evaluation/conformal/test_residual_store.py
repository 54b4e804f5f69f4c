"""HeldOutResiduals of a file: as they were, and refused if no model wrote them."""

import numpy as np
import pytest

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.conformal.class_scores import ClassScores, class_scores_of
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals, residuals_of

RESIDUALS = residuals_of(
    Answers(np.arange(12.0), np.arange(12.0)[::-1], folds=np.arange(12) % 3), repeats=3
)
SCORES = class_scores_of(
    Answers(np.arange(12) % 3, np.random.default_rng(0).dirichlet(np.ones(3), 12))
)


@pytest.mark.parametrize("store", [RESIDUALS, SCORES])
def test_arrays_give_back_what_they_were_made_from(store):
    again = type(store).from_arrays(store.as_arrays())
    for name, value in vars(store).items():
        assert np.array_equal(getattr(again, name), value)


def test_rows_without_prediction_are_left_out():
    answers = Answers(
        np.arange(4.0), np.array([0.5, np.nan, 1.0, 2.0]), folds=np.array([0, 0, 2, 2])
    )
    found = residuals_of(answers)
    assert (found.n, found.sizes.tolist()) == (3, [1, 0, 2])
    assert found.values.tolist() == [0.5, 1.0, 1.0]


def test_the_floor_is_that_of_its_folds():
    answers = Answers(np.zeros(100), np.zeros(100), folds=np.arange(100) % 5)
    assert residuals_of(answers).floor(0.9) == pytest.approx(0.7238, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("residuals", np.array([1.0])),
        ("residuals", np.full(12, np.nan)),
        ("residuals", -np.ones(12)),
        ("residuals", np.arange(12.0)),
        ("residuals", np.ones(12, dtype=np.float32)),
        ("residuals", np.ones((12, 1))),
        ("sizes", np.array([13, -1, 0])),
        ("sizes", np.zeros(0, dtype=np.int64)),
        ("sizes", np.full(4, 2**62)),
        ("rows", np.array([0.0, 1 / 3, 3.0])),
        ("rows", np.array([13.0, 1 / 3, 3.0])),
        ("rows", np.array([4.0, np.nan, 3.0])),
        ("rows", np.array([4.0, 1 / 3, 4.0])),
        ("rows", np.array([4.0, 1 / 3, 1.5])),
        ("rows", np.array([4.0, 0.0, 3.0])),
        ("rows", np.array([4.0, 1 / 3])),
        ("more", np.ones(1)),
    ],
)
def test_residuals_that_no_model_wrote_are_refused(name, value):
    with pytest.raises(ValueError, match=r"its|a residual"):
        HeldOutResiduals.from_arrays(RESIDUALS.as_arrays() | {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scores", np.full(12, 0.5) * np.arange(12)),
        ("scores", np.linspace(0, 1, 12)[::-1]),
        ("rows", np.array([4.0, 5.0, 4.0])),
        ("rows", np.array([4.0, np.nan, 4.0])),
        ("rows", np.array([4.0, -1.0, 4.0])),
        ("masses", np.array([1.0, 0.0, 1.0])),
        ("masses", np.ones(2)),
        ("sizes", np.array([4, 4, 5])),
        ("sizes", np.array([4, 4, 4, 0])),
        ("sizes", np.array([4, 4, 2, 0, 0, 1])),
        ("repeats", np.array([0])),
        ("repeats", np.array([2])),
        ("repeats", np.array([1, 1])),
        ("repeats", np.array([1.0])),
    ],
)
def test_scores_that_no_model_wrote_are_refused(name, value):
    with pytest.raises(ValueError, match=r"its|a score"):
        ClassScores.from_arrays(SCORES.as_arrays() | {name: value})


def test_scores_of_a_single_class_are_refused():
    with pytest.raises(ValueError, match="two or more classes"):
        ClassScores.from_arrays(
            {"scores": np.ones(1), "sizes": np.ones(1, dtype=np.int64),
             "rows": np.ones(1), "masses": np.ones(1), "repeats": np.ones(1, dtype=np.int64)}
        )  # fmt: skip


def test_too_few_rows_for_a_level_are_refused_with_a_level_that_is_possible():
    residuals = residuals_of(Answers(np.arange(11.0), np.zeros(11)))
    assert residuals.refusal(0.9) is None
    refused = residuals.refusal(0.95, name="interval", grouped=True)
    assert refused is not None
    assert refused.what == "19 held-out groups are needed for intervals at 95 %; there are 11"
    assert "0.916" in refused.fix
    assert residuals.refusal(0.916) is None
    assert residuals.refusal(0.917) is not None
