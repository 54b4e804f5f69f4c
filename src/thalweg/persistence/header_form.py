"""The header of a model file: its form as a table, and checks that its parts agree."""

from functools import cache
from typing import Any, get_args

from numpy.typing import NDArray

from thalweg.data.canonical_rows import MOST_DIGESTS, PLACES
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.fitted import Also
from thalweg.estimators.outputs.several_outputs import MOST_TARGETS
from thalweg.estimators.parameters.auto_by_width import alpha_of
from thalweg.estimators.parameters.parameter import KeptAs, Parameter
from thalweg.estimators.parameters.parameter_table import PARAMETERS, parameters_of
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.evaluation.task_kinds import TWO_CLASSES, TaskKind, kind_of_labels
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.persistence.decision_forms import require_threshold
from thalweg.persistence.evaluations.same_quantiles import kind_of_number, require_level_alone
from thalweg.persistence.forms.file_formats import FORMAT, FORMAT_OF_SEVERAL
from thalweg.persistence.forms.offset_form import OFFSET
from thalweg.persistence.forms.repeated_networks import MOST_TIMES, ORDER
from thalweg.persistence.forms.schema_form import EXAMPLES, MISSING, SCHEMA
from thalweg.persistence.judgement_form import REPORTS, VERDICTS, Asked, require_verdict
from thalweg.persistence.plain_data_checks import (
    LABEL,
    TEXT,
    Form,
    FormRule,
    Maybe,
    Perhaps,
    Several,
    list_of,
    number,
    one_of,
    require,
    whole,
)
from thalweg.persistence.targets.target_forms import (
    HASH,
    ONE_OF_SEVERAL,
    OUT_OF_FOLD,
    SOME,
    TARGET,
    TOGETHER,
    WRITTEN,
    headers_of_targets,
    require_evaluated_targets,
    require_none_of_one,
    require_outputs_of_targets,
    require_sizes_of_targets,
    require_together,
)
from thalweg.wording import parameter

HISTORY = ("epoch", "steps", "train_loss", "valid_loss", "rate", "gradient_norm")
KINDS = {"classifier": ThalwegClassifier, "regressor": ThalwegRegressor}

# What columns beside the features say of the rows.
ROLES = ("group", "time", "weight")

AS_THEY_ARE = "as they are"  # the kind of an encoder that does not scale numbers

Header = dict[str, Any]
Arrays = dict[str, NDArray[Any]]

# A header may list this many of anything, besides the number that its arrays have.
_LISTED = 64

# In characters. Each label of a NumPy array takes the memory of the longest, and so does each
# prediction.
LONGEST_LABEL = 1024
MOST_OF_LABELS = 2**20

# Of a search.
MOST_TRIALS = 1_000_000
_COUNT = whole(0)
_SHARE = number(0, 1)
# The most characters of texts that are parsed character by character.
_LONGEST_TEXT = 10_000
# What "auto" meant for the penalty of a network with hidden layers, in files without scales.
_ALPHA_OF_BEFORE = 2.0


class Unstorable(ValueError):
    """Something of a table or of settings that no model file holds, and how to avoid it."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.fix = fix


def _short(rule: FormRule) -> FormRule:
    return FormRule(
        f"{rule.words}, of at most {_LONGEST_TEXT:,} characters",
        lambda value: rule.holds(value) and not (type(value) is str and len(value) > _LONGEST_TEXT),
        like=rule,
    )


_NOT_BELOW_0 = number(0)
_COSTS = FormRule(
    "a list of classes with their weights",
    lambda value: (
        type(value) is list
        and all(type(pair) is list and len(pair) == 2 for pair in value)
        and LABEL.hold_all([label for label, _ in value])
        and _NOT_BELOW_0.hold_all([weight for _, weight in value])
    ),
    like=[[LABEL | _NOT_BELOW_0]],
)
# Forms by how the table of parameters says that a file keeps a parameter; the constructor's own
# rules decide whether a value is valid.
_KEPT: dict[KeptAs, Form] = {
    KeptAs.AS_IT_IS: Maybe(_short(LABEL)),
    KeptAs.CHANGED: Perhaps(_short(LABEL)),
    KeptAs.LABELS: Perhaps(list_of(LABEL)),
    KeptAs.SCORER: Maybe(_short(LABEL)),
    KeptAs.SIZES: whole(1) | list_of(whole(1)),
    KeptAs.ACTIVATIONS: one_of(*ACTIVATIONS) | list_of(one_of(*ACTIVATIONS)),
    KeptAs.COSTS: one_of(None, "balanced") | _COSTS,
    KeptAs.COLUMNS: Perhaps(list_of(TEXT) | EXAMPLES),
}
_OF_COLUMNS = [each.name for each in PARAMETERS if each.kept is KeptAs.COLUMNS]
_ENDINGS = ("max_epochs", "patience", "interrupted", "diverged", "time_limit", "stopped")


_TRUE_OR_FALSE = one_of(True, False)


def _form_of(setting: Parameter) -> Form:
    form = _KEPT[setting.kept]
    if setting.has_switch or setting.kept not in (KeptAs.AS_IT_IS, KeptAs.CHANGED):
        return form
    # For scikit-learn's checks, which come later, true is the number 1.
    assert isinstance(form, Maybe | Perhaps)
    rule = form.form
    assert isinstance(rule, FormRule)
    words = f"{rule.words}, and not true or false"
    return type(form)(
        FormRule(
            words,
            lambda value: rule.holds(value) and not _TRUE_OR_FALSE.holds(value),
            like=TEXT | number(),
        )
    )


@cache
def settings_form(kind: str) -> dict[str, Form]:
    """The form of the settings of a kind of model."""
    return {
        each.name: _form_of(each) for each in parameters_of(kind) if each.kept is not KeptAs.NOT
    }


_ARCHITECTURE: Form = {"sizes": [whole(1)], "activations": [one_of(*ACTIVATIONS)]}
_ENCODER: Form = {"kind": one_of("robust", AS_THEY_ARE), "count": whole(1)}
_MEMBERS: list[Form] = [
    {
        "encoder": _COUNT,
        "best_epoch": _COUNT,  # 0 for weights of another program, not trained further
        "status": one_of(*_ENDINGS),
        "values": Maybe(
            {"center": number(), "scale": number(1e-320), "low": number(), "high": number()}
            # Of a formula as the loss.
            | dict.fromkeys(("size", "grain"), Perhaps(number(1e-300, 1e300)))
        ),
        # Earlier files of this format do not have it.
        # In this range, dividing a penalty by the weight does not overflow.
        "taught": Perhaps(dict.fromkeys(("rows", "weight"), number(1e-100, 1e100))),
        # Of a network of another trial of a search, if its layers are others than the first's.
        "architecture": Perhaps(_ARCHITECTURE),
    }
]
HEADER: dict[str, Form] = {
    "format": one_of(FORMAT, FORMAT_OF_SEVERAL),
    "kind": one_of(*KINDS),
    "thalweg": TEXT,
    "architecture": _ARCHITECTURE,
    "objective": {"loss": _short(TEXT), "alpha": number(0)},
    "schema": SCHEMA,
    "named_columns": one_of(True, False),
    "encoder": _ENCODER,
    **TARGET,
    "targets": Perhaps(Several(ONE_OF_SEVERAL, MOST_TARGETS)),
    "together": Perhaps(TOGETHER),
    "members": _MEMBERS,
    "training": {
        "settings": SOME,
        "seed": whole(0, 2**32 - 1),
        # The share that ran. Earlier files of this format do not have it.
        "dropout": Perhaps(_SHARE),
        # The text of the optimizer that ran. Earlier files of this format do not have it.
        "optimizer": Perhaps(_short(TEXT)),
        "stopping": one_of("cross-validation", "folds", "hold-out", "validation", "none"),
        "history": one_of(list(HISTORY)),
        "out_of_fold": OUT_OF_FOLD,
        # What the fit depended on besides table, sample weights and settings.
        "also": Perhaps(one_of(*get_args(Also))),
    },
    # The networks of the scale of the errors, for scaled intervals. Other files do not have it.
    "scale": Perhaps({"architecture": _ARCHITECTURE, "encoder": _ENCODER, "members": _MEMBERS}),
    "data_hash": HASH,
    # Of the sample weights, if there were any. Earlier files of this format do not have it.
    "weights_hash": Perhaps(HASH),
    # Of the hashes of its rows. Earlier files of this format have another form or none.
    "row_hashes": Perhaps(
        {"salt": HASH, "modulus": whole(PLACES, PLACES * MOST_DIGESTS), "checksum": Maybe(HASH)}
    ),
    "row_salt": Perhaps(HASH),
    "target": Maybe(TEXT),
    # The columns that are no features. Earlier files of this format do not have it.
    "roles": Perhaps(dict.fromkeys(ROLES, Perhaps(TEXT))),
    # How the numbers of the target were written. Earlier files of this format do not have it.
    "target_notation": Perhaps(WRITTEN),
    # And those of the weights of rows, if they were known. Other files do not have it.
    "weight_notation": Perhaps(WRITTEN),
    # Words for a missing value in columns that are no features. Other files do not have it.
    "missing_aside": Perhaps(MISSING),
    # What is added to an answer, or multiplies it. Other files do not have it.
    "offset": Perhaps(OFFSET),
    # Which trials of a search the networks are from. Other files do not have it.
    "tuned": Perhaps(
        {
            "trials": whole(1, MOST_TRIALS),
            "networks": list_of(whole(0, MOST_TRIALS - 1)),
            # Of networks that are several times in the mean.
            "order": Perhaps(ORDER),
        }
    ),
    "judgement": SOME,
    "report": SOME,
}


def require_form(header: Header) -> None:
    """Raise a ValueError if a header does not have the form of the newest format."""
    require(header, HEADER, "header")
    kind = header["kind"]
    for entry in [header, *header.get("targets", ())]:
        if entry["classes"] is not None:
            require_labels(entry["classes"])
    require(header["training"]["settings"], settings_form(kind), "header.training.settings")
    several = "targets" in header
    if several != (header["format"] == FORMAT_OF_SEVERAL):
        raise ValueError("only files of several targets have their format")
    if several:
        require_none_of_one(header)
        require_together(header)
    elif "together" in header:
        raise ValueError("one target must not have correlations of several")
    elif (header["classes"] is None) == (kind == "classifier"):
        raise ValueError("a classifier must have classes, and a regressor must not")
    for one in headers_of_targets(header):
        of_one = task_of(one)
        if one["judgement"] is not None:
            require(one["judgement"], VERDICTS[of_one], "header.judgement")
        if one["report"] is not None:
            require(one["report"], REPORTS[of_one], "header.report")


def require_sizes(header: Header, arrays: Arrays) -> None:
    """Raise a ValueError if a header lists more of something than its arrays can have.

    This is the first check, because later ones go through the lists, some once for each network.
    """
    theta, of_scale, columns = (
        _LISTED + getattr(arrays.get(name), "size", 0)
        for name in ("theta", "scale/theta", "encoder/center")
    )
    room: dict[tuple[str, ...], int] = {
        ("members",): len(arrays) // 2,
        ("architecture", "sizes"): theta,
        ("architecture", "activations"): theta,
        ("scale", "members"): len(arrays) // 2,
        ("tuned", "networks"): len(arrays) // 2,
        ("tuned", "order"): MOST_TIMES * (len(arrays) // 2),
        ("scale", "architecture", "sizes"): of_scale,
        ("scale", "architecture", "activations"): of_scale,
        ("training", "settings", "hidden_layer_sizes"): theta,
        ("training", "settings", "activation"): theta,
        ("training", "settings", "grades"): theta,
        ("importance", "rises"): 2 * columns,
        ("classes", "labels"): theta,
        ("classes", "costs"): theta,
        ("schema", "columns"): columns,
        ("offset", "column", "columns"): 1,
        ("report", "table", "columns"): columns,
    }
    for keys, most in room.items():
        part: Any = header
        for key in keys:
            part = part.get(key) if type(part) is dict else None
        if type(part) in (list, dict) and len(part) > most:
            found = f"{len(part):,} entries, more than its arrays can have"
            raise ValueError(f"header.{'.'.join(keys)} has {found}")
    require_sizes_of_targets(header.get("targets"), min(theta, MOST_TARGETS), columns)
    require_outputs_of_targets(header, arrays)
    training = header.get("training")
    settings = training.get("settings") if type(training) is dict else None
    if type(settings) is dict:
        require_listed(settings, columns - _LISTED)


def require_listed(settings: Header, n_columns: int) -> None:
    """Raise an `Unstorable` if a setting lists more than a table of so many columns can need."""
    most = _LISTED + n_columns
    for name in _OF_COLUMNS:
        part: Any = settings.get(name)
        if type(part) in (list, dict) and len(part) > most:
            raise Unstorable(
                f"header.training.settings.{name} has {len(part):,} entries, more than its arrays "
                "can have",
                f"give at most {most:,} entries for {parameter(name)}",
            )


def require_grades(settings: Header, n_labels: int) -> None:
    """Raise an `Unstorable` if the settings name many more grades than a target has labels."""
    named = settings.get("grades")
    if type(named) is list and len(named) > _LISTED + n_labels:
        raise Unstorable(
            f"grades names {len(named):,} labels, and the target has {n_labels:,}",
            f"name only labels of the target in {parameter('grades')}",
        )


def require_labels(entry: Header) -> None:
    """Raise a ValueError if labels are too long for an array of moderate size."""
    widths = [len(label) for label in entry["labels"] if type(label) is str]
    if max(widths, default=0) > LONGEST_LABEL:
        raise Unstorable(
            f"a label of its classes is longer than {LONGEST_LABEL:,} characters",
            f"shorten the labels to at most {LONGEST_LABEL:,} characters each",
        )
    if entry["dtype"] != "O" and len(widths) * max(widths, default=0) > MOST_OF_LABELS:
        raise Unstorable(
            f"its labels would take more than {MOST_OF_LABELS:,} characters if each were as long "
            "as the longest",
            f"shorten the labels to at most {MOST_OF_LABELS // len(widths):,} characters each",
        )


def task_of(header: Header) -> TaskKind:
    """The task of a model, from its header; of an older one, only kind and classes are checked."""
    if header["kind"] == "regressor":
        return kind_of_number(header)
    return kind_of_labels((header["classes"] or {"labels": []})["labels"])


def notations_of(header: Header) -> tuple[NumberNotation | None, NumberNotation | None]:
    """How the numbers of the target and the weights were written; a ValueError for nonsense."""
    target, weights = header.get("target_notation"), header.get("weight_notation")
    if target is not None and header["kind"] != "regressor":
        raise ValueError("a classifier has no notation for the numbers of its target")
    if weights is not None and "weight" not in header.get("roles", {}):
        raise ValueError("it has a notation for weights, but no column of weights")
    return (
        None if target is None else NumberNotation.from_data(target),
        None if weights is None else NumberNotation.from_data(weights),
    )


def require_agreement(header: Header) -> None:
    """Raise a ValueError if parts of a header of valid form contradict each other."""
    settings, task = header["training"]["settings"], task_of(header)
    penalties = {alpha_of(settings)}
    if settings["alpha"] == "auto":
        penalties.add(_ALPHA_OF_BEFORE)
    if header["objective"]["alpha"] not in penalties:
        raise ValueError("the penalty of the objective is not that of the settings")
    ran = header["training"].get("optimizer", settings["optimizer"])
    if settings["optimizer"] not in ("auto", ran):
        raise ValueError("the optimizer that ran is not that of its settings")
    if "targets" in header:
        if header["kind"] == "classifier" and header["objective"]["loss"] not in TWO_CLASSES.losses:
            raise ValueError("the loss of the objective is not that of its classes")
        for one in headers_of_targets(header):
            _require_evaluation(one, task_of(one))
        require_evaluated_targets(header)
        return
    if task.of_classes and header["objective"]["loss"] not in task.losses:
        raise ValueError("the loss of the objective is not that of its classes")
    require_level_alone(header)
    two = task is TWO_CLASSES
    require_threshold(header["threshold"], header.get("threshold_from"))
    if "threshold" in settings and not two:
        raise ValueError("only two classes may have a threshold in their settings")
    if (header["positive"] is not None) != two or (header["threshold"] is not None) != two:
        raise ValueError("two classes must have a positive class and a threshold, others must not")
    _require_evaluation(header, task)


def _require_evaluation(header: Header, task: TaskKind) -> None:
    """Raise a ValueError if the evaluation of a target contradicts its model."""
    verdict = header["judgement"]
    if verdict is None:
        if header["report"] is not None:
            raise ValueError("it has the data of a report, but no judgement")
        return
    if header["report"] is not None:
        names = [column["name"] for column in header["report"]["table"]["columns"]]
        if names != [column["name"] for column in header["schema"]["columns"]]:
            raise ValueError("the data of its report have other columns than the schema")
    labels = [str(label) for label in header["classes"]["labels"]] if header["classes"] else []
    counted = header["report"] and header["report"]["table"].get("class_counts")
    if counted is not None and sorted(counted) != sorted(labels):
        raise ValueError("the data of its report count other classes")
    weighted, loss = bool(header.get("weights_hash")), header["objective"]["loss"]
    order = (header["classes"] or {}).get("grades", [])
    grades = list(map(str, order)) or None
    asked = Asked(task, labels, str(header["positive"]), loss, weighted, grades)
    require_verdict(asked, verdict, header["report"])
