"""Target codes in a fit: no row's code contains its own target, and every face knows them."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from thalweg import ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.encoding.target_codes.inner_parts import PARTS
from thalweg.errors import ModelFileError
from thalweg.estimators.learning import continuing
from thalweg.estimators.learning.encoded_training_data import Lesson, place, seen_by
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.repeated_descent import retraced
from thalweg.persistence.model_file import save_model
from thalweg.sealed_container import seal, unseal
from thalweg.training.train import train

N_LEVELS = 150
QUICK = {"hidden_layer_sizes": (6,), "max_iter": 5, "random_state": 0, "n_jobs": 1, "n_folds": 2}


def drawn(n_rows, seed, n_levels=N_LEVELS):
    """Rows, their log-odds and their class: levels with effects, and a number."""
    rng = np.random.default_rng(seed)
    level = rng.integers(1, n_levels + 1, n_rows)
    number = rng.normal(size=n_rows).round(6)
    logit = np.random.default_rng(77).normal(0, 1.5, n_levels + 1)[level] + number
    return level, number, logit, (rng.random(n_rows) < 1 / (1 + np.exp(-logit))).astype(float)


def frame_of(level, number):
    names = [f"L{each:04}" for each in level]
    return pd.DataFrame({"number": number, "level": pd.Categorical(names)})


def cut_of(model):
    bins = model.encoder_.bins
    return Cut(bins.n_outputs, bins.scale)


def lesson(n_rows=3000, seed=0, target="two", **more):
    level, number, logit, y = drawn(n_rows, seed)
    outputs = Classes(np.array(["no", "yes"]), np.ones(2))
    if target == "three":
        y, outputs = (
            np.digitize(logit, [-1.0, 1.0]).astype(float),
            Classes(np.array(["a", "b", "c"]), np.ones(3)),
        )
    if target == "number":
        y, outputs = logit + y, Values("squared_error")
    X = np.column_stack((number, level)).astype(float)
    return Lesson(X, y, np.ones(n_rows), outputs, (0, N_LEVELS), **more)


def test_the_codes_of_training_rows_do_not_contain_their_own_targets():
    # What is left of the target beside its true probability must not be seen in the codes: with
    # codes from all rows the correlation is above 0.1.
    apart, leaky = [], []
    for seed in range(12):
        level, number, logit, y = drawn(1500, seed)
        rows = replace(lesson(), X=np.column_stack((number, level)).astype(float), y=y)
        rows = replace(rows, weights=np.ones(1500))
        here = place(rows, np.arange(1500), "float64")
        residual = y - 1 / (1 + np.exp(-logit))
        own = here.encoder.coded
        apart.append(np.corrcoef(here.data.X[:, own][:, 0], residual)[0, 1])
        leaky.append(np.corrcoef(here.encoder.encode(rows.X)[:, own][:, 0], residual)[0, 1])
    assert np.mean(leaky) > 0.1
    assert abs(np.mean(apart)) < 0.03


@pytest.mark.parametrize("target", ["two", "three", "number"])
def test_a_held_out_row_has_no_part_in_any_code(target):
    rows = lesson(target=target)
    training = np.flatnonzero(np.arange(3000) % 5)
    before = place(rows, training, "float32")
    y = rows.y.copy()
    y[::5] = y[::5][::-1]
    after = place(replace(rows, y=y), training, "float32")
    assert before.encoder.codes.n_outputs == (2 if target == "three" else 1)
    assert before.data.X.tobytes() == after.data.X.tobytes()
    assert all(
        one.tobytes() == other.tobytes()
        for one, other in zip(
            before.encoder.arrays().values(), after.encoder.arrays().values(), strict=True
        )
    )
    # Held-out rows are encoded like new ones.
    new = before.encoder.encode(rows.X[::5], np.float32)
    assert before.data.X[::5].tobytes() == new.tobytes()
    y = rows.y.copy()
    y[1::5] = y[1::5][::-1]
    assert place(replace(rows, y=y), training, "float32").data.X.tobytes() != (
        before.data.X.tobytes()
    )


def test_the_code_of_a_training_row_is_not_changed_by_its_own_target():
    rows = lesson()
    training = np.arange(3000)
    before = place(rows, training, "float64")
    part = rows.code_target(rows.outputs, training).part
    hot = before.encoder.levels.categories[0].hot
    for row in np.flatnonzero(~np.isin(rows.X[:, 1], hot))[[3, 500, -1]]:
        y = rows.y.copy()
        y[row] = 1 - y[row]
        after = place(replace(rows, y=y), training, "float64")
        own = part == part[row]
        assert np.array_equal(after.data.X[own], before.data.X[own])
        assert not np.array_equal(after.data.X[~own], before.data.X[~own])


def test_groups_equal_inputs_and_times_are_not_split():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 200, 3000)
    training = np.sort(rng.permutation(3000)[:2500])
    rows = lesson(groups=groups)
    part = rows.code_target(rows.outputs, training).part
    assert all(len(set(part[groups[training] == g])) == 1 for g in np.unique(groups[training]))
    assert np.bincount(part).min() > 400
    # The same inputs with two targets.
    twice = lesson()
    X = np.repeat(twice.X[:1500], 2, axis=0)
    y = np.tile([0.0, 1.0], 1500)
    part = replace(twice, X=X, y=y).code_target(twice.outputs, np.arange(3000)).part
    assert np.array_equal(part[::2], part[1::2])
    assert np.bincount(part).tolist() == [600] * PARTS
    times = rng.integers(0, 50, 3000).astype(float)
    in_time = lesson(times=times).code_target(rows.outputs, training)
    order = np.argsort(times[training], kind="stable")
    assert (np.diff(in_time.part[order]) >= 0).all()


def test_a_level_within_one_group_has_no_code_in_training():
    # The group is the level: nothing is known of it from other groups.
    rows = lesson()
    rows = replace(rows, groups=rows.X[:, 1].astype(int))
    assert place(rows, np.arange(3000), "float32").encoder.codes.n_outputs == 0


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_weight_2_is_the_row_twice_the_unit_of_weights_and_the_order_do_not_matter(kind):
    level, number, _, y = drawn(900, 1, 60)
    frame = frame_of(level, number)
    weights = np.random.default_rng(2).integers(1, 4, 900)
    model = kind(**QUICK).fit(frame, y, sample_weight=weights)
    assert all(each.encoder.codes.n_outputs for each in model.members_)
    again = np.repeat(np.arange(900), weights)
    order = np.random.default_rng(3).permutation(len(again))
    repeated = kind(**QUICK).fit(frame.iloc[again[order]], y[again[order]])
    heavier = kind(**QUICK).fit(frame, y, sample_weight=weights * 8.0)
    for other in (repeated, heavier):
        one, two = model.encoder_.arrays(), other.encoder_.arrays()
        assert one["target_code/1"].tobytes() == two["target_code/1"].tobytes()
    assert model.theta_.tobytes() == repeated.theta_.tobytes()
    unweighted = kind(**QUICK).fit(frame, y)
    assert unweighted.encoder_.arrays()["target_code/1"].tobytes() != (
        model.encoder_.arrays()["target_code/1"].tobytes()
    )


@pytest.mark.parametrize("way", ["folds", "cross-validation", "hold-out", False])
def test_a_fit_is_repeated_to_the_bit(way):
    level, number, _, y = drawn(900, 1, 60)
    frame = frame_of(level, number)
    model = ThalwegClassifier(**QUICK, early_stopping=way).fit(frame, y)
    assert model.encoder_.codes.n_outputs
    member, same, *_ = retraced(model, frame, y)
    assert same
    found = train(
        member.architecture, member.theta, member.data, member.loss, member.alpha,
        member.settings, rows=member.rows, held_out=member.held_out,
    )  # fmt: skip
    assert np.array_equal(found.theta, model.theta_)


def test_more_epochs_use_the_codes_of_training_and_batches_those_of_new_rows(monkeypatch):
    level, number, _, y = drawn(900, 1, 60)
    frame = frame_of(level, number)
    seen = []

    def spy(encoder, outputs, lesson, dtype, training):
        data = seen_by(encoder, outputs, lesson, dtype, training)
        seen.append((np.array_equal(data.X[:], encoder.encode(lesson.X, dtype)), data.X[:]))
        return data

    monkeypatch.setattr(continuing, "seen_by", spy)
    model = ThalwegClassifier(**QUICK, early_stopping=False).fit(frame, y)
    rows = canonical_rows(model.schema_.matrix(frame), y, np.ones(900))
    whole = Lesson(rows.X, rows.y, rows.weights, model.members_[0].outputs, model.schema_.n_levels)
    fitted = place(whole, np.arange(900), "float32", cut_of(model))
    model.fit_more(frame, y, 1)
    assert not seen[-1][0]
    own = model.encoder_.coded
    assert np.array_equal(seen[-1][1][:, own], fitted.data.X[:, own])
    model.set_params(warm_start=True).fit(frame, 1 - y)
    assert not seen[-1][0]
    model.partial_fit(frame[:100], y[:100])
    assert seen[-1][0]
    begun = ThalwegClassifier(**QUICK).partial_fit(frame, y, classes=[0, 1])
    assert begun.encoder_.codes.n_outputs == 0


@pytest.mark.parametrize("target", ["two", "three", "number"])
def test_a_file_keeps_the_codes(target, tmp_path):
    level, number, logit, y = drawn(1200, 1, 60)
    frame = frame_of(level, number)
    kind = ThalwegRegressor if target == "number" else ThalwegClassifier
    of = {"two": y, "three": np.digitize(logit, [-1, 1]), "number": logit}[target]
    model = kind(**QUICK).fit(frame, of)
    assert model.encoder_.codes.n_outputs == (2 if target == "three" else 1)
    save_model(model, tmp_path / "m")
    again = load_model(tmp_path / "m")
    predict = "predict" if target == "number" else "predict_proba"
    for rows in (frame, frame[:3]):
        one, other = (getattr(each, predict)(rows) for each in (model, again))
        assert np.array_equal(one, other)
    header, arrays = unseal((tmp_path / "m").read_bytes())
    codes = arrays["encoder/target_code/1"]
    arrays["encoder/target_code/1"] = np.concatenate((codes, codes), axis=1)
    (tmp_path / "forged").write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError):
        load_model(tmp_path / "forged")


def test_levels_that_share_an_output_stay_apart():
    """The loss is near that of the best rule: without codes it is 0.12 above the truth."""
    level, number, _, y = drawn(6000, 3)
    later, of_later, logit, fresh = drawn(20_000, 4)
    model = ThalwegClassifier(random_state=0, n_jobs=1).fit(frame_of(level, number), y)
    found = log_loss(fresh, model.predict_proba(frame_of(later, of_later))[:, 1])
    truth = log_loss(fresh, 1 / (1 + np.exp(-logit)))
    assert found < truth + 0.025


def test_an_identifier_and_levels_without_an_effect_have_no_codes():
    _, number, _, y = drawn(2000, 3)
    rng = np.random.default_rng(5)
    for names in (np.arange(2000), rng.integers(0, 400, 2000)):
        frame = frame_of(names, number)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ThalwegClassifier(**QUICK).fit(frame, y)
        coded = sum(each.encoder.codes.n_outputs for each in model.members_)
        assert coded <= (0 if len(set(names)) == 2000 else 1)


def test_heavy_rows_pull_the_code_of_their_level():
    rows = lesson()
    level = rows.X[:, 1].astype(int)
    heavy = np.where(level % 2 == rows.y, 4.0, 1.0)  # class 1 of odd levels, class 0 of even ones
    plain, weighted = (
        place(replace(rows, weights=each), np.arange(3000), "float64").encoder
        for each in (np.ones(3000), heavy)
    )
    tables = [each.codes.categories[0].table[:, 0] for each in (plain, weighted)]
    both = np.flatnonzero((tables[0] != 0) & (tables[1] != 0))
    pull = tables[1][both] - tables[0][both]
    assert pull[both % 2 == 1].mean() > 0.5
    assert pull[both % 2 == 0].mean() < -0.5
