"""Which rows an evaluation is from, in the words of a page: new ones, of folds, of training, or not
known.

The report of a fit has held-out rows, and no key ``rows``. Every other report has one.
"""

from thalweg.evaluation.judging.shapes import (
    ClassesData,
    QuantilesData,
    TwoClassesData,
    ValuesData,
)
from thalweg.reporting.html_pieces import name
from thalweg.reporting.page.report_shapes import Report, RowsData
from thalweg.reporting.verdict_words import rows_of_kind, subject
from thalweg.wording import counted

# What is known of the rows of an evaluation: how far the model knew them before.
HELD_OUT, FOLDS, NOT_KNOWN, TRAINING, OUT_OF_FOLD = (
    "held out", "folds", "not known", "training", "out-of-fold"
)  # fmt: skip
_OF_A_FIT: RowsData = {
    "how": "test",
    "known": HELD_OUT,
    "n_rounds": 1,
    "in_folds": False,
}
_BEGINS = {
    HELD_OUT: "On {} it had never seen",
    FOLDS: "In cross-validation on {}",
    NOT_KNOWN: "On {}",
    TRAINING: "On {} that it was trained on",
    OUT_OF_FOLD: "On {} that the folds of its fit held out",
}


def rows_of(report: Report) -> RowsData:
    """What is known of the rows; the report of a fit has held-out rows."""
    return report.get("rows", _OF_A_FIT)


def begun_by_rows(report: Report) -> str:
    """The beginning of a headline: ``On 140 rows it had never seen, the network``."""
    rows, verdict = rows_of(report), report["verdict"]
    n_rows = counted(verdict["network"]["n_samples"], "row")
    begin = _BEGINS[rows["known"]].format(n_rows)
    return f"{begin}, {subject(verdict)}"


def data_and_rows(report: Report, *, pictured: bool = True) -> str:
    """The data and the number of rows: ``wisconsin, 140 test rows``.

    Parameters
    ----------
    report : mapping
    pictured : bool, default True
        Whether the numbers are those of pictures and sections, which are from the first repetition;
        metrics are means over all of them.
    """
    rows = rows_of(report)
    n_rows = report["verdict"]["network"]["n_samples"]
    of_kind = rows_of_kind(n_rows, rows["how"])
    given = report["table"]["name"]
    said = f"{name(given)}, {of_kind}" if given else of_kind
    if rows["n_rounds"] > 1:
        of = f"{rows['n_rounds']:,} repetitions"
        said += f", the first of {of}" if pictured else f", means over {of}"
    return said


def judged_in_pictures(
    report: Report,
) -> TwoClassesData | ClassesData | ValuesData | QuantilesData:
    """The evaluation that pictures show: of the first repetition, as their curves are."""
    return report.get("pictured") or report["verdict"]["network"]


def rows_beside(report: Report) -> str:
    """Which rows are on the page after all; else ""."""
    kinds = [
        *(["traced"] if "trace" in report else []),
        *(["explained"] if has_explained_rows(report) else []),
    ]
    return f" except those that are {' or '.join(kinds)}" if kinds else ""


def has_explained_rows(report: Report) -> bool:
    """Whether rows are explained on the page, with their cells: a person asked for them."""
    sections = report.get("sections")
    return sections is not None and sections.get("explained") is not None
