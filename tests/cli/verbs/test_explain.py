"""`thalweg explain`: waterfall, what-if, counterfactuals, files and errors."""

import json

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier, ThalwegRegressor, load_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model and its table, as files."""
    path, rng = tmp_path_factory.mktemp("explained"), np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.integers(20, 80, 120), "dose": rng.normal(5, 1, 120).round(2)})
    X["town"] = rng.choice(["Bern", "Oslo"], 120)
    y = np.where(X["age"] / 30 + X["dose"] / 5 + rng.normal(0, 0.3, 120) > 2.6, "ill", "well")
    said = {"max_iter": 30, "hidden_layer_sizes": (16,), "random_state": 0}
    ThalwegClassifier(**said, positive="ill").fit(X, y).save(path / "m.safetensors")
    ThalwegRegressor(**said).fit(X[["age", "town"]], X["dose"]).save(path / "r.safetensors")
    X.to_csv(path / "t.csv", index=False)
    return path


def test_the_terminal_says_what_python_says(cli, folder):
    model, X = load_model(folder / "m.safetensors"), pd.read_csv(folder / "t.csv")
    code, out, err = cli("explain", folder / "m.safetensors", folder / "t.csv", "--row", "7")
    assert code == 0
    assert not err
    whole = model.explain(X)
    from thalweg.reporting.explaining.contribution_words import explanation_text

    assert out.strip() == explanation_text(whole, 6)
    assert max(map(len, out.split("\n"))) <= 80
    code, out, _ = cli(
        "explain", folder / "m.safetensors", folder / "t.csv", "--row", "7,9", "--json"
    )
    data = json.loads(out)
    rows = data["result"]["explanation"]["rows"]
    assert [each["row"] for each in rows] == [7, 9]
    assert rows[1]["contributions"] == whole.values[8].tolist()
    assert data["result"]["counterfactuals"] == []
    assert data["result"]["what_if"] is None


def test_what_if_and_counterfactuals(cli, folder):
    model, X = load_model(folder / "m.safetensors"), pd.read_csv(folder / "t.csv")
    code, out, _ = cli(
        "explain", folder / "m.safetensors", folder / "t.csv", "--row", "7", "--set", "age=30",
        "--set", "town=", "--change", "age,dose", "--json",
    )  # fmt: skip
    assert code == 0
    found = json.loads(out)["result"]
    expected = model.what_if(X.iloc[[6]], {"age": 30, "town": None})
    assert found["what_if"]["rows"][0]["after"] == expected.after[0].tolist()
    same = model.counterfactuals(X.iloc[[6]], ["age", "dose"]).as_dict()
    assert found["counterfactuals"][0]["tried"] == same["tried"]
    assert [e["changes"] for e in found["counterfactuals"][0]["found"]] == [
        e["changes"] for e in same["found"]
    ]
    code, out, _ = cli(
        "explain", folder / "m.safetensors", folder / "t.csv", "--row", "7", "--set", "age=30",
        "--change", "age", "--change", "dose",
    )  # fmt: skip
    assert "age = 30 instead of" in out
    assert "the answer would be" in out.replace("\n", " ")


def test_bases_and_methods(cli, folder):
    model, X = load_model(folder / "m.safetensors"), pd.read_csv(folder / "t.csv")
    X[:10].to_csv(folder / "b.csv", index=False)
    for said, python in (
        (("--against", "2"), {"against": X.iloc[[1]]}),
        (("--background", folder / "b.csv"), {"background": X[:10]}),
        (("--method", "shapley"), {"method": "shapley"}),
    ):
        code, out, _ = cli(
            "explain", folder / "m.safetensors", folder / "t.csv", "--row", "7", *said, "--json"
        )
        assert code == 0
        row = json.loads(out)["result"]["explanation"]["rows"][0]
        assert row["contributions"] == model.explain(X.iloc[[6]], **python).values[0].tolist()
    code, out, _ = cli(
        "explain", folder / "m.safetensors", folder / "t.csv", "--row", "7", "--against", "2"
    )
    assert "Compared with row 2," in out


def test_files(cli, folder, tmp_path):
    ask = ("explain", folder / "m.safetensors", folder / "t.csv", "--row", "7-8", "-o")
    assert cli(*ask, tmp_path / "x.csv")[0] == 0
    lines = pd.read_csv(tmp_path / "x.csv")
    assert lines["row"].tolist() == [7] * 3 + [8] * 3
    assert lines.groupby("row")["contribution"].sum().to_numpy() == pytest.approx(
        (lines.groupby("row")["answer"].first() - lines.groupby("row")["base"].first()).to_numpy()
    )
    assert cli(*ask, tmp_path / "x.json")[0] == 0
    assert len(json.loads((tmp_path / "x.json").read_text())["explanation"]["rows"]) == 2
    code, _, err = cli(*ask, tmp_path / "x.json")
    assert code != 0
    assert "--force" in err
    code, _, err = cli(*ask, tmp_path / "x.txt")
    assert code == 2
    assert "x.txt" in err


def test_rows_keep_their_numbers_in_the_file(cli, folder):
    ask = ("explain", folder / "m.safetensors", folder / "t.csv", "--drop-row", "2-3")
    code, out, _ = cli(*ask, "--row", "7")
    assert code == 0
    assert out.startswith("Row 7:")
    whole = cli("explain", folder / "m.safetensors", folder / "t.csv", "--row", "7")[1]
    assert out == whole
    code, _, err = cli(*ask, "--row", "3")
    assert code == 2
    assert "Row 3 is left out" in err
    code, _, err = cli(*ask, "--row", "121")
    assert code == 2
    assert "There is no row 121" in err


def test_numbers_have_goals_of_their_own(cli, folder):
    ask = ("explain", folder / "r.safetensors", folder / "t.csv", "--row", "3", "--change", "age")
    code, out, _ = cli(*ask, "--below", "4.9")
    assert code == 0
    assert "below 4.9" in out.replace("\n", " ")
    assert cli(*ask, "--below", "4,9")[1] == out  # as a table with decimal commas has it
    code, _, err = cli(*ask, "--below", "1,234")
    assert code != 0
    assert "with a decimal point" in " ".join(err.split())
    code, _, err = cli(*ask)
    assert code == 2
    assert "--below" in err
    assert "--above" in err


def test_a_background_has_its_own_rows(cli, folder, tmp_path):
    # Rows that are left out of the table are left out of a background of the same file only. Its
    # texts with a point were numbered by the rows of the table, and ended in an IndexError.
    head, *rows = (folder / "t.csv").read_text().splitlines()
    units = [head, "years,Alter,Ort"]
    few, clean, long = (tmp_path / name for name in ("few.csv", "clean.csv", "long.csv"))
    few.write_text("\n".join([*units, *rows[:40]]))
    clean.write_text("\n".join([head, *rows[:40]]))
    long.write_text("\n".join([*units, *rows[:60]]))
    ask = ("explain", folder / "m.safetensors", few, "--drop-row", "1", "--row", "3")
    found = [
        json.loads(cli(*ask, "--background", each, "--json")[1])["result"]["explanation"]["rows"]
        for each in (clean, few, tmp_path / "." / "few.csv")
    ]
    assert found[0] == found[1] == found[2]
    code, _, err = cli(*ask, "--background", long)
    said = " ".join(err.split())
    assert code == 1
    assert f"row 1; in --background {long}" in said
    assert "--drop-row holds for the table itself" in said
    many = tmp_path / "many.csv"
    many.write_text("\n".join([*units, *rows]))
    ask = ("explain", folder / "m.safetensors", many, "--drop-row", "1", "--row", "3")
    code, _, err = cli(*ask, "--background", many)
    assert code == 1
    assert "--background has 120 rows, and at most 100" in " ".join(err.split())


def test_a_large_background_has_a_fix_that_works(cli, folder):
    ask = ("explain", folder / "m.safetensors", folder / "t.csv", "--row", "3")
    code, _, err = cli(*ask, "--background", folder / "t.csv")
    said = " ".join(err.split())
    assert code == 1
    assert "frame" not in said
    assert "give a table that has 100 of its rows; or leave out --background" in said
    assert "such as --against 1" in said
    assert cli(*ask, "--against", "1")[0] == 0
    pd.read_csv(folder / "t.csv")[:100].to_csv(folder / "hundred.csv", index=False)
    assert cli(*ask, "--background", folder / "hundred.csv")[0] == 0


def test_numbers_are_called_as_the_target_is_in_the_file(cli, folder):
    table = pd.read_csv(folder / "t.csv")[["age", "town", "dose"]]
    table.to_csv(folder / "doses.csv", index=False)
    model = folder / "dose.safetensors"
    assert (
        cli("fit", folder / "doses.csv", "--target", "dose", "-o", model, "--hidden", "8")[0] == 0
    )
    code, out, _ = cli(
        "explain", model, folder / "doses.csv", "--row", "3", "--set", "age=30",
        "--change", "age", "--above", "5.5",
    )  # fmt: skip
    assert code == 0
    # With so few rows nothing is shown of this model.
    assert out.startswith("The model is not shown to know more than a constant answer")
    assert "\nRow 3: predicted dose 5." in out
    assert "The predicted dose is " in out
    assert "number 5" not in out
    assert "The number" not in out


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ((), "--target"),
        (("--row", "0"), "is not a row"),
        (("--row", "3", "--set", "age"), "--set age=50"),
        (("--row", "3", "--set", "agee=4"), "Fix: write --set age=4"),
        (("--row", "3", "--change", "agee"), 'Fix: write "age"'),
        (("--row", "3", "--to", "ill"), "--change"),
        (("--row", "3", "--against", "1,2"), "--against has 2 rows"),
        (("--row", "3", "--against", "1", "--background", "t.csv"), "both given"),
        (("--row", "3", "--method", "lime"), "path, shapley"),
        (("--against", "3"), "--row"),
    ],
)
def test_errors_say_the_fix(cli, folder, monkeypatch, said, message):
    monkeypatch.chdir(folder)
    code, _, err = cli("explain", folder / "m.safetensors", folder / "t.csv", *said)
    assert code != 0
    assert message in err.replace("\n", " ")


def test_a_model_of_an_earlier_version_needs_a_base(cli, folder):
    from places import TESTS

    old = TESTS / "models" / "wisconsin-format-1.safetensors"
    code, _, err = cli("explain", old, "wisconsin", "--row", "3")
    assert code == 2
    assert "--against" in err
    assert "--background" in err
    assert cli("explain", old, "wisconsin", "--row", "3", "--against", "1")[0] == 0
