"""What many tables say: ranks, distances and worst cases, in Markdown."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

# Losses by table and contender: the mean over the splits.
Losses = dict[str, dict[str, float]]


def told(lines: Iterable[dict[str, Any]], ours: str) -> str:
    """Compare contenders on the tables that ``ours`` has, split by split alike.

    Of each: the mean rank among all that have as many tables; the geometric mean of its losses over
    ours; on how many tables it is better; the seconds of a fit, geometric mean and all together.
    """
    found = defaultdict(dict)
    for line in lines:
        found[line["who"]][line["table"], line["split"]] = line
    if ours not in found:
        raise ValueError(f'No line is of "{ours}"; there are {", ".join(sorted(found)) or "none"}')
    cases = set(found[ours])
    whole = [who for who in found if cases <= set(found[who])]
    parts = [who for who in found if who not in whole]
    losses = {who: _means(found[who], cases, "loss") for who in found}
    seconds = {who: _means(found[who], cases, "seconds") for who in found}
    names = list(losses[ours])
    ranks = _ranks({who: losses[who] for who in whole}, names)
    rows = []
    for who in sorted(whole, key=lambda each: ranks[each]) + parts:
        shared = [name for name in names if name in losses[who]]
        ratios = np.log([losses[who][name] / losses[ours][name] for name in shared])
        rows.append([
            who,
            f"{ranks[who]:.2f}" if who in ranks else "",
            f"{np.exp(ratios.mean()):.3f}",
            f"{int((ratios < 0).sum())} of {len(shared)}",
            f"{np.exp(np.mean(np.log([seconds[who][name] for name in shared]))):.2f}",
            f"{sum(seconds[who][name] for name in shared):.0f}",
        ])  # fmt: skip
    head = ["who", "mean rank", "loss / ours", "better than ours", "s a fit", "s together"]
    splits = sorted({split for _, split in cases})
    title = f"{len(names)} tables, splits {', '.join(map(str, splits))}"
    return "\n\n".join((title, _markdown(head, rows), _each(losses, names, found, ours)))


def _means(lines: dict[Any, dict[str, Any]], cases: set[Any], what: str) -> dict[str, float]:
    """Of each table the mean over its splits."""
    by_table = defaultdict(list)
    for case in sorted(cases & set(lines)):
        by_table[case[0]].append(lines[case][what])
    return {name: float(np.mean(each)) for name, each in by_table.items()}


def _ranks(losses: Losses, names: list[str]) -> dict[str, float]:
    table = np.array([[losses[who][name] for name in names] for who in losses])
    order = (table[:, None] > table[None]).sum(axis=1) + 1
    return dict(zip(losses, order.mean(axis=1).tolist(), strict=True))


def _each(
    losses: Losses, names: list[str], found: dict[str, dict[Any, dict[str, Any]]], ours: str
) -> str:
    rows_of = {name: line["rows"] for (name, _), line in found[ours].items()}
    head = ["table", "rows", *losses]
    rows = []
    for name in sorted(names, key=rows_of.__getitem__):
        cells = [f"{losses[who][name]:.4f}" if name in losses[who] else "" for who in losses]
        rows.append([name, f"{rows_of[name]:,}", *cells])
    return _markdown(head, rows)


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
