import pytest

from thalweg.cli.main import main
from thalweg.cli.options.running.plain_numbers import any_number, whole_number
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.option_spelling import as_option

VERBS = [
    (["tune", "wisconsin"], "--trials"),
    (["tune", "wisconsin", "--trials", "1"], "--keep"),
    (["tune", "wisconsin", "--trials", "1"], "--n-jobs"),
    (["evaluate", "wisconsin"], "--folds"),
    (["fit", "wisconsin"], "--seed"),
    (["fit", "wisconsin"], "--epochs"),
    (["sweep", "wisconsin", "--over", "alpha=1..2"], "--points"),
]


@pytest.mark.parametrize(("words", "flag"), VERBS)
@pytest.mark.parametrize("text", ["1e1", "10.0", "1_0", "ten"])
def test_all_counts_are_digits_alone_and_an_error_names_what_was_written(words, flag, text, capsys):
    assert main([*words, flag, text]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f'"{text}"' in said
    assert f"({flag}" in said
    assert "Fix:" in said


def test_the_fix_is_the_number_where_it_is_one():
    with pytest.raises(SettingsError) as refused:
        whole_number("1e3")
    assert refused.value.fix == "write it as 1000"
    assert whole_number("1000") == 1000
    assert whole_number(" -3 ") == -3


@pytest.mark.parametrize(("text", "known"), [("0.5", 0.5), ("1e-3", 1e-3), ("-2", -2.0)])
def test_numbers_are_those_of_python(text, known):
    assert any_number(text) == known


@pytest.mark.parametrize("text", ["1,5", "x", "1_0.5"])
def test_what_is_no_number_is_named(text):
    with pytest.raises(SettingsError, match=f'"{text}" is not a number'):
        any_number(text)


@pytest.mark.parametrize("text", ["1", "51"])
def test_a_range_is_kept_and_said(text, capsys):
    assert main(["evaluate", "wisconsin", "--folds", text]) == 2
    assert f'"{text}" is not a whole number from 2 to 50 (--folds)' in capsys.readouterr().err
    assert main(["evaluate", "--help"]) == 0
    assert "[from 2 to 50]" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("text", ["0", "0s", "0.0m"])
def test_a_search_of_no_time_is_refused(text, capsys):
    assert main(["tune", "wisconsin", "--time-limit", text]) == 2
    said = capsys.readouterr().err
    assert f'"{text}" is not a time above 0 (--time-limit)' in said


def test_an_option_without_a_value_is_written_so():
    assert as_option("resume", "True") == "--resume"
