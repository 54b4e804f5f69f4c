"""The section of the report about calibration: whether the predictions can be believed."""

from collections.abc import Mapping
from typing import Any

from thalweg.evaluation.calibration.calibration_gate import LEVEL
from thalweg.evaluation.calibration.calibration_sentences import NONE_SHOWN
from thalweg.evaluation.section_shapes import CalibrationSection
from thalweg.reporting import html_pieces as pieces
from thalweg.reporting.html_pieces import PICTURE, figure, label, labels, name, plain, source, text
from thalweg.reporting.page.report_shapes import Report
from thalweg.reporting.page.section_data import class_names, with_names
from thalweg.reporting.page.sections.section_words import said, sections_in
from thalweg.reporting.section_lines import head_of, p_text
from thalweg.reporting.verdict_words import WIDEST_ON_A_PAGE, interval_of
from thalweg.wording import amount, count_text, counted, counted_rows, effective_text

# A tenth of the probabilities is in the title only if it has so many rows.
_FEWEST_IN_A_TENTH = 10
_MOST_ROWS_OF_A_TABLE = 60


def calibration(report: Report, tested: str) -> str:
    """Whether the predictions can be believed."""
    section = sections_in(report)["calibration"]
    if section is None:
        return ""
    found: Mapping[str, Any] = section["found"]
    drawn = any(each.get("curve") for each in found.get("classes", [found]))
    words = said(section["sentence"]) + _without_test(report, found) + _scores(found)
    body = PICTURE.format("calibration-picture") + words if drawn else words
    if drawn and "classes" not in found:  # beside one square there is room
        body = (
            f'<div class="square">{PICTURE.format("calibration-picture")}<div>{words}</div></div>'
        )
    return figure(
        "calibration",
        _title(report, section),
        f"{_rings(found) if drawn else ''}{tested}",
        body,
        behind=_curve_tables(report, found) if drawn else "",
        source=source(report, _CURVES if drawn else _method(found)),
    )


def _rings(found: Mapping[str, Any]) -> str:
    """How the picture is read: that of two classes, or one of several."""
    across = "the probability that was given"
    up = "the share of such rows that it came true for"
    if "classes" in found:
        across = "the probability that was given to the class"
        up = "the share of such rows that are of the class"
    return (
        f"Across: {across}. Up: {up}. Rings: rows given about the same, larger for more rows. On "
        "the diagonal both are equal. Grey: where 95 % of the steps of calibrated answers would "
        "lie. "
    )


_CURVES = "steps by isotonic regression, which needs no bins; band by redrawing the truth"


def _method(found: Mapping[str, Any]) -> str:
    if "level" in found:
        return "exact interval of the share of true values below the prediction"
    if "bias" in found:
        return "line of the true values on the predicted ones, by least squares"
    return "sums of rows and of probabilities"


def _title(report: Report, section: CalibrationSection) -> str:
    """The finding, which agrees with the sentence below it."""
    found: Mapping[str, Any] = section["found"]
    if "level" in found:
        share, level = (amount(100 * each, 3) for each in (found["below"]["value"], found["level"]))
        return (
            f"{share}\u00a0% of the true values are below the prediction; {level}\u00a0% should be"
        )
    if "classes" in found:
        none_shown = section["sentence"].startswith(NONE_SHOWN)
        return _of_classes(interval_of(found["temperature"]["slope"]), none_shown)
    if "bias" in found:
        return _of_numbers(report, section)
    return _of_two(report, section)


def _of_classes(slope: tuple[float, float, float] | None, none_shown: bool) -> str:
    if none_shown and slope is None:
        return "Whether the probabilities can be believed is not known"
    if none_shown and slope is not None:
        return f"No sign that the probabilities are miscalibrated (slope {slope[0]:.2f})"
    if slope is not None and slope[2] < 1:
        return "The probabilities are too sure: the likeliest class has more than it should"
    if slope is not None and slope[1] > 1:
        return "The probabilities are not sure enough: the likeliest class has less than it should"
    return "The probabilities of some classes are miscalibrated"


def _of_numbers(report: Report, section: CalibrationSection) -> str:
    """The finding of the joint test of slope and mean, which decides, and then the mean."""
    found: Mapping[str, Any] = section["found"]
    bias = interval_of(found["bias"])
    if bias is None:
        return "Whether the predicted numbers can be believed is not known"
    off = f"{amount(abs(bias[0]), 3)}{pieces.of_unit(report['table'].get('unit'))}"
    mean = f"{off} {'above' if bias[0] > 0 else 'below'}"
    within = bias[1] <= 0 <= bias[2]
    if found["refused"] is not None:
        if not within:
            return f"True values are on average {mean} the predicted ones"
        return (
            "No sign that predicted numbers are too high or too low on average: the true ones are "
            f"{mean} them"
        )
    if float(found["p_value"]) < LEVEL:
        head = head_of(section["sentence"]) or "The predictions are miscalibrated"
        slope = f"slope {amount(float(found['slope']['value']), 3)}"
        also = "" if within else f", and true values on average {mean} them"
        return f"{text(head)}: {slope}{also} (joint test at 5 %: {p_text(float(found['p_value']))})"
    if within:
        return (
            "No sign that predicted numbers are miscalibrated: the true ones are on average "
            f"{mean} them"
        )
    return (
        f"True values are on average {mean} the predicted ones, but the joint test of mean and "
        "slope shows no miscalibration"
    )


def _of_two(report: Report, section: CalibrationSection) -> str:
    """What the tests found, if they found something, and how the probabilities came true."""
    found: Mapping[str, Any] = section["found"]
    seen = _share_in_a_tenth(report) or _observed(report, found)
    weak = found.get("weak")
    tested = found.get("refused") is None and weak is not None and weak.get("refused") is None
    if not tested or section["sentence"].startswith(NONE_SHOWN):
        return seen
    head = head_of(section["sentence"])
    return f"{text(head)} ({_test_of_two(found)}). {seen}" if head else seen


def _test_of_two(found: Mapping[str, Any]) -> str:
    """The test that found something, as in `calibration_sentence`."""
    joint, brier = found["weak"]["p_value"], found["brier"]
    if joint is not None and float(joint) >= LEVEL and brier and brier["p_value"] is not None:
        return f"MCB of the Brier score, at 2.5 %: {p_text(float(brier['p_value']))}"
    return "joint test at 5 %" + ("" if joint is None else f": {p_text(float(joint))}")


def _positive(report: Report) -> str:
    """The positive class, in the quotes that it has on the whole page."""
    names = class_names(report["verdict"])
    return labels(*names)[-1]


def _weighted(report: Report) -> bool:
    return "n_effective" in report["verdict"]["network"]


def _share_in_a_tenth(report: Report) -> str:
    """The share of positive rows in the fullest tenth of the probabilities but the outer two."""
    curves: Any = report["curves"]
    if curves is None:
        return ""
    steps, positive, negative = curves["steps"], curves["true_positive"], curves["false_positive"]
    tenths = []
    for k in range(1, 9):
        low, high = steps * k // 10, steps * (k + 1) // 10
        n = (positive[low] - positive[high], negative[low] - negative[high])
        tenths.append((sum(n), -k, n[0]))
    n_rows, k, n_positive = max(tenths)
    if n_rows < _FEWEST_IN_A_TENTH:
        return ""
    names, tenth = _positive(report), f"{-k * 10}–{(1 - k) * 10}\u00a0%"
    if _weighted(report):
        share = f"{amount(100 * n_positive / n_rows, 3)}\u00a0%"
        return f"Of the rows given {tenth}, {share} by weight are {names}"
    return (
        f"Among the {count_text(n_rows)} rows given {tenth}, {count_text(n_positive)} "
        f"{'is' if n_positive == 1 else 'are'} {names}"
    )


def _observed(report: Report, found: Mapping[str, Any]) -> str:
    ratio = found["observed_by_expected"]["value"]
    positive = _positive(report)
    known = ratio is not None and float(ratio) > 0
    if _weighted(report):  # the numbers of rows are effective ones, which no reader can count
        if not known:
            return "Whether the probabilities can be believed is not known"
        return (
            f"By weight, {positive} rows are {amount(float(ratio), 3)} times as common as the "
            "probabilities say"
        )
    seen = f"{count_text(found['n_positive'])} of {count_text(found['n_rows'])} rows are {positive}"
    if not known:
        return f"{seen}: whether the probabilities can be believed is not known"
    return f"{seen}; the probabilities add up to {found['n_positive'] / float(ratio):,.1f}"


def _without_test(report: Report, found: Mapping[str, Any]) -> str:
    """Which of several classes have no test, or no curve, and how many rows they have."""
    parts = found.get("classes")
    if not parts:
        return ""
    absent: list[str] = []
    for title, each in with_names(report["verdict"], parts):
        weak = each.get("weak")
        untested = weak is None or weak.get("refused") is not None
        what = [word for word, lacks in (("test", untested), ("picture", each["curve"] is None))
                if lacks]  # fmt: skip
        if what:
            rows = counted(each["n_positive"], "row") if float(each["n_positive"]).is_integer() \
                else f"effectively {effective_text(each['n_positive'])} rows"  # fmt: skip
            absent.append(f"{label(title)} ({rows}): no {' and no '.join(what)}")
    more = len(absent) - _MOST_ROWS_OF_A_TABLE
    listed = absent[:_MOST_ROWS_OF_A_TABLE] + ([f"{more:,} more"] if more > 0 else [])
    if not listed:
        return ""
    return f'<p class="mcb">Too few rows: {"; ".join(listed)}.</p>'


def _scores(found: Mapping[str, Any]) -> str:
    """MCB beside its value if the probabilities were calibrated."""
    parts = [
        f"{words} {plain(each['score'], 4)}: {plain(each['mcb'], 4)} of it is miscalibration "
        f"(MCB); calibrated probabilities would show {plain(each['mcb_if_calibrated'], 4)} on "
        f"average, and in 95 % of draws at most {plain(each['mcb_if_calibrated_at_most'], 4)}."
        for key, words in (("brier", "Brier score"), ("log_loss", "Log-loss"))
        if (each := found.get(key)) is not None and each["mcb"] is not None
    ]
    return f'<p class="mcb">{" ".join(parts)}</p>' if parts else ""


def _curve_tables(report: Report, found: Mapping[str, Any]) -> str:
    verdict = report["verdict"]
    titled: list[tuple[str, Any]] = [(each, found) for each in class_names(verdict)[1:]]
    if "classes" in found:
        titled = with_names(verdict, found["classes"])
    rows = []
    for title, each in titled:
        if (curve := each["curve"]) is None:
            rows.append((name(title), "", "", counted_rows(each["n_positive"]), "too few"))
            continue
        steps = zip(curve["low"], curve["high"], curve["n_rows"], curve["observed"], strict=True)
        rows += [
            (name(title), plain(low), plain(high), count_text(n), plain(share))
            for low, high, n, share in steps
        ]
    if len(titled) > WIDEST_ON_A_PAGE:
        rows.append((f"curves: the first {WIDEST_ON_A_PAGE} classes", "", "", "", ""))
    counted_as = "effective rows" if _weighted(report) else "rows"
    heads = ("class", "given from", "to", counted_as, "share that is so")
    shown = rows[: _MOST_ROWS_OF_A_TABLE * max(1, min(len(titled), WIDEST_ON_A_PAGE))]
    return pieces.folded("Table: steps", pieces.table(heads, shown, "Steps of the curve"))
