"""The task that follows from a target: classes, or a number."""

import numpy as np
import pandas as pd
import pytest

from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.parts.training_table import TrainingRequest, read_training_table
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Nobody


def lesson(tmp_path, target, **more):
    path = tmp_path / "table.csv"
    pd.DataFrame({"x": np.arange(len(target)) % 19, "y": target}).to_csv(path, index=False)
    run = JobRun("fit", None, None)
    return read_training_table(
        run, TrainingRequest(table=str(path), columns=Columns(target="y"), **more)
    )


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        (range(2), "binary"),
        (range(10), "multiclass"),
        (range(11), "regression"),
        ([0.5, 1.0], "binary"),
        ([0.5, 1.0, 1.5], "regression"),
        (["a", "b", "c"], "multiclass"),
    ],
)
def test_few_whole_numbers_name_classes_and_more_are_a_quantity(tmp_path, values, asked):
    found = lesson(tmp_path, list(values) * 5)
    assert found.task.kind.name == asked
    assert (found.y.dtype == float) == (asked == "regression")


@pytest.mark.parametrize(
    ("values", "loss", "asked"),
    [
        (range(3), "poisson", "regression"),
        (range(3), "quantile:level=0.9", "regression"),
        (range(3), "ordinal", "multiclass"),
        (["a", "b", "c"], "poisson", "multiclass"),  # the estimator refuses this loss
    ],
)
def test_a_loss_of_numbers_says_that_the_target_is_one(tmp_path, values, loss, asked):
    found = lesson(tmp_path, list(values) * 5, settings={"loss": loss})
    assert found.task.kind.name == asked


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (["ja", "nein"], 'The positive class is "ja", the word for yes; positive names another.'),
        (["YES", "no"], 'The positive class is "YES", the word for yes; '),
        (["no", "yes"], 'The positive class is "yes", the word for yes; '),
        (["No", "yes"], 'The positive class is "yes", the word for yes; '),
        (["oui", "Non"], 'The positive class is "oui", the word for yes; '),
        (["OUI", "NON"], 'The positive class is "OUI", the word for yes; '),
        (["Oui", "non"], 'The positive class is "Oui", the word for yes; '),
        (["S\u00ed", "No"], 'The positive class is "S\u00ed", the word for yes; '),
        (["JA", "nein"], 'The positive class is "JA", the word for yes; '),
        (["true", "false"], 'The positive class is "true", the word for true; '),
        (["VRAI", "FAUX"], 'The positive class is "VRAI", the word for true; '),
        (["good", "bad"], 'The positive class is "good", the last in sorted order; '),
        (["0", "1"], 'The positive class is "1", the last in sorted order; '),
    ],
)
def test_of_yes_and_no_the_positive_class_is_yes_and_it_is_said(tmp_path, labels, says):
    found = lesson(tmp_path, labels * 15)
    assert says in "\n".join(found.facts["notes"])
    assert found.table.positive == found.task.positive == says.split('"')[1]


def test_notes_name_parameters_as_their_reader_writes_them(tmp_path):
    table = pd.DataFrame(
        {"Patient ID": np.arange(30) // 3, "x": [*range(15)] * 2, "y": ["a", "b"] * 15}
    )
    table.to_csv(tmp_path / "table.csv", index=False)

    class Shell(Nobody):
        def spell(self, name, value):
            return as_option(name, value)

    for listener, positive, group in (
        (None, "positive names another", 'say group="Patient ID":'),
        (Shell(), "--positive names another", "say --group 'Patient ID':"),
    ):
        run = JobRun("fit", listener, None)
        asked = TrainingRequest(table=str(tmp_path / "table.csv"), columns=Columns(target="y"))
        notes = "\n".join(read_training_table(run, asked).facts["notes"])
        assert positive in notes
        assert group in notes
        assert ("--" in notes) == (listener is not None)
        assert run.outcome.data["notes"] == notes.split("\n")


def test_the_task_that_is_named_decides(tmp_path):
    many = list(range(11)) * 5
    assert lesson(tmp_path, many, task="classification").task.kind.name == "multiclass"
    assert lesson(tmp_path, [0, 1] * 9, task="regression").task.kind.name == "regression"


def test_a_fit_names_the_columns_that_may_be_numbers_or_groups(tmp_path):
    path = tmp_path / "table.csv"
    n = np.arange(60)
    pd.DataFrame({"x": n % 19, "stage": 1 + n % 4, "y": n % 2}).to_csv(path, index=False)

    def notes(**said):
        columns = Columns(target="y", **said)
        request = TrainingRequest(table=str(path), columns=columns)
        found = read_training_table(JobRun("fit", None, None), request).facts["notes"]
        return [each for each in found if "may be codes" in each]

    [said] = notes()
    assert said.startswith('Read as numbers, which may be codes of groups: "stage" (1, 2, 3, 4). ')
    assert "--category stage" in said
    # Whoever says what the column is has chosen.
    assert notes(number={"stage": None}) == notes(category=["stage"]) == []
