"""Class-wise p-values and sets: their definition, published cut-offs, and refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.conformal import equal_masses
from thalweg.evaluation.conformal.class_scores import class_scores_of
from thalweg.evaluation.conformal.conformal_ranks import highest_level


def drawn(n, random, a=1.0, b=1.0):
    """Calibrated probabilities p ~ Beta(a, b), and classes."""
    p = random.beta(a, b, n)
    return Answers(random.random(n) < p, p)


def columns(p):
    return np.stack((1 - p, p), axis=1)


@given(st.data())
def test_p_values_and_sets_are_those_of_the_definition(data):
    n_classes = data.draw(st.integers(2, 4))
    codes = np.array(data.draw(st.lists(st.integers(0, n_classes - 1), min_size=1, max_size=30)))
    tenths = st.integers(0, 10)
    row = st.lists(tenths, min_size=n_classes, max_size=n_classes)
    known = np.array(data.draw(st.lists(row, min_size=len(codes), max_size=len(codes)))) / 10
    new = np.array(data.draw(st.lists(row, min_size=1, max_size=5))) / 10
    scores = class_scores_of(Answers(codes, known))
    found = scores.p_values(new)
    counts = np.bincount(codes, minlength=n_classes)
    for i, y in np.ndindex(found.shape):
        lower = np.sum(known[codes == y, y] <= new[i, y])
        assert found[i, y] == (1 + lower) / (counts[y] + 1)
    # p > α, with p and α = 1/2 as fractions.
    if counts.min() >= 1:
        inside = scores.sets(new, 0.5)
        for i, y in np.ndindex(found.shape):
            lower = int(np.sum(known[codes == y, y] <= new[i, y]))
            assert inside[i, y] == (2 * (1 + lower) > counts[y] + 1)


@given(st.data())
def test_each_network_is_compared_with_itself(data):
    n_classes, n_folds = data.draw(st.integers(2, 3)), data.draw(st.integers(1, 3))
    repeats = data.draw(st.integers(1, 3))
    n = data.draw(st.integers(n_classes, 12))
    random = np.random.default_rng(data.draw(st.integers(0, 1_000)))
    codes = np.tile(np.append(np.arange(n_classes), random.integers(0, n_classes, n)), repeats)
    division = np.repeat(np.arange(repeats), n + n_classes)
    folds = division * n_folds + random.integers(0, n_folds, len(codes))
    folds[-1] = n_folds * repeats - 1
    known = random.integers(0, 11, (len(codes), n_classes)) / 10
    new = random.integers(0, 11, (n_folds * repeats, 4, n_classes)) / 10
    scores = class_scores_of(Answers(codes, known, folds=folds), repeats=repeats)
    assert scores.sizes.shape == (n_folds * repeats, n_classes)
    found, inside = scores.p_values(new), scores.sets(new, 0.5)
    for row, y in np.ndindex(found.shape):
        lower = sum(
            int(known[i, y] <= new[folds[i], row, y]) for i in range(len(codes)) if codes[i] == y
        )
        rows = int(np.sum(codes == y)) // repeats
        assert found[row, y] == (1 + lower / repeats) / (rows + 1)
        assert inside[row, y] == (2 * (repeats + lower) > (rows + 1) * repeats)


def test_nearly_separable_classes_are_held_where_the_mean_would_miss_them():
    # Each network is nearly sure of most rows, and each is wrong about others.
    random, n = np.random.default_rng(0), 2_000
    truth = random.random(2 * n) < 0.4
    logits = np.where(truth, 1, -1) * random.normal(8, 3, 2 * n)
    each = 1 / (1 + np.exp(-logits - random.normal(0, 3, (5, 2 * n))))
    folds, p = np.arange(n) % 5, np.stack((1 - each, each), axis=2)
    known = Answers(truth[:n], each[folds, np.arange(n)])
    code, of_new = truth[n:].astype(int), p[:, n:]
    mean = class_scores_of(known).sets(of_new.mean(axis=0))[np.arange(n), code]
    networks = class_scores_of(Answers(truth[:n], known.answer, folds=folds)).sets(of_new)
    held = networks[np.arange(n), code]
    for y in (0, 1):
        assert mean[code == y].mean() < 0.86
        assert held[code == y].mean() >= 0.885


def test_a_p_value_equal_to_alpha_leaves_the_class_out():
    # 9 rows and none lower: p = 1/10 is not above α = 0.1, although 1 - 0.9 < 0.1 as floats.
    answers = Answers(np.repeat([0, 1], 9), np.repeat([0.4, 0.6], 9))
    sets = class_scores_of(answers).sets(columns(np.array([0.5, 0.6, 0.7, 0.1])))
    assert sets.tolist() == [[False, False], [False, True], [False, True], [True, False]]


def test_uniform_probabilities_have_the_cut_off_of_the_closed_form():
    # p ~ U: class 1 is in the set from p = √α = 0.316 on, "either" in 1 - 2√α = 0.3675 of rows.
    random = np.random.default_rng(0)
    scores = class_scores_of(drawn(400_000, random))
    p = np.linspace(0, 1, 100_001)
    sets = scores.sets(columns(p))
    assert p[np.argmax(sets[:, 1])] == pytest.approx(math.sqrt(0.1), abs=0.004)
    assert np.mean(sets.all(axis=1)) == pytest.approx(1 - 2 * math.sqrt(0.1), abs=0.005)
    assert 1 - 2 * math.sqrt(0.1) == pytest.approx(0.3675, abs=5e-5)


def test_rare_positives_have_the_cut_offs_and_shares_of_the_closed_form():
    # p ~ Beta(1, 9): positives have p ~ Beta(2, 9), negatives Beta(1, 10).
    random = np.random.default_rng(1)
    scores = class_scores_of(drawn(1_000_000, random, 1, 9))
    p = np.linspace(0, 1, 200_001)
    sets = scores.sets(columns(p))
    low, high = p[np.argmax(sets[:, 1])], p[::-1][np.argmax(sets[::-1, 0])]
    assert low == pytest.approx(0.0545, abs=0.0007)
    assert 1 - high == pytest.approx(0.1 ** (1 / 10), abs=0.002)
    cut = 0.1 ** (1 / 10)
    assert cut == pytest.approx(0.7943, abs=5e-5)
    shares = random.beta(1, 9, 400_000)
    new = scores.sets(columns(shares))
    negative, positive = new[:, 0] & ~new[:, 1], new[:, 1] & ~new[:, 0]
    found = [np.mean(each) for each in (negative, new.all(axis=1), positive)]
    assert found == pytest.approx([0.397, 0.478, 0.126], abs=0.005)


def test_one_cut_off_for_all_rows_would_miss_nearly_every_positive():
    # The marginal form at 90 %, for p ~ Beta(1, 9): 1.0 % of positives, 99.9 % of negatives.
    random = np.random.default_rng(2)
    known, new = drawn(200_000, random, 1, 9), drawn(200_000, random, 1, 9)
    own = np.where(known.truth, known.answer, 1 - known.answer)
    cut = np.quantile(own, 0.1)
    inside = np.where(new.truth, new.answer, 1 - new.answer) > cut
    assert inside[new.truth].mean() == pytest.approx(0.010, abs=0.004)
    assert inside[~new.truth].mean() == pytest.approx(0.999, abs=0.001)
    sets = class_scores_of(known).sets(columns(new.answer))
    assert sets[new.truth, 1].mean() == pytest.approx(0.9, abs=0.01)
    assert sets[~new.truth, 0].mean() == pytest.approx(0.9, abs=0.01)


def coverage_over_splits(n_splits, n_known, n_new=400):
    """The share of each of two classes whose set holds it, over many splits of p ~ Beta(1, 4)."""
    random, inside, of = np.random.default_rng(3), np.zeros(2), np.zeros(2)
    for _ in range(n_splits):
        known, new = drawn(n_known, random, 1, 4), drawn(n_new, random, 1, 4)
        if min(known.truth.sum(), (~known.truth).sum()) < 9:
            continue
        sets = class_scores_of(known).sets(columns(new.answer))
        hit = sets[np.arange(n_new), new.truth.astype(int)]
        for y in (0, 1):
            inside[y] += hit[new.truth == bool(y)].sum()
            of[y] += np.sum(new.truth == bool(y))
    return inside / of


def test_each_class_is_held_in_nine_of_ten_rows():
    assert (coverage_over_splits(150, 100) >= 0.885).all()


@pytest.mark.slow
@pytest.mark.parametrize("n_known", [100, 300, 1_000])
def test_each_class_is_held_over_1000_splits(n_known):
    found = coverage_over_splits(1_000, n_known)
    print(n_known, found)
    assert (found >= 0.885).all()
    assert (found <= 0.935).all()


@pytest.mark.parametrize(("level", "needed"), [(0.9, 9), (0.95, 19), (0.99, 99)])
def test_a_class_with_too_few_rows_is_refused_by_name_with_the_number_needed(level, needed):
    codes = np.repeat([0, 1], [200, needed - 1])
    random = np.random.default_rng(0)
    scores = class_scores_of(Answers(codes, random.random(len(codes))))
    with pytest.raises(SettingsError) as caught:
        scores.sets(columns(np.array([0.5])), level, ["well", "ill"])
    said = str(caught.value)
    assert f"{needed} held-out rows of class ill are needed" in said
    assert f"there are {needed - 1}" in said
    allowed = highest_level(needed - 1)
    assert f"confidence_level={allowed}" in said
    assert scores.sets(columns(np.array([0.5])), allowed, ["well", "ill"]).shape == (1, 2)
    more = class_scores_of(Answers(np.append(codes, 1), random.random(len(codes) + 1)))
    assert more.refusal(level) is None


def test_a_class_without_a_row_has_no_level_at_all():
    scores = class_scores_of(Answers(np.zeros(20), np.random.default_rng(0).dirichlet([1] * 3, 20)))
    said = str(scores.refusal(0.5))
    assert "class 2" in said
    assert "confidence_level" not in said


def test_a_whole_weight_is_so_many_rows_and_others_count_by_kish():
    random = np.random.default_rng(0)
    answers = drawn(60, random)
    weights = random.integers(0, 4, 60).astype(float)
    first = class_scores_of(answers_of(answers.truth, answers.answer, weights))
    second = class_scores_of(answers.rows(np.repeat(np.arange(60), weights.astype(int))))
    assert np.array_equal(first.values, second.values)
    assert np.array_equal(first.n, second.n)
    fractional = random.uniform(0.2, 2, 60)
    new = columns(random.random(30))
    found = [
        class_scores_of(Answers(answers.truth, answers.answer, scale * fractional)).p_values(new)
        for scale in (1.0, 1e-3)
    ]
    assert found[0] == pytest.approx(found[1])
    own = answers.truth
    n = fractional[own].sum() ** 2 / np.sum(fractional[own] ** 2)
    units = fractional[own] * n / fractional[own].sum()
    exact = [(1 + units[answers.answer[own] <= each].sum()) / (n + 1) for each in new[:, 1]]
    assert (found[0][:, 1] >= np.array(exact) - 1e-9).all()
    assert found[0][:, 1] == pytest.approx(exact, abs=1 / 1_000)


def test_the_order_of_the_rows_does_not_matter_and_groups_count_once():
    random = np.random.default_rng(0)
    answers = drawn(200, random)
    grouped = Answers(answers.truth, answers.answer, groups=np.arange(200) // 5)
    mixed = grouped.rows(random.permutation(200))
    first, second = (class_scores_of(each, seed=1) for each in (grouped, mixed))
    assert np.array_equal(first.values, second.values)
    assert first.n.sum() == 40


def test_a_shortened_list_gives_sets_that_are_never_smaller(monkeypatch):
    random = np.random.default_rng(0)
    answers, new = drawn(700, random), columns(random.random(500))
    full = class_scores_of(answers)
    monkeypatch.setattr(equal_masses, "MOST_OF_A_LIST", 100)
    short = class_scores_of(answers)
    assert short.sizes.max() <= 100
    assert np.array_equal(short.n, full.n)
    for level in (0.5, 0.8, 0.9, 0.95):
        kept, before = short.sets(new, level), full.sets(new, level)
        assert (kept >= before).all()
        assert kept.mean() < before.mean() + 0.02
    assert (short.p_values(new) >= full.p_values(new)).all()
    assert short.p_values(new).max() <= 1


def test_shortened_lists_of_several_networks_share_their_room(monkeypatch):
    random = np.random.default_rng(0)
    answers = drawn(1_400, random)
    answers = Answers(answers.truth, answers.answer, folds=np.arange(1_400) % 10)
    new = np.stack([columns(random.random(500)) for _ in range(10)])
    full = class_scores_of(answers, repeats=2)
    monkeypatch.setattr(equal_masses, "MOST_OF_A_LIST", 100)
    short = class_scores_of(answers, repeats=2)
    assert short.sizes.sum(axis=0).max() <= 110
    assert np.array_equal(short.n, full.n)
    assert short.of_all_rows() is None
    assert (short.sets(new) >= full.sets(new)).all()
    assert (short.p_values(new) >= full.p_values(new)).all()
    assert short.p_values(new).mean() < full.p_values(new).mean() + 0.06


def test_of_all_rows_each_is_there_once():
    p = np.linspace(0.1, 0.8, 8)
    answers = Answers(np.tile([0, 1], 4), p, folds=np.array([0, 0, 1, 1, 2, 2, 3, 3]))
    rows = class_scores_of(answers, repeats=2).of_all_rows()
    assert rows is not None
    assert [each.tolist() for each in rows] == [
        sorted((1 - p[[0, 2]]).tolist()), sorted(p[[1, 3]].tolist())
    ]  # fmt: skip


def test_a_monotone_recalibration_changes_no_set():
    random = np.random.default_rng(0)
    answers = drawn(300, random)
    p = random.random(100)
    again = Answers(answers.truth, answers.answer**3)
    before = class_scores_of(answers).sets(columns(p))
    assert np.array_equal(class_scores_of(again).sets(columns(p**3)), before)


def test_probabilities_of_other_classes_are_refused():
    scores = class_scores_of(drawn(50, np.random.default_rng(0)))
    for wrong in (np.zeros((3, 3)), np.zeros(3), np.zeros((2, 3, 2))):
        with pytest.raises(DataError, match="one column for each class"):
            scores.p_values(wrong)
