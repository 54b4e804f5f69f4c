"""The JSON Schemas as files, and the page that lists them; all from the forms in the source."""

import json

from thalweg.jobs.documents.documents import FILES, PARTS, json_schemas

FOLDER = "schemas"


def file_name(name: str) -> str:
    """The file of a schema, by the name of its verb or file."""
    return f"{FOLDER}/{name}.schema.json"


def files() -> dict[str, str]:
    """The text of each schema by its place."""
    return {
        file_name(name): json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in json_schemas().items()
    }


def entry(name: str, of: str) -> str:
    """A line of the table: what writes the document, and the file of the schema."""
    # A link in HTML, because the file is no page: it is copied beside the pages.
    place = f"../{file_name(name)}"
    return f'| {of} | <a href="{place}">{name}.schema.json</a> |'


def pages() -> dict[str, str]:
    """The text of the page by its place."""
    lines = [
        "# JSON Schemas",
        "",
        "What the documents of `--json`, and files of JSON, may hold: each as a schema of",
        "[JSON Schema](https://json-schema.org), draft 2020-12.",
        "[How to use them, and what they promise](../docs/json-schemas.md).",
        "",
        "| written by | schema |",
        "|---|---|",
        *(entry(verb, f"`thalweg {verb} --json`") for verb in sorted(PARTS)),
        *(entry(name, f"`{command}`") for name, (command, _) in sorted(FILES.items())),
        "",
    ]
    return {"reference/json-schemas.md": "\n".join(lines)}
