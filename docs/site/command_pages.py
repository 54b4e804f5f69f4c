"""The pages of the command line, from its own help: one for each verb."""

import re
from pathlib import Path
from typing import Any

import typer

from thalweg.cli.app import app

ROOT = Path(__file__).resolve().parents[2]

# What Markdown would take for a sign of its own.
SIGNS = re.compile(r"([\\`*_\[\]<>{}#|$])")


def verbs() -> dict[str, Any]:
    """The commands of the program."""
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return commands


def plain(text: str) -> str:
    """A text of the help as Markdown that shows the same."""
    return SIGNS.sub(r"\\\1", " ".join(text.split()))


def entry(parameter: Any, context: Any) -> list[str]:
    """A parameter as a term and its help, as the program writes them."""
    shown, told = parameter.get_help_record(context) or ("", "")
    return [f"`{' '.join(shown.split())}`", f": {plain(told) or '(no more is said)'}", ""]


def page(name: str, command: Any) -> str:
    """The page of a verb."""
    context = typer.Context(command, info_name=f"thalweg {name}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    about, *more = re.split(r"\n\s*\n", command.help)
    examples = [line.strip() for line in command.epilog.splitlines() if "thalweg" in line]
    lines = [f"# thalweg {name}", "", plain(about), "", *(plain(each) + "\n" for each in more)]
    lines += ["```", " ".join(usage.split()), "```", "", "## Examples", "", "```console"]
    lines += [*(f"$ {line}" for line in examples), "```", ""]
    parts = {"Arguments": "argument", "Options": "option"}
    for title, kind in parts.items():
        entries = [
            line
            for each in command.get_params(context)
            if each.param_type_name == kind
            for line in entry(each, context)
        ]
        lines += [f"## {title}", "", *entries] if entries else []
    lines += [f"[What it prints, and what its words mean](../docs/cli.md#{anchor(name)})", ""]
    return "\n".join(lines)


def anchor(name: str) -> str:
    """The anchor of a verb in docs/cli.md, which has its arguments in the heading."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    (heading,) = re.findall(rf"^## (`thalweg {name}\b.*)$", text, re.MULTILINE)
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def pages() -> dict[str, str]:
    """The text of each page by its place."""
    found = verbs()
    lines = [
        "# Command line",
        "",
        "From the program's own help: `thalweg VERB --help` prints the same. ",
    ]
    lines += ["[The guide of the command line](../docs/cli.md) shows what each verb prints.", ""]
    lines += ["| verb | does |", "|---|---|"]
    for name, command in sorted(found.items()):
        first = plain(re.split(r"\n\s*\n", command.help)[0])
        lines.append(f"| [{name}]({name}.md) | {first} |")
    lines += ["", "```{toctree}", ":hidden:", "", *sorted(found), "```", ""]
    made = {f"commands/{name}.md": page(name, command) for name, command in found.items()}
    return {"commands/index.md": "\n".join(lines), **made}
