"""With costs, the answer is not always the most probable class: explanations are of the answer."""

import numpy as np
import pytest

import thalweg
from thalweg import ThalwegClassifier
from thalweg.reporting.model_sections.rows_to_explain import RowChoice


@pytest.fixture(scope="module")
def costly():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(150, 2))
    y = np.array(list("abc"))[np.digitize(X[:, 0] + rng.normal(size=150), [-0.7, 0.7])]
    model = ThalwegClassifier(
        (6,), max_iter=8, random_state=0, early_stopping=False,
        class_weight={"a": 1.0, "b": 1.0, "c": 6.0},
    ).fit(X, y)  # fmt: skip
    return model, X, y


def test_the_class_that_is_explained_is_the_one_that_is_predicted(costly):
    model, X, _ = costly
    called, p = model.predict(X), model.predict_proba(X)
    differs = np.flatnonzero(called != model.classes_[p.argmax(axis=1)])[:3]
    assert len(differs)  # else this test shows nothing
    found = model.explain(X[differs])
    assert found.labels == called[differs].tolist()
    for k, row in enumerate(differs):
        waterfall = found.waterfall(k)
        assert waterfall.label == called[row]
        place = model.classes_.tolist().index(called[row])
        assert waterfall.answer == pytest.approx(p[row, place], abs=1e-6)
        assert found.as_dict()["rows"][k]["label"] == called[row]
        likely = model.classes_[p[row].argmax()]
        assert found.notes(k)[0].startswith(
            f"The model answers {called[row]}, because the costs of mistakes decide: {likely} is "
            f"the most probable class ({100 * p[row].max():.1f} %)"
        )
    same = np.flatnonzero(called == model.classes_[p.argmax(axis=1)])[:1]
    assert not any("costs" in each for each in model.explain(X[same]).notes(0))


def test_accuracy_beside_drift_is_that_of_the_answers(costly):
    model, X, y = costly
    other = np.random.default_rng(4).permutation(len(X))[:100]
    Z = X[other] + 0.001  # new rows
    found, called, p = thalweg.drift(model, Z, y[other]), model.predict(Z), model.predict_proba(Z)
    assert found.accuracy.value == pytest.approx(np.mean(called == y[other]))
    places = [model.classes_.tolist().index(each) for each in called]
    assert found.expected_accuracy == pytest.approx(np.mean(p[range(100), places]), abs=1e-6)
    assert np.mean(model.classes_[p.argmax(axis=1)] == y[other]) != found.accuracy.value


def test_accuracy_beside_drift_obeys_a_threshold():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(200, 2))
    y = np.where(X[:, 0] + rng.normal(size=200) > 0, "yes", "no")
    model = ThalwegClassifier(
        (4,), max_iter=8, random_state=0, early_stopping=False, positive="yes", threshold=0.9
    ).fit(X, y)
    Z = X + 0.001
    found, p = thalweg.drift(model, Z, y), model.predict_proba(Z)[:, 1]
    called = p > 0.9
    assert found.accuracy.value == pytest.approx(np.mean(called == (y == "yes")))
    assert found.expected_accuracy == pytest.approx(np.where(called, p, 1 - p).mean(), abs=1e-6)


def test_rows_with_the_smallest_lead_are_found_by_costs():
    p = np.array([[0.5, 0.1, 0.4], [0.8, 0.15, 0.05], [0.45, 0.4, 0.15], [0.1, 0.8, 0.1]])
    choice = RowChoice(
        p, np.array([0.9, 0.05, 0.05]), ["a", "b", "c"], np.eye(4), costs=np.array([1.0, 1.0, 8.0])
    )
    rows = choice.rows()
    weighed = p * [1, 1, 8]
    top = ["abc"[k] for k in weighed.argmax(axis=1)]
    assert top == ["c", "a", "c", "b"]
    assert all(each.label == top[each.place] for each in rows)
    assert "as costs of mistakes weigh them" in rows[1].head
