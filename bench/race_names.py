"""Whether the runs of the article's race do what their names say, on real tables.

    python -m bench.race_names [TABLE...]

For Wisconsin and every CSV that is named (its target in the column ``target``), five seeds (start
and order of the rows). Each column counts the seeds with which a run does what its name says, as
`landscape.runs.race_story` computes it, and has the medians of the numbers behind it. Written as
rows of a Markdown table.
"""

import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from thalweg.data.read import Table, load_table
from thalweg.landscape.race_on_table import race_on_table
from thalweg.landscape.runs.race import Race, RacePicture
from thalweg.landscape.runs.runner import Runner

SEEDS = range(5)
HEADS = (
    "table", "2 / λ at the start, at its largest", "small steps", "shrinking steps", "large steps",
    "momentum", "batches of 1, 32, all",
)  # fmt: skip


def row(table: Table) -> str:
    races: list[Race] = []
    for seed in SEEDS:
        picture = RacePicture(grid=11, profiles=(), sharp=False, seed=seed)
        races.append(race_on_table(table, ["article"], picture, seed=seed))
    curvatures = [race.rates.curvatures for race in races if race.rates]
    first, last = (
        median(2 / each[0] for each in curvatures),
        median(2 / min(each) for each in curvatures),
    )
    large = [runner(race, "large").behaviour for race in races]
    climbed = [
        median(runner(race, name).behaviour.climbed for race in races)
        for name in ("one-row", "32-rows", "all-rows")
    ]
    cells = [
        table.name,
        f"{first:.2g}, {last:.2g}",
        f"{held(races, 'sgd')}: to {ends(races, 'sgd')}",
        f"{held(races, 'anneal')}: to {ends(races, 'anneal')}",
        f"{held(races, 'large')}: at {median(each.late_mean for each in large):.3f}, climbs "
        f"{median(each.climbed for each in large):.1f}",
        f"{held(races, 'momentum')}: to {ends(races, 'momentum')}",
        f"{held(races, 'one-row')}: climb {', '.join(f'{each:.2g}' for each in climbed)}",
    ]
    return f"| {' | '.join(cells)} |"


def runner(race: Race, name: str) -> Runner:
    return next(each for each in race.runners if each.name == name)


def ends(races: Sequence[Race], name: str) -> str:
    return f"{median(runner(race, name).end_loss for race in races):.3f}"


def held(races: Sequence[Race], name: str) -> str:
    checks = [each for race in races for each in race.story if each.run == name]
    return f"{sum(each.holds for each in checks)} of {len(races)}"


def median(numbers: Iterable[float]) -> float:
    return statistics.median(list(numbers))


def main(paths: list[str]) -> None:
    tables = [load_table("wisconsin")]
    tables += [load_table(Path(path), target="target") for path in paths]
    print(f"| {' | '.join(HEADS)} |")
    print(f"|{'---|' * len(HEADS)}")
    for table in tables:
        print(row(table), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
