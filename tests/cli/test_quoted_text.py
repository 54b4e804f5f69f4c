"""Untrusted text on its way out: long options in errors, and codes for a terminal in files."""

import itertools
from pathlib import Path

import pytest

from thalweg.jobs.predictions.predicted_rows import csv_bytes

LONG = " ".join(map(str, range(3000)))


@pytest.mark.parametrize(
    "said",
    [
        ["--optimizer", LONG], ["--date", LONG], ["--target", LONG], ["--positive", LONG], [LONG],
        ["--class-weight", LONG], ["--number", f"{LONG}=x"], ["--drop-row", LONG],
        ["--hidden", LONG], ["--missing", LONG], ["--encoding", LONG], ["-o", LONG],
        ["--nonsense", LONG],
    ],
)  # fmt: skip
def test_an_error_quotes_little_of_a_long_option(cli, said):
    code, _, err = cli("fit", "wisconsin", *said)
    assert code in (1, 2)
    assert len(err) < 2500
    assert "Fix:" in err


def test_predictions_in_a_file_hold_no_codes_for_a_terminal(cli):
    labels = ["a\x1b[31mb\x9bc", "d"]
    rows = "".join(f"{row % 7},{labels[row % 2]}\n" for row in range(60))
    Path("t.csv").write_text(f"x,y\n{rows}")
    quick = ("--hidden", "2", "--epochs", "2", "--early-stopping", "off", "-q")
    assert cli("fit", "t.csv", "--target", "y", *quick, "-o", "m")[0] == 0
    assert cli("predict", "m", "t.csv", "-o", "p.csv", "-q")[0] == 0
    written = Path("p.csv").read_text("utf-8")
    assert written.startswith("prediction,p_a\\x1b[31mb\\x9bc,p_d\n")
    assert not set(written) & {"\x1b", "\x9b"}
    assert written == cli("predict", "m", "t.csv", "-q")[1]


def test_no_two_labels_become_one_in_a_file():
    pieces = ["a", "\\", "\\\\", "\x1b", "\x7f", "\\x1b", "x1b", "\ud800", "\\ud800"]
    labels = {"".join(some) for n in range(4) for some in itertools.product(pieces, repeat=n)}
    header, _ = csv_bytes(sorted(labels), []).decode().split("\n")
    assert len(set(header.split(","))) == len(labels)
    for plain in ("\\\\server\\a", "\\d+", "a\\", "\\xyz"):
        assert csv_bytes([plain], []).decode() == f"{plain}\n"
