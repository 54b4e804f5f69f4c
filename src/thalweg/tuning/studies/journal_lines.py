"""The lines of a journal, each checked against a form before Optuna reads it.

A journal is a file that anybody may have written. A search writes few kinds of lines, and in one
order: a study, its facts, then of each trial its number, its parameters, its facts and its end.
What else a line says would end in an error of Optuna, or take minutes. Programs that look at a
study, such as the dashboard of Optuna, may add attributes of their own.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from thalweg.tuning.studies.folded_lines import (
    PARAMETER,
    STATE,
    TRIAL_KEEPS,
    TRIAL_MADE,
    TRIAL_TOLD,
    FoldedLines,
)
from thalweg.wording import shown

NAME = "thalweg"
OWN = "thalweg"  # the user attribute of the study and of its trials
# What describes the table of a study. It decides nothing: the hash of the table does.
OF_TABLE = "of table"
# The files of a trial by their endings, of which its facts have the seals and the sizes.
PREDICTED, NETWORKS = ".npy", ".safetensors"
# The most bytes of a file of a trial.
MOST_BYTES = 2**30
# Larger than any number that a search writes, and small enough for all that computes with it.
_MOST, _LARGE = 2**53, 1e300
_MOST_DEPTH, _MOST_ATTRIBUTES, _MOST_PARAMETERS, _LONGEST_NAME = 16, 200, 64, 200
_MOST_CHOICES = 10_000
# So many trials may be made before the first that has all parameters, and so many may be without an
# end. A kill leaves few of either, and Optuna and `SearchStudy` go through them again and again.
_MOST_UNFINISHED = 200
_SHA = re.compile("[0-9a-f]{64}")
# The sampler CMA-ES keeps pickles here, and runs what they say.
_PICKLES = "cma:"


class BadLine(ValueError):
    """A line that no search writes; the message says what is wrong with it."""


class LineForm(NamedTuple):
    """What a value must be: in words, and as a function."""

    said: str
    holds: Callable[[Any], bool]


def _whole(low: int, high: int) -> LineForm:
    def holds(value: Any) -> bool:
        return type(value) is int and low <= value <= high

    return LineForm(f"a whole number from {low:,} to {high:,}", holds)


def _is_number(value: Any, low: float = -_LARGE, high: float = _LARGE) -> bool:
    return type(value) in (int, float) and low <= value <= high  # NaN is in no range


def _text(most: int) -> LineForm:
    return LineForm(
        f"a text of at most {most:,} signs", lambda value: type(value) is str and len(value) <= most
    )


def _is_time(value: Any) -> bool:
    if type(value) is not str or len(value) > 40:
        return False
    try:
        return 1970 <= datetime.fromisoformat(value).astimezone().year < 9999
    except (ValueError, OverflowError, OSError):
        return False


def _is_attribute(value: Any) -> bool:
    return (
        type(value) is dict
        and len(value) == 1
        and all(len(name) <= _LONGEST_NAME for name in value)
        and not _is_deep(value)
    )


def _is_deep(value: Any) -> bool:
    """Whether a value is too deep to be copied, without one call for each level."""
    level = [value]
    for _ in range(_MOST_DEPTH):
        level = [
            part
            for each in level
            for part in (each.values() if type(each) is dict else each)
            if type(part) in (dict, list)
        ]
        if not level:
            return False
    return True


def _is_plain(value: Any) -> bool:
    return value is None or type(value) in (bool, str) or _is_number(value)


def _are_facts(value: Any) -> bool:
    """Whether they can be those of a search: plain values, and mappings of texts to them."""
    return (
        type(value) is dict
        and _whole(0, 2**128).holds(value.get("seed"))
        and all(
            all(map(_is_plain, each.values())) if type(each) is dict else _is_plain(each)
            for name, each in value.items()
            if name != OF_TABLE
        )
        and (OF_TABLE not in value or _is_of_table(value[OF_TABLE]))
    )


def _is_of_table(value: Any) -> bool:
    return (
        type(value) is dict
        and value.keys() == {"rows", "columns", "target"}
        and _whole(0, 2**53).holds(value["rows"])
        and type(value["columns"]) is list
        and all(type(each) is str for each in value["columns"])
        and type(value["target"]) is str
    )


def _of_files(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def of_each(value: Any) -> bool:
        is_of_files = type(value) is dict and value.keys() <= {PREDICTED, NETWORKS}
        return is_of_files and all(map(holds, value.values()))

    return of_each


_NUMBER = LineForm("a finite number", _is_number)
_POSITIVE = LineForm("a finite number of at least 0", lambda value: _is_number(value, 0.0))
_TIME = LineForm("a moment, such as 2026-01-31T12:00:00+00:00", _is_time)
_ATTRIBUTE = LineForm(f"one attribute, at most {_MOST_DEPTH} deep", _is_attribute)
_STUDY, _TRIAL = (
    LineForm("0, the only study", lambda value: type(value) is int and value == 0),
    _whole(0, _MOST),
)

# The operations, and what a line of each has beside its number.
_STUDY_MADE, _STUDY_TOLD, _STUDY_KEEPS = 0, 2, 3
_LINES: dict[int, dict[str, LineForm]] = {
    _STUDY_MADE: {
        "study_name": LineForm(f"{NAME!r}", lambda value: value == NAME),
        "directions": LineForm("[1]", lambda value: value == [1]),
    },
    _STUDY_TOLD: {"study_id": _STUDY, "user_attr": _ATTRIBUTE},
    _STUDY_KEEPS: {"study_id": _STUDY, "system_attr": _ATTRIBUTE},
    TRIAL_MADE: {"study_id": _STUDY, "datetime_start": _TIME},
    PARAMETER: {
        "trial_id": _TRIAL, "param_name": _text(_LONGEST_NAME), "param_value_internal": _NUMBER,
        "distribution": _text(2**20),
    },
    STATE: {"trial_id": _TRIAL, "state": _whole(1, 3), "datetime_complete": _TIME,
        "values": LineForm("null, or a list of one finite number", lambda value: value is None or (
            type(value) is list and len(value) == 1 and _is_number(value[0]))),
    },
    TRIAL_TOLD: {"trial_id": _TRIAL, "user_attr": _ATTRIBUTE},
    TRIAL_KEEPS: {"trial_id": _TRIAL, "system_attr": _ATTRIBUTE},
}  # fmt: skip
_OF_EACH = {"op_code": LineForm("an operation", lambda value: True),
    "worker_id": _text(_LONGEST_NAME)}  # fmt: skip
_FORMS = {code: {**_OF_EACH, **forms} for code, forms in _LINES.items()}
# Most lines give a parameter, or the place of a trial. Those of a search are read without a parser.
_BEGIN = rb'\{"op_code":[58],"worker_id":"[0-9a-f-]{1,200}","trial_id":(0|[1-9][0-9]{0,8}),'
_OF_PARAMETER = re.compile(
    _BEGIN + rb'"param_name":("[a-z0-9_]{1,100}"),"param_value_internal":'
    rb'(-?(?:0|[1-9][0-9]{0,14})(\.[0-9]{1,30})?(e-[0-9]{1,2})?),"distribution":("[^\n]*")\}\n'
)
_OF_PLACE = re.compile(
    _BEGIN + rb'"user_attr":\{"thalweg":\{"place":(0|[1-9][0-9]{0,5}),'
    rb'"attempts":([1-9][0-9]{0,5}),"process":([1-9][0-9]{0,9})\}\}\}\n'
)
_COMPLETE = 1
_OTHER_LINES = {
    1: "It deletes the study",
    7: "It has a value in the middle of a trial, which a search does not write",
}
# What a search keeps of a trial.
_FACTS: dict[str, LineForm] = {
    "place": _whole(0, 10**6 - 1),
    "attempts": _whole(1, _MOST),
    "process": _whole(0, _MOST),
    "seconds": _POSITIVE,
    "ended_earlier": _whole(0, _MOST),
    "bytes": _whole(0, _MOST),
    "microseconds": _POSITIVE,
    "sha256": LineForm("a SHA-256 for each file", _of_files(
        lambda value: type(value) is str and bool(_SHA.fullmatch(value)))),
    "sizes": LineForm("the size of each file", _of_files(_whole(0, MOST_BYTES).holds)),
}  # fmt: skip


def _require(said: dict[str, Any], forms: dict[str, LineForm], lacking: frozenset[str]) -> None:
    """Raise a BadLine unless each value has its form; those of ``lacking`` may be missing."""
    for name, value in said.items():
        if name not in forms:
            raise BadLine(f"{shown(name)} is none of {', '.join(forms)}")
        if not forms[name].holds(value):
            raise BadLine(f"{name} is {shown(value)}, and not {forms[name].said}")
    for name in forms:
        if name not in said and name not in lacking:
            raise BadLine(f"{name} is missing")


@dataclass
class _Trial:
    place: int | None = None
    is_ended: bool = False
    attributes: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


class JournalLines:
    """What the lines of a journal have said so far, against which the next one is checked.

    Attributes
    ----------
    folded : FoldedLines
    """

    def __init__(self) -> None:
        self.folded = FoldedLines()
        # Names and distributions of parameters as they are written, and what they say.
        self._written: dict[tuple[bytes, bytes], tuple[str, str]] = {}
        self._has_study = False
        self._trials: list[_Trial] = []
        self._attributes: set[str] = set()
        self._domains: dict[str, tuple[str, Callable[[float], bool]]] = {}
        self._n_places = self._n_open = 0
        self._failed: set[int] = set()

    def check(self, line: bytes) -> None:
        """Take the next line.

        Raises
        ------
        BadLine
            No search writes it.
        ValueError, RecursionError
            It is no JSON.
        """
        if (placed := _OF_PLACE.fullmatch(line)) is not None:
            number, *counts = map(int, placed.groups())
            facts = dict(zip(("place", "attempts", "process"), counts, strict=True))
            self._take(
                TRIAL_TOLD, {"op_code": TRIAL_TOLD, "trial_id": number, "user_attr": {OWN: facts}}
            )
            return
        found = _OF_PARAMETER.fullmatch(line)
        known = None if found is None else self._written.get((found[2], found[6]))
        if found is None or known is None:
            said = json.loads(line)
            self._check(said)
            if found is not None and json.loads(found[6]) == said["distribution"]:
                self._written[found[2], found[6]] = said["param_name"], said["distribution"]
            return
        number, value = int(found[1]), float(found[3]) if found[4] or found[5] else int(found[3])
        self._parameter(number, self._trial(number, PARAMETER), *known, value)
        self.folded.parameter(number, *known, value)

    def _check(self, said: Any) -> None:
        if type(said) is not dict or type(code := said.get("op_code")) is not int:
            raise BadLine("It says nothing that Optuna reads")
        if code not in _LINES:
            raise BadLine(_OTHER_LINES.get(code, f"{shown(code)} is no operation of a search"))
        _require(said, _FORMS[code], frozenset())
        if code != _STUDY_MADE and not self._has_study:
            raise BadLine("It comes before the line that makes the study")
        self._take(code, said)

    def _take(self, code: int, said: dict[str, Any]) -> None:
        if code == _STUDY_MADE:
            self._has_study = True
        elif code == TRIAL_MADE:
            if not self._n_places and len(self._trials) >= _MOST_UNFINISHED:
                raise BadLine(f"{_MOST_UNFINISHED} trials before it have no place in a search")
            if self._n_open >= _MOST_UNFINISHED:
                raise BadLine(f"{_MOST_UNFINISHED} trials before it have no end")
            self._n_open += 1
            self._trials.append(_Trial())
        elif code in (_STUDY_TOLD, _STUDY_KEEPS):
            self._attribute(self._attributes, said, _are_facts)
        else:
            self._of_trial(code, said)
        self.folded.take(said)

    def _of_trial(self, code: int, said: dict[str, Any]) -> None:
        number = said["trial_id"]
        trial = self._trial(number, code)
        if trial.is_ended:
            return  # Optuna passes over it
        if code == PARAMETER:
            of = said["param_name"], said["distribution"], said["param_value_internal"]
            self._parameter(number, trial, *of)
        elif code == STATE:
            self._end(number, trial, said)
        else:
            facts = self._attribute(trial.attributes, said, lambda value: type(value) is dict)
            if facts is not None:
                self._facts(number, trial, facts)

    def _trial(self, number: int, code: int) -> _Trial:
        """The trial of a line, which may have ended only if the line may come later."""
        if number >= len(self._trials):
            raise BadLine(f"Trial {number} is not made before")
        trial = self._trials[number]
        if trial.is_ended and code in (PARAMETER, STATE):
            raise BadLine(f"Trial {number} has ended before")
        return trial

    def _attribute(
        self, known: set[str], said: dict[str, Any], holds: Callable[[Any], bool]
    ) -> dict[str, Any] | None:
        """Take an attribute; its value if it is that of a search."""
        kept = said.get("system_attr", {})
        ((name, value),) = (said.get("user_attr") or kept).items()
        if name.startswith(_PICKLES) and kept:
            raise BadLine(f"{shown(name)} is a pickle, which may hold any program")
        known.add(name)
        if len(known) > _MOST_ATTRIBUTES:
            raise BadLine(f"It is attribute {len(known):,} of one thing")
        if name != OWN or kept:
            return None
        if not holds(value):
            raise BadLine(f"{name} is {shown(value)}, which are no facts of a search")
        facts: dict[str, Any] = value
        return facts

    def _parameter(self, number: int, trial: _Trial, name: str, text: str, value: float) -> None:
        if number != len(self._trials) - 1 or name in trial.names:
            raise BadLine(f"{shown(name)} of trial {number} comes too late, or twice")
        if name not in self._domains:
            if len(self._domains) == _MOST_PARAMETERS:
                raise BadLine(f"It is parameter {_MOST_PARAMETERS + 1}")
            if self._n_places:
                raise BadLine(f"{shown(name)} is no parameter of the trials before")
            self._domains[name] = text, _domain(text)
        known, holds = self._domains[name]
        if text != known:
            raise BadLine(f"{shown(name)} has another range than in the trials before")
        if not holds(value):
            raise BadLine(f"{shown(name)} is {shown(value)}, which is not in {shown(text)}")
        trial.names.add(name)

    def _facts(self, number: int, trial: _Trial, facts: dict[str, Any]) -> None:
        _require(facts, _FACTS, frozenset(_FACTS) - {"place", "attempts"})
        place = facts["place"]
        if trial.place is None:
            if trial.names != self._domains.keys():
                raise BadLine(f"Trial {number} has a place, and lacks parameters")
            if place > self._n_places or (place < self._n_places and place not in self._failed):
                raise BadLine(f"Its place is {place:,}, and the next one is {self._n_places:,}")
            self._n_places = max(self._n_places, place + 1)
            self._failed.discard(place)
            trial.place = place
        elif place != trial.place:
            raise BadLine(f"Its place is {place:,}, and was {trial.place:,}")

    def _end(self, number: int, trial: _Trial, said: dict[str, Any]) -> None:
        if said["state"] == _COMPLETE and (trial.place is None or not said["values"]):
            raise BadLine(f"Trial {number} is complete, and has no place or no loss")
        if said["state"] == 3 and trial.place is not None:
            self._failed.add(trial.place)
        trial.is_ended = True
        self._n_open -= 1


def _domain(text: str) -> Callable[[float], bool]:
    """Whether a number stands for a value, by what Optuna keeps of a distribution."""
    try:
        said = json.loads(text)
        name, parts = said["name"], said["attributes"]
        if name == "CategoricalDistribution":
            ((key, choices),) = parts.items()
            good = key == "choices" and 0 < len(choices) <= _MOST_CHOICES
            if good and all(map(_is_plain, choices)):
                return lambda value: value == int(value) and 0 <= value < len(choices)
        elif name in ("FloatDistribution", "IntDistribution"):
            low, high, step = parts["low"], parts["high"], parts["step"]
            whole = name == "IntDistribution"
            good = parts.keys() == {"low", "high", "step", "log"} and type(parts["log"]) is bool
            if whole:
                good = good and all(_whole(-_MOST, _MOST).holds(each) for each in (low, high, step))
            good = good and (step is None or _is_number(step, 1e-300)) and _is_number(low)
            good = good and _is_number(high) and (not parts["log"] or low > 0)
            if good and low <= high:
                return lambda value: low <= value <= high and (not whole or value == int(value))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise BadLine(f"{shown(text)} is no range of a parameter")
