"""`evaluate(pipeline, X, y, exposure=…)`: the same numbers as those of its last step alone."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import PoissonRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from thalweg import SettingsError, ThalwegRegressor, evaluate

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
