"""What no model file can store is refused before training, with a fix that helps."""

import numpy as np
import pytest

from thalweg import sealed_container
from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.evaluation import judged_test_set
from thalweg.jobs.fitting import evaluated_fit
from thalweg.persistence.header_form import LONGEST_LABEL
from thalweg.sealed_container import HeaderTooLarge, require_storable_size, seal

ENDS = "; or leave out --output, and no model is saved."


def table(labels="no yes", levels="a b", n=40):
    """A table of 40 rows with such labels and such levels of a category."""
    labels, levels = labels.split(), levels.split()
    rows = (f"{i},{levels[i % len(levels)]},{labels[i % len(labels)]}\n" for i in range(n))
    with open("my.csv", "w") as file:
        file.write("".join(["dose,c,ill\n", *rows]))


@pytest.fixture
def untrained(monkeypatch):
    def judged(*_, **__):
        raise AssertionError("it trains")

    monkeypatch.setattr(evaluated_fit, "judge_on_holdout", judged)
    monkeypatch.setattr(judged_test_set, "judge_on_holdout", judged)


@pytest.mark.parametrize(
    ("made", "options", "code", "says"),
    [
        (
            {"labels": f"no {'y' * (LONGEST_LABEL + 1)}"}, [], 1,
            ['the target \'ill\', such as \'yyy', "a label of its classes is longer than 1,024",
             f"Fix: shorten the labels to at most 1,024 characters each{ENDS}"],
        ),
        (
            {"labels": " ".join(f"{i:01000}" for i in range(1100)), "n": 5500}, [], 1,
            ["its labels would take more than 1,048,576 characters",
             f"Fix: shorten the labels to at most 953 characters each{ENDS}"],
        ),
        (
            {"levels": " ".join(f"{i:010000}" for i in range(10))}, ["--category", "c"], 1,
            ["the column 'c' has most", "the names and levels of its columns are too large",
             f"Fix: shorten its texts, or leave it out with --drop c{ENDS}"],
        ),
        (
            {}, [word for i in range(70) for word in ("--missing", f"w{i}")], 2,
            ["missing has 70 entries", f"Fix: give at most 66 entries for --missing{ENDS}"],
        ),
        ({}, ["--missing", "\udcff"], 2, ["without lone surrogates", "Fix: write texts in UTF-8"]),
    ],
)  # fmt: skip
def test_it_is_refused_before_training(cli, untrained, monkeypatch, made, options, code, says):
    monkeypatch.setattr(sealed_container, "_MAX_HEADER", 2**16)  # so that a small table exceeds it
    table(**made)
    found, out, err = cli("fit", "my.csv", "--target", "ill", "-o", "m.safetensors", *options)
    err = " ".join(err.split())
    assert (found, out) == (code, "")
    assert "This model cannot be saved in a model file" in err
    for each in says:
        assert each in err


def test_without_a_file_it_is_trained(cli, untrained):
    table(labels=f"no {'y' * (LONGEST_LABEL + 1)}")
    code, _, err = cli("fit", "my.csv", "--target", "ill")
    assert (code, "it trains" in err) == (1, True)


def test_in_python_the_fix_is_that_of_the_cause(tmp_path):
    X = np.arange(20.0)[:, None]
    y = np.array(["no", "y" * (LONGEST_LABEL + 1)])[np.arange(20) % 2]
    model = ThalwegClassifier(hidden_layer_sizes=(2,), max_iter=1, early_stopping=False).fit(X, y)
    with pytest.raises(SettingsError, match=r"Fix: shorten the labels to at most 1,024") as error:
        model.save(tmp_path / "m.safetensors")
    assert "use text, numbers" not in str(error.value)


def test_a_size_that_is_possible_can_be_sealed():
    seal({"x": "y" * 2**20}, {"a": np.zeros(2**20)})
    require_storable_size({"x": "y" * 2**20})
    with pytest.raises(HeaderTooLarge):
        require_storable_size({"x": "y" * 2**24})
