"""A bound on what a page is told about a table, since a packet holds 1 MB of JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from thalweg.studio.wire.packets import MOST_HEAD

Plain = dict[str, Any]
# Below the bound of a packet, for what is told beside it.
MOST_LETTERS = MOST_HEAD - (1 << 17)


def bounded_answer(told: Plain, most: int = MOST_LETTERS) -> Plain:
    """What a page is told about a table, as much of it as a packet holds.

    First the lists in findings and the names of all columns become shorter, then findings and notes
    fewer, at last the cards; who asks for fewer cards gets them. ``n_findings`` counts them all.

    Parameters
    ----------
    told : dict
    most : int
        The most letters of its JSON.

    Examples
    --------
    >>> bounded_answer({"names": ["a" * 500], "findings": None, "columns": []}, most=300)["names"]
    []
    """
    findings = told.get("findings")
    told = {**told, "n_findings": None if findings is None else len(findings)}
    for shorten in _WAYS:
        if len(json.dumps(told)) <= most:
            break
        told = shorten(told)
    while told["columns"] and len(json.dumps(told)) > most:
        told = {**told, "columns": told["columns"][: len(told["columns"]) // 2]}
    return told


def _first(key: str, n: int) -> Callable[[Plain], Plain]:
    def shorten(told: Plain) -> Plain:
        return {**told, key: told[key][:n]} if told.get(key) else told

    return shorten


def _short_findings(told: Plain) -> Plain:
    return {**told, "findings": told["findings"] and [_short(each) for each in told["findings"]]}


def _short(finding: Mapping[str, Any]) -> Plain:
    """A finding without most of the columns that it names; its fixes name them all, or are left."""
    fixes = [each for each in finding["fixes"] if len(json.dumps(each)) < 2000]
    return {**finding, "columns": finding["columns"][:5], "rows": finding["rows"][:5],
            "fixes": fixes}  # fmt: skip


_WAYS = (
    _short_findings, _first("names", 0), _first("findings", 60), _first("notes", 20),
    _first("findings", 10), _first("notes", 0), _first("findings", 0),
)  # fmt: skip
