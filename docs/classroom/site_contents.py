"""What the classroom shows: the notebooks of the project, and the page for the teacher."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
    *sorted((ROOT / "notebooks" / "lessons").glob("*.ipynb")),
]
# It installs thalweg where Python runs in a browser. Elsewhere it does nothing.
FIRST_CELL = """\
import sys

if sys.platform == "emscripten":  # a browser
    import piplite

    await piplite.install("thalweg")\
"""
_LINK = re.compile(r"\[([^\]\n]*)\]\((?![a-z]+:)[^)\n]*\)")


def notebook_for_browsers(path: Path) -> str:
    """A notebook with the first cell, and without outputs.

    Outputs would tell what a reader shall guess. JupyterLite would not show their pages either,
    because it trusts what it has run alone.
    """
    notebook = json.loads(path.read_text("utf-8"))
    first = {
        "cell_type": "code", "execution_count": None, "id": "install", "metadata": {},
        "outputs": [], "source": FIRST_CELL,
    }  # fmt: skip
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    notebook["cells"].insert(0, first)
    notebook["metadata"]["kernelspec"] = {
        "display_name": "Python (Pyodide)", "language": "python", "name": "python",
    }  # fmt: skip
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def teachers_page() -> str:
    """docs/classroom.md, whose links to other pages stay as their texts."""
    return _LINK.sub(r"\1", (ROOT / "docs" / "classroom.md").read_text("utf-8"))
