"""A sentence claims what the curve does, and only if rows and networks support it."""

import numpy as np
import pytest

from moved_rows import Members, curves_of, effect_of, normal_pair
from thalweg.evaluation.effects.curve_sentence import Evidence, curve_sentence
from thalweg.evaluation.section_texts.effect_texts import _SENTENCE
from thalweg.evaluation.section_texts.text_patterns import fits

X = np.column_stack((np.linspace(0, 100, 2000), np.random.default_rng(0).normal(size=2000)))


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        (lambda x: x, "rises throughout"),
        (lambda x: -x, "falls throughout"),
        (lambda x: np.minimum(x, 60), "rises up to about 57 and is flat after"),
        (lambda x: np.maximum(x, 40), "is flat up to about 42 and rises after"),
        (
            lambda x: np.clip(x, 30, 70),
            "is flat up to about 32, rises up to about 67 and is flat after",
        ),
        (lambda x: np.abs(x - 50), "falls up to about 50 and rises after"),
        (lambda x: -np.abs(x - 50), "rises up to about 50 and falls after"),
        (lambda x: np.sin(x / 8), "turns 4 times: highest near"),
        (lambda x: x + 20 * np.sin(x / 3), "turns 9 times: highest near 97, lowest near 12"),
    ],
)  # fmt: skip
def test_a_shape_is_said_as_it_is(shape, sentence):
    found = effect_of(lambda X: 3 * shape(X[:, 0]), X)
    assert found.sentence.startswith(sentence)


def test_a_small_curve_hardly_matters_and_its_bound_holds():
    found = effect_of(lambda X: 0.0002 * X[:, 0] + X[:, 1], X)
    assert found.sentence.startswith("hardly matters: it moves the answer by 0.0098")
    bound = float(found.sentence.split(" by ")[1].split()[0])
    assert np.abs([found.low, found.high]).max() <= bound * 1.05


def test_nothing_is_claimed_where_the_interval_contains_0_everywhere():
    rows = normal_pair(300, rho=0.0)
    found = effect_of(lambda X: 2 * X[:, 0] * X[:, 1], rows, kind="pdp")
    assert found.sentence == "no clear direction: the interval contains 0 everywhere"
    assert np.all((found.low <= 0) & (found.high >= 0))


def test_nothing_is_claimed_where_networks_disagree():
    rows = normal_pair(1000)
    source = Members([lambda X: 2 * X[:, 0], lambda X: -X[:, 0]], rows)
    assert effect_of(None, rows, source=source).sentence == (
        "no clear direction: the networks disagree"
    )
    functions = [lambda X, k=k: k * X[:, 0] for k in (1, 1.2, 1.1, 0.9, 1)]
    source = Members(functions, rows)
    assert effect_of(None, rows, source=source).sentence == "rises throughout"
    # Of slopes 0.1, 0.2, 0.1, 0.1 and 3 the mean is 0.7 ± 2.776 · 1.286 · √(1/5 + 1/4).
    functions = [lambda X, k=k: k * X[:, 0] for k in (0.1, 0.2, 0.1, 0.1, 3)]
    assert effect_of(None, rows, source=Members(functions, rows)).sentence == (
        "no clear direction: the networks differ too much"
    )


def test_nothing_is_said_where_moved_rows_are_unlike_the_training_rows():
    rows = normal_pair(500)
    source = Members([lambda X: X[:, 0]], rows, lambda c, r, v: np.zeros(len(r)))
    found = effect_of(None, rows, source=source)
    assert found.sentence == (
        "no statement: most rows moved to other values are unlike the training rows"
    )
    assert not found.supported.any()


@pytest.mark.parametrize("kind", ["ale", "pdp"])
@pytest.mark.parametrize("n_values", [2, 5, 400])
def test_a_column_that_matters_by_being_missing_is_said_to_and_comes_first(kind, n_values):
    rng = np.random.default_rng(0)
    rows = np.column_stack((rng.normal(size=600), rng.integers(0, n_values, 600).astype(float)))
    rows[rng.random(600) < 0.3, 1] = np.nan

    def answer(X):
        return 3 * np.isnan(X[:, 1]) + X[:, 0]

    first, second = curves_of(answer, rows, kind=kind)
    assert (first.column, second.column) == ("x1", "x0")
    # Of an effect of 3 in a share of the rows: 3 √(s (1 - s)).
    assert first.size == pytest.approx(3 * np.isnan(rows[:, 1]).std())
    assert first.sentence.startswith("higher by 3 if missing; a value moves the answer by ")
    assert float(first.sentence.split(" by ")[2].split()[0]) < 1e-6
    assert second.sentence == "rises throughout"
    lower = effect_of(lambda X: -answer(X), rows, "x1", kind=kind)
    assert lower.sentence.startswith("lower by 3 if missing; a value")


def test_what_is_said_of_a_missing_value_is_supported():
    rows = np.random.default_rng(0).normal(size=(600, 2))
    rows[:150, 0] = np.nan

    def missing(k):
        return lambda X: k * np.isnan(X[:, 0]) + X[:, 1]

    def of(*functions, p=None):
        return effect_of(None, rows, source=Members(functions, rows, p)).sentence

    assert of(missing(2), missing(3)).startswith("a value moves the answer by 0 or less; no clear")
    assert of(missing(2.4), missing(2.5)).startswith("higher by 2.45 if missing; a value moves")
    assert of(missing(-2), missing(4)) == (
        "a value moves the answer by 0 or less; "
        "no clear effect of a missing one: the networks disagree"
    )
    # Of a curve that matters the interval of a missing value excludes 0, and no network agrees.
    rising = [lambda X, k=k: np.nan_to_num(3 * X[:, 0], nan=k) for k in (-4.0, 2.0)]
    assert of(*rising) == (
        "rises throughout; no clear effect of a missing one: the networks disagree"
    )
    assert of(missing(3), p=lambda c, r, v: np.where(np.isnan(v), 0.01, 0.9)) == (
        "a value moves the answer by 0 or less; "
        "no statement if missing: most rows moved there are unlike the training rows"
    )
    # Within a tenth of the spread of the answers, its bound is in what is said.
    assert of(missing(0.05)) == "hardly matters: it moves the answer by 0.05 or less"

    def both(X):
        return np.where(np.isnan(X[:, 0]), 4.0, X[:, 0]) + X[:, 1]

    rises = effect_of(both, rows).sentence
    assert rises.startswith("rises throughout; higher by ")
    assert rises.endswith(" if missing")


def evidence(mean, error, n_networks=0, seed=0):
    rng = np.random.default_rng(seed)
    noise = np.cumsum(rng.normal(size=(400, len(mean))) * error, axis=1)
    return Evidence(mean, mean + noise, np.tile(mean, (n_networks, 1)))


def said(evidence):
    x = np.arange(len(evidence.mean), dtype=float)
    spread = 2 * evidence.resampled.std(axis=0)
    return curve_sentence(
        evidence, x, lambda value: f"{value:g}", evidence.mean - spread, evidence.mean + spread
    )


def test_a_dip_that_the_rows_do_not_support_is_not_claimed():
    mean = np.array([0, 1, 2, 3, 4, 3.2, 4, 5, 6, 7, 8.0])
    assert said(evidence(mean, 1e-3)) == "mostly rises"
    deeper = np.array([0, 1, 2, 3, 4, 3.0, 2.8, 4, 6, 7, 8.0])
    assert said(evidence(deeper, 1e-3)).startswith("rises up to about 4, falls up to about 6")
    assert said(evidence(deeper, 0.4)) == "mostly rises"
    much = np.array([0, 2, 4, 5, 3, 1.6, 2.0, 4, 6, 8, 9.0])
    assert said(evidence(much, 0.85)) == "rises unsteadily"
    assert said(evidence(much, 2.0)).startswith("no clear direction")


def test_flat_is_claimed_only_if_the_interval_is_narrow():
    mean = np.array([0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6.0])
    assert said(evidence(mean, 0.01)) == "rises up to about 6 and is flat after"
    wide = said(evidence(mean, 0.5))
    assert "flat" not in wide
    assert wide.startswith("rises")


@pytest.mark.slow
def test_of_a_function_without_an_effect_a_direction_is_claimed_in_at_most_5_percent():
    # The answer is another number for each row and value: any curve is chance.
    claimed = 0
    for seed in range(200):
        rows = normal_pair(400, seed=seed)
        turn = np.random.default_rng(seed).normal(size=(400, 2))

        def chance(X, turn=turn, rows=rows):
            place = np.searchsorted(np.sort(rows[:, 1]), X[:, 1])
            own = turn[np.clip(place, 0, 399)]
            return own[:, 0] * np.sin(3 * X[:, 0]) + own[:, 1] * np.cos(3 * X[:, 0])

        claimed += not effect_of(chance, rows, kind="pdp").sentence.startswith("no clear")
    assert claimed <= 14


def few_between(n=140):
    """Most rows at both ends of a column, and some at each value between them."""
    values = np.concatenate((np.full(75, 1.0), np.full(30, 10.0), np.arange(2, 10).repeat(4)[:35]))
    return np.column_stack((values, np.random.default_rng(0).normal(size=len(values))))


@pytest.mark.parametrize("dip", [0.0, 6.0])
def test_nothing_is_said_of_values_at_which_the_model_was_not_asked(dip):
    rows = few_between()

    def shape(X):
        return X[:, 0] - dip * (np.abs(X[:, 0] - 5) < 2)

    found = effect_of(shape, rows)
    step = np.diff(found.x).argmax()
    low, high = found.x[step : step + 2]
    assert (found.x[0], found.x[-1]) == (1, 10)
    assert high - low > 4.5
    assert found.sentence == (
        f"rises for values from 1 to 10, with no point between {low:g} and {high:g}"
    )
    assert fits(_SENTENCE, found.sentence, ())


def test_a_wide_step_without_a_row_in_it_is_no_gap():
    values = np.repeat([1.0, 2.0, 3.0, 10.0], 40)
    rows = np.column_stack((values, np.random.default_rng(0).normal(size=160)))
    assert effect_of(lambda X: X[:, 0], rows).sentence == "rises throughout"


@pytest.mark.parametrize(
    "sentence",
    [
        "falls for values from 2.1 to 14.9; no statement above 14.9 (22 % of the rows): most rows "
        "moved to 80 are unlike the training rows",
        "rises throughout; no clear effect of a missing one: the networks disagree; no statement "
        "below 2020-01-01 (less than 1 % of the rows) and above 2021-01-01 (3 % of the rows): most "
        "rows moved to 2019-01-01 and to 2022-01-01 are unlike the training rows",
        "rises for values from 1 to 9, with no point between 1 and 8; no statement above 9 (3 % of "
        "the rows): most rows moved to 80 are unlike the training rows",
        "no statement: the model learned this class from 5 rows, and fewer than 20 show no "
        "direction",
        # As earlier versions wrote them.
        "rises throughout; no statement above 64: most rows moved to 82 are unlike the training "
        "rows",
    ],
)
def test_a_file_with_such_a_sentence_is_not_quoted(sentence):
    assert fits(_SENTENCE, sentence, ())
    assert not fits(_SENTENCE, sentence.replace("rows", "people"), ())
