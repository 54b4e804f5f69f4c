"""`evaluate(pipeline, X, y, exposure=…)`: the same numbers as those of its last step alone."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingRegressor
from sklearn.linear_model import PoissonRegressor, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from thalweg import SettingsError, ThalwegRegressor, evaluate
from thalweg.evaluation.rates.rates_of_rows import in_rates

N = 80
_rng = np.random.default_rng(0)
X = pd.DataFrame(_rng.normal(size=(N, 2)), columns=["a", "b"])
YEARS = _rng.uniform(0.5, 3, N)
Y = _rng.poisson(np.exp(0.5 * X["a"]) * YEARS).astype(float)


def model(loss="poisson"):
    return ThalwegRegressor(
        loss, hidden_layer_sizes=(4,), max_iter=3, early_stopping=False, random_state=0
    )


def pipeline(last=None):
    """Steps that change nothing, so that the last one alone is the independent number."""
    return make_pipeline(FunctionTransformer(), make_pipeline("passthrough", last or model()))


def numbers(found):
    return {name: each.value for name, each in found.verdict.network.metrics.items()}


@pytest.mark.parametrize("loss", ["poisson", "gamma", "tweedie:power=1.5"])
@pytest.mark.parametrize("how", ["holdout", "cross-validation"])
def test_the_evaluation_is_that_of_the_last_step(loss, how):
    y = Y + (loss == "gamma")
    asked = {"exposure": YEARS, "how": how, "folds": 2, "baselines": "simple"}
    alone = evaluate(model(loss), X, y, **asked)
    inside = evaluate(pipeline(model(loss)), X, y, **asked)
    assert numbers(inside) == numbers(alone)
    np.testing.assert_array_equal(inside.verdict.answers.answer, alone.verdict.answers.answer)
    assert inside._no_intervals == alone._no_intervals


def test_a_column_of_the_table_is_taken_out_before_the_first_step():
    with_years = X.assign(years=YEARS)
    named = evaluate(pipeline(), with_years, Y, exposure="years", baselines=None)
    assert numbers(named) == numbers(evaluate(model(), X, Y, exposure=YEARS, baselines=None))


def test_a_fitted_pipeline_is_evaluated_by_its_rates():
    fitted = pipeline()
    fitted.fit(X, Y, pipeline__thalwegregressor__exposure=YEARS)
    alone = model().fit(X, Y, exposure=YEARS)
    asked = {"exposure": YEARS, "how": "given"}
    assert numbers(evaluate(fitted, X, Y, **asked)) == numbers(evaluate(alone, X, Y, **asked))


def test_a_fitted_pipeline_needs_the_exposures_of_its_fit():
    fitted = pipeline()
    fitted.fit(X, Y, pipeline__thalwegregressor__exposure=YEARS)
    with pytest.raises(SettingsError, match=r"was fitted with exposure.*exposure=values"):
        evaluate(fitted, X, Y, baselines=None)


def test_the_pipeline_that_is_given_stays_as_it_is():
    given = pipeline()
    evaluate(given, X, Y, exposure=YEARS, baselines=None)
    last = given.steps[-1][1].steps[-1][1]
    assert last._rates_of is None
    assert last._fitted is None


def test_a_pipeline_of_others_needs_the_name_of_the_loss():
    others = make_pipeline(FunctionTransformer(), PoissonRegressor())
    with pytest.raises(SettingsError, match='loss="poisson"'):
        evaluate(others, X, Y, exposure=YEARS, baselines=None)
    found = evaluate(others, X, Y, exposure=YEARS, baselines=None, loss="poisson")
    alone = evaluate(PoissonRegressor(), X, Y, exposure=YEARS, baselines=None, loss="poisson")
    assert numbers(found) == numbers(alone)


def cost(z, y):
    return (z - y) ** 2 + abs(z - y)


def search(inner, values=None):
    """A search of one candidate, whose estimator is the independent number."""
    return GridSearchCV(inner, values or {}, cv=KFold(2))


@pytest.mark.parametrize(
    ("loss", "key"),
    [
        ("quantile:level=0.9", "pinball"),
        ("absolute_error", "mae"),
        ("poisson", "poisson"),
        (cost, "own"),
        ("quantile:levels=0.1/0.9", "pinball"),
    ],
)
def test_pipelines_and_searches_are_compared_by_the_own_loss(loss, key):
    asked = {"baselines": "simple"}
    alone = evaluate(model(loss), X, Y, **asked)
    for wrapped in (pipeline(model(loss)), make_pipeline("passthrough", search(model(loss)))):
        inside = evaluate(wrapped, X, Y, **asked)
        assert key in numbers(inside)
        assert numbers(inside) == numbers(alone)
        assert [*inside.baselines] == [*alone.baselines]
        mine, theirs = inside.compare().difference, alone.compare().difference
        assert mine.value == theirs.value


def test_a_search_takes_exposures_by_the_loss_of_its_estimator():
    inside = evaluate(search(model()), X, Y, exposure=YEARS, baselines=None)
    rates, weights, _ = in_rates(Y, np.ones(N), YEARS, 1.0)
    alone = evaluate(model(), X, rates, sample_weight=weights, baselines=None, loss="poisson")
    assert numbers(inside) == numbers(alone)
    fitted = search(pipeline()).fit(X[:40], Y[:40])
    given = evaluate(fitted, X, Y, exposure=YEARS, how="given")
    best = evaluate(fitted.best_estimator_, X, Y, exposure=YEARS, how="given")
    assert numbers(given) == numbers(best)


def test_models_of_different_losses_are_compared_by_one():
    chosen = {"loss": ["absolute_error", "poisson"]}
    found = evaluate(search(model(), chosen), X, Y, baselines="simple")
    assert [*found.baselines][1] == "always the mean"  # the best constant of RMSE
    both = make_pipeline("passthrough", model("absolute_error"))
    mixed = search(both, {"thalwegregressor": [model("absolute_error"), Ridge()]})
    # Ridge is chosen in the folds that were fitted with the first row.
    mixed.scoring = lambda fitted, X, y: (
        isinstance(fitted[-1], Ridge) * (0 in X.index)
        or (0.25 * (not isinstance(fitted[-1], Ridge)))
    )
    wanted = {"how": "cross-validation", "folds": 4, "baselines": None}
    with pytest.raises(SettingsError, match=r"different losses \(MAE and RMSE\).*loss="):
        evaluate(mixed, X, Y, **wanted)


def test_several_quantiles_inside_another_model_are_refused_before_the_fit():
    levels = model("quantile:levels=0.1/0.9")
    for wrapped in (
        TransformedTargetRegressor(levels),
        make_pipeline("passthrough", BaggingRegressor(levels)),
        search(levels, {"loss": [levels.loss]}),
    ):
        with pytest.raises(SettingsError, match="evaluate that model itself"):
            evaluate(wrapped, X, Y, baselines=None)
