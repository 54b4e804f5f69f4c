"""Validate the sections of an evaluation in a model file: closed forms, with bounded lengths.

The forms are made from `thalweg.evaluation.section_shapes`. Every list has a largest length, so
that a file cannot fill a page, and the lists of one curve must have one length.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from thalweg.data.schema.kinds import KINDS
from thalweg.evaluation.calibration.calibration_shapes import (
    MulticlassCalibrationData,
    QuantileCalibrationData,
    RegressionCalibrationData,
    TwoClassCalibrationData,
)
from thalweg.evaluation.conformal.conformal_shapes import IntervalCoverageData, SetCoverageData
from thalweg.evaluation.importance.importance_sentences import ImportanceSection
from thalweg.evaluation.judging.shapes import EstimateData, Share, Size
from thalweg.evaluation.section_shapes import EffectsSection, SectionsData
from thalweg.evaluation.section_texts.sections_of_files import COMPUTED
from thalweg.evaluation.task_kinds import (
    ONE_NUMBER,
    SEVERAL_CLASSES,
    SEVERAL_QUANTILES,
    TWO_CLASSES,
    TaskKind,
)
from thalweg.persistence.estimate_forms import IMPORTANCE, importance_of
from thalweg.persistence.plain_data_checks import (
    Each,
    Either,
    Form,
    FormRule,
    Maybe,
    Perhaps,
    Plain,
    Several,
    number,
    one_of,
    require,
    text_of,
)

# The steps of a curve of 10⁶ rows are some hundreds; a page draws all of them.
_MOST_POINTS = 10_000
_MOST_KEYS = 100
# A sentence names classes up to six times, and each may be as long as a file can store.
_LONGEST_TEXT = 20_000
# A mean of ones can be so much above 1.
_ROUNDING = 1e-9

_INFINITE = one_of("Infinity", "-Infinity")
_NUMBER = number()
_MEASURED = one_of(None) | _INFINITE | _NUMBER
_ENDS = ("value", "low", "high")


def _is_estimate(value: Plain) -> bool:
    if type(value) is not dict or value.keys() != {*_ENDS}:
        return False
    if not all(_MEASURED.holds(value[end]) for end in _ENDS):
        return False
    low, high = value["low"], value["high"]
    return (low is None) is (high is None) and (low is None or float(low) <= float(high))


# Unlike those of metrics, some intervals of bootstraps do not contain the value.
_ESTIMATE = FormRule(
    "a value, and an interval from low to high or none",
    _is_estimate,
    keys=frozenset(_ENDS),
    like=dict.fromkeys(_ENDS, _MEASURED),
)
_FORMS: dict[object, FormRule] = {
    str: text_of(_LONGEST_TEXT),
    bool: one_of(True, False),
    int: number(),
    float: _NUMBER,
    EstimateData: _ESTIMATE,
    Share: number(0, 1 + _ROUNDING),
    Size: number(0),
}
# Earlier files have the sentences, too.
_COMPUTED: dict[object, Sequence[str]] = {
    ImportanceSection: COMPUTED["importance"],
    EffectsSection: COMPUTED["effects"],
}
# In all sections, a number with this name is a p-value; null where there was no test.
_P_VALUES = ("p_value", "p", "p_adjusted")
_P_VALUE = Maybe(_FORMS[Share])
# The parts of sections that count the rows that they are computed from.
_OF_ALL_ROWS = {
    "threshold": ("point",),
    "benefit": ("curve",),
    "abstention": ("at_price", "line"),
}
# Keys of numbers of evaluated rows. Sums of weights whose mean is 1 are rounded.
_COUNTS = frozenset(
    (
        "n", "n_rows", "n_samples", "n_positive", "n_negative", "n_answered", "n_wrong", "events",
        "n_repeated", "true_positive", "false_negative", "false_positive", "true_negative",
    )
)  # fmt: skip
_NEARLY = 1 + 1e-6
# A threshold counts the rows that chose it, which are others.
_OF_OTHER_ROWS = "chosen"
# What is about a model: bounds that are a little wider than what a report makes.
_MOST_CURVES, _MOST_WITHOUT, _MOST_OF_CURVE, _MOST_NETWORKS = 72, 100, 64, 10_000
_DENSITY_STEPS = 20
# Numbers of curves are rounded to six digits, shares of a density to three.
_ROUNDED, _ROUNDED_SHARES = 1e-4, 0.02
_SCALES, _WAYS = ("log-odds", "probability", "number"), ("ale", "pdp")
_OF_POINTS = ("x", "mean", "low", "high", "rows_in_bin", "supported")
_CONFUSION = ("true_positive", "false_negative", "false_positive", "true_negative")
_Sums: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
# The parts of a whole: their sum is at most that of the whole, or exactly that.
_AT_MOST: _Sums = (("n_answered", ("n_wrong",)), ("n", ("events",)))
_EXACTLY: _Sums = (("n_samples", _CONFUSION), ("n_rows", ("n_positive", "n_negative")))
_CALIBRATIONS: dict[TaskKind, tuple[object, ...]] = {
    TWO_CLASSES: (TwoClassCalibrationData,),
    SEVERAL_CLASSES: (MulticlassCalibrationData,),
    ONE_NUMBER: (RegressionCalibrationData, QuantileCalibrationData),
    SEVERAL_QUANTILES: (QuantileCalibrationData,),  # which `same_quantiles` refuses
}
_COVERAGES = {
    TWO_CLASSES: SetCoverageData,
    SEVERAL_CLASSES: SetCoverageData,
    ONE_NUMBER: IntervalCoverageData,
    SEVERAL_QUANTILES: IntervalCoverageData,
}


def sections_form(task: TaskKind, *, whole: bool = False) -> Form:
    """The form of the sections of a task; null where there are none.

    Parameters
    ----------
    task : TaskKind
    whole : bool
        Whether what is computed from the numbers must be there, as in the documents of today.
    """
    own = (*_CALIBRATIONS[task], _COVERAGES[task])
    return Maybe(form_of_shape(SectionsData, own, whole=whole))


def form_of_shape(shape: Any, of_task: Sequence[object] = (), *, whole: bool = False) -> Form:
    """The form of a type; of the types of several tasks, that of this one."""
    form_of = partial(form_of_shape, of_task=of_task, whole=whole)
    if shape in _FORMS:
        return _FORMS[shape]
    if is_typeddict(shape):
        hints = get_type_hints(shape, include_extras=True)
        found = {
            key: _P_VALUE if key in _P_VALUES else form_of(inner) for key, inner in hints.items()
        }
        absent = () if whole else _COMPUTED.get(shape, ())
        return found | {key: Perhaps(found[key]) for key in absent}
    if get_origin(shape) is NotRequired:  # older files have no such key
        return Perhaps(form_of(get_args(shape)[0]))
    if get_origin(shape) is Literal:
        return one_of(*get_args(shape))
    if get_origin(shape) is Annotated:  # a count, which a weight may make a fraction
        return number(0)
    if get_origin(shape) in (UnionType, Union):
        return _form_of_union(get_args(shape), of_task, form_of)
    if get_origin(shape) is dict:
        return Each(form_of(get_args(shape)[1]), _MOST_KEYS)
    assert get_origin(shape) is list, shape
    return Several(form_of(get_args(shape)[0]), _MOST_POINTS)


def _form_of_union(
    parts: Sequence[object], of_task: Sequence[object], form_of: Callable[[Any], Form]
) -> Form:
    """Null or a value; or a number, for which infinity is a text; or what one task has."""
    rest = [part for part in parts if part is not NoneType]
    if str in rest and len(rest) > 1:  # no text but infinity
        (plain,) = (each for each in rest if each is not str)
        rule = _FORMS[plain]
        form: Form = rule | _INFINITE
    elif len(rest) > 1:
        forms = tuple(form_of(each) for each in rest if each in of_task)
        form = forms[0] if len(forms) == 1 else Either(cast(tuple[dict[str, Form], ...], forms))
    else:
        form = form_of(rest[0])
    return Maybe(form) if NoneType in parts else form


def require_sections(sections: dict[str, Plain], n_classes: int, n_rows: float) -> None:
    """Raise a ValueError if sections of valid form contradict themselves or their judgement.

    Parameters
    ----------
    sections : dict
    n_classes : int
        Of the model; 0 for a numeric target.
    n_rows : float
        The evaluated rows of the judgement.
    """
    _require_rows(sections, n_rows)
    _require_counts(sections, n_rows)
    if (calibration := sections["calibration"]) is not None:
        found = calibration["found"]
        each_class = found.get("classes", [found])
        if "classes" in found and len(each_class) != n_classes:
            raise ValueError("the calibration is that of another number of classes")
        for each in each_class:
            _require_curve(each.get("curve"))
        if "level" in found and not 0 < found["level"] < 1:
            raise ValueError("the level of the calibrated quantile is not between 0 and 1")
    if (benefit := sections["benefit"]) is not None:
        curve = benefit["curve"]
        kept = ("thresholds", "model", "all", "none", "gain", "avoided", "few")
        more = [key for key in ("other", "gain_over_other") if curve[key] is not None]
        _require_one_length(curve, [*kept, *more], "net benefit")
    if (abstention := sections["abstention"]) is not None:
        line = abstention["line"]
        _require_one_length(line, ["coverage", "risk"], "errors among the surest rows")
        if line["coverage"] != sorted(line["coverage"]):
            raise ValueError("the shares of answered rows are not in order")
    if (coverage := sections["coverage"]) is not None:
        found, of_sets = coverage["found"], "words" in coverage["found"]
        if of_sets and found["refused"] is None and len(found["coverage"]) != n_classes:
            raise ValueError("the coverage is that of another number of classes")
        if of_sets and len(found.get("fewer", [])) not in (0, n_classes):
            raise ValueError("the tests of coverage are those of another number of classes")
        estimates = found["coverage"] if of_sets else [found["coverage"]]
        shares = [each["value"] for each in estimates if each["value"] is not None]
        if not all(0 <= float(share) <= 1 + _ROUNDING for share in shares):
            raise ValueError("a coverage is not from 0 to 1")
    if (importance := sections.get("importance")) is not None:
        _require_importance(importance)
    if (effects := sections.get("effects")) is not None:
        _require_effects(effects, n_rows)
    if sections.get("explained") is not None:
        # Beside the networks, its contributions would tell the cells of these rows.
        raise ValueError("there are explained rows, which no file keeps")


def _require_importance(section: dict[str, Plain]) -> None:
    """Raise a ValueError if a section of importance contradicts itself."""
    found = section["found"]
    # It has the same rules in the header of a model, which keeps neither columns nor refits.
    kept = {key: found[key] for key in IMPORTANCE}
    kept["rises"] = [{key: each[key] for key in each if key != "without"} for each in kept["rises"]]
    require(kept, IMPORTANCE, "importance")
    importance_of(found, found["columns"])
    if "lines" not in section:
        return
    lines = section["lines"]
    if len(lines) != len(found["rises"]):
        raise ValueError("the lines of importance are not those of its columns")
    rises = {tuple(each["members"]): each for each in found["rises"]}
    places = {name: j for j, name in enumerate(found["columns"])}
    for line in lines:
        own = rises.get(tuple(places.get(name, -1) for name in line["members"]))
        if own is None or any(line[end] != own[end] for end in _ENDS):
            raise ValueError("a line of importance has other numbers than its column")


def _require_effects(section: dict[str, Plain], n_rows: float) -> None:
    """Raise a ValueError if effect curves are too many, or one is none."""
    curves = section["curves"]
    if not 0 < len(curves) <= _MOST_CURVES or len(section["without"]) > _MOST_WITHOUT:
        raise ValueError(f"the effect curves are not 1 to {_MOST_CURVES}")
    mean = section["mean_probability"]
    if (section["scale"] == "log-odds") is (mean is None) or not 0 <= (mean or 0) <= 1:
        raise ValueError("the mean probability does not fit the scale of the effect curves")
    if section["scale"] not in _SCALES or len({len(each["members"]) for each in curves}) != 1:
        raise ValueError("the effect curves have no scale, or different networks")
    for curve in curves:
        n = len(curve["x"])
        if not 0 < n <= _MOST_OF_CURVE or len(curve["members"]) > _MOST_NETWORKS:
            raise ValueError("an effect curve has too many points or networks, or none")
        _require_one_length(curve, [*_OF_POINTS, *(["texts"] if curve["texts"] else [])], "effects")
        if any(len(each) != n for each in curve["members"]) or curve["x"] != sorted(curve["x"]):
            raise ValueError("an effect curve has lists of different lengths, or is not in order")
        if len(curve["density"]) not in (0, _DENSITY_STEPS):
            raise ValueError("an effect curve has no density of its steps")
        _require_curve_of_effect(curve, n_rows)


def _require_curve_of_effect(curve: dict[str, Plain], n_rows: float) -> None:
    """Raise a ValueError if the numbers of one effect curve contradict each other."""
    points = [curve[end] for end in ("low", "mean", "high")]
    if (missing := curve["missing"]) is not None:
        points = [[*each, missing[end]] for each, end in zip(points, ("low", "mean", "high"),
                                                             strict=True)]  # fmt: skip
        if len(missing["members"]) != len(curve["members"]):
            raise ValueError("an effect of a missing value has other networks than its curve")
    slack = _ROUNDED * max(abs(end) for each in points for end in each)
    if not all(low - slack <= y <= high + slack for low, y, high in zip(*points, strict=True)):
        raise ValueError("an effect is outside its interval")
    rows = [*curve["rows_in_bin"], *([] if missing is None else [missing["rows"]])]
    if not all(0 <= each <= n_rows * _NEARLY for each in rows):
        raise ValueError("an effect curve counts more rows than the judgement")
    density = curve["density"]
    if density and not (min(density) >= 0 and abs(sum(density) - 1) <= _ROUNDED_SHARES):
        raise ValueError("the density of an effect curve is none")
    if curve["kind"] not in _WAYS or curve["values"] not in KINDS or curve["size"] < 0:
        raise ValueError("an effect curve is of an unknown kind, or has a negative size")


def _require_rows(sections: dict[str, Plain], n_rows: float) -> None:
    """Raise a ValueError if a section is of other rows than the judgement."""
    parts = [sections]
    for key, names in _OF_ALL_ROWS.items():
        section = sections[key]
        parts += [section[name] for name in names] if section is not None else []
    # Of several repetitions the sections have the rows of the first one, which are as many.
    if any(part["n_samples"] != n_rows for part in parts):
        raise ValueError("the sections are of other rows than the judgement")


def _require_counts(sections: dict[str, Plain], n_rows: float) -> None:
    """Raise a ValueError if a section counts more rows than there are, or in parts than in all."""
    for part in _parts(sections):
        for key in _COUNTS & part.keys():
            counted = part[key] if isinstance(part[key], list) else [part[key]]
            if any(each is not None and not 0 <= each <= n_rows * _NEARLY for each in counted):
                raise ValueError(f"a section counts more rows than the judgement: {key}")
        for whole, parts in _AT_MOST:
            known = part.keys() >= {whole, *parts} and None not in _of(part, parts)
            if known and sum(_of(part, parts)) > part[whole] * _NEARLY:
                raise ValueError(f"a section counts more in its parts than in all: {whole}")
        for whole, parts in _EXACTLY:
            counts = _of(part, (whole, *parts)) if part.keys() >= {whole, *parts} else []
            # Of weights that are no counts of rows, these are effective numbers or sums of weights.
            rows = all(float(each).is_integer() for each in counts)
            if rows and sum(counts) != 2 * sum(counts[:1]):
                raise ValueError(f"the rows of a section do not add up: {whole}")


def _of(part: dict[str, Plain], keys: tuple[str, ...]) -> list[Plain]:
    return [part[key] for key in keys]


def _parts(value: Plain) -> Iterator[dict[str, Plain]]:
    """Every dict of plain data, at any depth, except what is about other rows."""
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key != _OF_OTHER_ROWS:
                yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)


def _require_curve(curve: dict[str, Plain] | None) -> None:
    if curve is None:
        return
    _require_one_length(curve, ["low", "high", "observed", "n_rows"], "calibration")
    _require_one_length(curve, ["band_at", "band_low", "band_high"], "calibrated predictions")
    shares = [value for key, values in curve.items() if key != "n_rows" for value in values]
    if shares and not (min(shares) >= 0 and max(shares) <= 1 + _ROUNDING):
        raise ValueError("a calibration curve leaves the range from 0 to 1")
    if curve["observed"] != sorted(curve["observed"]):
        raise ValueError("a calibration curve is not monotone")


def _require_one_length(curve: dict[str, Plain], keys: Sequence[str], name: str) -> None:
    if len({len(curve[key]) for key in keys}) != 1:
        raise ValueError(f"the curve of {name} has lists of different lengths")
