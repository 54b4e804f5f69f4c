"""What becomes of a fault: which tests are asked, and what they say."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mutants.child import (
    ROOT,
    SOURCE,
    end_group,
    imported,
    judged,
    mirror_of,
    module_of,
    outcome,
    start,
)
from mutants.faults import Fault

CAUGHT, LATE, SURVIVED, UNSEEN = "caught", "caught by its time", "survived", "run by no test"


@dataclass(frozen=True)
class Sentence:
    """What the tests said of a fault.

    Attributes
    ----------
    verdict : str
    by : str
        The test that failed, or ran for too long.
    asked : int
        Tests that were chosen.
    left : int
        Tests that run these lines too and were not asked, for want of time.
    """

    verdict: str
    by: str = ""
    asked: int = 0
    left: int = 0

    @property
    def caught(self) -> bool:
        return self.verdict in (CAUGHT, LATE)


class Judges:
    """The tests of a room, and which of them are to be asked about a fault.

    Parameters
    ----------
    records : dict
        As `mutants.record.recorded` gives them.
    budget : float
        Seconds of tests, as they took without a fault, to spend on one fault.
    imports : callable
        The modules that a file of tests imports.
    """

    def __init__(
        self,
        records: dict[str, dict],
        budget: float,
        imports: Callable[[str], Collection[str]] = lambda name: imported(ROOT / name),
    ) -> None:
        self.records, self.budget, self.imports = records, budget, cache(imports)
        self.kills: Counter[tuple[str, str, str]] = Counter()

    def of(self, fault: Fault) -> tuple[dict[str, float], int]:
        """The tests to ask with their seconds, first the likely ones; how many more there are."""
        of_file = mirror_of(SOURCE / fault.path).relative_to(ROOT).as_posix()
        lines, module = set(fault.lines), module_of(SOURCE / fault.path)

        def runs(name: str) -> bool:
            found = self.records[name]["lines"].get(fault.path, ())
            if fault.whole_body:  # a constant may be read where no line of its file is run
                return bool(found) or module in self.imports(name.split("::")[0])
            return not lines.isdisjoint(found)

        def order(name: str) -> tuple:
            kills = self.kills[fault.path, fault.function, name]
            own = name.split("::")[0] == of_file
            seconds = self.records[name]["seconds"]
            return kills == 0, seconds / (1 + kills) / (3 if own else 1), name

        names = [name for name in self.records if runs(name)]
        chosen, spent = {}, 0.0
        for name in sorted(names, key=order):
            seconds = self.records[name]["seconds"]
            if not chosen or spent + seconds <= self.budget:
                chosen[name], spent = seconds, spent + seconds
        return chosen, len(names) - len(chosen)

    def heed(self, fault: Fault, sentence: Sentence) -> None:
        """Remember who caught a fault here: the next one is likely to be caught by the same."""
        if sentence.caught:
            self.kills[fault.path, fault.function, sentence.by] += 1


def sentences(
    faults: Iterable[Fault], judges: Judges, n_jobs: int
) -> Iterator[tuple[Fault, Sentence]]:
    """Try the faults one after the other, or so many at a time."""
    waiting, running = iter(faults), {}
    while True:
        while len(running) < n_jobs and (fault := next(waiting, None)):
            chosen, left = judges.of(fault)
            if not chosen:
                yield fault, Sentence(UNSEEN)
                continue
            now, later = by_likelihood(chosen)
            running[_begun(fault, now)] = fault, now, later, left
        if not running:
            return
        child, status = os.waitpid(-1, 0)
        for key in [key for key in running if key[0] == child]:
            fault, now, later, left = running.pop(key)
            end_group(child)
            sentence = said(outcome(key[1], status), len(now), left)
            if later and not sentence.caught:
                running[_begun(fault, later)] = fault, {**now, **later}, {}, left
                continue
            judges.heed(fault, sentence)
            yield fault, sentence


def by_likelihood(chosen: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """The tests to ask at first, of two files, and the others: a file takes time to be read."""
    files = list(dict.fromkeys(name.split("::")[0] for name in chosen))[:2]
    now = {name: seconds for name, seconds in chosen.items() if name.split("::")[0] in files}
    return now, {name: seconds for name, seconds in chosen.items() if name not in now}


def _begun(fault: Fault, tests: dict[str, float]) -> tuple[int, Path]:
    path = SOURCE / fault.path
    return start(judged(path, fault.planted(path.read_bytes()), tests))


def said(heard: dict, asked: int, left: int) -> Sentence:
    """The sentence, from what a child has said and how it ended."""
    running = str(heard.get("running", "on import"))
    if heard["ended_by"] in (signal.SIGPROF, signal.SIGALRM):
        return Sentence(LATE, running, asked, left)
    # 5: the fault has taken the tests themselves away, such as one for each name in a table.
    if heard["ended_by"] or heard["code"] != 0 or heard.get("pytest") not in (0, 5):
        # No test failed by name: the module could not be read, or the process broke.
        return Sentence(CAUGHT, str(heard.get("failed", running)), asked, left)
    return Sentence(SURVIVED, "", asked, left)


def falsely_accused(names: Iterable[str], judges: Judges) -> Iterator[str]:
    """Which of these tests fail without any fault, so that they prove nothing."""
    left = {name: judges.records[name]["seconds"] for name in names if name in judges.records}
    path = SOURCE / "errors.py"
    while left:
        child, folder = start(judged(path, path.read_bytes(), left))
        _, status = os.waitpid(child, 0)
        end_group(child)
        sentence = said(outcome(folder, status), len(left), 0)
        if not sentence.caught:
            return
        yield sentence.by
        if left.pop(sentence.by, None) is None:
            raise SystemExit(f"The tests do not run without a fault: {sentence.by}")
