"""Whether a model knows more than a constant: pages, importance and verdicts decide it alike."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

import thalweg
from thalweg.errors import DataError
from thalweg.estimators.importance.importance_of_model import (
    find_importance,
    require_shown_knowledge,
)
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.row_origin import Origin
from thalweg.evaluation.comparing.beside_constant import (
    KNOWS_NOTHING,
    BesideConstant,
    require_knowledge,
    shows_more,
)
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.comparing.margin_rule import VERDICTS
from thalweg.evaluation.section_texts.reasons_left_out import own_reasons
from thalweg.evaluation.task_judging import OneNumber, TwoClasses
from thalweg.reporting.model_sections.shown_knowledge import CAUTION, caution_of

KINDS = ("t", "lognormal", "rare")


def drawn(kind: str, seed: int, n: int = 300, slope: float = 0.5):
    """A table whose target has heavy tails or a rare class, and depends on one column."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    x, z = random.normal(size=(2, n))
    if kind == "t":  # no fourth moment, so squared errors have no variance
        y = slope * x + random.standard_t(2.5, n)
    elif kind == "lognormal":
        y = np.exp(slope * x + 1.5 * random.normal(size=n))
    else:
        logit = slope * 3 * x - 3 - 4.5 * slope**2
        y = np.where(random.random(n) < 1 / (1 + np.exp(-logit)), "yes", "no")
    return pd.DataFrame({"x": x, "z": z}), y


def decision(error: DataError | None) -> bool:
    return error is None or not error.what.startswith(KNOWS_NOTHING)


def refusal(*asked) -> DataError | None:
    try:
        find_importance(*asked, n_permutations=1)
    except DataError as error:
        return error
    return None


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("kind", KINDS)
def test_importance_decides_as_the_verdict_on_the_same_rows(kind):
    model = LogisticRegression() if kind == "rare" else LinearRegression()
    decided = []
    for seed in range(8):
        X, y = drawn(kind, seed, 900 if kind == "rare" else 300)
        verdict = thalweg.evaluate(model, X, y, baselines="simple", seed=seed).verdict
        beside = BesideConstant.of_verdict(verdict)
        fitted = model.fit(X.drop(verdict.places), np.delete(y, verdict.places))
        rows = X.iloc[verdict.places], y[verdict.places]
        origin = Origin(len(verdict.places), np.empty(0, np.intp))
        error = refusal(fitted, *rows, origin, beside)
        knows = shows_more(beside.ruling.verdict)
        assert decision(error) == knows == (caution_of(verdict.as_dict()) != CAUTION), seed
        assert (f"better than {beside.name}"[:12] in verdict.sentence) or not knows
        decided.append(knows)
    assert 0 < sum(decided) < 8  # both occur


@pytest.fixture(scope="module")
def heavy():
    """A network, and held-out rows of which one has nearly all of the error."""
    random = np.random.default_rng(8)
    X = pd.DataFrame(random.normal(size=(350, 2)), columns=["x", "z"])
    y = np.exp(1.5 * X["x"].to_numpy() + 0.1 * random.normal(size=350))
    X.loc[300, "x"] = X["x"][:280].max()
    y[300] = 200 * y[:280].max()
    model = thalweg.ThalwegRegressor(preset="quick", random_state=0).fit(X[:280], y[:280])
    return model, X[280:], y[280:]


def test_one_row_with_nearly_all_of_the_error_splits_no_decision(heavy):
    # The mean of these rows is far above that of the training rows: against the first the model
    # was not shown to know anything, against the second it was.
    model, X, y = heavy
    task, mean = OneNumber(), model._known.likeness.target[0]
    mine = Answers(y, model.predict(X))
    ruling = compare_answers(task, [(mine, Answers(y, np.full(len(y), mean)))], margin=None, seed=0)
    assert shows_more(ruling.verdict)
    origin = Origin(len(y), np.empty(0, np.intp))
    require_shown_knowledge(model, X, y, origin)
    found = find_importance(model, X, y, origin)
    assert found.constant_loss == pytest.approx(np.mean((y - mean) ** 2), rel=1e-12)
    assert np.mean((y - y.mean()) ** 2) < 0.99 * found.constant_loss


def test_the_constant_of_the_training_rows_is_that_of_a_verdict(heavy):
    model, X, y = heavy
    with pytest.raises(DataError) as refused:
        require_shown_knowledge(
            model, X, np.random.default_rng(0).permutation(y), Origin(70, np.empty(0, np.intp))
        )
    said = refused.value
    assert 'RMSE minus that of "always the mean": +' in said.where
    sentence = f"{said.what} ({said.where}). {said.why}."
    assert own_reasons({"importance": sentence}, ()) == {"importance": sentence}


def test_few_rows_of_the_rare_class_show_nothing_to_anybody():
    # Five positive rows with the right order: the interval excludes 0, the rule refuses it.
    truth = np.arange(80) < 5
    answer = np.where(truth, 0.9, 0.01)
    model = type(
        "Fixed",
        (LogisticRegression,),
        {"predict_proba": lambda self, X: np.column_stack((1 - X["p"], X["p"]))},
    )()
    X = pd.DataFrame({"p": answer, "q": np.random.default_rng(0).normal(size=80)})
    model.fit(X, truth)
    ruling = compare_answers(
        TwoClasses(True, False),
        [(Answers(truth, answer), Answers(truth, np.full(80, 5 / 80)))], margin=None, seed=0,
    )  # fmt: skip
    assert ruling.difference.at_95.high < 0
    assert not shows_more(ruling.verdict)
    with pytest.raises(DataError, match="only 5 rows are of another class") as refused:
        thalweg.importance(model, X, truth)
    sentence = f"{refused.value.what} ({refused.value.where}). {refused.value.why}."
    assert own_reasons({"importance": sentence}, ()) == {"importance": sentence}


def test_a_comparison_of_folds_decides_and_a_pooled_loss_that_is_no_lower_is_said():
    # Four folds are much better by RMSE; in the fifth, one huge error makes the pooled loss higher.
    random = np.random.default_rng(0)
    x = random.normal(size=100)
    truth = x.copy()
    truth[0] = 1e4
    answer = x.copy()
    answer[0] = -1.0
    fixed = type("Fixed", (LinearRegression,), {"predict": lambda self, X: X["p"].to_numpy()})()
    X = pd.DataFrame({"p": answer, "q": random.normal(size=100)})
    fixed.fit(X, truth)
    mine, theirs = Answers(truth, answer), Answers(truth, np.zeros(100))
    better = compare_answers(
        OneNumber(), [(mine.rows(np.arange(1, 100)), theirs.rows(np.arange(1, 100)))],
        margin=None, seed=0,
    )  # fmt: skip
    beside = BesideConstant("always the mean", better, 99, np.arange(100), theirs.answer)
    origin = Origin(100, np.empty(0, np.intp))
    with pytest.raises(DataError, match="Importance has no scale") as refused:
        find_importance(fixed, X, truth, origin, beside)
    sentence = f"{refused.value.what} ({refused.value.where}). {refused.value.why}."
    assert own_reasons({"importance": sentence}, ()) == {"importance": sentence}


def test_only_better_is_knowledge():
    assert [each for each in VERDICTS if shows_more(each)] == [
        "better", "better, by less than matters",
    ]  # fmt: skip


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("kind", KINDS)
def test_without_a_relation_a_model_is_refused_at_the_level(kind):
    # Answers around the training mean (or share) that nothing in the rows explains.
    better, n_tables = 0, 200
    for seed in range(n_tables):
        random = np.random.default_rng([seed, 7])
        _, y = drawn(kind, seed, 400, slope=0.0)
        truth = y == "yes" if kind == "rare" else y
        constant, rows = truth[:300].mean(), truth[300:]
        noise = random.normal(size=100)
        if kind == "rare":
            odds = constant / (1 - constant) * np.exp(0.3 * noise)
            answer, task = odds / (1 + odds), TwoClasses("yes", "no")
        else:
            answer, task = constant + 0.2 * truth[:300].std() * noise, OneNumber()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ruling = compare_answers(
                task, [(Answers(rows, answer), Answers(rows, np.full(100, constant)))],
                margin=None, seed=seed,
            )  # fmt: skip
        better += shows_more(ruling.verdict)
        if not shows_more(ruling.verdict):
            with pytest.raises(DataError, match=KNOWS_NOTHING):
                require_knowledge("a constant", ruling, 100)
    # One side of a 95 % interval: 2.5 %, and three standard errors of 200 tables.
    assert better <= n_tables * (0.025 + 3 * np.sqrt(0.025 * 0.975 / n_tables)), better
