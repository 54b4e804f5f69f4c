"""The keys of the JSON document of a verb, for its normal end and for one without memory."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_SCHEMA = 1


def document(
    version: str,
    verb: str | None,
    status: str,
    error: "Mapping[str, str] | None",
    *,
    seed: int | None = None,
    data: "dict[str, Any] | None" = None,
    result: "dict[str, Any] | None" = None,
    warnings: "list[dict[str, str]] | None" = None,
) -> "dict[str, Any]":
    """The document of a verb; without the last four arguments that of one that did not begin."""
    return {
        "thalweg": version,
        "schema": _SCHEMA,
        "verb": verb,
        "status": status,
        "seed": seed,
        "data": data,
        "result": result,
        "warnings": warnings or [],
        "error": error,
    }


def error_parts(
    code: str, what: str, where: str = "", why: str = "", fix: str = ""
) -> dict[str, str]:
    """An error as plain data."""
    return {"code": code, "what": what, "where": where, "why": why, "fix": fix}
