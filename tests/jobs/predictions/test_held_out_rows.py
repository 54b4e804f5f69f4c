"""Columns that are carried along, where no file of predictions takes them."""

import pytest

from thalweg.errors import SettingsError
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.predictions.held_out_rows import require_used


@pytest.mark.parametrize(
    ("columns", "fix"),
    [
        (Columns(ids=["key"]), 'leave the column out with drop="key"'),
        (Columns(ids=["key"], group="key"), "leave out id"),
        (None, "leave out id"),
    ],
    ids=["a feature without the option", "a column of groups", "a saved model"],
)
def test_the_fix_does_not_make_the_column_a_feature(columns, fix):
    with pytest.raises(SettingsError) as told:
        require_used(["key"], None, columns)
    assert told.value.fix.endswith(f", or {fix}")
