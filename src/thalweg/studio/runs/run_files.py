"""The files of a run: what it is, and how far it is. They are read as untrusted data.

With its definition alone a run can be made again from its first step, to the last bit. The other
file saves that work: it has a place to go on from, what was measured, and the path.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError, ModelFileError
from thalweg.persistence.plain_data_checks import Each, Form, matching, one_of, require, whole
from thalweg.sealed_container import seal, unseal
from thalweg.studio.runs.live_run import MOST_PLACES, LiveRun
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.wire.run_requests import MOST_STEPS
from thalweg.studio.workspace.kept_runs import require_small
from thalweg.training.checkpoint import history_of, require_place, surroundings, table_of
from thalweg.training.history import History
from thalweg.training.stepping.place_in_run import PlaceInRun

Arrays = dict[str, NDArray[Any]]

FORMAT, KIND = 1, "run of a studio"
_PLACE, _STORED, _MEASURED, _PATH, _HISTORY = "place/", "stored/", "measured/", "path/", "history"
_COUNT = matching("the number of a step", r"0|[1-9][0-9]{0,6}")
_MOST_DEFINITION = 1 << 20
# Stored places in a file, which is written once a second.
_MOST_WRITTEN = 12


def definition_bytes(run: RunDefinition) -> bytes:
    """The file that says what a run is."""
    return json.dumps(run.as_dict(), sort_keys=True, allow_nan=False).encode()


def read_definition(data: bytes, where: str) -> RunDefinition:
    """What a run is, from its file.

    Raises
    ------
    DataError
        It is no such file, or that of another run.
    """
    try:
        if len(data) > _MOST_DEFINITION:
            raise ValueError("it is too long")
        said = json.loads(data.decode())
    except (ValueError, RecursionError) as why:
        raise DataError(
            "This is no run of a studio", where=where, why=str(why)[:200], fix="start it again"
        ) from why
    return RunDefinition.of(said, where)


def packed(live: LiveRun) -> bytes:
    """How far a run is, as the bytes of a file.

    Raises
    ------
    OutputError
        It is too large: then nothing of it is copied, for which the memory might not be enough.
    """
    place = live.newest_place()
    arrays: Arrays = {_HISTORY: table_of(live.stepped.run.standing.history)}
    places: dict[str, Any] = {}
    if place is not None:
        arrays |= {f"{_PLACE}{name}": each for name, each in place.arrays.items()}
        for number, each in _some(live.places).items():
            places[str(number)] = each.counts
            arrays |= {f"{_STORED}{number}/{name}": of for name, of in each.arrays.items()}
        n_path = len(live.path.recorder.steps) * live.stepped.theta.nbytes
        require_small("state", n_path + sum(each.nbytes for each in arrays.values()))
        arrays |= {f"{_PATH}{k}": each for k, each in live.path.recorder.packed().items()}
        arrays |= {f"{_MEASURED}{k}": each for k, each in live.measured.columns().items()}
    header = {
        "format": FORMAT, "kind": KIND, "thalweg": _version(), "run": live.words,
        "surroundings": surroundings(), "step": live.step, "diverged": live.state == "diverged",
        "place": None if place is None else place.counts, "places": places, "every": live.every,
    }  # fmt: skip
    return seal(header, {name: _storable(each) for name, each in arrays.items()})


def _some(places: dict[int, PlaceInRun]) -> dict[int, PlaceInRun]:
    """A few of the places: a run that goes on from its file makes some more steps to go back."""
    numbers = sorted(places)
    chosen = np.linspace(0, len(numbers) - 1, min(len(numbers), _MOST_WRITTEN)).round()
    return {numbers[int(i)]: places[numbers[int(i)]] for i in chosen}


@cache
def _version() -> str:
    return version("thalweg")


def _storable(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.int64) if array.dtype.kind == "i" else array


@dataclass(frozen=True, eq=False)
class _Kept:
    """What a file says, checked as far as it can be without the run."""

    header: dict[str, Any]
    arrays: Arrays

    def under(self, begin: str) -> Arrays:
        """The arrays whose names begin so, without that."""
        return {
            name.removeprefix(begin): each
            for name, each in self.arrays.items()
            if name.startswith(begin)
        }


_HEADER: dict[str, Form] = {
    "format": whole(FORMAT, FORMAT),
    "kind": matching("a run", KIND),
    "thalweg": matching("a version", r".{1,60}"),
    "run": Each(matching("words", r"(?s).{0,1000}"), 100),
    "surroundings": Each(matching("words", r"(?s).{0,4000}"), 100),
    "step": whole(0, MOST_STEPS * 2),
    "diverged": one_of(True, False),
    "every": whole(1, MOST_STEPS * 2),
}


def go_on_from(live: LiveRun, data: bytes) -> bool:
    """Let a fresh run go on from a file; False, and nothing is changed, if the file is of no use.

    Parameters
    ----------
    live : LiveRun
        At its first step.
    data : bytes
        Of anybody.
    """
    try:
        kept = _checked(data, live)
        _restore(live, kept)
    except (ValueError, ModelFileError, KeyError, TypeError):
        return False
    return True


def _checked(data: bytes, live: LiveRun) -> _Kept:
    header, arrays = unseal(data)
    places = header.pop("places")
    place = header.pop("place")
    require(header, _HEADER, "the run")
    if header["thalweg"] != _version() or header["run"] != live.words:
        raise ValueError("It is of another run")
    if type(places) is not dict or len(places) > MOST_PLACES:
        raise ValueError("It has too many places")
    for number, each in places.items():
        require(number, _COUNT, "a place")
        require_place(each)
    if place is not None:
        require_place(place)
    first = live.definition.first
    if not first <= header["step"] <= live.stepped.total:
        raise ValueError("It is not at one of its steps")
    return _Kept({**header, "places": places, "place": place}, arrays)


def _restore(live: LiveRun, kept: _Kept) -> None:
    header, step = kept.header, kept.header["step"]
    if header["place"] is None:  # all steps are made again
        live.advance(step - live.step + header["diverged"])
        return
    course, table = live.stepped.course, kept.arrays[_HISTORY]
    if table.dtype != np.float64 or table.ndim != 2 or table.shape[1] != 6:
        raise ValueError("Its history is none")
    history: History = history_of(table, len(table), course)
    place = PlaceInRun(header["place"], kept.under(_PLACE), history)
    stored = {
        int(number): PlaceInRun(counts, kept.under(f"{_STORED}{number}/"), history)
        for number, counts in header["places"].items()
    }
    first = live.stepped.first
    for number, each in {**stored, step: place}.items():
        standing = each.standing(course)  # raises if its parts do not fit
        if first + standing.state.step != number or not np.isfinite(standing.state.theta).all():
            raise ValueError("A place is not at its step")
    columns = kept.under(_MEASURED)
    columns["step"] = columns["step"].astype(np.int32)
    recorder, theta = live.path.recorder, live.stepped.theta
    before = recorder.packed()
    try:
        live.measured.restore(columns)
        if len(columns["step"]) != step - live.definition.first:
            raise ValueError("Its points do not end at its step")
        recorder.resume(kept.under(_PATH), theta, live.stepped.member.settings)
    except ValueError:
        live.measured.forget()
        recorder.resume(before, theta, live.stepped.member.settings)
        raise
    live.resume(place, stored, header["every"])
