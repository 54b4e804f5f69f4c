"""The documents of landscapes and sweeps; most of it is read from the classes that write it."""

from thalweg.jobs.documents.forms_of_classes import ClassForms
from thalweg.jobs.documents.shared_forms import (
    COUNT,
    FILE,
    MEASURED,
    NUMBER,
    TEXTS,
    TRUTH,
    Fields,
)
from thalweg.landscape.connections.matched_units import UnitMatch
from thalweg.landscape.connections.run_connection import Connection, LineCurve
from thalweg.landscape.ground.curvature_at_ends import EndCurvature
from thalweg.landscape.ground.jiggle import Jiggle
from thalweg.landscape.ground.path_ribbon import Profile
from thalweg.landscape.ground.run_over_ribbon import RunOverRibbon
from thalweg.landscape.ground.sharpness_and_stability import Extremes, Sharpness
from thalweg.landscape.ground.surface import Surface
from thalweg.landscape.planes.distortion import Badge, GridGap, Trail
from thalweg.landscape.planes.followed_plane import FollowedPlane
from thalweg.landscape.planes.plane import Plane
from thalweg.landscape.runs.race import Race
from thalweg.landscape.runs.race_story import NameCheck
from thalweg.landscape.runs.rates_of_table import TableRates
from thalweg.landscape.runs.runner import Behaviour, RunCut
from thalweg.landscape.sweeps.swept_map import Sweep
from thalweg.persistence.plain_data_checks import TEXT, Form, Maybe, Perhaps, one_of

_CLASSES = ClassForms({"GridGap": GridGap})
_OVER: Fields = {
    "misfit": MEASURED,
    "verdict": TEXT,
    "worst_step": COUNT,
    "worst_gap": MEASURED,
    "far": MEASURED,
}


def _race() -> Fields:
    """The form of a race, from the parts that it consists of."""
    add = _CLASSES.add
    plane: Fields = dict.fromkeys(("method", "words"), TEXT) | {
        "axes": TEXTS, "angle": MEASURED, "seed": Maybe(COUNT), "notes": TEXTS,
    }  # fmt: skip
    _CLASSES.take(Plane, plane)
    add(Trail, {**_OVER, "of_points": COUNT})
    add(Badge, {"sentences": TEXTS})
    add(Surface, {"cap": MEASURED, "above_cap": COUNT})
    add(RunOverRibbon, _OVER)
    add(Profile, {"turned": COUNT, "sentences": TEXTS})
    add(Jiggle, {"sentence": TEXT})
    extremes = add(Extremes, {"downwards": TRUTH, "found": TRUTH})
    add(Sharpness, {**extremes, "sentences": TEXTS}, ["extremes"])
    add(EndCurvature, {"formula": Maybe(TEXT), "above": TRUTH, "sentence": TEXT})
    add(Behaviour, {"wanders": TRUTH})
    add(RunCut, {})
    add(TableRates, {}, ["pilot"])
    add(LineCurve, dict.fromkeys(("peak", "barrier", "at", "above_ends"), MEASURED))
    _CLASSES.take(
        UnitMatch,
        {
            "orders": [[COUNT]],
            "signs": [[NUMBER]],
            **dict.fromkeys(("units", "moved", "flipped", "sweeps"), COUNT),
            "distance": MEASURED,
            "distance_matched": MEASURED,
        },
    )
    match, curves = _CLASSES.of(UnitMatch), _CLASSES.of(LineCurve)
    _CLASSES.take(
        Connection,
        {
            "names": TEXTS,
            "titles": TEXTS,
            "t": [NUMBER],
            "match": match,
            "odd": TRUTH,
            "curves": [curves],
            "finding": TEXT,
            "sentences": TEXTS,
        },
    )
    story: Form = [add(NameCheck, {})]
    followed = add(FollowedPlane, {"middle_gap": MEASURED, "sentences": TEXTS}, ["trail"])
    return add(Race, {"story": story, "followed": Perhaps(followed)}, ["terrain", "paths"])


RACE = _race()
LANDSCAPE: Form = {"file": FILE, "landscape": RACE}

SWEEP: Fields = _CLASSES.add(
    Sweep,
    {"lowest": Maybe({"units": COUNT, "rate": NUMBER}), "finding": TEXT, "sentences": TEXTS},
)
_POINT: Form = {
    "value": Maybe(_CLASSES.of(object)),
    "label": TEXT,
    "is_default": TRUTH,
    **dict.fromkeys(("loss", "standard_error", "train_loss", "train_standard_error"), MEASURED),
    "fold_losses": [MEASURED],
    "fold_train_losses": [MEASURED],
    "n_diverged": COUNT,
    "seconds": NUMBER,
    "beside_lowest": Maybe(TEXT),
    "by": one_of(None, "ratio", "difference"),
    "beside": MEASURED,
    "at_least": MEASURED,
}
CURVE: Fields = {
    **dict.fromkeys(("finding", "verdict", "setting", "scale", "loss_name", "data"), TEXT),
    "sentences": TEXTS,
    "seed": Maybe(COUNT),
    **dict.fromkeys(("n_rows", "n_folds", "n_asked"), COUNT),
    "folds": one_of("own", "around"),
    "ended_by": TEXT,
    "seconds": NUMBER,
    "further": TEXT,
    "constant": MEASURED,
    "points": [_POINT],
}
SWEEPS: tuple[Fields, ...] = ({"file": FILE, "sweep": SWEEP}, {"file": FILE, "curve": CURVE})
