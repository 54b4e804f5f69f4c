"""How much the usual plane lies, and how much the one that is chosen for lying least.

    python -m bench.landscapes_gaps [TABLE...]

For Wisconsin and every CSV that is named (its target in the column ``target``), five seeds (start
and order of the rows) and three sets of descents: the gap between the drawn and the true loss of
the joint principal components through the mean, and of ``plane="auto"``. Written as rows of a
Markdown table: medians over the seeds and, in brackets, the lowest and the highest.
"""

import statistics
import sys
from collections import Counter
from pathlib import Path

from thalweg.data.read import Table, load_table
from thalweg.landscape.race_on_table import race_on_table
from thalweg.landscape.runs.presets import ARTICLE, OPTIMIZERS
from thalweg.landscape.runs.race import Race, RacePicture

SEEDS = range(5)
SETS = {"adam alone": ("adam",), "the article's four": ARTICLE, "all seven": OPTIMIZERS}


def span(numbers: list[float]) -> str:
    low, middle, high = min(numbers), statistics.median(numbers), max(numbers)
    return f"{middle:.0%} ({low:.0%}–{high:.0%})".replace("%", " %")


def row(table: Table, name: str, rules: tuple[str, ...]) -> str:
    races: list[Race] = []
    for seed in SEEDS:
        picture = RacePicture(grid=11, profiles=(), sharp=False, seed=seed)
        races.append(race_on_table(table, rules, picture, seed=seed))
    usual = [next(s for s in race.surface.scores if s.method == "centred") for race in races]
    chosen = [race.surface.scores[0] for race in races]
    methods = Counter(score.method for score in chosen)
    cells = [
        table.name,
        name,
        span([score.start_gap for score in usual]),
        span([score.gap for score in usual]),
        span([score.start_gap for score in chosen]),
        span([score.gap for score in chosen]),
        ", ".join(f"{method} {count}" for method, count in methods.most_common()),
    ]
    return f"| {' | '.join(cells)} |"


def main(paths: list[str]) -> None:
    tables = [load_table("wisconsin")]
    tables += [load_table(Path(path), target="target") for path in paths]
    print(
        "| table | descents | usual: start | usual: in all | auto: start | auto: in all | chosen |"
    )
    print("|---|---|---|---|---|---|---|")
    for table in tables:
        for name, rules in SETS.items():
            print(row(table, name, rules), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
