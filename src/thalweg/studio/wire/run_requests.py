"""What a page may say of runs: which network, which optimizers, from where, and how far."""

from thalweg.persistence.plain_data_checks import (
    Form,
    Maybe,
    Perhaps,
    Several,
    matching,
    number,
    one_of,
    text_of,
    whole,
)
from thalweg.studio.wire.table_choices import CHOICES
from thalweg.studio.wire.table_ids import TABLE_ID

ARTICLE, DEFAULT = "article", "default"
PRESETS = (ARTICLE, DEFAULT)
# Runs that a page starts at once, changes of one run, and steps of one run.
MOST_RUNS, MOST_CHANGES, MOST_STEPS = 8, 32, 1_000_000
RUN_ID = matching("the id of a run", r"[0-9a-f]{64}")
RUN_IDS = Several(RUN_ID, 64)
RULE = text_of(400)
STEP = whole(0, MOST_STEPS)
# Which row of a table is looked at: its number, from 1, or how it is picked.
ROW, PICKS = whole(1, 2**31), ("worst", "near")
# What a page does not say has the default of the preset.
SETTINGS: dict[str, Form] = {
    "preset": Perhaps(one_of(*PRESETS)),
    "hidden": Perhaps(Several(whole(1, 4096), 8)),
    "activation": Perhaps(text_of(40)),
    "alpha": Perhaps(number(0, 1e6)),
    "steps": Perhaps(whole(1, 20_000)),
    "batch_size": Perhaps(Maybe(whole(1, 2**31))),
    "held_out": Perhaps(number(0, 0.9)),
    "seed": Perhaps(whole(0, 2**32 - 1)),
    "task": Perhaps(one_of("auto", "classification", "regression")),
}
# A definition says all of them; null is what a fit decides by the table.
ALL_SETTINGS: dict[str, Form] = {
    key: Maybe(form.form) if isinstance(form, Perhaps) else form for key, form in SETTINGS.items()
}
ALL_SETTINGS |= {"preset": one_of(*PRESETS), "seed": whole(0, 2**32 - 1)}
CHANGES = Several({"step": STEP, "rule": RULE}, MOST_CHANGES)
STARTING_POINT = matching("the hash of a starting point", r"[0-9a-f]{64}")
# The tasks of a worker that are about runs.
RUN_TASKS = (
    "start-runs", "ready", "advance", "at", "fork", "path", "keep", "open", "recipe", "inside",
)  # fmt: skip
# What a run is, as a worker tells it.
_DIVERGENCE: dict[str, Form] = {
    "layer": whole(1, 1000),
    "step": whole(0, 2**31),
    "quantity": text_of(40),
    "what": text_of(4000),
    "fix": text_of(4000),
    "rate": Maybe(number(0)),
}
TOLD_RUN: dict[str, Form] = {
    "run": RUN_ID,
    "step": whole(0, 2**31),
    "total": whole(0, 2**31),
    "state": one_of("open", "diverged", "ended"),
    "why": text_of(400),
    "epoch": whole(1, 2**31),
    "divergence": Maybe(_DIVERGENCE),
}
LISTED_RUN: dict[str, Form] = {
    **TOLD_RUN,
    "id": RUN_ID,
    "name": text_of(400),
    "title": text_of(800),
    "rule": RULE,
    "first": whole(0, 2**31),
    "parent": Maybe(RUN_ID),
    "layers": whole(1, 1000),
    "table": TABLE_ID,
    "choices": CHOICES,
    "settings": ALL_SETTINGS,
    "about": Several(text_of(2000), 20),
}
# The arrays of the points of a run.
POINTS = {"step": "i4", "train": "f8", "valid": "f8", "whole": "f8", "rate": "f8", "gradient": "f4"}
