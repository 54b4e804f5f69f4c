"""`fit` and `check` say by one rule that a column numbers the rows, and `fit` trains on it."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest

from thalweg.data.doctor.numbered_rows import warn_of_numbered_rows
from thalweg.data.doctor.table_check import check_table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import IdentifierWarning

RNG = np.random.default_rng(0)
N = 60
COLUMNS = {
    "Nr": np.arange(1, N + 1),
    "shuffled": RNG.permutation(N),
    "rising": np.cumsum(RNG.integers(1, 50, N)),
    "patient_id": RNG.permutation(10_000)[:N],
    "case no": np.r_[RNG.permutation(9000)[: N - 3], 5000, 5000, 5000],
    "one gap": np.r_[np.arange(N - 1), np.nan],
    # Those of NONE.
    "age": RNG.integers(20, 90, N),
    "size": RNG.normal(size=N).cumsum() + 0.25,
    "few_no": np.tile(np.arange(6), N // 6),
    "wide": RNG.permutation(10_000)[:N],
    "gaps": np.r_[np.arange(N - 20), [np.nan] * 20],
}
NONE = {"age", "size", "few_no", "wide", "gaps"}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("as_text", [False, True])
def test_a_fit_says_what_the_check_says(name, as_text, recwarn):
    frame = pd.DataFrame({name: COLUMNS[name], "x": RNG.normal(size=N).round(2)})
    frame = frame.map(lambda cell: None if np.isnan(cell) else f"{cell:g}") if as_text else frame
    found = [each for each in check_table(frame).findings if each.check == "identifier"]
    schema = infer_schema(frame)
    warn_of_numbered_rows(frame, schema, schema.matrix(frame))
    told = [str(each.message) for each in recwarn if each.category is IdentifierWarning]
    assert len(told) == len(found) == (name not in NONE)
    for finding, text in zip(found, told, strict=True):
        assert finding.severity == "severe"
        assert f'"{name}" ({finding.what.partition(": ")[2]})' in text
        assert text.endswith(f"Fix: {finding.fix}.")
        assert finding.why in text


@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_the_fix_works_and_the_column_is_trained_on_until_then(cli, tmp_path, verb):
    names = ["Nr", "case no", "age"]
    frame = pd.DataFrame({name: COLUMNS[name] for name in names})
    frame.assign(ill=RNG.choice(["yes", "no"], N)).to_csv("rows.csv", index=False)
    words = (verb, "rows.csv", "--target", "ill", "--hidden", "3", "--epochs", "2", "--no-trees")
    words += ("--bins", "0", "--early-stopping", "off")
    words += ("--folds", "2", "--repeats", "1") if verb == "evaluate" else ()
    code, out, err = cli(*words, "--json")
    [warned] = json.loads(out)["warnings"]
    assert (code, warned["code"]) == (0, "identifier")
    assert "Columns that look like an identifier" in " ".join(err.split())
    assert json.loads(out)["data"]["columns"] == names
    fix = warned["fix"].partition("(")[2].partition(" on the command line")[0]
    code, out, _ = cli(*words, "--json", *shlex.split(fix))
    assert (code, json.loads(out)["warnings"]) == (0, [])
    assert json.loads(out)["data"]["columns"] == ["age"]
    # A column of times is read though it is no feature.
    timed = cli(*words, "--time-column", "Nr", *shlex.split(fix), "--json")
    assert (timed[0], json.loads(timed[1])["warnings"]) == (0, [])


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(("step", "read_as"), [(1, 1), (37, 10)])
def test_long_numbers_that_a_float_reads_as_equal_are_said_and_not_called_constant(
    as_text, step, read_as
):
    codes = [2**60 + step * (row % N) for row in range(2 * N)]
    frame = pd.DataFrame({"code": codes, "x": RNG.normal(size=2 * N).round(2)})
    given = frame.astype({"code": str}) if as_text else frame
    [found] = _about_code(given)
    assert (found.check, found.severity) == ("identifier", "caution")
    assert f"60 different ones are read as {read_as}" in found.what
    assert f"{codes[0]} and {codes[1]}" in found.where
    assert [dict(each.said) for each in found.fixes] == [{"category": ["code"]}, {"drop": ["code"]}]
    as_groups = _about_code(given, category="code")
    assert "identifier" not in {each.check for each in as_groups}
    assert not _about_code(frame.assign(code=[2**53 - row % N for row in range(2 * N)]))


def _about_code(frame, **said):
    return [each for each in check_table(frame, **said).findings if each.columns == ("code",)]
