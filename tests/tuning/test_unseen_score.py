import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from thalweg import ThalwegClassifier, ThalwegRegressor, evaluate, tune
from thalweg.errors import DataError, SettingsError
from thalweg.tuning.unseen_score import UnseenRows, unseen_score

SMALL = {"max_iter": 4, "n_folds": 2, "random_state": 0}


def rows(n, seed, classes=2):
    random = np.random.default_rng(seed)
    X = pd.DataFrame(random.normal(size=(n, 2)), columns=["a", "b"])
    return X, np.digitize(X["a"] + random.normal(size=n), np.linspace(-0.5, 0.5, classes - 1))


def two(classes=2):
    X, y = rows(80, 0, classes)
    small, large = (ThalwegClassifier(hidden_layer_sizes=(n,), **SMALL).fit(X, y) for n in (3, 4))
    return large, small


@pytest.mark.parametrize("classes", [2, 3])
def test_the_losses_are_scikit_learns_and_the_difference_is_that_of_evaluations(classes):
    tuned, default = two(classes)
    X, y = rows(60, 1, classes)
    found = unseen_score(tuned, default, UnseenRows(X, y), 0)
    assert found.tuned == pytest.approx(log_loss(y, tuned.predict_proba(X)), rel=1e-6)
    assert found.default == pytest.approx(log_loss(y, default.predict_proba(X)), rel=1e-6)
    given = (evaluate(each, X, y, how="given", seed=0) for each in (tuned, default))
    mine, other = given
    assert found.ruling.difference == mine.compare(other).difference
    assert found.ruling.verdict == mine.compare(other).verdict
    assert found.n_rows == 60


def test_a_weight_of_2_is_two_rows_and_groups_widen_the_interval():
    tuned, default = two()
    X, y = rows(60, 1)
    weights = np.repeat([1.0, 2.0, 0.0], 20)
    weighted = unseen_score(tuned, default, UnseenRows(X, y, weights), 0)
    assert weighted.n_rows == 60
    assert weighted.tuned == pytest.approx(
        log_loss(y, tuned.predict_proba(X), sample_weight=weights), rel=1e-6
    )
    copies = np.repeat(np.arange(60), 4)
    plain = unseen_score(tuned, default, UnseenRows(X.iloc[copies], y[copies]), 0)
    groups = UnseenRows(X.iloc[copies], y[copies], groups=copies)
    wide = unseen_score(tuned, default, groups, 0).ruling.difference.at_95
    narrow = plain.ruling.difference.at_95
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_rows_that_the_search_had_are_not_said_to_be_unseen():
    tuned, default = two()
    order = np.random.default_rng(0).permutation(80)[:50]
    for chosen in (np.arange(80), order):
        X, y = (each[chosen] for each in (rows(80, 0)[0].to_numpy(), rows(80, 0)[1]))
        found = unseen_score(tuned, default, UnseenRows(pd.DataFrame(X, columns=["a", "b"]), y), 0)
        for said in (found.sentence(), found.of_default()):
            assert said.startswith(f"On {len(chosen)} rows that the search had, so that the losses")
    assert (
        "that nothing has seen"
        in unseen_score(tuned, default, UnseenRows(*rows(60, 1)), 0).sentence()
    )


def test_numbers_are_compared_by_their_own_loss():
    X, _ = rows(60, 0)
    y = X["a"] ** 2
    small, large = (ThalwegRegressor(hidden_layer_sizes=(n,), **SMALL).fit(X, y) for n in (3, 4))
    found = unseen_score(large, small, UnseenRows(X, y), 0)
    assert found.tuned == pytest.approx(np.sqrt(np.mean((large.predict(X) - y) ** 2)), rel=1e-6)
    assert "RMSE" in found.sentence()
    same = unseen_score(small, small, UnseenRows(X, y), 0)
    assert "both are the same: RMSE" in same.sentence()


def test_a_label_that_no_model_knows_is_refused_and_does_not_count_as_the_other_class():
    tuned, default = two()
    X, y = rows(20, 1)
    with pytest.raises(DataError, match=r"The label 7 .*y_test, row 4"):
        unseen_score(tuned, default, UnseenRows(X, np.where(np.arange(20) == 3, 7, y)), 0)


def test_the_rows_that_tune_does_not_get_change_nothing_but_the_score():
    X, y = rows(80, 0)
    new = rows(40, 1)
    space = {"hidden_layer_sizes": [[3], [5]], "alpha": (0.1, 10.0, "log")}
    asked = {"n_trials": 3, "space": space, "random_state": 0, "if_unclear": "tuned"}
    model = ThalwegClassifier(hidden_layer_sizes=(4,), **SMALL)
    with_them = tune(model, X, y, **asked, X_test=new[0], y_test=new[1])
    without = tune(model, X, y, **asked)
    assert without.unseen is None
    assert with_them.trials.loss.equals(without.trials.loss)
    assert with_them.slots == without.slots
    default = model.fit(X, y)
    assert with_them.unseen.default == pytest.approx(
        log_loss(new[1], default.predict_proba(new[0]))
    )
    mine = with_them.model.predict_proba(new[0])
    assert with_them.unseen.tuned == pytest.approx(log_loss(new[1], mine))
    assert with_them.unseen.sentence() in with_them.lines()
    with pytest.raises(SettingsError, match="X_test and y_test belong together"):
        tune(model, X, y, **asked, X_test=new[0])


def test_too_few_groups_are_the_reason_beside_an_interval_below_zero():
    tuned, default = two()
    X, y = rows(60, 1)
    found = unseen_score(tuned, default, UnseenRows(X, y, groups=np.arange(60) % 3), 0)
    assert found.ruling.is_of_few
    why = "as they count as 3 groups, and fewer than 6 cannot show it: log-loss"
    assert f"the tuned model is not shown to be better than the default, {why}" in found.sentence()
