"""The HTML that a notebook shows for an estimator: scikit-learn's diagram and the results.

It is HTML without scripts and requests. If a page removes styles and drawings, as pages that do not
trust a notebook do, the facts remain as text.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted

from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.auto_by_width import epochs_of
from thalweg.estimators.parameters.optimizer_of_fit import (
    fitted_optimizer_text,
    text_at_constant_rate,
)
from thalweg.evaluation.answers import OUT_OF_FOLD
from thalweg.reporting.html_pieces import label, network_title, text
from thalweg.reporting.network_drawing_data import facing, input_groups, is_turned
from thalweg.reporting.network_svg import DOWN, UP, network_svg
from thalweg.reporting.verdict_words import (
    batches_ended,
    cross_validated,
    passes_in_batches,
    why_ended,
)
from thalweg.training.history import History, column, pass_name
from thalweg.wording import amount, counted

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

# Training rows of a network: four of five folds of 200 rows.
_FEW_ROWS = 160
# The theme of JupyterLab or VS Code has priority over the system's: they may differ.
_LIGHT, _DARK = f"--up:{UP};--down:{DOWN}", "--up:#e8792b;--down:#2f95d8"
_STYLE = "".join(
    (
        f".thalweg{{{_LIGHT};font:13px/1.6 sans-serif;max-width:640px;margin:.8em 0}}",
        f"@media(prefers-color-scheme:dark){{.thalweg{{{_DARK}}}}}",
        f"[data-jp-theme-light=true] .thalweg,.vscode-light .thalweg{{{_LIGHT}}}",
        f"[data-jp-theme-light=false] .thalweg,.vscode-dark .thalweg{{{_DARK}}}",
        # Notebooks have their own rules for lists, so these need a higher specificity.
        ".thalweg dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:0 1em;margin:0}",
        ".thalweg dl.facts dt{opacity:.65;margin:0;font-weight:400;white-space:nowrap}",
        ".thalweg dl.facts dt,.thalweg dl.facts dd{float:none;width:auto;margin:0;padding:0}",
        ".thalweg svg{display:block;margin:.2em 0}",
        ".thalweg path.up{stroke:var(--up)}.thalweg path.down{stroke:var(--down)}",
        ".thalweg circle.up{fill:var(--up)}.thalweg circle.down{fill:var(--down)}",
    )
)


def html_repr(model: Any) -> str:
    """The HTML that a notebook shows for an estimator.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted or not.

    Returns
    -------
    str
        scikit-learn's own diagram (its copy buttons use scikit-learn's own script); below it
        the facts of a fitted model, its losses and, folded, its network.
    """
    diagram: str = estimator_html_repr(model)
    try:
        check_is_fitted(model)
    except NotFittedError:
        return f"{diagram}<p>Not fitted: after <code>fit</code>, this shows what it learned.</p>"
    facts = "".join(f"<dt>{head}</dt><dd>{words}</dd>" for head, words in _facts(model).items())
    drawing = network_svg(
        facing(model.architecture_.layers(model.theta_), turn=is_turned(model)),
        model.architecture_.activations,
        model.encoder_.output_names(model.schema_.names, model.schema_.levels),
        _outputs(model),
        input_groups(
            model.encoder_.output_columns(), ~np.isnan(model.encoder_.output_scaling().low)
        ),
    )
    drawn = f"<details><summary>{network_title(len(model.members_))}</summary>{drawing}</details>"
    learned = f'<dl class="facts">{facts}</dl>{drawn}'
    return f'{diagram}<div class="thalweg"><style>{_STYLE}</style>{learned}</div>'


def _facts(model: "Model") -> dict[str, str]:
    """The facts of a fitted model, as HTML."""
    best, ran = model.best_epoch_, len(model.history_)
    what = pass_name(model.history_)
    scoring = model.settings_["scoring"] if model.stopping_ != "none" else None
    by = f"by {text(scoring)} " if scoring else ""
    status = model.status_.name.lower()
    ended = why_ended(status, what, scoring and text(scoring), model.stopping_)
    found = cross_validated(status, scoring and text(scoring))
    ways = {
        "cross-validation": f"{found} among {epochs_of(model.settings_):,}",
        "folds": f"of {ran:,}, the best {by}on its fold; {ended}",
        "validation": f"of {ran:,}, the best {by}on the given rows; {ended}",
        "hold-out": f"of {ran:,}, the best {by}on a hold-out; {ended}",
        "none": f"of {ran:,}, with no row held out; {ended}",
    }
    passes = {f"{what.capitalize()} kept": f"{best:,} {ways[model.stopping_]}"}
    optimizer = fitted_optimizer_text(model.settings_)
    if model._known.also == "batches":
        passes = {"Trained": text(batches_ended(model.settings_, model.history_))}
        if passes_in_batches(model.settings_, model.history_) == ran:
            optimizer = text_at_constant_rate(model.settings_)
    kept = model.history_[best - 1]
    held_out = kept["valid_loss"]
    losses = f"{amount(kept['train_loss'])} in the steps of {what} {best:,}, with the penalty"
    if held_out is not None:
        folds = ", mean over the folds" if model.stopping_ == "cross-validation" else ""
        losses = f"{amount(held_out)} held out{folds}; {losses}"
    sizes = " → ".join(f"{size:,}" for size in model.architecture_.sizes)
    parameters = counted(model.architecture_.n_parameters, "parameter")
    several = len(model.members_)
    averaged = f"; network 1 of {several:,} that are averaged" if several > 1 else ""
    if model._known.several is not None or model._known.also == "targets":
        losses += " (means over all targets of the network)"
    out_of_fold = {}
    if hasattr(model, "oof_score_"):
        said = "R²" if not hasattr(model, "classes_") else "accuracy"
        if model._known.several is not None:
            said = "mean R²" if said == "R²" else "rows with all labels right:"
        score = f"{said} {amount(model.oof_score_)}, loss {amount(model.oof_loss_)}"
        rows = "Out-of-fold" if model.oof_rows_ == OUT_OF_FOLD else "On rows that stopped them"
        score += _of_few_rows(model)
        out_of_fold = {f"{rows}, all {several:,}": score}
    return {
        **_says(model),
        "Network": f"{text(sizes)} units, {parameters} in {model.theta_.dtype}{averaged}",
        **passes,
        "Loss": losses,
        **out_of_fold,
        **_calibration(model),
        "Optimizer": text(optimizer),
        f"Loss by {what}": _loss_curves(model.history_, best),
        "Seed": f"{model.seed_}",
    }


def _calibration(model: "Model") -> dict[str, str]:
    """Whether the predictions are corrected, if that was asked for."""
    found = model._known.calibration
    return {} if found is None else {"Calibration": text(found.sentence, longest=500)}


def _of_few_rows(model: "Model") -> str:
    """How much too low an out-of-fold loss of few rows may be: `bench.out_of_fold` measured it."""
    taught = [each.taught for each in model.members_ if each.taught is not None]
    many = not taught or max(each.rows for each in taught) >= _FEW_ROWS
    if many or not hasattr(model, "classes_") or model.oof_rows_ != OUT_OF_FOLD:
        return ""
    return ", which may be 0.03 too low, as fewer than 200 rows were held out"


def _says(model: "Model") -> dict[str, str]:
    """What the model predicts for a row."""
    if (several := model._known.several) is not None:
        more = len(several.names) - 6
        names = ", ".join(label(each) for each in several.names[:6])
        what = "Labels" if several.of_classes else "Numbers"
        return {what: names + (f" and {more:,} more" if more > 0 else "")}
    values = model.members_[0].outputs
    if isinstance(values, Values):
        return {"Predicts": f"a number from {amount(values.low, 5)} to {amount(values.high, 5)}"}
    if model.positive_ is None:
        shown = ", ".join(label(each) for each in model.classes_[:6])
        more = len(model.classes_) - 6
        return {
            "Tells": f"{shown} and {counted(more, 'more class', 'more classes')}"
            if more > 0
            else shown
        }
    negative = model.classes_[int(model.classes_[0] == model.positive_)]
    return {
        "Tells": f"{label(model.positive_)} (where its probability is above "
        f"{model.threshold_:.3g}) from {label(negative)}"
    }


def _outputs(model: "Model") -> list[str]:
    if (several := model._known.several) is not None:
        what = "logit of" if several.of_classes else "scaled"
        return [f"{what} {name}" for name in several.names]
    if not hasattr(model, "classes_"):
        return ["value, scaled"]
    if len(model.classes_) == 2:
        return [f"logit of {model.positive_}"]
    return [f"logit of {each}" for each in model.classes_]


def _loss_curves(history: History, best_epoch: int) -> str:
    """The losses of all epochs on a log scale, as high as two lines of text."""
    width, height, edge = 240, 42, 6
    looks = {"train_loss": f'class="down" stroke="{DOWN}"', "valid_loss": _HELD_OUT}
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = {key: np.log(column(history, key)) for key in looks}
    both = np.concatenate(list(logs.values()))
    both = both[np.isfinite(both)] if np.isfinite(both).any() else np.zeros(1)
    low, spread = both.min(), np.ptp(both) or 1.0
    x = np.linspace(edge, width - edge, len(history))
    parts = []
    for key, curve in logs.items():
        y = edge + (height - 2 * edge) * (1 - (curve - low) / spread)
        there = np.isfinite(y)
        points = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x[there], y[there], strict=True))
        if points:
            parts.append(f'<path d="M{points}" {looks[key]} fill="none" stroke-width="1.8"/>')
        if there[best_epoch - 1]:
            mark = f'cx="{x[best_epoch - 1]:.1f}" cy="{y[best_epoch - 1]:.1f}"'
            parts.append(f'<circle {mark} r="3.2"/>')
    solid = "solid: training; dashed: held out; dot: kept; log scale"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" fill="currentColor">'
        f"<title>The loss, epoch by epoch</title>{''.join(parts)}</svg><small>{solid}</small>"
    )


_HELD_OUT = f'class="up" stroke="{UP}" stroke-dasharray="5 2.5"'
