"""Every module of the pages' scripts is in a page: what none has would only be read and kept."""

import re

from thalweg.reporting.inline import DRAW


def test_every_module_of_a_script_is_used():
    modules = {path.relative_to(DRAW).as_posix(): path for path in DRAW.rglob("*.js")}
    python = "\n".join(path.read_text("utf-8") for path in DRAW.parent.rglob("*.py"))
    waiting = [
        name for name, path in modules.items() if re.search(rf"\b{path.stem}\b", python)
    ]  # fmt: skip
    used = set[str]()
    while waiting:
        name = waiting.pop()
        if name in used:
            continue
        used.add(name)
        for found in re.findall(r'from "([^"]+)"', modules[name].read_text("utf-8")):
            path = (modules[name].parent / found).resolve()
            # A place that Python fills is named in Python.
            if path.is_file():
                waiting.append(path.relative_to(DRAW.resolve()).as_posix())
    assert sorted(set(modules) - used) == []
