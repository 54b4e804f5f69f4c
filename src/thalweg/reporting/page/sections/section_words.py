"""What the sections of a report share: their place in it, their sentences, shares in percent."""

from thalweg.evaluation.section_shapes import SectionsData
from thalweg.reporting.html_pieces import text
from thalweg.reporting.page.report_shapes import Report
from thalweg.wording import amount

LONGEST = 3_000
_LEAST = 0.001

# Wilson's interval of k of n is another one where rows have weights or depend on each other.
WILSON = (
    "Wilson's 95 % intervals; with weights or groups of rows, for the effective number of rows, "
    "which is smaller"
)


def sections_in(report: Report) -> SectionsData:
    """The sections of a report that has some."""
    sections = report.get("sections")
    assert sections is not None
    return sections


def has_panel(report: Report) -> bool:
    """Whether a report has a what-if panel."""
    return "panel" in (report.get("what_if") or {})


def said(sentence: str) -> str:
    """A sentence of the evaluation, as a paragraph."""
    return f'<p class="said">{text(sentence, LONGEST)}</p>'


def percent(share: float) -> str:
    """A share in percent with three digits, as in sentences; never rounded to all or nothing."""
    rounded = amount(100 * share, 3)
    if rounded == "100" and share < 1:
        return "more than 99.9\u00a0%"
    if 0 < share < _LEAST:
        return "less than 0.1\u00a0%"
    return f"{rounded}\u00a0%"
