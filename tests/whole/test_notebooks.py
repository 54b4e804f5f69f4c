"""Notebooks are executed from their first cell to their last, and say what they said before."""

import re

import nbformat
import pytest

from notebooks import METADATA, NOTEBOOKS, code_cells, executed, is_stream

LARGEST = {"article.ipynb": 1_500_000, "landscape.ipynb": 1_050_000}
# What the article speaks of, in its order: each has a heading of the notebook.
STORY = [
    "a function, and its loss", "the derivative", "the chain rule", "gradient descent", "batches",
    "small, shrinking and large steps, momentum; hills, valleys, minima", "hyper-parameters",
    "feature engineering", "confusion matrix and thresholds", 
    "what the article got right, and wrong",
]  # fmt: skip
GUESS = "> **Guess first.** "


def name(path):
    return path.name


# A finite difference of which only rounding is wrong: that depends on the processor.
TINY = re.compile(r"(finite difference, h = \S+ +\S+ +)\d\.\de-1[2-9]\b")


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
            elif 'class="thalweg-page"' in content:
                content = re.search(r"<figcaption>(.*?)</figcaption>", content)[1]
            elif 'class="thalweg"' in content:
                facts = r'<dl class="facts">(.*?)<dt>Loss by epoch'
                content = re.search(facts, content, re.DOTALL)[1]
            content = TINY.sub(r"\1tiny", content)
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
    assert path.stat().st_size <= LARGEST[path.name]
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


def pages_and_stills(path):
    """For each page of a notebook, whether a picture without a page comes right after it."""
    found = []
    for cell in code_cells(nbformat.read(path, as_version=4)):
        for place, output in enumerate(cell.outputs):
            if "<iframe" not in output.get("data", {}).get("text/html", ""):
                continue
            after = cell.outputs[place + 1] if place + 1 < len(cell.outputs) else {}
            data = after.get("data", {})
            found.append("image/png" in data and "text/html" not in data)
    return found


@pytest.mark.parametrize(("path", "fewest"), [*zip(NOTEBOOKS, (5, 1), strict=True)])
def test_every_page_has_a_still_for_where_frames_are_taken_out(path, fewest):
    """GitHub prefers HTML to a picture of the same output, and takes out frames and styles."""
    found = pages_and_stills(path)
    assert len(found) >= fewest
    assert all(found)


def test_the_article_comes_in_its_order():
    cells = nbformat.read(NOTEBOOKS[0], as_version=4).cells
    heads = re.findall(r"^## \d+\. (.*)$", "\n".join(each.source for each in cells), re.MULTILINE)
    assert [each.lower() for each in heads][1:-1] == STORY


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_question_comes_right_before_its_result(path):
    cells = nbformat.read(path, as_version=4).cells
    asked = [place for place, cell in enumerate(cells) if GUESS in cell.source]
    assert len(asked) >= 7
    for place in asked:
        assert "?" in cells[place].source
        # No answer stands between: cells of definitions and loops have no output.
        result = next(k for k in range(place + 1, len(cells)) if cells[k].get("outputs"))
        assert {cell.cell_type for cell in cells[place + 1 : result]} <= {"code"}
    for place, cell in enumerate(cells):
        if cell.cell_type == "markdown" and place + 1 in asked:
            assert "Guess" not in cell.source


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
