"""The defaults of the estimators, and what else was tried: one change at a time."""

from typing import Any

CHANGES: dict[str, dict[str, Any]] = {
    "thalweg": {},
}
