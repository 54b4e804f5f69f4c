"""Tables in another notation, or with another separator, than expected: what a command says."""

import json

import numpy as np
import pandas as pd
import pytest

QUICK = ("--no-trees", "--hidden", "2", "--epochs", "2", "-q")


@pytest.fixture
def german(cli):
    """A model of German numbers, and the table it was fitted on."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "leuko": [f"{4 + k % 6}.{100 + k}" for k in range(80)],
            "crp": [f"{value:.1f}".replace(".", ",") for value in rng.uniform(5, 40, 80)],
            "krank": ["nein", "ja"] * 40,
        }
    )
    frame.to_csv("de.csv", sep=";", index=False)
    said = ("--target", "krank", "--number", "leuko=1.234,56", "-o", "m")
    assert cli("fit", "de.csv", *said, *QUICK)[0] == 0
    return frame


def swapped(frame):
    marks = str.maketrans(",.", ".,")
    return frame.assign(**{name: frame[name].str.translate(marks) for name in ("leuko", "crp")})


def test_a_table_in_the_reverse_notation_is_refused_by_both_verbs(cli, german):
    swapped(german).to_csv("en.csv", index=False)
    for verb in ("predict", "evaluate"):
        code, out, err = cli(verb, "m", "en.csv")
        assert (code, out) == (1, ""), err
        assert "4,100 may be 4100 or 4.1" in err
        assert "--number leuko=1,234.56" in err
        code, _, err = cli(verb, "m", "en.csv", "--number", "leuko=1,234.56")
        assert code == 0
        assert "outside the range" not in err


def test_evaluate_says_what_predict_says_of_numbers_outside_the_range(cli, german):
    english = swapped(german).assign(crp="7")
    english.to_csv("en.csv", index=False)
    for verb in ("predict", "evaluate"):
        code, _, err = cli(verb, "m", "en.csv", "--drop-row", "1")
        assert code == 0
        said = " ".join(err.split())
        assert "outside the range of the training rows" in said
        assert "79 of 79 rows" in said
        assert "training rows had 4100 to 9177" in said
        assert "--number leuko=1,234.56" in said
        told = json.loads(cli(verb, "m", "en.csv", "--drop-row", "1", "--json")[1])
        assert told["data"]["out_of_range"][0]["row"] == 2


def test_a_word_among_numbers_is_refused_with_the_option(cli, german):
    german.assign(crp=["k.A.", *german["crp"][1:]]).to_csv("word.csv", sep=";", index=False)
    for verb in ("predict", "evaluate"):
        code, _, err = cli(verb, "m", "word.csv", "-q")
        assert code == 1
        assert "--missing crp=k.A." in " ".join(err.split())
        assert cli(verb, "m", "word.csv", "-q", "--missing", "crp=k.A.")[0] == 0


def test_a_wrong_separator_is_named_where_the_target_is_not_found(cli, german):
    for verb in ("check", "evaluate", "fit"):
        code, _, err = cli(verb, "de.csv", "--target", "krank", "--separator", ",")
        assert code == 1
        assert "--separator" in err
        assert "there is no target column" in err.lower()
    # A plain table with sound names says nothing of it.
    german.drop(columns=["crp", "leuko"]).assign(a="x").to_csv("plain.csv", index=False)
    assert "--separator" not in cli("check", "plain.csv", "--target", "nothing")[2]


def test_check_says_which_separator_it_found(cli, german):
    _, _, err = cli("check", "de.csv", "--target", "krank")
    assert "Read as text separated by ';'." in err


def test_a_crash_of_check_is_gone(cli):
    with open("d.csv", "w") as file:
        file.write("id,dose,ill\n1,3,no\n2,5,yes\n3,k.A.,no\n4,7,yes\n")
    for missing in ("k.A.", "dose=k.A."):
        given = ("--target", "ill", "--missing", missing, "--drop", "id", "--drop-row", "3")
        code, _, err = cli("check", "d.csv", *given)
        assert code in (0, 3), err


def test_a_target_of_two_readings_is_refused_where_features_prove_the_reverse(cli):
    w = [10.5 + k * 7 % 89 for k in range(80)]
    prices = [1000 * value + k for k, value in enumerate(w)]
    german = pd.DataFrame({"w": w, "price": prices}).map(lambda value: f"{value:.2f}")
    german.apply(lambda cells: cells.str.replace(".", ",")).to_csv("de.csv", sep=";", index=False)
    assert cli("fit", "de.csv", "--target", "price", "-o", "m", *QUICK)[0] == 0
    english = pd.DataFrame({"w": w, "price": [f"{value:,.0f}" for value in prices]})
    english.to_csv("en.csv", index=False)
    code, out, err = cli("evaluate", "m", "en.csv", "-q")
    assert (code, out) == (1, "")
    assert '10,500 may be 10500 or 10.5 (column "price", row 1)' in err
    assert "'10.5' in the column \"w\" of this table is written in the other way" in err
    assert "for 10500 --number price=1,234.56 on the command line" in err
    code, out, _ = cli("evaluate", "m", "en.csv", "-q", "--number", "price=1,234.56")
    assert code == 0
    assert "a number from 10,500 to" in out
    # Nothing proves the reverse, or the target itself proves the notation of the model.
    english.assign(w=english["w"].astype(int)).to_csv("en.csv", index=False)
    assert cli("evaluate", "m", "en.csv", "-q")[0] == 0
    english.assign(price=["10.500,5", *english["price"][1:]]).to_csv("en.csv", index=False)
    assert cli("evaluate", "m", "en.csv", "-q")[0] == 0
