"""Notebooks are executed from their first cell to their last, and say what they said before.

``python tests/test_notebooks.py`` executes them anew and writes down what they say.
"""

import os
import re
import tempfile
from pathlib import Path
from unittest.mock import patch

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# No version of the Python that happened to run it, no times, no name of a machine.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LARGEST = 700_000


def name(path):
    return path.name


def executed(path):
    """A notebook, executed in a fresh kernel and a fresh folder."""
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
            timeout=300,
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


def said(cell):
    """What a cell says, as text; of pictures, the width, and the facts of a model's portrait."""
    words = []
    for output in cell.outputs:
        if is_stream(output):
            words.append((output.name, output.text))
            continue
        for kind, content in sorted(output.data.items()):
            if kind == "image/png":
                content = str(output.metadata[kind]["width"])
            elif 'class="thalweg-landscape"' in content:
                content = re.search(r"<figcaption>(.*?)</figcaption>", content)[1]
            elif 'class="thalweg"' in content:
                content = re.search(r'<dl class="facts">(.*?)<dt>Descent', content, re.DOTALL)[1]
            words.append((kind, content))
    return words


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_it_says_again_what_it_says(path):
    before = code_cells(nbformat.read(path, as_version=4))
    after = code_cells(executed(path))
    for old, new in zip(before, after, strict=True):
        assert said(new) == said(old), f"what this cell says has changed:\n{old.source}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_it_is_committed_whole_and_tidy(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.stat().st_size <= LARGEST
    assert notebook.metadata == METADATA
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in notebook.cells:
        assert not cell.metadata, "execution metadata"
        assert cell.source.strip(), "an empty cell"
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type in {"stream", "execute_result", "display_data"}
            assert not is_stream(output, "stderr"), output.text


def test_there_are_the_notebooks_of_the_article_and_of_landscapes():
    assert {"article.ipynb", "landscape.ipynb"} <= {*map(name, NOTEBOOKS)}


def test_a_notebook_that_says_something_else_is_caught(tmp_path):
    cell = nbformat.v4.new_code_cell("print(1 + 1)\n6 * 7")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    path = tmp_path / "small.ipynb"
    nbformat.write(notebook, path)
    (new,) = code_cells(executed(path))
    assert said(new) == [("stdout", "2\n"), ("text/plain", "42")]
    new.outputs[1].data["text/plain"] = "43"
    nbformat.write(nbformat.v4.new_notebook(cells=[new]), path)
    with pytest.raises(AssertionError, match="has changed"):
        test_it_says_again_what_it_says(path)


if __name__ == "__main__":
    for each in NOTEBOOKS:
        nbformat.write(executed(each), each)
