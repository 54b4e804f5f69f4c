"""Everything in one run: ``python -m bench [--quick] [--only KEY …] [--rounds N] [--raw FILE]``.

Writes docs/benchmarks.md where everything was run, and else prints the same page.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from bench.bars import judged
from bench.fresh import fits, imports, large_memories, memories
from bench.growth import grown
from bench.machine import facts
from bench.races import RACES, Race, Stable, run, say
from bench.rules import compared
from bench.workloads import EPOCH, SMOOTH
from bench.writing import Results, page

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
OTHERS = ("once", "large-memory", "growth", "rules")
ROUNDS, QUICK_ROUNDS = 5, 2
# Of these there are many, and one size costs as long as all the others.
ROUNDS_OF_FEW = 3
# A quick run leaves out what takes long and seldom changes.
QUICK_WITHOUT = {"reference", "torch-compile", "sklearn"}
QUICK = (
    "article",
    "small",
    "middle",
    "large",
    "members",
    "one-row",
    "million",
    "million-by-two",
    "rules",
)


def main(arguments: list[str]) -> None:
    asked = _parser().parse_args(arguments)
    parts = asked.only or (QUICK if asked.quick else (*RACES, *OTHERS))
    rounds = asked.rounds or (QUICK_ROUNDS if asked.quick else ROUNDS)
    began = time.monotonic()
    # Rules first: a wrong one would make every time worthless.
    rules = compared() if "rules" in parts else []
    with tempfile.TemporaryDirectory() as scratch:
        stable = Stable(scratch)
        few = min(rounds, ROUNDS_OF_FEW)
        ran = []
        for key, (work, runners) in RACES.items():
            if key in parts:
                ran_by = [
                    each for each in runners if not asked.quick or each.name not in QUICK_WITHOUT
                ]
                ran.append(run(work, ran_by, few if work in (*SMOOTH, EPOCH) else rounds, stable))
        growth = grown(few, stable) if "growth" in parts else []
        versions = stable.versions()
        stable.close()
    races = {race.work.key: race for race in ran}
    once = "once" in parts
    first = fits(3) if once else []
    imported = imports(5) if once else []
    large = large_memories() if "large-memory" in parts else []
    results = Results(
        facts={**facts(), **versions},
        rounds=rounds,
        races=races,
        fits=first,
        imports=imported,
        memories=memories() if once else [],
        large=large,
        growth=growth,
        rules=rules,
        bars=judged(races, first, imported, large),
    )
    say("")
    if asked.raw:
        asked.raw.write_text(json.dumps([_plain(race) for race in ran]))
    if asked.quick or asked.only:
        print(page(results))
    else:
        PAGE.write_text(page(results), encoding="utf-8")
        held = sum(bar.held == "yes" for bar in results.bars)
        print(f"{PAGE.name}: {held} of {len(results.bars)} aims held")
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, fewer works; prints")
    parser.add_argument("--only", nargs="+", choices=(*RACES, *OTHERS), metavar="KEY")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--raw", type=Path, help="where the seconds of every pass go, as JSON")
    return parser


def _plain(race: Race) -> dict[str, object]:
    return {
        "work": race.work.key,
        "steps": race.work.steps,
        "seconds": {f"{r.name}/{r.threads}": s for r, s in race.seconds.items()},
        "waited": {f"{r.name}/{r.threads}": s for r, s in race.waited.items()},
    }


if __name__ == "__main__":
    main(sys.argv[1:])
