"""Models that compute in a page: the page that holds one, made-up rows, and what Python answers."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.estimators.deciding.calibrated_predictions import facing
from thalweg.export.javascript import module_text
from thalweg.export.packed_likeness import packed_likeness
from thalweg.export.packed_stages import packed_stages
from thalweg.export.stages import stages_of
from thalweg.reporting.inline import DRAW, joined, json_block

_ENTRY = """\
import { FORMULAS } from "./formulas.js";
import { contributionsTo } from "./page_contributions.js";
import { likenessFrom, outlierP } from "./page_likeness.js";
import { answerOf, errorScale, modelFrom, rowOf } from "./page_network.js";

const model = modelFrom(JSON.parse(document.getElementById("model").textContent), FORMULAS);
const rows = (cells) => cells.map((each) => rowOf(model, each));
window.answers = (cells) => rows(cells).map((row) => answerOf(model, row));
window.scales = (cells) => rows(cells).map((row) => errorScale(model, row));
window.contributions = (cells, base, which) => rows(cells).map((row) =>
  contributionsTo(model, row, rowOf(model, base), which));
const likeness = likenessFrom(
  JSON.parse(document.getElementById("likeness").textContent), FORMULAS);
window.unlike = (cells) => rows(cells).map((row) => outlierP(likeness, row));
window.formulas = FORMULAS;
document.documentElement.dataset.drawn = "yes";
"""


def page_of(model, path: Path) -> Path:
    """A page in which the model computes."""
    stages = stages_of(model._known)
    program = joined(
        DRAW, "entry.js", {"entry.js": _ENTRY, "formulas.js": module_text(stages.formulas)}
    )
    data = json_block(packed_stages(stages))
    likeness = json_block(packed_likeness(model._known.likeness))
    path.write_text(
        '<!doctype html><meta charset="utf-8">'
        f'<script type="application/json" id="model">{data}</script>'
        f'<script type="application/json" id="likeness">{likeness}</script>'
        f'<script type="module">{program}</script>',
        encoding="utf-8",
    )
    return path


def asked(browser, function: str, cells, *more):
    """What a function of the page answers for rows of cells."""
    given = ", ".join(json.dumps(each) for each in (cells, *more))
    return browser.run(f"window.{function}({given})")


def answers_of(model, frame: pd.DataFrame) -> np.ndarray:
    """What Python answers, (n_rows, n_answers): of two classes the positive one's probability."""
    if isinstance(model, ThalwegRegressor):
        return model.predict(frame)[:, None]
    found = np.asarray(model.predict_proba(frame))
    if found.shape[1] > 2:
        return found
    place = int(facing(model._known) > 0)
    return found[:, place : place + 1]


def mixed_table(n: int, seed: int, n_levels: int = 4, missing: float = 0.1) -> pd.DataFrame:
    """Numbers, a boolean, categories, a date; some cells are missing."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": random.normal(50, 12, n).round(1),
            "dose": random.lognormal(0, 2, n),
            "count": random.poisson(3, n).astype(float),
            "smoker": pd.array(random.random(n) < 0.3, dtype="boolean"),
            "ward": [f"w{k:03d}" for k in random.integers(0, n_levels, n)],
            "sex": random.choice(["f", "m"], n),
            "seen": pd.to_datetime("2020-01-01")
            + pd.to_timedelta(random.integers(0, 1500, n), unit="D")
            + pd.to_timedelta(random.choice([0, 6 * 3600, 13 * 3600 + 45 * 60], n), unit="s"),
        }
    )
    for name in frame.columns:
        frame.loc[random.random(n) < missing, name] = None
    return frame


def made_up(frame: pd.DataFrame, n: int, seed: int) -> tuple[pd.DataFrame, list[list]]:
    """Made-up rows of such a table, as a frame and as cells of the page."""
    random = np.random.default_rng(seed)
    rows = frame.iloc[random.integers(0, len(frame), n)].reset_index(drop=True)
    for name in frame.columns:  # every cell from another row
        rows[name] = frame[name].to_numpy()[random.integers(0, len(frame), n)]
    for name in ("age", "dose"):
        if name in rows:
            far = random.random(n) < 0.1
            rows.loc[far, name] = random.choice([-1e6, 0.0, 1e6, 1e300, 12.3456789], far.sum())
    if "ward" in rows:
        rows.loc[random.random(n) < 0.1, "ward"] = "never seen"
    return rows, [[cell_of(each) for each in row] for row in rows.itertuples(index=False)]


def cell_of(cell):
    """A cell as the page is given it."""
    if cell is None or cell is pd.NA or cell is pd.NaT or cell != cell:
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat()
    return cell.item() if isinstance(cell, np.generic) else cell


def classifier(**settings) -> ThalwegClassifier:
    return ThalwegClassifier(random_state=0, **{"max_iter": 12, **settings})


def regressor(**settings) -> ThalwegRegressor:
    return ThalwegRegressor(random_state=0, **{"max_iter": 12, **settings})
