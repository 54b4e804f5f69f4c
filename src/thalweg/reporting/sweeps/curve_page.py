"""The page of a sweep over one setting: the picture, what it shows, and all numbers behind it."""

from collections.abc import Mapping
from importlib.metadata import version

from thalweg.evaluation.curves.curve_sentences import finding, sentences, with_error
from thalweg.evaluation.curves.setting_curve import CurvePoint, SettingCurve
from thalweg.reporting.html_pieces import folded, table, text
from thalweg.reporting.inline import filled, json_block
from thalweg.wording import amount, counted, even

_HINT = "Move over the picture, or choose it with Tab and read the values with the arrow keys."
# From this ratio on, losses are drawn by their logarithm.
_WIDE = 5


def curve_html(curve: SettingCurve, recipes: Mapping[str, str] | None = None) -> str:
    """The page: one offline file.

    Parameters
    ----------
    curve : SettingCurve
    recipes : mapping, optional
        ``command`` and ``python`` that make it again, for its buttons.
    """
    heads = (
        curve.setting, f"{curve.loss_name}, held-out rows", "standard error",
        f"{curve.loss_name}, training rows", "beside the lowest", "folds that diverged", "seconds",
    )  # fmt: skip
    rows = [_row(curve, each) for each in curve.points]
    return filled(
        "learn/page.html",
        body="sweep/curve_body.html",
        styles=("learn/ground.css", "learn/learn.css", "sweep/curve.css"),
        script="sweep/curve.js",
        version=version("thalweg"),
        title=text(title(curve), 400),
        subtitle=text(about(curve), 400),
        sentences="".join(f"<p>{text(each, 900)}</p>" for each in sentences(curve)),
        numbers=folded("All numbers", table(heads, rows, "All values")),
        data=json_block({**_data(curve), "recipes": dict(recipes or {})}),
    )


def title(curve: SettingCurve) -> str:
    """The finding, in which the setting and its value stay on one line."""
    return finding(curve).replace(f"{curve.setting} ", f"{curve.setting}\N{NO-BREAK SPACE}")


def about(curve: SettingCurve) -> str:
    """The table, the folds and the seed."""
    folds = counted(curve.n_folds, "fold")
    whose = f"{folds} of the estimator" if curve.own_folds else f"{folds} of a cross-validation"
    said = [curve.data, f"{curve.n_rows:,} rows", whose, f"seed {curve.seed}"]
    return "; ".join(filter(None, said))


def by_logarithm(curve: SettingCurve) -> bool:
    """Whether the losses are drawn by their logarithm, because they differ much."""
    losses = [each for point in curve.points for each in (point.loss, point.train_loss)]
    known = [each for each in losses if each is not None]
    return bool(known) and min(known) > 0 and max(known) > _WIDE * min(known)


def point_words(curve: SettingCurve, point: CurvePoint) -> str:
    """One value in words."""
    default = " (the default)" if point.is_default and point.label != "default" else ""
    where = f"{curve.setting} {point.label}{default}"
    if point.loss is None or point.train_loss is None:
        return f"{where}: {point.n_diverged} of {curve.n_folds} folds diverged, so it has no loss."
    beside = curve.standing(point)
    beside = "it is the lowest" if beside == "lowest" else f"it is {beside} than the lowest"
    lost = (
        f" {point.n_diverged} of {curve.n_folds} folds diverged later." if point.n_diverged else ""
    )
    return (
        f"{where}: {curve.loss_name} {with_error(point.loss, point.error)} on held-out rows and "
        f"{with_error(point.train_loss, point.train_error)} on training rows; {beside}.{lost}"
    )


def value_lines(curve: SettingCurve) -> list[str]:
    """All values as lines of text, in columns."""
    heads = [curve.setting, f"held-out {curve.loss_name}", "± its error", "training", ""]
    cells = [heads]
    for each in curve.points:
        name = (
            f"{each.label} (default)" if each.is_default and each.label != "default" else each.label
        )
        beside = curve.standing(each)
        if each.n_diverged:
            beside += f"; {each.n_diverged} of {curve.n_folds} folds diverged"
        numbers = ["none"] * 3
        if each.loss is not None and each.train_loss is not None:
            numbers = [*_with_error(each.loss, each.error), amount(each.train_loss, in_column=True)]
        cells.append([name, *numbers, beside])
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            [*(cell.rjust(n) for cell, n in zip(row[:-1], wide, strict=False)), row[-1]]
        ).rstrip()
        for row in cells
    ]


def _row(curve: SettingCurve, point: CurvePoint) -> list[str]:
    label = point.label
    if point.is_default and label != "default":
        label = f"{label} (default)"
    lost = f"{point.n_diverged} of {curve.n_folds}"
    seconds = f"{point.seconds:.2f}"
    if point.loss is None or point.train_loss is None:
        return [text(label), "none", "", "none", "diverged", lost, seconds]
    numbers = [*_with_error(point.loss, point.error), amount(point.train_loss, in_column=True)]
    return [text(label), *numbers, curve.standing(point), lost, seconds]


def _with_error(loss: float, error: float | None) -> list[str]:
    """A loss and its standard error, in two columns, with the same number of decimals."""
    return [amount(loss), ""] if error is None else even((loss, error))


def _data(curve: SettingCurve) -> dict[str, object]:
    """What the script needs."""
    lowest = curve.lowest
    return {
        "setting": curve.setting,
        "scale": curve.scale,
        "loss_name": curve.loss_name,
        "n_folds": curve.n_folds,
        "lowest": -1 if lowest is None else curve.points.index(lowest),
        "constant": curve.constant,
        "constant_text": "" if curve.constant is None else amount(curve.constant, in_column=True),
        "by_logarithm": by_logarithm(curve),
        "label": f"{finding(curve)}. Left and right arrow keys read the values.",
        "hint": _HINT,
        "points": [
            {
                "label": each.label,
                "place": each.place,
                "loss": each.loss,
                "error": each.error or 0.0,
                "train_loss": each.train_loss,
                "train_error": each.train_error or 0.0,
                "loss_text": "" if each.loss is None else amount(each.loss, in_column=True),
                "standing": curve.standing(each),
                "is_default": each.is_default,
                "words": point_words(curve, each),
            }
            for each in curve.points
        ],
    }
