"""A fitted model as stages: walked step by step with plain floats, they give its answers."""

import numpy as np
import pytest

from in_page import answers_of, classifier, made_up, mixed_table, regressor
from step_by_step import answer_by_stages
from thalweg.export.stages import stages_of

N = 160
FRAME = mixed_table(N, seed=0, n_levels=40)
NOISE = np.random.default_rng(0).normal(size=N)
SIZE = np.nan_to_num(FRAME["age"].to_numpy()) + 10 * (FRAME["sex"] == "m") + 5 * NOISE
TWO = np.where(SIZE > 50, "yes", "no")
FIVE = np.array(["a", "b", "c", "d", "e"])[np.clip((SIZE - 20) // 12, 0, 4).astype(int)]
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 6, "n_folds": 2}

MODELS = {
    "two classes": (classifier(**SMALL, positive="no"), TWO),
    "costs": (classifier(**SMALL, class_weight={"yes": 7, "no": 1}, positive="yes"), TWO),
    "calibration": (classifier(**SMALL, calibration="affine", positive="no"), TWO),
    "five classes": (classifier(**SMALL), FIVE),
    "temperature": (classifier(**SMALL, calibration="temperature"), FIVE),
    "grades": (classifier(**SMALL, loss="ordinal", grades=list("bacde")), FIVE),
    "number": (regressor(**SMALL, calibration="affine"), SIZE),
    "counts": (regressor(**SMALL, loss="poisson"), np.abs(SIZE).round()),
    "amounts": (regressor(**SMALL, loss="gamma"), np.abs(SIZE) + 0.1),
    "double precision": (regressor(**SMALL, dtype="float64", activation="tanh"), SIZE),
    "no hidden layer": (classifier(hidden_layer_sizes=(), max_iter=6), TWO),
}


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", MODELS)
def test_the_stages_give_the_answers_of_the_model(name):
    model, y = MODELS[name]
    model.fit(FRAME, y)
    stages = stages_of(model._known)
    rows, _ = made_up(FRAME, 12, seed=1)
    matrix = model.schema_.matrix(rows, unknown="ignore")
    found = np.array([answer_by_stages(stages, row) for row in matrix.tolist()])
    expected = answers_of(model, rows)
    unit = max(1.0, float(np.abs(expected).max()))
    tolerance = 1e-12 if name in ("double precision",) else 1e-6
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * unit)
    assert stages.n_weights == sum(each.theta.size for each in model.members_)


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_inputs_have_the_columns_that_they_read_and_the_call_has_its_threshold():
    model = classifier(**SMALL, positive="yes").fit(FRAME, TWO)
    stages = stages_of(model._known, threshold=0.25)
    names = model.encoder_.output_names(model.schema_.names, model.schema_.levels)
    read = [model.schema_.names[column] for column in stages.networks[0].inputs]
    assert all(full.startswith(own) for full, own in zip(names, read, strict=True))
    assert stages.answer.threshold == 0.25
    assert stages_of(model._known).answer.threshold == model.threshold_
    assert stages.answer.labels == ("no", "yes")
    assert stages.answer.positive == 1


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_a_number_with_bounds_is_one_own_column():
    cells = np.array([f"<{k}" if k % 7 == 0 else str(k) for k in range(N)], dtype=object)
    frame = FRAME[["age"]].assign(crp=cells)
    stages = stages_of(regressor(**SMALL).fit(frame, SIZE)._known)
    assert [column.name for column in stages.columns.own] == ["age", "crp"]
    assert stages.columns.owners.tolist() == [0, 1, 1]
