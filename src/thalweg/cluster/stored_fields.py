"""`StoredFields`: a description is pickled by its fields, without what was computed from them."""

from dataclasses import fields
from typing import Any


class StoredFields:
    """A mixin for a frozen dataclass with cached properties, whose pickle has the fields alone.

    What a property keeps may be functions and types of other packages, which need not travel. A
    reader that lets in only what was named, as skops does, would have to know each of them.
    """

    def __getstate__(self) -> dict[str, Any]:
        """The fields by their names, in their order."""
        stored = fields(self)  # type: ignore[arg-type]
        return {each.name: vars(self)[each.name] for each in stored}
