"""Sentences about a table are true and complete: plurals, equal rows, R² with its interval."""

import re

import numpy as np
import pandas as pd
import pytest

from thalweg.reporting.page.sections.classes_and_numbers import _beside_the_mean


def estimate(value, low, high):
    return {"value": value, "low": low, "high": high}


@pytest.mark.parametrize(
    ("r2", "says"),
    [
        (estimate(0.934, 0.91, 0.951), "R² is 0.934 (95\u00a0% interval 0.910 to 0.951)"),
        (estimate(-0.21, -0.4, 0.02), "R² is -0.210 (95\u00a0% interval -0.400 to 0.020)"),
    ],
)
def test_r2_is_said_with_its_rows_its_interval_and_its_meaning(r2, says):
    said = _beside_the_mean(r2)
    assert says in said
    assert "On these rows" in said
    assert "0 as much as always predicting their mean" in said
    assert ("below 0 is worse" in said) == (r2["value"] < 0)


def test_no_r2_is_said_where_all_values_are_alike():
    assert _beside_the_mean(estimate(None, None, None)) == ""


def test_a_large_number_is_read_by_a_person_in_the_page_and_on_the_terminal(cli, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2)).round(3)
    price = (150_000 + 40_000 * X[:, 0] + 19_000 * rng.normal(size=120)).round()
    pd.DataFrame(X, columns=["a", "b"]).assign(price=price).to_csv("t.csv", index=False)
    code, out, err = cli(
        "fit", "t.csv", "--target", "price", "--epochs", "4", "--report", "page.html", "-v"
    )
    assert code == 0
    assert re.search(r"RMSE +\d\d,\d{3} .+\n +\[\d\d,\d{3}, \d\d,\d{3}\]", out)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    shown = re.sub(r"<(style|script)[\s\S]*?</\1>", "", page)
    # sentences.py says the difference of RMSE itself.
    assert not re.search(r"\de[+-]\d\d", out.split("[95 % interval]")[0] + err)
    assert "of their variance" not in shown
    assert re.search(r"was off by \d\d,\d{3} \(root mean square\)", shown)
    assert re.search(r"On these rows R² is -?\d\.\d{3} \(95.% interval -?\d\.\d{3} to", shown)


def test_one_of_a_thing_is_no_plural(cli):
    one = pd.DataFrame({"x": np.arange(30.0), "y": ["no", "yes"] * 15})
    one.loc[3, "x"] = np.nan
    one.to_csv("t.csv", index=False)
    said = ""
    for line in (
        ("fit", "t.csv", "--target", "y", "--epochs", "1", "--hidden", "1", "-o", "m", "-v"),
        ("show", "m"), ("check", "t.csv", "--target", "y"),
    ):  # fmt: skip
        _, out, err = cli(*line)
        said += " ".join((out + err).split()) + "\n"
    pd.DataFrame({"x": [99.0]}).to_csv("one.csv", index=False)
    said += " ".join("".join(cli("predict", "m", "one.csv", "-o", "p.csv")[1:]).split())
    assert "Wrote 1 prediction to" in said
    assert "30 rows, 1 column; 1 cell is missing" in said
    assert not re.findall(
        r"\b1 (?:\w+ )?(?:rows|columns|cells|epochs|predictions|parameters)\b", said
    )


@pytest.mark.parametrize("same_class", [True, False])
def test_check_and_fit_count_equal_rows_alike(cli, same_class):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.permutation(100) / 8, "y": np.repeat(["a", "b"], 50)})
    again = table.iloc[[1, 2, 3, 60]].assign(**({} if same_class else {"y": ["b", "b", "a", "a"]}))
    pd.concat([table, again]).to_csv("t.csv", index=False)
    check = " ".join(cli("check", "t.csv", "--target", "y")[1].split())
    fit = cli("fit", "t.csv", "--target", "y", "--epochs", "1", "--hidden", "2")[2]
    assert "4 rows equal an earlier one in all features (3.8%)" in check
    assert "4 rows equal an earlier one in all features; equal rows stay together" in fit
    name = [f"Person {row}" for row in range(104)]
    pd.concat([table, again]).assign(name=name).to_csv("t.csv", index=False)
    check = " ".join(cli("check", "t.csv", "--target", "y")[1].split())
    fit = cli("fit", "t.csv", "--target", "y", "--epochs", "1", "--hidden", "2")[2]
    said = '4 rows equal an earlier one in all features but the identifier "name"'
    assert f"{said} (3.8%)" in check
    assert f"{said}; equal rows stay together" in fit


def test_no_roc_title_has_an_article_that_a_name_could_make_wrong(cli, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=90)
    y = np.where(x + rng.normal(size=90) > 0, "ill", "well")
    pd.DataFrame({"x": x, "y": y}).to_csv("t.csv", index=False)
    line = ("fit", "t.csv", "--target", "y", "--positive", "ill", "--epochs", "2")
    assert cli(*line, "--report", "page.html", "-q")[0] == 0
    words = re.sub(r"<[^>]*>", "", (tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "of all pairs, the ill row scores higher than the well one" in words
    assert not re.search(r"\b[Aa] (?:“?ill|“?well)", words)
