"""What comes of a job, as frozen data; as plain data it is the document of ``--json``."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

_SCHEMA = 1


@dataclass(frozen=True)
class Warned:
    """A warning as plain data: its code, what it says, and the mend.

    Attributes
    ----------
    code, text, fix : str
    """

    code: str
    text: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What comes of a job.

    Attributes
    ----------
    verb : str or None
        Which job it was.
    seed : int or None
        Where chance had a part in it.
    data : dict or None
        What was read.
    result : dict or None
        What came of it.
    passed : bool
        False where all was done, but a check failed.
    settled : bool
        Whether there is no more to compute; files may still have to be written.
    warnings : tuple of Warned
        Those that were given, in their order.
    """

    verb: str | None
    seed: int | None = None
    data: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    passed: bool = True
    settled: bool = False
    warnings: tuple[Warned, ...] = ()

    def plain(
        self, status: str | None = None, error: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The outcome as plain data for JSON, without a number that JSON lacks.

        Parameters
        ----------
        status : str, optional
            How the job ended; "ok" or "check", if not given.
        error : mapping, optional
            What ended it, as ``ThalwegError.as_dict`` has it.
        """
        document = {
            "thalweg": version("thalweg"),
            "schema": _SCHEMA,
            "verb": self.verb,
            "status": status or ("ok" if self.passed else "check"),
            "seed": self.seed,
            "data": self.data,
            "result": self.told_result(),
            "warnings": [asdict(each) for each in self.warnings],
            "error": error,
        }
        return {key: finite(value) for key, value in document.items()}

    def told_result(self) -> dict[str, Any] | None:
        """The result with all that a document holds: a job may have more than it shows."""
        return self.result


def finite(value: Any) -> Any:
    """Plain data as JSON has it: NaN is null, ∞ the text "Infinity"."""
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
