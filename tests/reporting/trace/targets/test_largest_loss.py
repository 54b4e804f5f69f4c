"""The row that is traced if none is named: the one with the largest loss, by every task's loss.

Of losses that leave out a term of the target, it is the one furthest above the lowest.
"""

import numpy as np
import pytest

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import DataError
from thalweg.network.formulas.losses import lowest_losses
from thalweg.reporting.trace.model_trace import check_model_gradient, trace_model
from thalweg.reporting.trace.targets.largest_loss import largest_loss, losses_of

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 1, "early_stopping": False}
TASKS = ("two", "three", "squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma")


def fitted(task, n=150):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(n, 3))
    if task in ("two", "three"):
        y = np.array(["a", "b", "c"][: 2 + (task == "three")])[
            rng.integers(2 + (task == "three"), size=n)
        ]
        costs = {"class_weight": {"a": 4.0}, "label_smoothing": 0.05}
        return ThalwegClassifier(**SMALL, **costs).fit(X, y), X, y
    y = rng.poisson(3.0, n) + (0.0 if task == "poisson" else rng.normal(size=n))
    y = np.exp(y / 2) if task == "gamma" else y
    return ThalwegRegressor(loss=task, **SMALL).fit(X, y), X, y


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("task", TASKS)
def test_the_row_is_the_one_with_the_largest_loss_of_all_single_traces(task):
    model, X, y = fitted(task)
    X, y = X[:9], y[:9]
    alone = [model.trace(X[[k]], y[[k]]).data["network"]["data_height"] for k in range(len(y))]
    found = model.trace(X, y, largest=True)
    first = model.members_[0].outputs
    lowest = lowest_losses(first.loss, first.targets(first.numbers(y)))
    best = int(np.argmax(alone - lowest))
    assert [row["row"] for row in found.data["rows"]] == [best + 1]
    picked = found.data["picked"]
    assert (picked["row"], picked["n_rows"]) == (best + 1, len(y))
    assert picked["loss"] == pytest.approx(alone[best], rel=1e-5)  # the weights are float32
    said = " ".join(str(found).split())
    if task in ("poisson", "gamma"):
        assert best != int(np.argmax(alone))  # that would be a large target
        assert "is furthest above the lowest loss of its target" in said
        assert "loss near 0" not in said
    else:
        assert f"of the {len(y)} rows, this one has the largest loss in this network" in said
    assert str(found).splitlines()[0].startswith(f"Row {best + 1}, ")
    assert int(np.argmax(losses_of(model, X, first.numbers(y)) - lowest)) == best


def test_without_labels_it_is_the_row_of_which_the_network_is_least_sure():
    model, X, _ = fitted("three")
    found = model.trace(X, largest=True)
    (row,) = found.data["rows"]
    assert row["supposed"]
    own = model.called(model.predict_proba(X))
    numbers = model.members_[0].outputs.numbers(np.asarray(own))
    assert row["row"] == 1 + int(np.argmax(losses_of(model, X, numbers)))
    assert "is least sure" in " ".join(str(found).split())


def test_a_number_without_its_truth_is_refused():
    model, X, _ = fitted("squared_error")
    for call in (lambda: model.trace(X[[2]]), lambda: model.check_gradient(X)):
        with pytest.raises(DataError, match=r"true target is not known.*derivatives would be 0"):
            call()
    assert check_model_gradient(model).data["passes"]  # on random rows


def test_rows_without_a_target_are_left_out_and_none_is_an_error():
    model, X, y = fitted("squared_error")
    numbers = np.where(np.arange(len(y)) < 5, y, np.nan)
    assert largest_loss(model, X, numbers).place < 5
    assert largest_loss(model, X, numbers).n_rows == 5
    with pytest.raises(DataError, match="No row has a target"):
        largest_loss(model, X, np.full(len(y), np.nan))


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (["many"], r"The target is not numeric.*row 7"),
        ([np.nan], r"NaN.*row 7"),
        ([1.0, 2.0], "2 numbers do not fit 1 rows.*one number for each row"),
    ],
)
def test_a_number_that_is_none_is_named_by_its_row(y, says):
    model, X, _ = fitted("squared_error")
    with pytest.raises(DataError, match=says):
        trace_model(model, X[[6]], y, rows=[7])


def test_a_count_below_0_is_refused():
    model, X, _ = fitted("poisson")
    with pytest.raises(DataError, match=r"-1.*for counts.*row 3"):
        trace_model(model, X[:2], [2, -1], rows=[2, 3])


def test_a_label_of_several_classes_that_is_unknown_is_named_with_all_that_there_are():
    model, X, _ = fitted("three")
    with pytest.raises(DataError, match=r'"d" is not one.*row 1.*one of "a", "b", "c"'):
        model.trace(X[[0]], ["d"])


def test_more_rows_than_a_trace_holds_lead_to_the_largest_loss():
    model, X, y = fitted("three")
    with pytest.raises(DataError, match=r"150 rows are too many.*largest=True"):
        model.trace(X, y)
    assert len(model.trace(X, y, largest=True).data["rows"]) == 1
