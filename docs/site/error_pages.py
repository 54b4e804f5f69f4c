"""The page of errors and warnings, from `thalweg.errors`."""

import inspect
from typing import Any

from api_pages import public_names

from thalweg import errors


def kinds(base: type) -> dict[str, Any]:
    """The classes of errors or of warnings, in the order of the module."""
    found = inspect.getmembers(errors, inspect.isclass)
    ours = [(name, each) for name, each in found if issubclass(each, base)]
    return dict(sorted(ours, key=lambda pair: inspect.getsourcelines(pair[1])[1]))


def section(name: str, kind: Any) -> list[str]:
    """A class: what it says, its code, and what else catches it."""
    others = [f"`{each.__name__}`" for each in kind.__bases__]
    link = f"[Its page, with an example](../api/{name}.rst)." if name in public_names() else ""
    about = " ".join(inspect.getdoc(kind).split("\n\n")[0].split()).replace("``", "`")
    return [
        f"### {name}",
        "",
        about,
        "",
        f"Code in JSON: `{kind.code}`. Also caught as: {', '.join(others)}. {link}",
        "",
    ]


def pages() -> dict[str, str]:
    """The text of the page by its place."""
    lines = [
        "# Errors and warnings",
        "",
        "An error says what is wrong, where, why, and how to fix it. In Python these are its",
    ]
    lines += [
        "attributes `what`, `where`, `why` and `fix`; on the command line they are printed, and",
        "`--json` has them under `error` ([the form](../docs/cli.md#json)).",
        "",
    ]
    for title, base in (("Errors", errors.ThalwegError), ("Warnings", errors.ThalwegWarning)):
        lines += [f"## {title}", ""]
        for name, kind in kinds(base).items():
            lines += section(name, kind)
    return {"reference/errors.md": "\n".join(lines)}
