"""Figures that a page repeats are those of the page that they come from, and all have a date."""

import re

import numpy as np

from places import ROOT
from thalweg.network.formulas.losses import loss

DOCS = ROOT / "docs"
NAMES = {
    "thalweg": "thalweg",
    "CatBoost": "catboost",
    "LightGBM": "lightgbm",
    "HistGradientBoosting": "hgb",
    "XGBoost": "xgboost",
    "linear models": "linear",
    "scikit-learn's network": "sk-mlp",
}
WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def text(name):
    return (ROOT / name).read_text("utf-8")


def mean_ranks():
    """Of each contender over all tables that all finished: (its mean rank, how many tables)."""
    lines = text("docs/defaults.md").split("| who | classes: mean rank |")[1].split("\n\n")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines.splitlines()[2:]
    ]
    # Where CatBoost was not run, nobody has a rank.
    (counts,) = (
        [int(row[at].split()[-1]) for at in (3, 6)] for row in rows if row[0] == "catboost"
    )
    # A rank sum of whole tables: the page has the mean to two digits.
    sums = {
        row[0]: sum(round(float(row[at]) * n) for at, n in zip((1, 4), counts, strict=True))
        for row in rows
    }
    return {who: total / sum(counts) for who, total in sums.items()}, sum(counts)


def test_the_first_page_has_the_ranks_of_the_page_of_defaults():
    ranks, n_tables = mean_ranks()
    said = " ".join(text("README.md").split())
    found = re.search(
        r"On \[(\d+) real tables\].*?mean rank of ([\d.]+) of (\d+) by .*?network \d\.\d\d", said
    )
    assert (int(found[1]), int(found[3])) == (n_tables, len(ranks))
    assert round(n_tables * sum(ranks.values())) == n_tables * 28  # 1 + 2 + … + 7
    for name, who in NAMES.items():
        before = "has a mean rank of" if who == "thalweg" else f"{name}(?: has)?"
        assert re.search(rf"{before} (\d\.\d\d)", found[0])[1] == f"{ranks[who]:.2f}", name


def test_the_first_page_is_as_fast_as_the_page_of_benchmarks():
    row = r"\| 9-15-1, 500 rows, full batch, GD \| {} ÷ thalweg \| [^|]+ \| ([\d.]+) "
    page = text("docs/benchmarks.md")
    times = {
        who: float(re.search(row.format(who), page)[1])
        for who in ("PyTorch eager", "PyTorch, compiled step", "scikit-learn MLP")
    }
    said = " ".join(text("README.md").split())
    assert "less than a twentieth of the time of PyTorch (eager) and scikit-learn" in said
    assert min(times["PyTorch eager"], times["scikit-learn MLP"]) > 20
    assert "about a twelfth of that of a step that PyTorch has compiled" in said
    assert 11.5 <= times["PyTorch, compiled step"] < 12.5


def test_the_weights_of_the_default_model_are_those_of_the_demo():
    layers = re.search(
        r"(\d+) inputs → (\d+) relu → (\d+) relu → 1 logit; ([\d,]+) par", text("README.md")
    )
    inputs, first, second = (int(layers[at]) for at in (1, 2, 3))
    weights = first * (inputs + 1) + second * (first + 1) + second + 1
    assert layers[4] == f"{weights:,}"
    assert f"five networks with {round(5 * weights, -3):,} weights" in text("docs/export.md")


def test_the_front_page_counts_the_commands_of_the_first_tutorial():
    page = text("docs/tutorials/first-table.md")
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    assert all("thalweg " in line for line in commands)
    assert f"*Fifteen minutes, {WORDS[len(commands)]} commands.*" in text(
        "docs/site/pages/index.md"
    )


def test_each_page_that_names_a_machine_or_a_benchmark_is_in_the_list_of_dates():
    section = text("docs/versions.md").split("## Where numbers of these pages come from")[1]
    named = set(re.findall(r"\]\(([\w/-]+\.md)", section))
    measured = re.compile(r"\bEPYC\b|\bXeon\b|python -m bench\.|this project's machine")
    found = {
        path.relative_to(DOCS).as_posix()
        for path in (*DOCS.glob("*.md"), *DOCS.glob("*/*.md"))
        if measured.search(path.read_text("utf-8"))
    }
    assert {"export.md", "serving.md", "classroom.md", "landscape.md"} <= found <= named


# What the page calls each loss, computed without the reader of formulas.
MEANT = {
    "too few costs 3, too many 1": lambda z, y: np.where(z > y, z - y, 3 * (y - z)),
    "no cost within ± 2": lambda z, y: np.clip(np.abs(z - y) - 2, 0, None),
    "relative error": lambda z, y: np.abs(z - y) / np.clip(np.abs(y), 1, None),
    "squared error of logarithms": lambda z, y: (
        np.log((1 + np.clip(z, 0, None)) / (1 + np.clip(y, 0, None))) ** 2
    ),
    "logarithm of cosh": lambda z, y: np.log(np.cosh(z - y)),
    "errors beyond 5 cost no more": lambda z, y: np.where(np.abs(z - y) > 5, 25, (z - y) ** 2),
    "LINEX: low is exponentially worse": lambda z, y: np.exp((y - z) / 10) - (y - z) / 10 - 1,
}


def test_the_formulas_of_the_page_of_losses_are_what_they_are_called():
    table = text("docs/losses.md").split("| loss | formula |")[1].split("\n\n")[0]
    written = dict(re.findall(r"^\| ([^|`-][^|]*) \| `(.*)` \|$", table, re.MULTILINE))
    assert set(written) == set(MEANT)
    z, y = (part.reshape(1, -1) for part in np.meshgrid(np.linspace(-9, 9, 37), [-3.0, 0.2, 4.0]))
    for name, formula in written.items():
        found = loss(f"formula:{formula}").value(z, y)
        assert np.allclose(found, MEANT[name](z, y)[0], rtol=1e-12, atol=1e-12), name
