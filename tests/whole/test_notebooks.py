"""Notebooks are executed from their first cell to their last, and say what they said before."""

import re

import nbformat
import pytest

from notebooks import METADATA, NOTEBOOKS, code_cells, executed, is_stream

LARGEST = 1_050_000


def name(path):
    return path.name


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
                facts = r'<dl class="facts">(.*?)<dt>Loss by epoch'
                content = re.search(facts, content, re.DOTALL)[1]
            words.append((kind, content))
    return words


# Quick: what they show is in README.md and docs/landscape.md, whose examples test_docs runs.
@pytest.mark.slow
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


def test_no_notebook_promises_a_time_that_is_not_measured():
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                assert not re.search(r"(second|minute)s?\b(?! exam)", cell.source), cell.source


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
