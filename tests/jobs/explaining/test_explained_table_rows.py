"""The job of explaining rows: the numbers of Python, whatever the questions beside them are."""

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier
from thalweg.jobs.explain import ExplainRequest, explain
from thalweg.jobs.explaining.explained_table_rows import AskedRows


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    path, rng = tmp_path_factory.mktemp("rows"), np.random.default_rng(1)
    X = pd.DataFrame({"a": rng.normal(size=150), "b": rng.normal(size=150)})
    y = np.where(X["a"] + X["b"] + rng.normal(0, 0.5, 150) > 0, "yes", "no")
    model = ThalwegClassifier(max_iter=20, hidden_layer_sizes=(8,), random_state=0).fit(X, y)
    model.save(path / "m.safetensors")
    X.to_csv(path / "t.csv", index=False)
    return path, model, X


def asked(path, **more):
    rows = AskedRows(**({"row": "3,5", "method": "path", "set": {}, "change": []} | more))
    request = ExplainRequest(
        model=str(path / "m.safetensors"), table=str(path / "t.csv"), rows=rows
    )
    return explain(request).found


def test_contributions_are_those_of_the_model(fitted):
    path, model, X = fitted
    found = asked(path).explanation
    assert found.values == pytest.approx(model.explain(X.iloc[[2, 4]]).values, abs=1e-15)


def test_another_row_is_the_base_and_changes_have_both_answers(fitted):
    path, model, X = fitted
    found = asked(path, row="3", against="7", set={"a": "1.5"})
    expected = model.explain(X.iloc[[2]], against=X.iloc[[6]])
    assert found.explanation.values == pytest.approx(expected.values, abs=1e-15)
    changed = X.iloc[[2]].assign(a=1.5)
    positive = list(model.classes_).index(model.positive_)
    after = model.predict_proba(changed)[0, positive]
    assert np.asarray(found.what_if.after).ravel()[0] == pytest.approx(after, abs=1e-6)
