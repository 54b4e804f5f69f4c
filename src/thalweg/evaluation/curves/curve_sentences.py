"""The sentences of a curve: values not shown to be worse, and where the default stands."""

from collections.abc import Sequence

from thalweg.evaluation.comparing.rounded_limits import rounded_down
from thalweg.evaluation.curves.beside_the_lowest import AboveLowest
from thalweg.evaluation.curves.setting_curve import CurvePoint, SettingCurve
from thalweg.wording import amount, counted, even

# So many values are named; of more, how many there are.
_MOST_NAMED = 12


def finding(curve: SettingCurve) -> str:
    """What was found, as a title without a full stop."""
    lowest, name = curve.lowest, curve.setting
    if lowest is None:
        return f"{name}: every value diverged"
    n, where = len(curve.alike), f"{name} {lowest.label}"
    if lowest.is_default:
        where = (
            f"the default, {name} {lowest.label}" if lowest.label != "default" else "the default"
        )
    if len(curve.known) == 1:
        comma = "," if "," in where else ""
        return f"Only {where}{comma} did not diverge"
    if n == 0:
        return f"The loss is lowest at {where}; all other values are shown to be worse"
    verb = "is" if n == 1 else "are"
    return f"The loss is lowest at {where}; {counted(n, 'value')} {verb} not shown to be worse"


def verdict(curve: SettingCurve) -> str:
    """The verdict in one sentence: what is not shown to be worse than the lowest, the default."""
    lowest = curve.lowest
    if lowest is None or lowest.loss is None:
        return "Every value diverged, so there is nothing to compare."
    alike = [each for each in curve.alike if not each.is_default]
    start = f"Lowest is {lowest.name}, with an out-of-fold {curve.loss_name} of "
    start += with_error(lowest.loss, lowest.error)
    start += "" if lowest.error is None else " (its standard error)"
    if len(curve.known) == 1:
        return f"{start}; all other values diverged."
    said = ""
    if alike:
        said = f"; not shown to be worse: {_named(alike)}"
    elif any(not each.is_default for each in curve.worse):
        said = "; all other values that were asked for are shown to be worse"
    return f"{start}{said}{_of_default(curve)}."


def sentences(curve: SettingCurve) -> list[str]:
    """All that is to be said, the verdict first."""
    said = [verdict(curve)]
    worse = [each for each in curve.worse if not each.is_default]
    if worse and any(not each.is_default for each in curve.alike):
        said.append(f"Shown to be worse: {_named(worse)}.")
    said += _of_constant(curve)
    said += _diverged(curve)
    said += _at_the_end(curve)
    if curve.ended_by == "interrupt":
        left = curve.n_asked - len(curve.points)
        said.append(f"Ctrl-C ended the sweep: {counted(left, 'value')} of {curve.n_asked} "
                    f"{'is' if left == 1 else 'are'} missing.")  # fmt: skip
    if len(curve.known) > 1:
        said.append(
            f"The lowest of {len(curve.known)} is low by luck, too: on new rows expect a higher "
            "loss."
        )
        said.append(method(curve))
    return said


def method(curve: SettingCurve) -> str:
    """How values are compared."""
    folds = counted(curve.n_folds, "fold")
    whose = f"the estimator's own {folds}" if curve.own_folds else f"the same {folds}"
    return (
        f"Each value is a fit on {whose}, compared fold by fold by the ratio of losses; a value "
        "is shown to be worse only beyond a one-sided limit at 5 %, shared by "
        f"{counted(max(1, len(curve.known) - 1), 'comparison')}, with the spread of the corrected "
        "resampled t (Nadeau and Bengio 2003)."
    )


def _of_default(curve: SettingCurve) -> str:
    """Where the default stands, behind a semicolon."""
    default = curve.default
    if default is None or default is curve.lowest:
        return ""
    said = "the default" if default.label == "default" else f"the default, {default.label},"
    if default.loss is None or not default.is_compared:
        return f"; {said} diverged"
    above = curve.above[curve.points.index(default)]
    loss = amount(default.loss, in_column=True)
    if above.is_shown:
        return f"; {said} is shown to be worse ({loss}, {_at_least(above)})"
    return f"; {said} is not shown to be worse ({loss})"


def _at_least(above: AboveLowest) -> str:
    if above.by_ratio:
        return f"at least {rounded_down(above.at_least)} times as high"
    return f"at least {rounded_down(above.at_least, 2)} higher"


def _of_constant(curve: SettingCurve) -> list[str]:
    """Whether the lowest value is shown to be better than a constant answer."""
    lowest, constant, found = curve.lowest, curve.constant, curve.above_constant
    if lowest is None or lowest.loss is None or constant is None or found is None:
        return []
    said = f"A constant answer has {amount(constant, in_column=True)}"
    if lowest.loss >= constant:
        return [f"{said}, and no value is lower: it is not shown that anything is learned."]
    if found.is_shown:
        return [f"{said}; it is shown to be worse than the lowest ({_at_least(found)})."]
    return [f"{said}; no value is shown to be better, so it is not shown that anything is learned."]


def _diverged(curve: SettingCurve) -> list[str]:
    said = []
    first = [each for each in curve.lost if each.loss is None]
    later = [each for each in curve.lost if each.loss is not None]
    if first:
        said.append(f"Diverged in the first epoch of a fold, so without a loss: {_named(first)}.")
    if later:
        said.append(
            f"Diverged later, so the loss is that of an epoch before, and is not compared: "
            f"{_named(later)}."
        )
    return said


def _at_the_end(curve: SettingCurve) -> list[str]:
    lowest = curve.lowest
    if lowest is None or not (curve.further or curve.at_bound):
        return []
    if curve.at_bound:
        return [f"{lowest.label} is at an end beyond which {curve.setting} has no values."]
    return [
        "The lowest is at an end of the values, so lower losses may lie beyond it. To look there: "
        f"{curve.further}"
    ]


def with_error(loss: float, error: float | None) -> str:
    """A loss and its standard error, with the same number of decimals: ``0.0818 ± 0.0087``."""
    return amount(loss) if error is None else " ± ".join(even((loss, error)))


def _named(points: Sequence[CurvePoint]) -> str:
    labels = [each.name for each in points[:_MOST_NAMED]]
    left = len(points) - len(labels)
    return ", ".join(labels) + (f" and {left} more" if left else "")


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
