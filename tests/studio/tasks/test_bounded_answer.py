"""However large a table is, a packet holds what is told of it."""

import json
from typing import Any

from thalweg.studio.tasks.bounded_answer import MOST_LETTERS, bounded_answer
from thalweg.studio.wire.packets import Packet


def told(n_columns: int, n_findings: int, letters: int) -> dict[str, Any]:
    name = "\u00e9" * letters
    finding = {
        "columns": [name] * 50, "rows": [1] * 20, "sentence": name,
        "fixes": [{"label": "a", "choices": {"drop": [name]}}],
    }  # fmt: skip
    return {
        "names": [name] * n_columns, "columns": [{"name": name}] * 100, "notes": [name] * 200,
        "findings": [finding] * n_findings,
    }  # fmt: skip


def test_what_fits_is_not_changed() -> None:
    small = told(10, 3, 10)
    assert bounded_answer(small) == {**small, "n_findings": 3}
    assert bounded_answer({**small, "findings": None})["n_findings"] is None


def test_what_is_too_large_is_shortened_and_says_how_much_there_is() -> None:
    for n_columns, n_findings, letters in (
        (2000, 0, 500), (10, 60, 100), (2000, 60, 60), (100, 40, 400), (10, 4, 20_000),
    ):  # fmt: skip
        bounded = bounded_answer(told(n_columns, n_findings, letters))
        assert len(json.dumps(bounded)) <= MOST_LETTERS
        assert bounded["n_findings"] == n_findings
        Packet({"table": bounded, "type": "table", "re": 2**31}).to_bytes()
    wide = bounded_answer(told(2000, 0, 500))
    assert wide["names"] == []
    assert len(wide["columns"]) == 100
