"""Notebooks, executed from their first cell to their last.

``python tests/helpers/notebooks.py`` executes them anew and writes down what they say.
"""

import os
import tempfile
from pathlib import Path
from unittest.mock import patch

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

from places import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# No version of the Python that happened to run it, no times, no name of a machine.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed(path, patience=300):
    """A notebook, executed in a fresh kernel and a fresh folder; so many seconds for a cell."""
    notebook = nbformat.read(path, as_version=4)
    # A short path, for the sockets lie in the file system: no port is opened.
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, IPYTHONDIR=folder):
        work = Path(folder, "work")
        work.mkdir()
        connection = {"ip": f"{folder}/socket", "connection_file": f"{folder}/kernel.json"}
        NotebookClient(
            notebook,
            kernel_name="python3",
            config=Config({"KernelManager": {"transport": "ipc", **connection}}),
            timeout=patience,
            resources={"metadata": {"path": str(work)}},
            record_timing=False,
        ).execute()
    return tidied(notebook)


def tidied(notebook):
    """Without what differs from run to run though the notebook says the same."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in code_cells(notebook):
        cell.metadata = nbformat.from_dict({})
        joined = []
        for output in cell.outputs:
            # One stream may arrive in any number of pieces.
            if is_stream(output) and joined and is_stream(joined[-1], output.name):
                joined[-1].text += output.text
            else:
                joined.append(output)
        cell.outputs = joined
    return notebook


def is_stream(output, stream=None):
    return output.output_type == "stream" and stream in (None, output.name)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


if __name__ == "__main__":
    for each in NOTEBOOKS:
        nbformat.write(executed(each), each)
