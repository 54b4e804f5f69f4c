"""What the place Table answers, for tests of the page: tables of any kind, with any words."""

from typing import Any

from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.studio.wire.lesson_requests import LESSON_NAMES

Head = dict[str, Any]
ID = "a" * 64
SAMPLES = [
    {"id": "sample:wisconsin", "title": "Wisconsin breast cancer", "rows": 699, "columns": 10},
    {"id": "sample:hills", "title": "Hills", "rows": 400, "columns": 3},
]


def snapshot(**changed: Any) -> Head:
    return {
        "type": "snapshot", "version": "0.2.0", "limits": {"upload": 200_000_000},
        "samples": SAMPLES, "tables": [{"id": ID, "name": "churn.csv", "bytes": 977_501}],
        "lessons": [{"name": name, "about": lesson_text(name).about} for name in LESSON_NAMES],
        "open": None, **changed,
    }  # fmt: skip


def numbers(low: float, high: float, counts: list[int]) -> Head:
    step = (high - low) / len(counts)
    return {"edges": [low + i * step for i in range(len(counts) + 1)], "counts": counts}


def card(name: str, kind: str = "number", **changed: Any) -> Head:
    by_kind: Head = {
        "number": {
            "examples": ["1", "34", "2.5", "45", "8"], "distinct": 73,
            "read": "All cells are numbers with a decimal point.",
            "enters": "Scaled: (x − 32.4) / 24.6, and in 16 bins.",
            "raw": numbers(0, 72, [1100, 400, 330, 310, 280, 290, 310, 340, 420, 760]),
            "encoded": numbers(-1.32, 1.61, [1100, 400, 330, 310, 280, 290, 310, 340, 420, 760]),
        },
        "category": {
            "examples": ["Month-to-month", "One year", "Two year"], "distinct": 3,
            "read": "Three levels; no cell is a number.", "enters": "One-hot: 3 inputs.",
            "raw": {"levels": ["Month-to-month", "Two year", "One year"],
                    "counts": [3875, 1695, 1473], "others": 0},
            "encoded": None,
        },
        "text": {
            "examples": ["7590-VHVEG", "5575-GNVDE"], "distinct": 7043,
            "read": "Each row has a text of its own.", "enters": "", "raw": None, "encoded": None,
        },
    }  # fmt: skip
    base = {"name": name, "kind": kind, "used": True, "why_not": None, "missing": 0, "findings": []}
    return {**base, **by_kind[kind], **changed}


FINDINGS = [
    {
        "severity": "severe", "check": "leak",
        "sentence": "total charges predicts churn almost alone (AUC 0.98): is it known in time?",
        "columns": ["total charges"],
        "why": "It may be known only after the answer", "fix": "leave the column out",
        "rows": [],
        "fixes": [{"label": "Leave total charges out", "choices": {"drop": ["total charges"]}}],
    },
    {
        "severity": "caution", "check": "duplicates", "columns": [], "fixes": [],
        "why": "", "fix": "", "rows": [1, 2],
        "sentence": "11 rows are duplicates of others.",
    },
]  # fmt: skip
TARGET = {
    "name": "churn", "task": "classification", "histogram": None, "positive": "yes", "n_classes": 2,
    "classes": [{"label": "no", "rows": 5174}, {"label": "yes", "rows": 1869}],
    "sentence": "churn has two classes; 26.5 % of the rows are yes.",
}  # fmt: skip


def columns() -> list[Head]:
    return [
        card("tenure"),
        card("contract", "category"),
        card("customer_id", "text", used=False, why_not="It is an identifier."),
        card("total charges", missing=11, findings=[0]),
        card("senior", "category", raw={"levels": ["0", ""], "counts": [5901, 1142], "others": 0}),
        card("churn", "category", raw={"levels": ["no", "yes"], "counts": [5174, 1869]}, enters=""),
    ]


def table(args: Head, **changed: Any) -> Head:
    """The answer to ``table``; what was chosen has an effect on what can be seen of it."""
    choices = {"target": "churn", **args["choices"]}
    left_out = choices.get("drop", [])
    cards = [
        {**each, "used": each["used"] and each["name"] not in left_out,
         "why_not": "You left it out." if each["name"] in left_out else each["why_not"],
         "findings": [] if each["name"] in left_out else each["findings"]}
        for each in columns()
    ]  # fmt: skip
    found = [each for each in FINDINGS if not set(each["columns"]) & set(left_out)]
    return {
        "type": "table", "table": args["table"], "name": "churn.csv", "rows": 7043,
        "columns": cards, "n_columns": len(cards), "names": [each["name"] for each in cards],
        "from": args.get("from", 0), "target": TARGET, "findings": found,
        "notes": ["60 % of the rows train, 20 % choose, 20 % are for the test."],
        "choices": choices,
        "command": "thalweg fit churn.csv --target churn"
        + "".join(f" --drop '{each}'" for each in left_out),
        "python": 'import thalweg\n\ntable = thalweg.load_table("churn.csv", target="churn")',
        **changed,
    }  # fmt: skip


def wide(args: Head, n: int) -> Head:
    """A table of many columns, of which a page is sent."""
    first, count = args.get("from", 0), args.get("count", 100)
    names = [f"column {i}" for i in range(n)]
    cards = [card(each) for each in names[first : first + count]]
    return table(args, columns=cards, n_columns=n, names=names, findings=[])
