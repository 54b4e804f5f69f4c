"""``thalweg card``: its files, its template, and its exit codes."""

import json
import tomllib

import pytest

from carded import fitted
from thalweg.cli.main import main
from thalweg.jobs.card import CardRequest, card


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(fitted(tmp_path_factory.mktemp("card"), "two")[0])


def test_without_a_file_the_card_is_markdown_on_stdout(model, capsys):
    assert main(["card", model, "-q"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# Model card of two.safetensors\n")
    assert "**Not a medical device.**" in said
    assert "Intended use: **not stated**" in said


def test_json_has_the_card(model, capsys):
    assert main(["card", model, "--json", "-q"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["result"]["card"]["counts"]["items"] == 27
    assert found["status"] == "ok"


def test_the_template_is_written_filled_in_and_read(model, tmp_path, capsys):
    about, page = tmp_path / "about.toml", tmp_path / "card.html"
    assert main(["card", model, "--write-about", str(about)]) == 0
    text = about.read_text(encoding="utf-8")
    assert set(tomllib.loads(text)["columns"].values()) == {""}
    assert main(["card", model, "--write-about", str(about)]) != 0  # never over a filled one
    filled = text.replace('funding = ""', 'funding = "None."')
    about.write_text(filled, encoding="utf-8")
    capsys.readouterr()
    assert main(["card", model, "--about", str(about), "-o", str(page)]) == 0
    assert "<p>None.</p>" in page.read_text(encoding="utf-8")
    assert "Wrote the card to" in capsys.readouterr().err


def test_check_ends_with_3_if_a_card_is_of_another_model(model, tmp_path, capsys):
    path = tmp_path / "card.json"
    assert main(["card", model, "-o", str(path), "-q"]) == 0
    assert main(["card", model, "--check", str(path)]) == 0
    assert capsys.readouterr().out == "The card belongs to this model file.\n"
    other, _ = fitted(tmp_path, "two", seed=2)
    assert main(["card", str(other), "--check", str(path)]) == 3
    assert "trained on other rows" in capsys.readouterr().out
    assert main(["card", str(other), "--check", str(path), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["result"]["belongs"]) == ("check", False)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--by", "centre"], "--by is about rows"),
        (["-o", "card.txt"], "let the name end in one of"),
        (["--hugging-face", "-o", "card.html"], "--hugging-face is about Markdown"),
        (["--check", "card.json", "-o", "card.md"], "asked for alone"),
        (["--write-about", "about.toml", "--about", "x.toml"], "asked for alone"),
        (["--write-about", "about.txt"], "about.toml"),
    ],
)
def test_what_makes_no_sense_is_refused(model, options, told, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["card", model, *options]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_an_unknown_key_is_an_error_with_the_list(model, tmp_path, capsys):
    about = tmp_path / "about.toml"
    about.write_text('ethic = "x"', encoding="utf-8")
    assert main(["card", model, "--about", str(about)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert 'There is no key "ethic"' in said
    assert '"limitations"' in said


def test_the_job_gives_the_card_without_a_terminal(model):
    found = card(CardRequest(model=model))
    assert found.passed
    assert found.result["card"]["items"][0]["status"] == "not stated"
    assert found.text.startswith(b"# Model card of ")
