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

ARTICLE, DEFAULT = "article", "default"
PRESETS = (ARTICLE, DEFAULT)
# Runs that a page starts at once, changes of one run, and steps of one run.
MOST_RUNS, MOST_CHANGES, MOST_STEPS = 8, 32, 20_000
RUN_ID = matching("the id of a run", r"[0-9a-f]{64}")
RUN_IDS = Several(RUN_ID, 64)
RULE = text_of(400)
STEP = whole(0, MOST_STEPS)
# What a page does not say has the default of the preset.
SETTINGS: dict[str, Form] = {
    "preset": Perhaps(one_of(*PRESETS)),
    "hidden": Perhaps(Several(whole(1, 4096), 8)),
    "activation": Perhaps(text_of(40)),
    "alpha": Perhaps(number(0, 1e6)),
    "steps": Perhaps(whole(1, MOST_STEPS)),
    "batch_size": Perhaps(Maybe(whole(1, 2**31))),
    "held_out": Perhaps(number(0, 0.9)),
    "seed": Perhaps(whole(0, 2**32 - 1)),
    "task": Perhaps(one_of("auto", "classification", "regression")),
}
# A definition says all of them.
ALL_SETTINGS: dict[str, Form] = {key: getattr(form, "form", form) for key, form in SETTINGS.items()}
CHANGES = Several({"step": STEP, "rule": RULE}, MOST_CHANGES)
STARTING_POINT = matching("the hash of a starting point", r"[0-9a-f]{64}")
