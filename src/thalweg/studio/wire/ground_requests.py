"""What a page may say of the ground under runs: which runs, which plane, which point."""

from thalweg.persistence.plain_data_checks import (
    Form,
    Maybe,
    Perhaps,
    Several,
    matching,
    number,
    one_of,
)
from thalweg.studio.wire.run_requests import RULE, RUN_ID

# Runs on one ground.
MOST_DRAWN = 12
# How a plane is laid: "auto" measures all of them (`thalweg.landscape.planes`).
PLANES = (
    "auto", "start-to-end", "through-start", "scaled", "centred", "ends", "three-points", "random",
)  # fmt: skip
GROUND_ID = matching("the id of a ground", r"[0-9a-f]{64}")
_DRAWN = Several(RUN_ID, MOST_DRAWN)
GROUND: dict[str, Form] = {
    "runs": _DRAWN,
    "plane": Perhaps(one_of(*PLANES)),
    "finer": Perhaps(one_of(True, False)),
}
GROUND_RUNS: dict[str, Form] = {"ground": GROUND_ID, "runs": _DRAWN}
HERE: dict[str, Form] = {
    "ground": GROUND_ID,
    "a": number(-1e300, 1e300),
    "b": number(-1e300, 1e300),
}
# A run that begins at a point: the run whose network it has, and its rule.
BEGIN_HERE: dict[str, Form] = {**HERE, "run": RUN_ID, "rule": Perhaps(Maybe(RULE))}
# A picture file of a ground as it is looked at; or of the profile along a run.
PICTURE: dict[str, Form] = {
    "ground": GROUND_ID,
    "form": one_of("png", "svg"),
    "look": one_of("block", "map"),
    "dark": one_of(True, False),
    "run": Perhaps(Maybe(RUN_ID)),
}
# The tasks of a worker that are about grounds; the first one only loads what the others need.
GROUND_TASKS = (
    "load-ground", "ground", "ground-runs", "here", "point", "ground-recipe", "ground-picture",
)  # fmt: skip
