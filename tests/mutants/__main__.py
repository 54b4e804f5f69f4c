"""`make mutants ROOM=training`: plant faults in a room, and name those that no test notices."""

import argparse
import hashlib
import json
import re
import sys
import time
import tomllib
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from mutants.child import HERE, ROOT, SOURCE, TESTS, mirror_of, module_of, read_what_is_heavy
from mutants.faults import Fault, faults_of
from mutants.judge import Judges, Sentence, falsely_accused, sentences
from mutants.record import recorded

WANTED = 0.95


def main() -> int:
    options = parsed()
    sources = sources_of(options.room)
    every = [fault for path in sources for fault in faults_of(_name(path), path.read_bytes())]
    sample = sorted(every, key=lambda fault: fault.drawn(options.seed))[: options.count]
    if options.only:
        sample = [fault for fault in sample if re.search(options.only, fault.key)]
    tell(f"{len(sample)} of {len(every)} faults in {options.room}, seed {options.seed}")
    if options.list:
        print(*(fault.key for fault in sample), sep="\n")
        return 0
    read_what_is_heavy(map(module_of, sources))
    state, by = options.state.resolve(), options.by or options.room
    judges = Judges(recorded(judging(sources_of(by)), state, tell), options.budget)
    tell(f"{len(judges.records)} tests of {by} judge")
    name = "-".join(dict.fromkeys((options.room, by))).replace("/", ".")
    results = Results(state / f"{name}.json", judges, options.fresh)
    began = time.monotonic()
    todo = [fault for fault in sample if results.of(fault) is None]
    todo.sort(key=results.tried)
    for done, (fault, sentence) in enumerate(sentences(todo, judges, options.jobs), 1):
        results.note(fault, sentence)
        if not sentence.caught:
            tell(f"{sentence.verdict} ({sentence.asked} tests): {fault.line}: {fault.key}")
        if done % 25 == 0:
            tell(f"{done} of {len(todo)} in {time.monotonic() - began:.0f} s")
    for name in falsely_accused(results.who_caught(sample), judges):
        results.forget(name)
        tell(f"fails without a fault, and proves nothing: {name}")
    return told(sample, results)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("room", help="such as training, or data/encoding/piecewise_linear")
    parser.add_argument("-n", "--count", type=int, default=300, help="faults to plant")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of faults")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--budget", type=float, default=10.0, help="seconds of tests a fault")
    parser.add_argument("--state", type=Path, default=ROOT / ".mutants", help="what was found")
    parser.add_argument("--by", help="the room whose tests judge, if it is a neighbour")
    parser.add_argument("--only", help="faults whose name this regular expression finds")
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    parser.add_argument("--list", action="store_true", help="name the faults, and plant none")
    return parser.parse_args()


def tell(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)


def _name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def sources_of(room: str) -> list[Path]:
    path = SOURCE / room
    found = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    if not all(each.exists() for each in found):
        raise SystemExit(f"There is no room and no module {room}: name one below src/thalweg")
    return found


def judging(sources: list[Path]) -> list[Path]:
    """The files of tests that import one of these modules, or are named for one."""
    modules = {module_of(path) for path in sources}
    mirrors = {mirror_of(path) for path in sources}
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, sorted(modules)))})\b")

    def judges(path: Path) -> bool:
        text = path.read_text(encoding="utf-8")
        spread = re.sub(r"from (thalweg[\w.]*) import (\w+)", r"\1.\2 \1", text)
        return path in mirrors or bool(pattern.search(spread))

    return [path for path in sorted(TESTS.rglob("test_*.py")) if judges(path)]


class Results:
    """What was found, kept at once: a run that was ended goes on where it stood.

    A fault that was caught stays caught until its source changes; one that was not is tried again
    when a test has changed.
    """

    def __init__(self, path: Path, judges: Judges, fresh: bool) -> None:
        self.path, self.judges = path, judges
        self.tests = hashlib.sha256(repr(sorted(judges.records)).encode()).hexdigest()[:16]
        for each in sorted({name.split("::")[0] for name in judges.records}):
            self.tests = hashlib.sha256((ROOT / each).read_bytes() + self.tests.encode())
            self.tests = self.tests.hexdigest()[:16]
        self.found = {} if fresh or not path.exists() else json.loads(path.read_text())

    def of(self, fault: Fault) -> Sentence | None:
        kept = self.found.get(fault.key)
        if kept is None or kept["source"] != _mark(fault):
            return None
        sentence = Sentence(**kept["sentence"])
        return sentence if sentence.caught or kept["tests"] == self.tests else None

    def tried(self, fault: Fault) -> bool:
        """Whether anything was found before, be it out of date."""
        return fault.key in self.found

    def note(self, fault: Fault, sentence: Sentence) -> None:
        self.found[fault.key] = {
            "source": _mark(fault),
            "tests": self.tests,
            "sentence": asdict(sentence),
        }
        self._write()

    def forget(self, test: str) -> None:
        kept = self.found.items()
        self.found = {key: each for key, each in kept if each["sentence"]["by"] != test}
        self._write()

    def who_caught(self, sample: list[Fault]) -> set[str]:
        found = (self.of(fault) for fault in sample)
        return {sentence.by for sentence in found if sentence and sentence.caught}

    def _write(self) -> None:
        whole = self.path.with_suffix(".part")
        whole.write_text(json.dumps(self.found, indent=1, ensure_ascii=False))
        whole.replace(self.path)


def _mark(fault: Fault) -> str:
    return hashlib.sha256((SOURCE / fault.path).read_bytes()).hexdigest()[:16]


def told(sample: list[Fault], results: Results) -> int:
    """Say how it went; 0 if enough was caught, and all that was not has a reason."""
    known = reasons()
    count: Counter[str] = Counter()
    for fault in sample:
        sentence = results.of(fault)
        kind = sentence.verdict if sentence else "to be tried again"
        if sentence and not sentence.caught and fault.key in known:
            kind = "explained"
        count[kind] += 1
        if kind != "explained" and not (sentence and sentence.caught):
            more = f", {sentence.left} more not asked" if sentence and sentence.left else ""
            print(f"\n{kind}{more}: src/thalweg/{fault.path}:{fault.line}\n  {fault.key}")
    print()
    caught = sum(n for kind, n in count.items() if kind.startswith("caught"))
    for kind, n in count.most_common():
        print(f"{n:5} {kind}")
    print(f"{caught} of {len(sample)} caught: {caught / max(len(sample), 1):.1%}")
    unexplained = len(sample) - caught - count["explained"]
    return int(unexplained > 0 or caught < WANTED * len(sample))


def reasons() -> dict[str, str]:
    """The faults that cannot be caught, each with its proof."""
    read = tomllib.loads((HERE / "equivalent.toml").read_text(encoding="utf-8"))
    return {each["fault"]: each["reason"] for each in read.get("fault", [])}


if __name__ == "__main__":
    sys.exit(main())
