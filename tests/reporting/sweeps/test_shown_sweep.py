"""Figure, page and text of a sweep: every number is that of the cell, and can be read."""

import json
import re
from base64 import b64decode
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from colours import contrast
from thalweg import load_table, sweep
from thalweg.errors import SettingsError, UnfinishedError
from thalweg.landscape.sweeps.swept_map import SweepCell
from thalweg.reporting.figures.picture import WIDTH
from thalweg.reporting.inline import DRAW
from thalweg.reporting.sweeps.shown_sweep import ShownSweep
from thalweg.reporting.sweeps.sweep_colors import (
    LOW_HIGH,
    LossScale,
    as_hex,
    color_of,
    ink_on,
)
from thalweg.reporting.sweeps.sweep_page import short, words_of

pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")
COMMAND = {"command": "thalweg sweep wisconsin"}


@cache
def shown():
    return sweep("wisconsin", [0.01, 0.1, 1000.0], [2, 5], seeds=3, steps=60)


def as_rgb(patch):
    return to_hex(patch.get_facecolor())


def all_lost():
    cells = tuple(
        SweepCell(each.units, each.rate, (np.nan,) * 3, 3) for each in shown().sweep.cells
    )
    return ShownSweep(replace(shown().sweep, cells=cells))


def test_the_page_has_the_numbers_of_every_cell():
    found, page = (
        shown().sweep,
        replace(shown(), recipes=COMMAND).page(),
    )
    assert f"<h1>{found.finding}" in page
    buttons = re.findall(r'<button type="button" class="cell ([^"]*)"[^>]*>([^<]*)</button>', page)
    assert len(buttons) == len(found.cells) == 6
    for (kind, told), cell in zip(buttons, found.cells, strict=True):
        if cell.loss is None:
            assert (kind, told) == ("lost", f"✕ {cell.diverged}")
        else:
            assert told.rstrip("▴") == short(cell.loss)
            assert ("▴" in told) == (cell.loss >= found.constant)
            assert ("lowest" in kind) == (cell is found.lowest)
    lost = min(each.diverged for each in found.cells if each.diverged)
    assert f"✕ {lost}: {'one network' if lost == 1 else f'{lost} networks'} of the cell" in page
    data = json.loads(re.findall(r'id="sweep">(.*?)</script>', page)[0])
    assert [each["words"] for each in data["cells"]] == [
        words_of(found, each) for each in found.cells
    ]
    assert data["cells"][0]["losses"] == list(found.cells[0].seed_losses)
    assert data["cells"][2]["losses"].count(None) == found.cells[2].diverged
    assert data["recipes"] == COMMAND
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page.split("All numbers")[1])
    assert len(rows) == 6
    for row, cell in zip(rows, found.cells, strict=True):
        if cell.loss is not None:
            numbers = [float(each) for each in re.findall(r"\d+\.\d+", row)[-6:]]
            of_cell = (cell.loss, cell.error, cell.of_rows, cell.of_seeds, cell.low, cell.high)
            assert numbers == pytest.approx(of_cell, rel=1e-3, abs=1e-3)
    assert f"{found.held_rows} held-out rows" in page
    # The name of the namespace of SVG is no address that a browser asks.
    assert page.count('["http:","","www.w3.org","2000","svg"]') == page.count("http:") == 1
    for word in ("https:", "innerHTML", "style="):
        assert word not in page


def test_the_script_is_small_and_the_page_has_its_styles_by_hash():
    assert sum(len((DRAW / "sweep" / n).read_bytes()) for n in ("sweep.js", "sweep.css")) < 12_000
    page = shown().page()
    assert len(page) < 60_000
    assert page.count("'sha256-") == 3  # the script, the style, the colours of the cells


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_number_in_a_cell_can_be_read_at_any_place_of_the_scale(mode):
    for share in np.linspace(0, 1, 101):
        color = color_of(float(share), mode)
        assert contrast(ink_on(color), as_hex(color)) >= 4.5
    assert color_of(0.0, mode), color_of(1.0, mode) == LOW_HIGH[mode]


def test_colours_are_by_the_logarithm_up_to_a_constant_answer():
    scale = LossScale(0.1, 0.9)
    assert [scale.share(each) for each in (0.1, 0.3, 0.9, 5.0)] == pytest.approx([0, 0.5, 1, 1])
    found = LossScale.of(shown().sweep)
    assert (found.low, found.high) == (shown().sweep.lowest.loss, shown().sweep.constant)
    worse = LossScale.of(replace(shown().sweep, constant=1e-3))  # no cell is better
    assert worse.high == max(each.loss for each in shown().sweep.cells if each.loss)
    assert LossScale.of(all_lost().sweep).high > LossScale.of(all_lost().sweep).low > 0


def test_short_numbers():
    assert [short(each) for each in (0.0749, 0.9996, 1.02, 9.96, 12.3, 0.0)] == [
        ".075", "1.0", "1.0", "10", "12", ".000"
    ]  # fmt: skip


def test_the_text_is_of_the_lowest_cell_and_those_beside_it():
    told, found = str(shown()), shown().sweep
    assert told.startswith(found.finding)
    for each in (found.lowest, *found.neighbours(found.lowest)):
        assert words_of(found, each) in told
    assert "diverged, so there is no mean." in words_of(found, found.cells[2])


def test_an_estimate_its_errors_and_its_interval_have_the_same_decimals():
    found = shown().sweep
    cell = replace(
        found.lowest, loss=0.0884, error=0.0262, of_rows=0.0253, of_seeds=0.007,
        low=0.0365, high=0.14,
    )  # fmt: skip
    cells = tuple(cell if each is found.lowest else each for each in found.cells)
    table = replace(found, cells=cells)
    assert table.lowest is cell
    assert (
        "mean loss 0.088 ± 0.026, the standard error (by rows 0.025, by seeds 0.007); 95 % "
        "interval 0.036 to 0.140"
    ) in words_of(table, cell)
    said = replace(table, beside_constant=None).sentences()[0]
    assert "mean loss is 0.088, with a 95 % interval from 0.036 to 0.140." in said
    assert "<td>0.0884</td><td>0.0262</td><td>0.0253</td><td>0.0070</td><td>0.0365 to 0.1400" in (
        ShownSweep(table).page()
    )


def test_where_every_cell_diverged():
    lost = all_lost()
    assert "No setting has a mean" in str(lost)
    assert lost.page().count('class="cell lost"') == 6
    assert lost.picture().title.startswith("No setting has a mean")
    # No colours between losses that nothing has, and no outline that nothing has.
    page, words = lost.page(), [each.get_text() for each in lost.picture().texts]
    for said in (page, *words):
        assert "twice" not in said
        assert "outlined" not in said
    assert 'class="scale"' not in page
    assert "✕ 3: 3 networks of the cell diverged" in words
    assert 'class="scale"' in shown().page()


def test_no_cell_covers_the_outline_of_the_lowest():
    picture = shown().picture()
    boxes = [each for each in picture.patches if each is not picture.patch]
    boxes += [each for each in picture.artists if isinstance(each, Rectangle)]
    outline = next(k for k, each in enumerate(boxes) if as_rgb(each) == picture.palette.orange)
    box = boxes[outline].get_bbox()
    assert not [each for each in boxes[outline + 2 :] if each.get_bbox().overlaps(box)]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("form", ["png", "svg", "html", "json"])
def test_it_is_saved_as_its_name_says(form, tmp_path):
    path = tmp_path / f"it.{form}"
    shown().save(path)
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "html": b"<!doctype html>", "json": b"{"}
    assert path.read_bytes().startswith(begins[form])
    if form == "json":
        assert json.loads(path.read_text()) == json.loads(json.dumps(shown().as_dict()))
        assert json.loads(path.read_text())["lowest"]["units"] == shown().sweep.lowest.units
    if form == "svg":
        words = path.read_text()
        for cell in shown().sweep.cells:
            if cell.loss is not None:
                assert short(cell.loss) in words
        with pytest.raises(SettingsError, match="gif"):
            shown().save(tmp_path / "it.gif")


def test_a_figure_has_its_finding_and_fits():
    for dark in (False, True):
        picture = shown().picture(dark=dark)
        assert picture.title == shown().sweep.finding
    bundle, about = shown()._repr_mimebundle_()
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert about["image/png"]["width"] == WIDTH
    assert "<iframe" in bundle["text/html"]


def test_a_part_of_a_map_is_no_map():
    with pytest.raises(UnfinishedError, match="before its last network"):
        sweep(
            load_table("wisconsin"), [0.1], [2, 5], seeds=2, steps=10, watch=lambda *_: True
        )  # fmt: skip


@pytest.mark.parametrize(
    ("losses", "constant", "said"),
    [
        ((0.1, 0.4), 0.6, "0.6: a constant answer"),
        ((0.7, 0.8), 0.6, "0.8: the highest loss of a cell"),
        ((0.7, 0.7), 0.6, "1.4: twice 0.7"),
        ((None, None), 0.6, "1.2: twice 0.6"),
    ],
)
def test_the_legend_says_what_its_end_is(losses, constant, said):
    cells = tuple(
        replace(shown().sweep.cells[0], loss=loss, diverged=int(loss is None)) for loss in losses
    )
    found = replace(shown().sweep, cells=cells, constant=constant)
    assert LossScale.of(found).words(found) == said
