"""The panel "Try a row" of a report and the exported module have the same answers: in Node."""

import json
from pathlib import Path

import numpy as np
import pytest

from in_page import answers_of, classifier, made_up, mixed_table, regressor
from thalweg.export.javascript import module_text
from thalweg.export.packed_stages import packed_stages
from thalweg.export.running.export_runtimes import RUNTIMES, found_program, run_process
from thalweg.export.stages import stages_of
from thalweg.jobs.exports.rows_for_export import rows_for_export
from thalweg.jobs.exports.written_export import WRITERS, carried
from thalweg.reporting.inline import DRAW, joined

N_ROWS = 200
# Both add the same products in another order: the page those of a unit one after the other in the
# order of its forms, the module in the order of the inputs. Weights are the same float32, and all
# else is float64. A file of float64 weights has more digits than the page.
ALLOWED = 1e-12

_ENTRY = """\
import { FORMULAS } from "./formulas.js";
import { answerOf, modelFrom, rowOf } from "./page_network.js";

const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
const model = modelFrom(given.model, FORMULAS);
const found = given.cells.map((each) => answerOf(model, rowOf(model, each)).answer);
console.log(JSON.stringify(found));
"""


def answers_of_panel(model, cells, folder: Path):
    """What the panel of a report answers for rows of cells."""
    stages = stages_of(model._known)
    program = folder / "panel.mjs"
    made = {"entry.js": _ENTRY, "formulas.js": module_text(stages.formulas)}
    text = f'import {{ readFileSync }} from "node:fs";\n{joined(DRAW, "entry.js", made)}'
    program.write_text(text, encoding="utf-8")
    given = folder / "given.json"
    given.write_text(json.dumps({"model": packed_stages(stages), "cells": cells}), "utf-8")
    node = found_program("node")
    assert node, "node is not on the path, and this test needs it"
    return np.array(json.loads(run_process([node, str(program), str(given)], b"")))


def answers_of_module(model, frame, folder: Path):
    """What the exported module answers, in the form of the panel."""
    made = carried(model, "")
    path = folder / "exported.mjs"
    path.write_bytes(WRITERS[".mjs"](made))
    values = RUNTIMES[".mjs"].run(path, made, rows_for_export(model, made, frame)).values
    if made.is_classifier and values.shape[1] == 2:
        place = list(made.labels).index(model.positive_)
        return values[:, place : place + 1]
    return values


def target_of(kind: str, frame):
    chance = np.random.default_rng(5)
    height = frame["age"].fillna(50).to_numpy() / 12 + chance.normal(size=len(frame))
    if kind == "number":
        return height
    if kind == "two":
        return np.where(height > np.median(height), "ill", "well")
    return np.array(["low", "mid", "high"])[np.digitize(height, np.quantile(height, [0.3, 0.7]))]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
@pytest.mark.parametrize("kind", ["two", "three", "number"])
def test_the_panel_of_a_report_answers_as_the_exported_module(kind, tmp_path):
    frame = mixed_table(300, seed=1)
    settings = {"hidden_layer_sizes": (7, 4), "early_stopping": "folds", "n_folds": 3}
    make = regressor if kind == "number" else classifier
    more = {"positive": "ill"} if kind == "two" else {}
    model = make(**settings, **more).fit(frame, target_of(kind, frame))
    rows, cells = made_up(frame, N_ROWS, seed=2)
    assert rows.isna().to_numpy().any(axis=1).sum() > 50
    assert (rows["ward"] == "never seen").sum() > 5
    panel = answers_of_panel(model, cells, tmp_path)
    module = answers_of_module(model, rows, tmp_path)
    assert panel.shape == module.shape == answers_of(model, rows).shape
    assert len(np.unique(panel[:, 0])) > N_ROWS / 2
    apart = np.abs(panel - module) / np.maximum(1, np.abs(module))
    assert apart.max() <= ALLOWED
