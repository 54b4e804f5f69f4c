"""The findings of the table doctor as a page shows them, each with the choices that fix it."""

from collections.abc import Mapping, Sequence
from typing import Any

from thalweg.data.column_names import listed
from thalweg.data.doctor.findings import Finding, FixByOptions
from thalweg.data.fixes.named_rows import rows_named
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.reporting.html_pieces import clipped
from thalweg.wording import counted, spelled

Plain = dict[str, Any]
_MOST, _MOST_ROWS, _NAMED, _LETTERS = 300, 20, 3, 2000
_EVERY = 10**12  # rows that a table may have
# What a button says that makes a choice; behind it stand the columns.
_LABELS = {
    "drop": "Leave out {}", "category": "Read {} as categories", "number": "Read {} as numbers",
    "text": "Read {} as free text", "date": "Read {} as dates",
    "group": "Keep rows of one {} together",
    "time": "Split in time order by {}", "positive": "Take {} for the positive class",
    "drop_missing": "Leave out rows without {}",
}  # fmt: skip


def told_findings(findings: Sequence[Finding]) -> list[Plain]:
    """The findings as plain data, the most severe first, not more than a page can show."""
    return [_told(each) for each in findings[:_MOST]]


def _told(finding: Finding) -> Plain:
    where = f" ({finding.where})" if finding.where else ""
    return {
        "severity": finding.severity,
        "check": finding.check,
        "sentence": _said(f"{finding.what}{where}."),
        "why": _said(finding.why),
        "fix": _said(finding.fix),
        "columns": list(finding.columns[:_MOST]),
        "rows": list(finding.rows[:_MOST_ROWS]),
        "fixes": [{"label": _label(each), "choices": _choices(each)} for each in finding.fixes],
    }


def _said(words: str) -> str:
    """Words as a page shows them: what is chosen has the names of the command line everywhere."""
    return clipped(spelled(words, as_option), _LETTERS)


def _choices(fix: FixByOptions) -> Plain:
    return {option: _plain(said) for option, said in fix.said.items()}


def _plain(said: Any) -> Any:
    if isinstance(said, Mapping):
        return {name: _plain(each) for name, each in said.items()}
    return list(said) if isinstance(said, list | tuple) else said


def _label(fix: FixByOptions) -> str:
    """What a button says."""
    parts = [part for option, said in fix.said.items() if (part := _part(option, said))]
    first = f"{fix.label}: " if fix.label else ""
    return clipped(first + "; ".join(parts), 200)


def _part(option: str, said: Any) -> str:
    if option == "missing":
        words = [word for each in said.values() for word in each]
        where = listed(list(said), _NAMED)
        return f"{listed(dict.fromkeys(words), _NAMED)} in {where} means that a value is missing"
    if option == "drop_row":
        return f"Leave out {counted(len(rows_named(list(said), _EVERY)), 'row')}"
    if option == "task":
        return f"Take the target for {said}"
    names = [said] if isinstance(said, str) else list(said)
    return _LABELS[option].format(listed(names, _NAMED))
