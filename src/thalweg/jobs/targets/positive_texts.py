"""The texts ``NAME=LABEL`` of ``--positive``: names and labels may both hold an equals sign."""

from collections.abc import Mapping, Sequence

from thalweg.data.column_names import listed
from thalweg.errors import SettingsError
from thalweg.wording import parameter


def positive_texts(positives: Mapping[str, str], targets: Sequence[str]) -> list[str]:
    """A text for each target, which names no other one."""
    said = []
    for name, label in positives.items():
        text = f"{name}={label}"
        said.append(text if len(_readings(text, targets)) == 1 else _sure(name, label))
    return said


def named_positive(text: str, targets: Sequence[str]) -> tuple[str, str] | None:
    r"""The target and the label that a text names; None if it names no target.

    Where a text can be read in two ways, an equals sign inside a name or a label is ``\x3d``.

    Raises
    ------
    SettingsError
        If it can be read in two ways.
    """
    sure = [pair for pair in _readings(text.replace(r"\x3d", "="), targets) if _sure(*pair) == text]
    found = _readings(text, targets)
    if len(sure) == 1 or not found:
        return sure[0] if sure else None
    if len(found) == 1:
        return found[0]
    ways = " or ".join(f'"{label}" of "{name}"' for name, label in found)
    fixes = [parameter("positive", _sure(*pair)) for pair in found]
    raise SettingsError(
        f"{parameter('positive', text)} can be read in {len(found)} ways: {ways}",
        where=f"the targets are {listed(targets)}",
        fix=f"write {' or '.join(fixes)}",
    )


def _readings(text: str, targets: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, text[len(name) + 1 :]) for name in targets if text.startswith(f"{name}=")]


def _sure(name: str, label: str) -> str:
    """The text whose only equals sign is that between the two."""
    return "=".join(each.replace("=", r"\x3d") for each in (name, label))
