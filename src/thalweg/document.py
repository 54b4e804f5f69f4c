"""The keys of the JSON document of a verb, for its normal end and for one without memory.

Imports next to nothing, because it is used before all other imports.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_SCHEMA = 1
_WORDS_OF_MEMORY = ("can't start new thread", "failed to map segment", "annot allocate memory")


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


def address_space_limit() -> int | None:
    """The address space that this process may have, in bytes; None without a limit."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def limit_in_words(limit: int) -> str:
    """A limit of the address space, as an error about memory names it."""
    return f"the limit of this process is {limit / 1000**2:.0f} MB (ulimit -v)"


def says_shortage(error: BaseException) -> bool:
    """Whether an error, or one that led to it, says that memory is short."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or any(each in str(seen) for each in _WORDS_OF_MEMORY):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
