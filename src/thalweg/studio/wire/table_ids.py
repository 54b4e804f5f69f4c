"""The ids by which a page names a table: kept by content, bundled, or named by the command line."""

from thalweg.persistence.plain_data_checks import matching

OPEN, _SAMPLE = "open", "sample:"
TABLE_ID = matching("the id of a table", r"open|sample:[a-z0-9_]{1,40}|[0-9a-f]{64}")


def sample_id(name: str) -> str:
    """The id of a bundled table."""
    return f"{_SAMPLE}{name}"


def sample_of(table: str) -> str | None:
    """The name of the bundled table of an id; None if it is another table."""
    return table.removeprefix(_SAMPLE) if table.startswith(_SAMPLE) else None
