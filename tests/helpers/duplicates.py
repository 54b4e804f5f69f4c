"""Runs of lines that stand in two places of the source, letter by letter.

White space is folded. Blank lines, comments, imports and lines of punctuation alone are passed
over, and do not end a run; the line below a heading of a docstring counts.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from syntax import parsed, statements

SHORTEST = 6
ENDINGS = {".py", ".js", ".css", ".html"}
# A run in more places than this is an idiom.
MOST_PLACES = 8
COMMENT = re.compile(r"#|//|/\*|\*|<!--")


class Run(NamedTuple):
    """Where a shared run begins, counted from line 1, in both places."""

    path: Path
    line: int
    other: Path
    other_line: int


def shared_runs(paths: Iterable[Path], shortest: int = SHORTEST) -> list[Run]:
    """A run for each pair of files that share one, and for each file that repeats itself."""
    places: dict[tuple[str, ...], list[tuple[Path, int, int]]] = defaultdict(list)
    for path in sorted(paths):
        kept = list(lines_that_count(path))
        for first in range(len(kept) - shortest + 1):
            window = kept[first : first + shortest]
            places[tuple(text for _, text in window)].append((path, first, window[0][0]))
    found: dict[tuple[Path, Path], Run] = {}
    for where in places.values():
        if not 1 < len(where) <= MOST_PLACES:
            continue
        for (path, first, line), (other, second, other_line) in combinations(where, 2):
            apart = path != other or second - first >= shortest
            if apart:
                found.setdefault((path, other), Run(path, line, other, other_line))
    return list(found.values())


def lines_that_count(path: Path) -> Iterator[tuple[int, str]]:
    """The number and the folded text of each line that is compared."""
    text = path.read_text(encoding="utf-8")
    imports = imported_lines(text) if path.suffix == ".py" else set()
    for number, line in enumerate(text.splitlines(), 1):
        folded = " ".join(line.split())
        import_in_js = path.suffix == ".js" and re.match(r"import\b|export \{", folded)
        passed_over = number in imports or import_in_js or COMMENT.match(folded)
        if re.search(r"\w|---", folded) and not passed_over:
            yield number, folded


def imported_lines(text: str) -> set[int]:
    return {
        line
        for node in statements(parsed(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
