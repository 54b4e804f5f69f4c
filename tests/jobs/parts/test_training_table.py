"""What a target asks for: names of classes, or a number."""

import numpy as np
import pandas as pd
import pytest

from thalweg.jobs.job_run import JobRun
from thalweg.jobs.parts.table_source import Columns
from thalweg.jobs.parts.training_table import TrainingRequest, read_training_table


def lesson(tmp_path, target, **more):
    path = tmp_path / "table.csv"
    pd.DataFrame({"x": np.arange(len(target)), "y": target}).to_csv(path, index=False)
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
    assert found.task.name == asked
    assert (found.y.dtype == float) == (asked == "regression")


def test_the_task_that_is_named_decides(tmp_path):
    many = list(range(11)) * 5
    assert lesson(tmp_path, many, task="classification").task.name == "multiclass"
    assert lesson(tmp_path, [0, 1] * 9, task="regression").task.name == "regression"
