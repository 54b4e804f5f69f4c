"""`make release-check`: all that must hold before a release, step by step, with the time of each.

`make lock` writes the locks. What a step makes lies in `.release/`: the packages with their
SHA256SUMS, the wheelhouse, the bill of materials, the licences and the log of the tests.
"""

import argparse
import sys
import time
from collections.abc import Callable

from release import installed, lock, packages, papers, parts
from release.running import WORK, Failed


def main() -> int:
    """Run the steps; 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    parser.add_argument("what", choices=["check", "lock"])
    parser.add_argument("--all-tests", action="store_true", help="not the quick choice")
    parser.add_argument("--only", nargs="+", default=[], metavar="STEP")
    asked = parser.parse_args()
    if asked.what == "lock":
        lock.make()
        print(lock.check())
        return 0
    steps: dict[str, Callable[[], str]] = {
        "metadata": papers.metadata,
        "workflows": papers.workflows,
        "recipe": papers.recipe,
        "lock": lock.check,
        "build": packages.build,
        "packages": packages.check,
        "bill": parts.bill_of_materials,
        "wheelhouse": lock.fill_wheelhouse,
        "install": installed.install,
        "licences": parts.licences,
        "bare": installed.bare,
        "tests": lambda: installed.test(asked.all_tests),
    }
    unknown = sorted(set(asked.only) - set(steps))
    if unknown:
        parser.error(f"there is no step {unknown[0]}; there are {', '.join(steps)}")
    WORK.mkdir(exist_ok=True)
    begun = time.perf_counter()
    for name, step in steps.items():
        if asked.only and name not in asked.only:
            continue
        since = time.perf_counter()
        try:
            said = step()
        except Failed as failed:
            print(f"{name:<11} FAILED\n{failed}", file=sys.stderr)
            return 1
        print(f"{name:<11} {time.perf_counter() - since:6.1f} s  {said}", flush=True)
    print(f"release-check is green after {time.perf_counter() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
