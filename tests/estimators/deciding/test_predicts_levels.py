"""One level of several quantiles as an estimator of its own."""

import numpy as np
import pytest

from thalweg import ThalwegRegressor, importance, load_model
from thalweg.errors import ModelFileError, SettingsError
from thalweg.estimators.repeated_descent import retraced
from thalweg.sealed_container import seal, unseal

TEXT = "quantile:levels=0.1/0.5/0.9"


def rows(n=160, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (n, 3))
    return X, 3 * X[:, 1] + (0.2 + abs(X[:, 0])) * rng.normal(size=n)


@pytest.fixture(scope="module")
def model():
    return ThalwegRegressor(
        TEXT, (8,), max_iter=40, random_state=0, early_stopping="folds", n_folds=2
    ).fit(*rows())


@pytest.mark.parametrize(("place", "level"), [(0, 0.1), (1, 0.5), (2, 0.9)])
def test_it_has_the_outputs_of_its_level(model, place, level):
    X, _ = rows()
    alone = model.for_target(level)
    raw = [
        network.outputs.values(Z) for network, Z in zip(model.members_, model._raw(X), strict=True)
    ]
    mean = (raw[0] + raw[1]) / 2
    np.testing.assert_allclose(alone.predict(X), mean[:, place], rtol=1e-6)
    straight = (np.diff(mean, axis=1) >= 0).all(axis=1)
    assert straight.mean() > 0.5
    np.testing.assert_allclose(
        alone.predict(X)[straight], model.predict(X)[straight, place], rtol=1e-6
    )
    assert alone.loss == alone.settings_["loss"] == f"quantile:level={level}"
    assert alone.n_outputs_ == 1


def test_where_levels_cross_the_answer_in_order_is_another_one():
    model = ThalwegRegressor(
        "quantile:levels=0.45/0.5/0.55", (8,), max_iter=30, random_state=0, n_ensemble=2
    ).fit(*rows())
    far = np.random.default_rng(1).normal(size=(3000, 3)) * 50
    each = np.stack([model.for_target(level).predict(far) for level in model.levels_], axis=1)
    crossed = (np.diff(each, axis=1) < 0).any(axis=1)
    assert crossed.any()
    np.testing.assert_allclose(np.sort(each, axis=1), model.predict(far), rtol=1e-6)


def test_the_model_is_as_before(model):
    X, y = rows()
    before = model.predict(X)
    alone = model.for_target(0.9)
    alone.fit_more(X, y, 1)
    np.testing.assert_array_equal(model.predict(X), before)
    assert model.loss == TEXT


def test_what_is_of_one_answer_can_be_asked_of_it(model, tmp_path):
    X, y = rows()
    alone = model.for_target(0.5)
    assert len(alone.explain(X[:2])) == 2
    assert alone.trace(X[:1], y[:1]) is not None
    found = importance(alone, *rows(seed=1), seed=0, n_permutations=2)
    assert found["column"].iloc[0] == "x1"
    assert found.attrs["measure"] == "pinball loss at 0.5"
    alone.save(tmp_path / "one.safetensors")
    again = load_model(tmp_path / "one.safetensors")
    np.testing.assert_array_equal(again.predict(X), alone.predict(X))


def test_a_file_of_all_levels_gives_the_same(model, tmp_path):
    X, _ = rows()
    model.save(tmp_path / "all.safetensors")
    again = load_model(tmp_path / "all.safetensors")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(again.levels_, model.levels_)
    again.save(tmp_path / "again.safetensors")
    first, second = (tmp_path / f"{name}.safetensors" for name in ("all", "again"))
    assert first.read_bytes() == second.read_bytes()
    np.testing.assert_array_equal(
        again.for_target(0.9).predict(X), model.for_target(0.9).predict(X)
    )


@pytest.mark.parametrize(
    "asked",
    [
        lambda model, X, y: model.explain(X[:1]),
        lambda model, X, y: model.trace(X[:1], y[:1]),
        lambda model, X, y: importance(model, X, y),
        lambda model, X, y: model.oof_importance(X, y),
        lambda model, X, y: model.what_if(X[:1], {0: 0.5}),
    ],
)
def test_what_is_of_one_answer_is_refused_of_all(model, asked):
    with pytest.raises(
        SettingsError, match="is of one answer, and this model predicts several"
    ) as no:
        asked(model, *rows())
    assert "model.for_target(0.5)" in no.value.fix


def test_other_levels_and_other_models_have_none(model):
    with pytest.raises(SettingsError, match=r"no level 0\.8.*take one of 0\.1, 0\.5, 0\.9"):
        model.for_target(0.8)
    with pytest.raises(SettingsError, match="no level"):
        model.for_target("high")
    one = ThalwegRegressor("quantile:level=0.9", (), max_iter=2).fit(np.eye(20), np.arange(20.0))
    assert not hasattr(one, "for_target")
    with pytest.raises(AttributeError, match="it has one target"):
        one.for_target(0.9)


def test_its_training_run_is_not_that_of_a_fit_of_one_level(model, tmp_path):
    X, y = rows()
    alone = model.for_target(0.5)
    assert not retraced(alone, X, y).same
    with pytest.raises(SettingsError, match="trained together with other levels"):
        alone.oof_importance(X, y)
    with pytest.raises(AttributeError, match=r'fit with loss="quantile:level=0\.5" alone'):
        alone.predict_interval  # noqa: B018
    assert not hasattr(alone, "oof_loss_")
    alone.save(tmp_path / "one.safetensors")
    assert load_model(tmp_path / "one.safetensors")._known.also == "levels"
    header, arrays = unseal((tmp_path / "one.safetensors").read_bytes())
    header["objective"]["loss"] = header["training"]["settings"]["loss"] = "absolute_error"
    (tmp_path / "forged.safetensors").write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError, match="trained together with those of other levels"):
        load_model(tmp_path / "forged.safetensors")
