"""The map of the house, from the first lines of its modules.

``make map`` writes it to ``docs/map.md``.
"""

import ast
from collections import defaultdict
from pathlib import Path

from places import ROOT, SOURCE
from syntax import parsed

PAGE = ROOT / "docs" / "map.md"
HEAD = """# Map of the modules

Every module of `src/thalweg`, with the first line that it says of itself. `make map` writes this
page; a test compares it. What each room is for, and which room may import which, stands in
[the design](design.md#the-house).
"""


def house_map() -> str:
    """The page: a section a room or sub-room, a line a module."""
    rooms: dict[Path, list[Path]] = defaultdict(list)
    for path in SOURCE.rglob("*"):
        # What stands in small/ is made from its sources.
        if (
            path.suffix in {".py", ".js"}
            and path.name != "__init__.py"
            and path.parent.name != "small"
        ):
            rooms[path.parent].append(path)
    sections = [section(room, sorted(rooms[room])) for room in sorted(rooms)]
    return "\n".join([HEAD, *sections])


def section(room: Path, modules: list[Path]) -> str:
    name = room.relative_to(SOURCE).as_posix()
    title = "Below all rooms" if room == SOURCE else f"`{name}/`"
    level = "##" if room == SOURCE or room.parent == SOURCE else "###"
    return "\n".join([f"{level} {title}\n", *map(entry, modules), ""])


def entry(module: Path) -> str:
    name = module.stem if module.suffix == ".py" else module.name
    return f"- [`{name}`](../{module.relative_to(ROOT).as_posix()}): {first_line(module)}"


def first_line(module: Path) -> str:
    """What a module says first: the summary of its docstring, or a comment in JavaScript."""
    text = module.read_text(encoding="utf-8")
    said = ast.get_docstring(parsed(text)) if module.suffix == ".py" else comment(text)
    if not said:
        raise ValueError(f"{module.relative_to(ROOT)} does not say what it is: begin with a line")
    summary = said.split("\n\n")[0].replace("``", "`")
    return " ".join(summary.split())


def comment(text: str) -> str:
    first, _, _ = text.partition("\n")
    return first.removeprefix("// ") if first.startswith("// ") else ""


if __name__ == "__main__":
    PAGE.write_text(house_map(), encoding="utf-8")
