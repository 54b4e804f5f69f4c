"""The studies of searches: each in a folder named by what is searched, so that a search goes on.

A study is a journal and a folder beside it, which the search writes itself. Beside it lie the
losses of its trials, for the picture of a search that goes on, and, as long as it runs, what was
asked. So a search whose process was killed is known, and the same request goes on with it.
"""

import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from thalweg.interrupts import Cancellation
from thalweg.persistence.plain_data_checks import Each, Form, Maybe, number, require
from thalweg.studio.workspace.content_ids import is_content_id
from thalweg.studio.workspace.inner_folder import InnerFolder, NotOursError
from thalweg.studio.workspace.unwritten import unwritten
from thalweg.studio.workspace.written_order import oldest_first

_STUDIES, _JOURNAL, _ASKED, _TRIALS = "studies", "study.journal", "asked.json", "trials.json"
# The folder that a search makes beside its journal (`thalweg.tuning.studies.own_files`).
_BESIDE = f"{_JOURNAL}.trials"
# The networks of trials take room, so only the newest studies are kept.
MOST_STUDIES = 12
_MOST_BYTES = 1 << 20
_MOST_TRIALS = 100_000
_LOSSES: dict[str, Form] = {"trials": Each(Maybe(number()), _MOST_TRIALS)}


@dataclass(frozen=True)
class KeptStudy:
    """A study while its search runs.

    Attributes
    ----------
    folder : InnerFolder
    """

    folder: InnerFolder

    @property
    def journal(self) -> str:
        """The path of the journal."""
        return str(self.folder.path / _JOURNAL)

    def trials(self) -> dict[int, float | None]:
        """The losses of the trials so far, as far as they were noted."""
        said = _read(self.folder, _TRIALS)
        try:
            require(said, _LOSSES, "trials")
            found = {int(number): loss for number, loss in said["trials"].items()}
        except ValueError:
            return {}
        return found if all(0 <= number < _MOST_TRIALS for number in found) else {}

    def note(self, trials: Mapping[int, float | None]) -> None:
        """Note the losses of the trials so far: only for a picture, so an error is nothing."""
        with suppress(OSError):
            self.folder.write(_TRIALS, json.dumps({"trials": trials}).encode())


@contextmanager
def running_study(
    workspace: InnerFolder, study: str, asked: Mapping[str, Any],
    deserted: Cancellation | None = None,
) -> Iterator[KeptStudy]:  # fmt: skip
    """The study of a search, made if needed, as long as the search runs.

    Parameters
    ----------
    workspace : InnerFolder
    study : str
        Its id.
    asked : dict
        What a page has asked. It stays there if the process is killed.
    deserted : Cancellation, optional
        Says that the server is killed: then it stays, too.

    Raises
    ------
    NotOursError
        A link or a pipe has the place of one of its files: the search would write elsewhere.
    OutputError
        It cannot be written.
    """
    with ExitStack() as held:
        with _output_errors(workspace):
            studies = held.enter_context(workspace.folder(_STUDIES, make=True))
            _make_room(studies, study)
            held.enter_context(_unless_empty(studies, study))
            own = held.enter_context(studies.folder(study, make=True))
            _require_own(own)
            own.write(_ASKED, json.dumps(asked).encode())
        try:
            yield KeptStudy(own)
        finally:
            if deserted is None or not deserted.asked:
                own.remove(_ASKED)


@contextmanager
def _unless_empty(studies: InnerFolder, study: str) -> Iterator[None]:
    """Remove the folder of a search that could write nothing."""
    try:
        yield
    except BaseException:
        studies.remove_if_empty(study)
        raise


@contextmanager
def _output_errors(workspace: InnerFolder) -> Iterator[None]:
    """Turn an error of the system into one that says what to do."""
    try:
        yield
    except NotOursError:
        raise
    except OSError as why:
        raise unwritten("The search cannot be written into the workspace", workspace, why) from why


def _require_own(study: InnerFolder) -> None:
    """Look at what the search opens by its path, and not through the handle of the folder.

    Raises
    ------
    NotOursError
        It is a link, a pipe, or a file with a second name.
    """
    with suppress(FileNotFoundError):
        study.opened(_JOURNAL).close()
    with suppress(FileNotFoundError):
        if not stat.S_ISDIR(os.lstat(study.path / _BESIDE).st_mode):
            raise NotOursError(f"{_BESIDE} is no folder of the workspace")


def cut_off(workspace: InnerFolder) -> list[tuple[Any, int]]:
    """What was asked of the searches that have not ended, and how many trials each has.

    Those that run now are among them. Nothing of what is said is checked here.
    """
    found = []
    with suppress(FileNotFoundError), workspace.folder(_STUDIES) as studies:
        for each in filter(is_content_id, studies.names()):
            with suppress(OSError), studies.folder(each) as own:
                if own.has(_ASKED):
                    found.append((_read(own, _ASKED), len(KeptStudy(own).trials())))
    return found


def _read(folder: InnerFolder, name: str) -> Any:
    """The content of a file; None if there is none, or none of ours."""
    try:
        with folder.opened(name) as file:
            return json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None


def _make_room(studies: InnerFolder, study: str) -> None:
    """Remove the oldest studies, but not this one."""
    others = [each for each in studies.names() if is_content_id(each) and each != study]
    oldest = oldest_first({each: studies.state(each)[0] for each in others}, studies.touch)
    for each in oldest[: max(0, len(others) + 1 - MOST_STUDIES)]:
        with suppress(OSError, NotOursError):
            shutil.rmtree(studies.path / each)
