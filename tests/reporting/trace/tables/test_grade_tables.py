"""A trace of grades: every number against NumPy and SciPy on four grades with missing cells."""

import re

import numpy as np
import pytest
from scipy.special import expit

from thalweg import ThalwegClassifier
from thalweg.reporting.trace.tables.grade_tables import grade_sections
from traced_pages import traced_grades

CASES = {
    "linear": ((), None, {}),
    "one": ((5,), None, {}),
    "two": ((6, 4), [3, 8, 40], {"activation": "tanh"}),
}


@pytest.fixture(scope="module", params=CASES)
def traced(request):
    hidden, rows, more = CASES[request.param]
    return traced_grades(hidden, rows, **more)


def outputs_of(traced, theta):
    """Z of every row, by the encoded cells of the trace alone."""
    data, place = traced.data, 0
    A = np.array([column["encoded"] for column in data["columns"]])
    sizes = data["network"]["sizes"]
    for layer in range(1, len(sizes)):
        n_in, n_out = sizes[layer - 1], sizes[layer]
        W = theta[place : place + n_in * n_out].reshape(n_out, n_in)
        b = theta[place + n_in * n_out :][:n_out, None]
        place += n_in * n_out + n_out
        Z = W @ A + b
        f = data["network"]["activations"][layer - 1]
        A = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh}.get(f, lambda z: z)(Z)
    return Z, W, place


def steps_of(Z):
    """C, Yh and P, by differences."""
    C = np.cumsum(np.concatenate((Z[:1], np.logaddexp(0, Z[1:]))), axis=0)
    Yh = expit(C)
    ends = np.concatenate((np.zeros_like(Yh[:1]), Yh, np.ones_like(Yh[:1])))
    return C, Yh, np.diff(ends, axis=0)


def mean_loss(traced, theta):
    _, _, P = steps_of(outputs_of(traced, theta)[0])
    own = [row["class"] - 1 for row in traced.data["rows"]]
    return float(-np.log(P[own, np.arange(P.shape[1])]).mean())


def test_every_step_of_the_json_is_that_of_numpy(traced):
    data, theta = traced.data, traced.trace.theta
    Z, W, place = outputs_of(traced, theta)
    assert place == len(theta)
    assert not np.any(W[1:])
    C, Yh, P = steps_of(Z)
    classes = data["target"]["classes"]
    assert classes == ["low", "mid", "high", "top"]
    for r, (row, one) in enumerate(zip(data["rows"], data["passes"], strict=True)):
        g, found = row["class"], one["grades"]
        assert classes[g - 1] == row["target"]
        assert found["grade"] == g
        for key, wanted in (("C", C), ("P", P)):
            np.testing.assert_allclose(found[key], wanted[:, r], rtol=1e-9)
        np.testing.assert_allclose(row["prediction"], Yh[:, r], rtol=1e-12)
        assert row["probabilities"] == found["P"]
        assert row["loss"] == pytest.approx(-np.log(P[g - 1, r]), rel=1e-9)
        np.testing.assert_allclose(
            np.array(found["thresholds"]) + found["score"], C[:, r], rtol=1e-12
        )
        np.testing.assert_allclose(found["link"], Yh[:, r] * (1 - Yh[:, r]), rtol=1e-9)
        ends = [0, *Yh[:, r], 1]
        first = (ends[g] + ends[g - 1] - 1) / len(data["rows"])
        assert found["at_once"][0] == pytest.approx(first, rel=1e-9)
        assert sum(found["products"]) == pytest.approx(found["at_once"][found["unit"] - 1])
        for j in range(3):  # each output, by a difference of NumPy's loss
            h = 1e-5 * np.eye(3)[j][:, None]
            up, down = (steps_of(Z[:, [r]] + sign * h)[2][g - 1, 0] for sign in (1, -1))
            wanted = (np.log(down) - np.log(up)) / 2e-5 / len(data["rows"])
            assert found["at_once"][j] == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def test_the_gradient_is_that_of_numpys_loss(traced):
    theta = traced.trace.theta
    n_held = 2 * traced.data["network"]["sizes"][-2]
    engine = traced.trace.back.gradient
    differences = np.array(
        [
            (mean_loss(traced, theta + 1e-6 * e) - mean_loss(traced, theta - 1e-6 * e)) / 2e-6
            for e in np.eye(len(theta))
        ]
    )
    held = np.arange(len(theta) - 3 - n_held, len(theta) - 3)
    assert not np.any(engine[held])
    free = np.setdiff1d(np.arange(len(theta)), held)
    np.testing.assert_allclose(engine[free], differences[free], atol=2e-8)
    chain = traced.data["chain"]
    assert chain["value"] == pytest.approx(chain["difference"]["value"], rel=1e-6)


def test_the_tables_have_these_numbers(traced):
    logits, shares, back = grade_sections(traced.data)
    C, Yh, P = steps_of(outputs_of(traced, traced.trace.theta)[0])
    r = [str(row["row"]) for row in traced.data["rows"]].index(re.search(r"\d+$", logits.title)[0])
    for k, (name, threshold, score, c, share) in enumerate(logits.rows):
        assert name == f"{k + 1} {['low', 'mid', 'high'][k]}"
        assert float(c) == pytest.approx(C[k, r], rel=1e-5)
        assert float(threshold) + float(score) == pytest.approx(C[k, r], abs=2e-5)
        assert float(share) == pytest.approx(Yh[k, r], rel=1e-5)
    for k, (_, end, begin, share) in enumerate(shares.rows):
        assert float(share) == pytest.approx(P[k, r], rel=1e-5)
        assert float(end) - float(begin) == pytest.approx(P[k, r], abs=2e-6)
    *cells, total = (row[-1] for row in back.rows)
    assert sum(map(float, cells)) == pytest.approx(float(total), abs=1e-9)
    text = " ".join(str(traced).split())
    for words in ("proportional odds", "threshold", "cumulative logits", "P[k] = Yh[k] - Yh[k-1]"):
        assert words in text


def test_a_weight_that_is_held_has_no_difference_for_that_reason(traced):
    text = " ".join(str(traced.chain(f"W{len(traced.data['network']['sizes']) - 1}[2,1]")).split())
    assert "no finite difference: this weight is held at 0" in text
    assert "kink" not in text


def test_without_labels_the_predicted_grade_stands_for_them():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    y = np.array(["b", "c", "a"])[np.digitize(X[:, 0], [-0.5, 0.5])]
    model = ThalwegClassifier.linear(loss="ordinal", grades=["b", "c", "a"], random_state=0)
    found = model.fit(X, y).trace(X[:4]).data
    assert found["target"]["classes"] == ["b", "c", "a"]
    called = model.predict(X[:4])
    for row, label in zip(found["rows"], called, strict=True):
        assert row["supposed"]
        assert row["target"] == label == "bca"[row["class"] - 1]
        assert max(row["probabilities"]) == row["probabilities"][row["class"] - 1]
