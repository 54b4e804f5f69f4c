"""A column with a line break in its name is named as messages write it."""

import pytest

TABLE = '"Age\n(years)",tail\\n,"Id\tno",ill\n'
ROWS = "".join(
    f"{20 + row % 9},{row % 7},Code {row},{'ja' if row % 9 > 4 else 'nein'}\n" for row in range(40)
)
QUICK = (
    "--no-trees", "--hidden", "3", "--epochs", "2", "--early-stopping", "off", "--bins", "0", "-q"
)  # fmt: skip


@pytest.fixture
def table(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE + ROWS)


def test_the_printed_fix_is_accepted(cli, table):
    name = "Id\\tno"
    # As a shell reads it; the escaped name is taken, too.
    assert f"--drop $'{name}'" in " ".join(cli("check", "t.csv")[1].split())
    code, out, err = cli("check", "t.csv", "--target", "ill", "--drop", name)
    assert code == 3  # the other column gives the target away
    assert "identifier" not in out + err
    more = ("--drop", name, "--number", "Age\\n(years)", "--missing", "Age\\n(years)=99")
    code, _, err = cli("fit", "t.csv", "--target", "ill", *more, *QUICK, "-o", "m")
    assert code == 0, err
    code, _, err = cli("predict", "m", "t.csv", "--missing", "Age\\n(years)=98", "-q")
    assert code == 0, err
    assert "no column" not in err


def test_a_column_that_is_so_written_is_meant_first(cli, table):
    for option in ("--drop", "--category"):
        code, _, err = cli("check", "t.csv", option, "tail\\n")
        assert "There is no column" not in err
    code, _, err = cli("check", "t.csv", "--drop", "other\\n")
    assert code == 1
    assert 'There is no column to drop "other\\n"' in err
