"""The card of a model of each task: its numbers are those of the file and of a table."""

import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest

from carded import TARGETS, fitted, hostile_table
from places import MODELS
from thalweg import ThalwegClassifier, model_card
from thalweg.cli.main import main
from thalweg.errors import DataError, SettingsError
from thalweg.persistence.model_file import read_model
from thalweg.reporting.card.answers_of_data import columns_by_outcome, spread
from thalweg.reporting.card.bound_card import belongs, seal_of
from thalweg.reporting.card.least_rows import least_rows

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?|inf")


@pytest.fixture(scope="module", params=["two", "three", "number"])
def made(request, tmp_path_factory):
    """The model file of a task, its table, and its card."""
    model, table = fitted(tmp_path_factory.mktemp("cards"), request.param)
    return request.param, model, table, model_card(model).data


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return fitted(tmp_path_factory.mktemp("two"), "two")


def fact(card, key):
    (found,) = [
        fact for item in card["items"] for part in item["parts"] for fact in part["facts"]
        if fact["key"] == key
    ]  # fmt: skip
    return found


def words(card, key):
    return " ".join(fact(card, key)["text"])


def close(shown, stored):
    """Whether a number as it is printed is the stored one, to half of its last digit."""
    text = shown.replace(",", "")
    digits = len(text.partition(".")[2]) if "e" not in text else 0
    return abs(float(text) - float(stored)) <= 0.500001 * 10.0**-digits


def test_every_metric_is_the_stored_one(made):
    _, model, _, card = made
    judged = read_model(model).judgement
    models = [judged["network"], *judged["baselines"].values()]
    grid = fact(card, "performance")["tables"][0]
    metrics = {row[0]: row[1:] for row in grid["rows"]}
    names = {"accuracy": "accuracy", "AUC": "auc", "log-loss": "log_loss", "RMSE": "rmse",
             "MAE": "mae", "R²": "r2", "sensitivity": "sensitivity", "macro AUC": "auc",
             "specificity": "specificity", "Brier score": "brier",
             "balanced acc.": "balanced_accuracy"}  # fmt: skip
    read = 0
    for name, cells in metrics.items():
        if name not in names:
            continue
        for cell, each in zip(cells, models, strict=True):
            stored = each["metrics"][names[name]]
            shown = NUMBER.findall(cell)
            assert len(shown) == 3, (name, cell)
            wanted = [stored[end] for end in ("value", "low", "high")]
            assert all(map(close, shown, wanted)), (name, cell, stored)
            read += 1
    assert read == len(models) * len(judged["network"]["metrics"])
    assert f"{judged['n_test']} test rows" in grid["caption"]


def test_rows_and_events_are_those_of_the_table(made):
    task, model, table, card = made
    judged, target = read_model(model).judgement, pd.read_csv(table)[TARGETS[task]].astype(str)
    rows = fact(card, "analyses")["tables"][0]["rows"]
    assert [int(row[1]) for row in rows[:2]] == [judged["n_train"], judged["n_test"]]
    assert sum(int(row[1]) for row in rows[:2]) == len(target)
    if task == "number":
        assert rows[0][2:] == []
        return
    heads = fact(card, "analyses")["tables"][0]["heads"][2:]
    counts = target.value_counts()
    for k, head in enumerate(heads):
        assert int(rows[0][2 + k]) + int(rows[1][2 + k]) == counts[head]


def test_the_least_number_of_rows_is_riley_s(two):
    model, _ = two
    file = read_model(model)
    n_inputs = file.model.architecture_.sizes[0]
    card = model_card(model, about={"r_squared": 0.05}).data
    assert f"at least {least_rows(n_inputs, 0.05):,} training rows" in words(card, "least_rows")
    assert "this is a lower bound" in words(card, "least_rows")
    assumed = model_card(model).data
    share = re.search(r"R² ([\d.]+): 15 %", words(assumed, "least_rows"))[1]
    judged, counts = file.judgement, file.report["table"]["class_counts"]
    events = counts[judged["positive"]] - judged["network"]["n_positive"]
    phi = events / judged["n_train"]
    largest = 1 - (phi**phi * (1 - phi) ** (1 - phi)) ** 2
    assert close(share, 0.15 * largest)


def test_a_numeric_target_needs_the_r_squared_of_a_person(made):
    task, model, _, card = made
    found = fact(card, "least_rows")
    assert found["status"] == ("filled" if task == "two" else "partly")
    stated = fact(model_card(model, about={"r_squared": 0.2}).data, "least_rows")
    assert stated["status"] == ("partly" if task == "three" else "filled")


def test_missing_cells_are_those_of_the_table(made):
    _, _, table, card = made
    absent = pd.read_csv(table).isna().sum()
    (grid,) = fact(card, "missing")["tables"]
    assert [int(row[1]) for row in grid["rows"]] == [each for each in absent if each]


def test_the_card_counts_only_what_is_there(made):
    _, _, _, card = made
    facts = [fact for item in card["items"] for part in item["parts"] for fact in part["facts"]]
    for each in facts:
        there = bool(each["text"] or each["tables"])
        assert (each["status"] != "not stated") is there, each["key"]
        assert there or each["by"] == "person" or each["why"]
    whole = [
        all(f["status"] == "filled" for part in item["parts"] for f in part["facts"])
        for item in card["items"]
    ]
    counts = card["counts"]
    assert counts["program"] + counts["you"] + counts["both"] == sum(whole)
    assert card["sentence"].startswith(f"{counts['program']} of 27 items filled by the program")


def test_a_card_states_nothing_for_a_person(made):
    _, _, _, card = made
    facts = [fact for item in card["items"] for part in item["parts"] for fact in part["facts"]]
    assert not [f["key"] for f in facts if f["by"] == "person" and f["status"] != "not stated"]
    assert card["intended_use"] == []


def test_the_table_of_the_fit_gives_its_test_rows_and_no_second_evaluation(made, tmp_path):
    task, model, table, stored = made
    path = tmp_path / "card.json"
    assert main(["card", str(model), str(table), "-o", str(path), "-q"]) == 0
    card = json.loads(path.read_bytes())
    assert card["bound"]["table"]["is_of_fit"]
    assert fact(card, "performance")["tables"][0] == fact(stored, "performance")["tables"][0]
    assert "another table" not in words(card, "same_table")
    assert fact(card, "compared_columns")["status"] == "filled"
    grid = fact(card, "characteristics")["tables"][0]
    rows, target = {row[0]: row[1:] for row in grid["rows"]}, pd.read_csv(table)[TARGETS[task]]
    assert int(rows["rows"][0]) == len(target)
    if task != "number":
        counts = target.astype(str).value_counts()
        assert dict(zip(grid["heads"][2:], map(int, rows["rows"][1:]), strict=True)) == dict(counts)


def test_another_table_is_evaluated_beside_the_fit(two, tmp_path):
    model, _ = two
    table, path = tmp_path / "new.csv", tmp_path / "card.json"
    hostile_table(120, seed=5).to_csv(table, index=False)
    assert main(["card", str(model), str(table), "--by", "centre", "-o", str(path), "-q"]) == 0
    card = json.loads(path.read_bytes())
    found = fact(card, "performance")
    judged = card["numbers"]["evaluation"]["judgement"]
    used = judged["network"]["n_samples"]
    assert f"Evaluation of new.csv: {used} test rows" in found["tables"][1]["caption"]
    accuracy = NUMBER.findall(found["tables"][1]["rows"][0][1])
    assert close(accuracy[0], judged["network"]["metrics"]["accuracy"]["value"])
    by_centre = next(each for each in found["tables"] if each["caption"].endswith("by centre"))
    table = judged["sections"]["subgroups"]["tables"][0]
    assert [int(row[1]) for row in by_centre["rows"]] == [each["n"] for each in table["groups"]]
    assert f"centre ({len(table['groups'])} groups" in words(card, "fairness_groups")
    assert not card["bound"]["table"]["is_of_fit"]
    assert card["bound"]["table"]["rows"] == 120


def test_quartiles_of_each_class_are_those_of_the_table(two, tmp_path):
    model, table = two
    path = tmp_path / "card.json"
    assert main(["card", str(model), str(table), "-o", str(path), "-q"]) == 0
    grid = fact(json.loads(path.read_bytes()), "characteristics")["tables"][0]
    frame = pd.read_csv(table)
    for k, label in enumerate(grid["heads"][2:], start=2):
        own = frame.loc[frame[TARGETS["two"]] == label, "=cmd()"]
        (row,) = [row for row in grid["rows"] if row[0] == "=cmd()"]
        shown = NUMBER.findall(row[k])
        wanted = [own.median(), own.quantile(0.25), own.quantile(0.75)]
        assert np.allclose([*map(float, shown)], wanted, atol=6e-4)


def test_values_of_few_rows_are_not_shown():
    # The quartiles of a single row would be that row.
    matrix = np.array([[7.5], [1.0], [2.0], [3.0], [4.0], [np.nan]])
    parts = {"all rows": np.ones(6, bool), "rare": np.arange(6) == 0, "often": np.arange(6) > 0}
    grid = columns_by_outcome([("dose", "number", ())], matrix, parts, "c")
    assert [row[2] for row in grid["rows"]] == ["1", "", ""]
    assert grid["rows"][1][3] == "2.5 [1.75, 3.25]"
    assert "fewer than 5 rows" in grid["caption"]


def test_levels_that_the_model_does_not_know_have_a_line():
    matrix = np.array([[1.0], [2.0], [0.0], [0.0], [1.0], [1.0], [np.nan]])
    parts = {"all rows": np.ones(7, bool)}
    grid = columns_by_outcome([("ward", "category", ("a", "b"))], matrix, parts, "c")
    shares = dict(grid["rows"][1:])
    assert shares["ward, other levels, which the model does not know"] == "2 (33.3 %)"
    assert sum(int(cell.split()[0]) for cell in shares.values()) == 7
    known = {"name": "ward", "kind": "category", "n_levels": 2, "missing": 1, "unknown": 2}
    of_all = spread({**known, "levels": [{"name": "a", "rows": 3}, {"name": "b", "rows": 1}]})
    assert of_all == "a: 3, b: 1, other levels, which the model does not know: 2"


def test_days_have_no_clock_time():
    days = np.array([[18_000.0 + day] for day in range(6)])
    grid = columns_by_outcome([("day", "date", ())], days, {"all rows": np.ones(6, bool)}, "c")
    assert grid["rows"][1][1] == "2019-04-16 [2019-04-15, 2019-04-17]"
    ends = spread({"kind": "date", "low": 18_000.0, "median": 18_002.5, "high": 18_005.0})
    assert ends == "median 2019-04-16, from 2019-04-14 to 2019-04-19"


def test_groups_and_weights_of_classes_are_said(tmp_path):
    model, _ = fitted(tmp_path, "two", "--group", "centre", "--class-weight", "balanced")
    card = model_card(model).data
    assert "Rows of one group (centre) were never on both sides" in words(card, "clusters")
    assert "divided out of the probabilities" in words(card, "class_weights")
    assert "a random part of the groups" in words(card, "same_table")


def test_a_refit_is_said_and_nothing_is_claimed_of_the_saved_model(tmp_path):
    model, _ = fitted(tmp_path, "two", "--refit")
    card = model_card(model).data
    assert "the saved one was not evaluated" in words(card, "updating")
    rows = fact(card, "analyses")["tables"][0]["rows"]
    assert rows[2][:2] == ["training of the saved model, after the evaluation", "240"]


# --- files without an evaluation, older files, and Python ----------------------------------------


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.safetensors")), ids=lambda path: path.stem)
def test_older_files_have_cards(path, tmp_path):
    card = model_card(path)
    judged = read_model(path).judgement
    assert fact(card.data, "performance")["status"] == ("filled" if judged else "not stated")
    for name in ("card.md", "card.json", "card.html"):
        card.save(tmp_path / name)
        data = (tmp_path / name).read_bytes()
        assert card.data["bound"]["model_sha256"].encode() in data
        assert hashlib.sha256(path.read_bytes()).hexdigest().encode() in data


def test_a_model_without_an_evaluation_says_so(tmp_path):
    frame = hostile_table()
    X, y = frame.iloc[:, :5], frame[TARGETS["two"]]
    model = ThalwegClassifier(hidden_layer_sizes=(4,), max_iter=5, random_state=0).fit(X, y)
    card = model.card()
    for key in ("performance", "measures", "analyses", "least_rows", "same_table"):
        found = fact(card.data, key)
        assert found["status"] == "not stated"
        assert found["why"]
    model.save(tmp_path / "my.safetensors")
    saved = model_card(tmp_path / "my.safetensors")
    assert saved.data["bound"]["model_sha256"] == card.data["bound"]["model_sha256"]
    assert saved.data["counts"] == card.data["counts"]
    assert "not stated" in saved.markdown()


def test_a_card_in_python_evaluates_rows_and_says_if_they_trained(two):
    frame = hostile_table()
    X, y = frame.iloc[:, :5], frame[TARGETS["two"]]
    model = ThalwegClassifier(hidden_layer_sizes=(4,), max_iter=5, random_state=0).fit(X, y)
    other = hostile_table(seed=3)
    card = model.card(other.iloc[:, :5], other[TARGETS["two"]], name="the second clinic")
    assert (
        "Evaluation of the second clinic" in fact(card.data, "performance")["tables"][0]["caption"]
    )
    own = model.card(X, y).data
    assert fact(own, "performance")["status"] == "partly"
    assert "trained on these rows" in fact(own, "performance")["why"]
    assert "All rows of the given rows trained the model" in words(own, "same_table")
    assert repr(card) == f"<ModelCard: {card.data['sentence']}>"


def test_rows_without_targets_and_wrong_endings_are_refused(two, tmp_path):
    model, _ = two
    with pytest.raises(SettingsError, match="pass both, X and y"):
        model_card(model, X=hostile_table())
    with pytest.raises(SettingsError, match="let the name end in one of"):
        model_card(model).save(tmp_path / "card.txt")


# --- a card belongs to one file ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["card.json", "card.md", "card.html"])
def test_a_card_belongs_to_its_model_and_to_no_other(two, tmp_path, name):
    model, _ = two
    card, path = model_card(model), tmp_path / name
    card.save(path)
    sha256, rows = (card.data["bound"][key] for key in ("model_sha256", "training_rows_sha256"))
    assert belongs(path, sha256, rows).belongs
    other = belongs(path, "0" * 64, rows)
    assert not other.belongs
    assert "trained on the same rows" in other.sentence
    new = belongs(path, "0" * 64, "1" * 64)
    assert not new.belongs
    assert "trained on other rows" in new.sentence


def test_a_changed_card_is_found_by_its_seal(two, tmp_path):
    model, _ = two
    data = model_card(model).data
    assert data["seal"] == seal_of(data)
    path = tmp_path / "card.json"
    for changed in ({"title": "Ready for the clinic"}, {"numbers": {"loss": float("nan")}}):
        path.write_text(json.dumps(data | changed), encoding="utf-8")
        found = belongs(path, data["bound"]["model_sha256"], data["bound"]["training_rows_sha256"])
        assert not found.belongs
        assert "changed after it was made" in found.sentence


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"# A text\n", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_card_is_refused(tmp_path, data):
    path = tmp_path / "card.json"
    path.write_bytes(data)
    with pytest.raises(DataError, match="no card"):
        belongs(path, "0" * 64, "0" * 64)
    with pytest.raises(DataError, match="cannot be read"):
        belongs(tmp_path / "none.json", "0" * 64, "0" * 64)
