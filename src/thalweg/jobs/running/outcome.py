"""The result of a job, as frozen data; its plain form is the document that ``--json`` prints."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from thalweg.document import document


@dataclass(frozen=True)
class Warned:
    """A warning as plain data: its code, its text, and the fix.

    Attributes
    ----------
    code, text, fix : str
    """

    code: str
    text: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """The result of a job.

    Attributes
    ----------
    verb : str or None
        The name of the job.
    seed : int or None
        The seed of its random numbers, if it uses any.
    data : dict or None
        The data that was read.
    result : dict or None
        What was computed.
    passed : bool
        False if the job was done, but a check failed.
    settled : bool
        Whether everything is computed; files may still have to be written.
    warnings : tuple of Warned
        All warnings, in their order.
    goes_on_from : str or None
        The folder from which the same job goes on after a signal; not in the document.
    """

    verb: str | None
    seed: int | None = None
    data: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    passed: bool = True
    settled: bool = False
    warnings: tuple[Warned, ...] = ()
    goes_on_from: str | None = None

    def plain(
        self, status: str | None = None, error: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The outcome as plain data for JSON, without NaN and infinity, which JSON does not have.

        Parameters
        ----------
        status : str, optional
            How the job ended; default: "ok" or "check".
        error : mapping, optional
            The error that ended it, from ``ThalwegError.as_dict``.
        """
        plain = document(
            version("thalweg"),
            self.verb,
            status or ("ok" if self.passed else "check"),
            error,
            seed=self.seed,
            data=self.data,
            result=self.told_result(),
            warnings=[asdict(each) for each in self.warnings],
        )
        return {key: finite(value) for key, value in plain.items()}

    def told_result(self) -> dict[str, Any] | None:
        """The result for the JSON document, which may contain more than ``result``."""
        return self.result


def finite(value: Any) -> Any:
    """Plain data for JSON: NaN becomes null, and ∞ the text "Infinity"."""
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
