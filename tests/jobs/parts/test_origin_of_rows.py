"""A saved model knows its training rows by content: in any order, in part, with groups or times."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from thalweg.data.canonical_rows import RowDigests
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.any_estimator.row_origin import Origin, Seeming, by_number, which_rows
from thalweg.evaluation.conformal.group_draw import one_of_each_group
from thalweg.evaluation.decisions.floor_thresholds import by_sensitivity
from thalweg.jobs.decide import DecideRequest, decide
from thalweg.jobs.evaluate import EvaluateModelRequest, evaluate
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.persistence.model_file import read_model, save_model
from thalweg.sealed_container import read_sealed, seal

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "n_folds": 2}
KINDS = {
    "plain": {},
    "groups": {"group": "who"},
    "times": {"time": "day"},
    "weights": {"weight": "w"},
}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A table with groups, times and weights, a model of each kind, and their test rows."""
    folder = tmp_path_factory.mktemp("origin")
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.normal(size=400).round(5), "b": rng.normal(size=400).round(5)})
    frame["who"] = [f"p{k}" for k in rng.integers(0, 150, 400)]
    frame["day"] = rng.permutation(400)
    frame["w"] = rng.choice([0.5, 1.0, 2.5, 3.0], 400)
    frame["y"] = np.where(frame["a"] + rng.normal(size=400) > 0.2, "ill", "well")
    frame.to_csv(folder / "all.csv", index=False)
    frame.sample(frac=1, random_state=1).to_csv(folder / "shuffled.csv", index=False)
    for kind, roles in KINDS.items():
        drop = [name for name in ("who", "day", "w") if name not in roles.values()]
        fit(FitRequest(
            table=str(folder / "all.csv"), columns=Columns(target="y", drop=drop, **roles),
            settings=SMALL, output=str(folder / kind), predictions=str(folder / f"{kind}.csv"),
        ))  # fmt: skip
        test = pd.read_csv(folder / f"{kind}.csv")["row"].to_numpy() - 1
        frame.drop(index=test).sample(frac=1, random_state=2).to_csv(
            folder / f"{kind}_train.csv", index=False
        )
        frame.iloc[test].to_csv(folder / f"{kind}_test.csv", index=False)
    return folder


def decided(here, model, table, **more):
    more = more or {"sensitivity": 0.5}
    return decide(DecideRequest(model=str(here / model), table=str(here / table), **more))


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("table", ["all.csv", "shuffled.csv"])
def test_only_test_rows_of_the_table_of_the_fit_choose_in_any_order(here, kind, table):
    test = pd.read_csv(here / f"{kind}_test.csv")
    both = [decided(here, kind, name) for name in (table, f"{kind}_test.csv")]
    for each in both:
        assert each.data["rows_used"] == len(test)
    of_all, alone = (each.result["threshold"] for each in both)
    assert of_all["value"] == alone["value"]
    assert of_all["how"] == "test"


@pytest.mark.parametrize("kind", KINDS)
def test_training_rows_choose_nothing_in_any_order_nor_in_part(here, kind):
    rows = pd.read_csv(here / f"{kind}_train.csv", dtype=str)
    rows[:100].to_csv(here / "part.csv", index=False)
    for name in (f"{kind}_train.csv", "part.csv"):
        with pytest.raises(DataError, match="trained on") as told:
            decided(here, kind, name)
        # Only a file with the answers of all held-out rows chooses without a table.
        if "leave out TABLE" in str(told.value):
            found = decide(DecideRequest(model=str(here / kind), sensitivity=0.5))
            assert found.result["threshold"]["how"] == "out-of-fold"
        else:
            with pytest.raises(DataError, match="held-out rows"):
                decide(DecideRequest(model=str(here / kind), sensitivity=0.5))


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", KINDS)
def test_an_evaluation_on_training_rows_says_so_and_claims_nothing(here, kind):
    asked = EvaluateModelRequest(model=str(here / kind), table=str(here / f"{kind}_train.csv"))
    judged = evaluate(asked).judgement
    assert judged["sections"]["how"] == "training"
    n_rows = len(pd.read_csv(here / f"{kind}_train.csv"))
    assert f"CAUTION: the model was trained on all of these {n_rows} rows" in judged["sentence"]
    new = EvaluateModelRequest(model=str(here / kind), table=str(here / f"{kind}_test.csv"))
    judged = evaluate(new).judgement
    assert judged["sections"]["how"] == "test"
    assert "There is no sign that the model was trained on some of these" in judged["sentence"]


def test_an_evaluation_of_the_table_of_the_fit_is_that_of_its_test_rows(here):
    for name in ("all.csv", "shuffled.csv"):
        asked = EvaluateModelRequest(
            model=str(here / "plain"), table=str(here / name), predictions=str(here / "p.csv"),
            overwrite=True,
        )  # fmt: skip
        found = evaluate(asked)
        alone = evaluate(dataclasses.replace(asked, table=str(here / "plain_test.csv")))
        own = found.judgement["network"]["metrics"]["log_loss"]["value"]
        assert own == pytest.approx(alone.judgement["network"]["metrics"]["log_loss"]["value"])
        assert "The model was trained on 320 of these 400 rows." in found.judgement["sentence"]
        assert found.judgement["sections"]["how"] == "test"
        assert (found.data["rows"], found.data["rows_used"]) == (400, 80)
        assert found.data["trained_on"] == 320
        evaluate(asked)
        assert len(pd.read_csv(here / "p.csv")) == 80  # those that are evaluated


def test_training_rows_among_new_ones_are_left_out(here):
    """80 test rows with 100 training rows: none of these is left, and most of the others are."""
    train, test = (pd.read_csv(here / f"plain_{part}.csv", dtype=str) for part in ("train", "test"))
    pd.concat([test, train[:100]]).to_csv(here / "mixed.csv", index=False)
    asked = EvaluateModelRequest(model=str(here / "plain"), table=str(here / "mixed.csv"))
    found = evaluate(asked)
    digests = read_model(here / "plain").model._known.row_digests
    hashes = digests.of_rows(test[["a", "b"]].to_numpy(float))
    left = test[~digests.know(hashes)]
    assert 50 < len(left) < 75
    assert found.data["rows_used"] == len(left)
    assert found.judgement["sections"]["how"] == "test"
    assert 85 < found.data["trained_on"] < 115
    sentence = found.judgement["sentence"]
    assert f"Only the other {len(left)} are used: the model was trained on none" in sentence
    left.to_csv(here / "left.csv", index=False)
    alone = evaluate(dataclasses.replace(asked, table=str(here / "left.csv"))).judgement
    assert found.judgement["network"] == alone["network"]
    assert "The model was trained on none of these rows." in alone["sentence"]
    chosen = decided(here, "plain", "mixed.csv")
    assert chosen.data["rows_used"] == len(left)
    assert sentence in " ".join(chosen.data["notes"])


def test_too_few_rows_to_tell_are_of_unknown_origin_if_all_seem_known(here):
    """0.22⁹ is above 1 in 10⁶, and 0.22¹⁰ below."""
    train = pd.read_csv(here / "plain_train.csv", dtype=str)
    for n, how in ((9, "origin unknown"), (10, "training")):
        train[:n].to_csv(here / "few.csv", index=False)
        asked = EvaluateModelRequest(model=str(here / "plain"), table=str(here / "few.csv"))
        assert evaluate(asked).judgement["sections"]["how"] == how


# --- the number of rows that seem known -------------------------------------------------------


def seeming(n, h, q=0.25):
    return Seeming(n, h, n, h, q)


def test_the_test_and_the_bound_are_those_of_the_binomial_distribution():
    for n, h in ((1, 1), (10, 0), (10, 4), (40, 25), (300, 60)):
        found = seeming(n, h)
        assert found.p_value == pytest.approx(binom.sf(h - 1, n, 0.25), rel=1e-9)
        # The largest t with P(t + Bin(n - t, q) ≤ h) ≥ 5 %, by trying all.
        fits = [t for t in range(h + 1) if binom.cdf(h - t, n - t, 0.25) >= 0.05]
        assert found.at_most == max(fits, default=0)
    assert seeming(100, 100).about == 100
    assert seeming(100, 40).about == 20


def simulated(n_rows, n_training, rng, digests, X):
    """A table of new rows and training rows: its origin, and which rows trained."""
    new = rng.normal(size=(n_rows - n_training, 1))
    rows = np.concatenate([X[rng.permutation(len(X))[:n_training]], new])
    origin = by_number(digests.of_rows(rows), digests)
    return origin, np.arange(n_rows) < n_training


def test_tables_of_new_rows_training_rows_and_both():
    rng = np.random.default_rng(8)
    X = rng.normal(size=(2000, 1))
    digests = RowDigests.of("0" * 64, X, np.zeros(2000))
    new = [simulated(100, 0, rng, digests, X)[0] for _ in range(1000)]
    assert not any(each.n_trained for each in new)
    assert {each.how for each in new} == {"test"}
    safe = sum(len(each.away) > 0 for each in new)
    assert safe <= 22  # P(Bin(1000, 0.01) > 22) = 0.0002: rows left out to be safe
    for n_training in (10, 100, 1000):
        origin, _ = simulated(n_training, n_training, rng, digests, X)
        assert (origin.how, len(origin.left)) == ("training", 0)
    for share, surely in ((0.05, 0.0), (0.2, 1.0), (0.5, 1.0)):
        n_training, found = round(1000 * share), []
        for _ in range(100):
            origin, trained = simulated(1000, n_training, rng, digests, X)
            if len(origin.away):
                assert not trained[origin.left].any()
                kept = len(origin.left) / (1000 - n_training)
                assert kept == pytest.approx(1 - digests.by_chance, abs=0.09)
            found.append(origin)
        assert np.mean([bool(each.n_trained) for each in found]) >= surely
        assert np.mean([len(each.away) > 0 for each in found]) > 0.6
        assert np.mean([each.seeming.at_most >= n_training for each in found]) >= 0.89
        about = np.mean([each.seeming.about for each in found])
        assert about == pytest.approx(n_training, abs=8)


def test_equal_rows_seem_known_together_and_count_once():
    """A new row that seems known, a hundred times: no hundred signs of training rows."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(500, 1))
    digests = RowDigests.of("0" * 64, X, np.zeros(500))
    new = rng.normal(size=(50, 1))
    known = new[digests.know(digests.of_rows(new))][0]
    table = np.concatenate([new, np.repeat(known[None], 100, axis=0)])
    origin = by_number(digests.of_rows(table), digests)
    assert origin.n_trained == 0
    assert len(origin.left) == 150


@pytest.mark.parametrize(
    ("found", "away", "says"),
    [
        (seeming(80, 18), 0, "no sign that the model was trained on some of these 80 rows: the "
         "short hashes that its file keeps of its training rows fit 18 of them, and would fit "
         "about 20 (25 %) at random if all were new. At most"),
        (seeming(80, 0), 0, "The model was trained on none of these rows."),
        (seeming(80, 70), 70, "About 67 of these 80 rows equal a row that the model was trained "
         "on, as training rows or as new rows like them: the short hashes that its file keeps of "
         "its training rows fit 70 of them, and would fit about 20 (25 %) at random if all were "
         "new. Only the other 10 are used: the model was trained on "
         "none of them. So about 25 % of new rows are left out, whatever is in them."),
        (seeming(80, 33), 33, "Some of these 80 rows may be training rows of the model or equal "
         "one: the short hashes that its file keeps of its training rows fit 33 of them, and would "
         "fit about 20 (25 %) at random if all were new (p = 0.0"),
    ],
)  # fmt: skip
def test_which_rows_are_used_in_words(found, away, says):
    assert says in which_rows(Origin(80, np.arange(away), found))


def without_digests(path, to):
    header, arrays = read_sealed(path)
    header = {key: value for key, value in header.items() if key not in ("row_hashes", "roles")}
    to.write_bytes(seal(header, {k: v for k, v in arrays.items() if k != "rows"}))


def test_a_file_that_cannot_know_claims_no_confidence_and_says_it_in_the_sentence(here):
    without_digests(here / "plain", here / "before")
    known, unknown = (
        decided(here, model, "plain_test.csv").result for model in ("plain", "before")
    )
    assert known["threshold"]["confidence"] == 0.95
    assert "With 95 % confidence" in known["sentence"]
    assert unknown["threshold"]["confidence"] is None
    assert unknown["threshold"]["how"] == "origin unknown"
    assert unknown["threshold"]["value"] == known["threshold"]["value"]
    assert "confidence is claimed" in unknown["sentence"]
    at = decided(here, "before", "plain_test.csv", missed=5, alarm=1).result["sentence"]
    assert "rows whose origin is not known" in at
    judged = evaluate(
        EvaluateModelRequest(model=str(here / "before"), table=str(here / "plain_test.csv"))
    ).judgement
    assert judged["sections"]["how"] == "origin unknown"
    assert "rows whose origin is not known" in judged["sentence"]
    for key in ("calibration", "threshold", "benefit"):
        assert "origin is not known" in judged["sections"][key]["sentence"]
    # Of the table of the fit itself, an old file knows the rows.
    assert decided(here, "before", "all.csv").data["trained_on"] == 320


def test_a_floor_counts_groups_that_the_model_knows(here):
    test = pd.read_csv(here / "groups_test.csv")
    found = decided(here, "groups", "groups_test.csv", sensitivity=0.5).result
    model = read_model(here / "groups").model
    p = model.predict_proba(test[["a", "b"]])[:, list(model.classes_).index(model.positive_)]
    rows = answers_of(
        (test["y"] == model.positive_).to_numpy(), p, groups=test["who"].to_numpy(str)
    )
    by_hand = by_sensitivity(one_of_each_group(rows, 0), 0.5)
    assert found["threshold"]["value"] == by_hand.value
    assert found["threshold"]["n_samples"] == test["who"].nunique() < len(test)
    assert f"one random row of each of {test['who'].nunique()} groups" in found["sentence"]
    named = decided(here, "plain", "plain_test.csv", sensitivity=0.5, group="who").result
    n_groups = pd.read_csv(here / "plain_test.csv")["who"].nunique()
    assert named["threshold"]["n_samples"] == n_groups < 80


def test_a_floor_of_weighted_rows_in_groups_claims_nothing_and_counts_their_weights(here):
    test = pd.read_csv(here / "groups_test.csv")
    test["w"] = np.where(test["who"].rank(method="dense") % 2 == 0, 0.3, 2.2)  # one of each person
    test.to_csv(here / "both.csv", index=False)
    found = decided(here, "groups", "both.csv", sensitivity=0.5, weight="w").result
    chosen = found["threshold"]
    assert chosen["confidence"] is None
    assert "No confidence is claimed" in found["sentence"]
    assert "with the mean weight of its group" in found["sentence"]
    drawn = one_of_each_group(
        answers_of((test["y"] == "ill").to_numpy(), test["a"].to_numpy(float), test["w"].to_numpy(),
                   groups=test["who"].to_numpy(str)), 0, weighted=True,
    )  # fmt: skip
    assert chosen["n_class"] < chosen["n_samples"] == len(drawn)
    counts = decided(here, "groups", "groups_test.csv", sensitivity=0.5).result["threshold"]
    assert counts["confidence"] == 0.95


def test_copies_of_one_row_show_no_floor(here):
    row = pd.read_csv(here / "groups_test.csv").query("y == 'ill'")[:1]
    other = pd.read_csv(here / "groups_test.csv").query("y == 'well'")[:1]
    pd.concat([*[row] * 40, other]).to_csv(here / "one.csv", index=False)
    with pytest.raises(DataError, match="needs 29"):
        decided(here, "groups", "one.csv", sensitivity=0.9)


def test_without_the_column_of_the_groups_no_confidence_is_claimed(here):
    test = pd.read_csv(here / "groups_test.csv", dtype=str).drop(columns="who")
    test.to_csv(here / "bare.csv", index=False)
    found = decided(here, "groups", "bare.csv")
    assert found.result["threshold"]["confidence"] is None
    assert any('"who"' in note and "group" in note for note in found.data["notes"])


def test_the_weights_of_the_fit_weigh_an_evaluation_or_it_says_that_they_do_not(here):
    test = pd.read_csv(here / "weights_test.csv")
    asked = EvaluateModelRequest(model=str(here / "weights"), table=str(here / "weights_test.csv"))
    own = evaluate(asked)
    same = evaluate(dataclasses.replace(asked, weight="w"))
    assert own.judgement == same.judgement
    plain = test.drop(columns="w")
    plain.to_csv(here / "unweighed.csv", index=False)
    bare = evaluate(dataclasses.replace(asked, table=str(here / "unweighed.csv")))
    assert bare.judgement["network"]["metrics"] != own.judgement["network"]["metrics"]
    assert any("each row counts once" in note for note in bare.data["notes"])
    notes = decided(here, "weights", "weights_test.csv").data["notes"]
    assert not any("no such column" in note for note in notes)


def test_a_missing_group_is_an_error_whose_fix_works(here):
    test = pd.read_csv(here / "groups_test.csv", dtype=str)
    test.loc[3, "who"] = None
    test.to_csv(here / "holes.csv", index=False)
    with pytest.raises(DataError, match="group is missing"):
        decided(here, "groups", "holes.csv")
    found = decided(here, "groups", "holes.csv", sensitivity=0.5, drop_missing=["who"])
    assert found.data["rows"] == len(test) - 1


def test_what_the_file_keeps_survives_another_threshold(here):
    decide(DecideRequest(
        model=str(here / "groups"), missed=5, alarm=1, output=str(here / "again"),
    ))  # fmt: skip
    before, after = (read_model(here / name) for name in ("groups", "again"))
    assert before.roles == after.roles == {"group": "who"}
    one, two = (each.model._known.row_digests for each in (before, after))
    assert one.salt == two.salt
    np.testing.assert_array_equal(one.seen, two.seen)
    assert one.checksum == two.checksum
    save_model(after.model, here / "bare_model")
    assert read_model(here / "bare_model").roles == {}


def test_group_is_about_a_table(here):
    with pytest.raises(SettingsError, match="about a table"):
        decide(DecideRequest(model=str(here / "plain"), f1=True, group="who"))
