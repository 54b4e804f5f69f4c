"""Save and load a fitted estimator: one sealed model file, which runs no code when it is read.

The header is JSON and describes the model; θ, encoder and history of each network are arrays. It
has no time of day and no name of a machine: the same model gives the same bytes.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from thalweg.data.canonical_rows import RowDigests
from thalweg.data.likeness.stored_likeness import as_arrays
from thalweg.data.notation.missing_words import (
    MissingColumns,
    MissingWords,
    missing_from_data,
)
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.errors import ModelFileError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.conformal.error_scales import ErrorScales
from thalweg.estimators.deciding.decision_rule import checked_threshold
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.parameters.auto_by_width import (
    alpha_of,
    dropout_of,
    optimizer_text,
)
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.several.targets_together import Together
from thalweg.files import write_atomic
from thalweg.network.formulas.losses import own_text
from thalweg.persistence.evaluations.evaluation_in_own_words import with_own_words
from thalweg.persistence.forms.file_formats import (
    FORMAT,
    FORMAT_OF_SEVERAL,
    require_known_format,
    without_fix,
)
from thalweg.persistence.forms.network_entries import network_arrays, networks_entry
from thalweg.persistence.forms.offset_form import offset_entry
from thalweg.persistence.forms.repeated_networks import single, tuned_entry
from thalweg.persistence.header_form import (
    HISTORY,
    KINDS,
    Header,
    notations_of,
)
from thalweg.persistence.older_formats import upgraded
from thalweg.persistence.plain_data_checks import Plain
from thalweg.persistence.rebuilt import Arrays, Model, rebuilt
from thalweg.persistence.rebuilt_parts import CONFORMAL, LIKENESS, ROWS, SCALE
from thalweg.persistence.storable import CANNOT_BE_SAVED, fix_of
from thalweg.persistence.stored_settings import settings_of
from thalweg.persistence.targets.evaluated_target import (
    EvaluatedTarget,
    evaluations_in,
    kept_judgement,
    together_in,
    with_evaluations,
)
from thalweg.persistence.targets.target_entries import (
    NO_TARGET,
    arrays_of_targets,
    entries_of,
    entry_of_target,
    out_of_fold_entry,
)
from thalweg.sealed_container import read_sealed, seal, unseal
from thalweg.wording import shown

_FIX_OF_KINDS = "use text, numbers, True or False as labels and settings; leave all else as fitted"


@dataclass(frozen=True)
class ModelFile:
    """The content of a model file.

    Attributes
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted. Of one with offsets, the model of rates (`ThalwegRegressor.per_unit`).
    thalweg : str
        The version that wrote the file.
    target : str or None
        The name of the target column, if it was known.
    judgement : dict or None
        The results of the model on held-out rows, as `Verdict.as_dict` gives them.
    report : dict or None
        The other data of a report: ``{"table": …, "curves": …}``.
    target_notation : NumberNotation or None
        How the numbers of the target were written, unless they were plain; with their unit.
    roles : dict
        The names of the columns ``group``, ``time`` and ``weight``, of those that there were.
    weight_notation : NumberNotation or None
        How the weights of rows were written, if that was known.
    evaluations : tuple of EvaluatedTarget
        Of several targets, what the file has of each; empty for one.
    together, other_targets : Together or None, and tuple of str
        How several targets go together on test rows; of a view of one target, the others.
    level : float or None
        Of a view of one of several quantiles, its level.
    missing_aside : MissingWords
        The words for a missing value of columns that are no features, such as the target.
    """

    model: Model
    thalweg: str
    target: str | None
    judgement: VerdictData | None
    report: dict[str, Any] | None
    target_notation: NumberNotation | None = None
    roles: dict[str, str] = field(default_factory=dict)
    weight_notation: NumberNotation | None = None
    evaluations: tuple[EvaluatedTarget, ...] = ()
    together: Together | None = None
    other_targets: tuple[str, ...] = ()
    level: float | None = None
    missing_aside: MissingWords = field(default_factory=MissingWords)

    def words(self, missing: MissingColumns = None) -> MissingWords:
        """The words for a missing value of all columns, and those that a later table adds."""
        known = self.model.schema_.missing.and_of(self.missing_aside)
        return known.and_of(MissingWords.of(missing))

    @property
    def levels(self) -> tuple[float, ...]:
        """The levels of several quantiles; empty for one answer."""
        outputs = self.model._known.first.outputs
        return outputs.levels if isinstance(outputs, Quantiles) else ()

    def of_level(self, level: float) -> "ModelFile":
        """The file as if one of several quantiles were the only one: without their evaluation."""
        one = self.model.for_target(level)
        if isinstance(one, ThalwegRegressor):
            one._rates_of = one._known.offset
        return replace(self, model=one, judgement=None, report=None, level=level)

    def column(self, target: str | None) -> str | None:
        """The target's column in a table: the one that is named, or that of the fit."""
        return self.target if self.level is not None else target or self.target

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of several targets; empty for one."""
        several = self.model._known.several
        return () if several is None else several.names

    def of_target(self, name: str) -> "ModelFile":
        """The file as if one of several targets were the only one."""
        own = self.evaluations[self.targets.index(name)]
        return replace(
            self, model=self.model.for_target(name), target=name, judgement=own.judgement,
            report=own.report, target_notation=own.target_notation, evaluations=(), together=None,
            other_targets=tuple(each for each in self.targets if each != name),
        )  # fmt: skip


def save_model(
    model: object,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    target: str | None = None,
    judgement: VerdictData | None = None,
    report: dict[str, Any] | None = None,
    target_notation: NumberNotation | None = None,
    weight_notation: NumberNotation | None = None,
    roles: Mapping[str, str] = MappingProxyType({}),
    evaluations: Sequence[EvaluatedTarget] = (),
    together: Together | None = None,
    missing_aside: MissingWords | None = None,
) -> None:
    """Write a fitted estimator to one file, completely or not at all.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted. Its labels are text, integers, floats or booleans.
    path : str or path
        The folder must exist.
    overwrite : bool, default False
        Whether an existing file may be replaced.
    target : str, optional
        The name of the target column.
    judgement : dict, optional
        The results of this model on held-out rows, as `Verdict.as_dict` gives them.
    report : dict, optional
        The other data of a report: ``{"table": …, "curves": …}``, as
        `thalweg.reporting.page.report_page.report_data` takes them. Counts and ranges, no rows.
    target_notation, weight_notation : NumberNotation, optional
        How the numbers of the target, with their unit, and the weights of rows were written.
    roles : mapping of str to str
        The names of the columns ``group``, ``time`` and ``weight``, of those that there were.
    evaluations, together : sequence of EvaluatedTarget and Together, optional
        Of several targets, the results of each, and how they go together.
    missing_aside : MissingWords, optional
        The words for a missing value of columns that are no features, such as the target.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        The model has not been fitted.
    SettingsError
        The model has something that a file cannot store, such as dates as labels.
    OutputError
        The file cannot be written; an existing file is unchanged.
    """
    known = _storable(model)
    kept: Plain = kept_judgement(judgement)
    more: Header = {"target": target, "judgement": kept, "report": report}
    notations = {"target_notation": target_notation, "weight_notation": weight_notation}
    more |= {key: each.as_data() for key, each in notations.items() if each is not None}
    more |= {"roles": dict(roles)} if roles else {}
    more |= {"missing_aside": missing_aside.as_setting()} if missing_aside else {}
    more |= {} if together is None else {"together": together.as_dict()}
    write_atomic(path, _sealed(known, more, evaluations), overwrite=overwrite)


def model_bytes(model: object) -> bytes:
    """The bytes of the file that ``save`` of a fitted estimator writes: without an evaluation."""
    more: Header = {"target": None, "judgement": None, "report": None}
    return _sealed(_storable(model), more)


def _storable(model: object) -> Model:
    """The model itself, if it is a fitted one that a file stores."""
    if not (type(model) is ThalwegClassifier or type(model) is ThalwegRegressor):
        raise SettingsError(
            f"An object of type {type(model).__name__} cannot be saved in a model file",
            why="A file stores a ThalwegClassifier or ThalwegRegressor, not a subclass of one",
            fix="save the fitted estimator itself",
        )
    check_is_fitted(model)
    return model


def load_model(path: str | os.PathLike[str]) -> Model:
    """Read a fitted estimator from a file that `save_model` wrote.

    Its predictions are those of the saved one, to the last bit. Nothing in the file is executed.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    ThalwegClassifier or ThalwegRegressor
        Its ``random_state`` is the seed of the fit, also if that was drawn at random. Its
        ``scoring`` is None if that was a function, which no file can store.

    Raises
    ------
    ModelVersionError
        A newer thalweg wrote the file, in a format that this version does not know.
    ModelFileError
        The file is missing, damaged, not a model file, or not valid.
    """
    model = read_model(path, several=True).model
    if isinstance(model, ThalwegRegressor):
        model._rates_of = None  # it predicts rows with their own exposures
    return model


def read_model(path: str | os.PathLike[str], *, several: bool = False) -> ModelFile:
    """Read all content of a model file; raises what `load_model` raises.

    Without ``several``, a model of several targets is refused: a SettingsError says how to save the
    model of one of them.
    """
    header, arrays = read_sealed(path)
    require_known_format(header, os.fspath(path))
    try:
        header = upgraded(header)
        model = rebuilt(header, arrays)
        if isinstance(model, ThalwegRegressor):
            model._rates_of = model._known.offset
        notation, of_weights = notations_of(header)
        judgement = with_own_words(model, header["judgement"], header["target"])
        evaluations = evaluations_in(header, model)
        missing = missing_from_data(header.get("missing_aside", []))
    except (ValueError, ArithmeticError, MemoryError) as bad:
        reason = without_fix(bad)[:300] or "there is not enough memory for the sizes that it names"
        raise ModelFileError(
            "The model file is not valid",
            where=os.fspath(path),
            why=f"The checksum is right, but thalweg did not write this file: {reason}",
            fix="do not trust its source; save the model again with thalweg",
        ) from bad
    if not several and model._known.several is not None:
        raise _of_several(model._known.several.names, os.fspath(path))
    return ModelFile(
        model, header["thalweg"], header["target"], judgement, header["report"], notation,
        header.get("roles", {}), of_weights, evaluations, together_in(header),
        missing_aside=missing,
    )  # fmt: skip


def _of_several(names: Sequence[str], path: str) -> SettingsError:
    return SettingsError(
        f"The model has {len(names)} targets, and the command line asks models of one target",
        where=path,
        fix="save the model of one target in Python: "
        f"thalweg.load_model({shown(path)}).for_target({shown(names[0])}).save(…)",
    )


# --- from a model to plain data ---------------------------------------------------------------


def _sealed(model: Model, more: Header, evaluations: Sequence[EvaluatedTarget] = ()) -> bytes:
    """The bytes of a model file, with what belongs to it beside the model; it can be read again."""
    fitted = _as_it_predicts(model)
    try:
        kind = next(kind for kind, each in KINDS.items() if type(model) is each)
        header = with_evaluations({**_header(kind, fitted), **more}, evaluations)
        data = seal(header, _arrays(fitted))
        rebuilt(*unseal(data))
    except (TypeError, ValueError) as bad:
        raise SettingsError(
            CANNOT_BE_SAVED,
            why=f"It has something that a file cannot store: {bad}",
            fix=fix_of(bad, _FIX_OF_KINDS),
        ) from bad
    return data


def _as_it_predicts(model: Model) -> Fitted:
    """The result of the fit, with the parameters that also act if they are set after the fit."""
    fitted = model._known
    settings = {**fitted.settings, "unknown": model.unknown}
    settings.pop("threshold", None)
    if isinstance(model, ThalwegClassifier) and model.threshold is not None:
        n_classes = 2 if fitted.parts else len(model.classes_)
        n_labels = len(fitted.parts) or 1
        settings["threshold"] = checked_threshold(model.threshold, n_classes, n_labels)
    if isinstance(settings.get("positive"), Mapping):  # each target has its own in the file
        settings["positive"] = None
    return replace(fitted, settings=settings)


def _header(kind: str, fitted: Fitted) -> Header:
    settings, outputs = settings_of(fitted.settings), fitted.first.outputs
    networks, several = networks_entry(single(fitted.networks)), fitted.several
    own = NO_TARGET if several is not None else entry_of_target(fitted, fitted.outputs)
    return {
        "format": FORMAT if several is None else FORMAT_OF_SEVERAL,
        "kind": kind,
        "thalweg": version("thalweg"),
        "architecture": networks["architecture"],
        "objective": {"loss": own_text(outputs.loss), "alpha": alpha_of(settings)},
        "schema": fitted.schema.to_header(),
        "named_columns": fitted.schema.named,
        "encoder": networks["encoder"],
        **own,
        "members": networks["members"],
        "training": {
            "settings": settings,
            "seed": fitted.seed,
            "dropout": dropout_of(settings, kind),
            "optimizer": optimizer_text(settings),
            "stopping": fitted.stopping,
            "history": list(HISTORY),
            "out_of_fold": out_of_fold_entry(fitted.out_of_fold),
            **({"also": fitted.also} if fitted.also else {}),
        },
        **({} if several is None else {"targets": entries_of(fitted, several)}),
        **_scale_entry(fitted),
        "data_hash": fitted.data_hash,
        **({"weights_hash": fitted.weights_hash} if fitted.weights_hash else {}),
        **_row_hashes_entry(fitted.row_digests),
        **offset_entry(fitted.offset),
        **({"tuned": tuned_entry(fitted.tuned, fitted.networks)} if fitted.tuned else {}),
    }


def _row_hashes_entry(rows: RowDigests | None) -> Header:
    """How the hashes of the rows of the fit were made, if there are some."""
    if rows is None:
        return {}
    made = {"salt": rows.salt, "modulus": len(rows.seen), "checksum": rows.checksum}
    return {"row_hashes": made}


def _scale_entry(fitted: Fitted) -> Header:
    """The networks of the scale of the errors, for scaled intervals; else nothing."""
    if not isinstance(fitted.conformal, ErrorScales):
        return {}
    return {"scale": networks_entry(fitted.conformal.networks)}


def _arrays(fitted: Fitted) -> Arrays:
    """The arrays of the networks and of what the fit knows of its rows, with prefixes for these."""
    arrays = network_arrays(single(fitted.networks)) | arrays_of_targets(fitted)
    if fitted.conformal is not None:
        for name, array in fitted.conformal.as_arrays().items():
            arrays[CONFORMAL + name] = array
    if isinstance(fitted.conformal, ErrorScales):
        for name, array in network_arrays(fitted.conformal.networks).items():
            arrays[SCALE + name] = array
    if fitted.row_digests is not None:
        arrays[ROWS] = np.packbits(fitted.row_digests.seen, bitorder="little")
    if fitted.likeness is not None:
        for name, array in as_arrays(fitted.likeness).items():
            arrays[LIKENESS + name] = array
    return arrays
