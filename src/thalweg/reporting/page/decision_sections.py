"""Sections of the report that lead from a number to a decision, for all tasks.

Each has its finding as a title, a picture that the page's script draws, the sentence of the
evaluation, and a folded table of the numbers. All texts come from the file: they are escaped.
"""

from collections.abc import Mapping
from typing import Any

from thalweg.evaluation.section_shapes import (
    AbstentionSection,
    BenefitSection,
    CalibrationSection,
    CoverageSection,
    SectionsData,
)
from thalweg.reporting import html_pieces as pieces
from thalweg.reporting.html_pieces import PICTURE, figure, label, name, plain, source, text
from thalweg.reporting.page.calibration_titles import OF_QUANTILES, title_of
from thalweg.reporting.page.report_shapes import Report
from thalweg.reporting.page.section_data import (
    band_names,
    class_names,
    thinned,
)
from thalweg.reporting.verdict_words import WIDEST_ON_A_PAGE, column_of, interval_of, subject
from thalweg.wording import amount, counted

LONGEST = 3_000
# A tenth of the probabilities is in the title only if it has so many rows.
_FEWEST_IN_A_TENTH = 10
_MOST_ROWS_OF_A_TABLE = 60


def said(sentence: str) -> str:
    """A sentence of the evaluation, as a paragraph."""
    return f'<p class="said">{text(sentence, LONGEST)}</p>'


def calibration(report: Report, tested: str) -> str:
    """Whether the predictions can be believed."""
    section = sections_in(report)["calibration"]
    if section is None:
        return ""
    found: Mapping[str, Any] = section["found"]
    drawn = any(each.get("curve") for each in found.get("classes", [found]))
    words = said(section["sentence"]) + _scores(found)
    body = PICTURE.format("calibration-picture") + words if drawn else words
    if drawn and "classes" not in found:  # beside one square there is room
        body = (
            f'<div class="square">{PICTURE.format("calibration-picture")}<div>{words}</div></div>'
        )
    return figure(
        "calibration",
        title_of(section) or _calibration_title(report, section),
        f"{_RINGS if drawn else ''}{tested}",
        body,
        behind=_curve_tables(report, found) if drawn else "",
        source=source(report, _method(found) if not drawn else _CURVES),
    )  # fmt: skip


_RINGS = (
    "Across: the probability that was given. Up: the share of such rows that it came true for. "
    "Rings: rows given about the same, larger for more rows. On the diagonal both are equal. Grey: "
    "where 95 % of the steps of calibrated answers would lie. "
)
_CURVES = "steps by isotonic regression, which needs no bins; band by redrawing the truth"


def _method(found: Mapping[str, Any]) -> str:
    if "level" in found:
        return OF_QUANTILES
    if "bias" in found:
        return "line of the true values on the predicted ones, by least squares"
    return "sums of rows and of probabilities"


def _calibration_title(report: Report, section: CalibrationSection) -> str:
    found: Mapping[str, Any] = section["found"]
    if "bias" in found:
        bias = interval_of(found["bias"])
        if bias is None:
            return "Whether the predicted numbers can be believed is not known"
        off = f"{amount(abs(bias[0]), 3)}{pieces.of_unit(report['table'].get('unit'))}"
        way = "above" if bias[0] > 0 else "below"
        if bias[1] <= 0 <= bias[2]:
            return "No sign that predicted numbers are too high or too low on average: the true " \
                f"ones are {off} {way} them"  # fmt: skip
        return f"True values are on average {off} {way} the predicted ones"
    return _share_in_a_tenth(report) or _observed(report, found)


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
    names = label(report["verdict"].get("positive"))
    return (
        f"Among the {n_rows:,} rows given {-k * 10}–{(1 - k) * 10}\u00a0%, {n_positive:,} "
        f"{'is' if n_positive == 1 else 'are'} {names}"
    )


def _observed(report: Report, found: Mapping[str, Any]) -> str:
    ratio = found["observed_by_expected"]["value"]
    positive = label(report["verdict"].get("positive"))
    seen = f"{found['n_positive']:,.10g} of {found['n_rows']:,.10g} rows are {positive}"
    if ratio is None or not float(ratio) > 0:
        return f"{seen}: whether the probabilities can be believed is not known"
    return f"{seen}; the probabilities add up to {found['n_positive'] / float(ratio):,.1f}"


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
    names = class_names(report["verdict"])
    each_class = found.get("classes", [found])
    titles = names if "classes" in found else names[1:]
    rows = []
    for title, each in zip(titles, each_class, strict=False):
        if (curve := each["curve"]) is None:
            rows.append((name(title), "", "", f"{each['n_positive']:,.10g} rows", "too few"))
            continue
        steps = zip(curve["low"], curve["high"], curve["n_rows"], curve["observed"], strict=True)
        rows += [
            (name(title), plain(low), plain(high), f"{n:,.10g}", plain(share))
            for low, high, n, share in steps
        ]
    if len(titles) > WIDEST_ON_A_PAGE:
        rows.append((f"curves: the first {WIDEST_ON_A_PAGE} classes", "", "", "", ""))
    heads = ("class", "given from", "to", "rows", "share that is so")
    shown = rows[: _MOST_ROWS_OF_A_TABLE * max(1, min(len(titles), WIDEST_ON_A_PAGE))]
    return pieces.folded("Table: steps", pieces.table(heads, shown, "Steps of the curve"))


def benefit(report: Report, tested: str) -> str:
    """Net benefit: what acting on the model is worth at each threshold."""
    section = sections_in(report)["benefit"]
    if section is None:
        return ""
    curve = section["curve"]
    if curve["refused"] is not None:
        return figure("benefit", "There is no curve of net benefit", tested, said(curve["refused"]))
    other = curve["other"]
    rows = [
        (
            f"{t:.3g}",
            pieces.estimate(each),
            plain(curve["all"][k]),
            *(() if other is None else (plain(other[k]),)),
            f"{curve['avoided'][k]:.1f}",
        )
        for k, (t, each) in enumerate(zip(curve["thresholds"], curve["model"], strict=True))
    ]
    avoided = "interventions avoided in 100 rows"
    heads = ["threshold", column_of(report["verdict"]), "call all", avoided]
    if other is not None:
        heads.insert(3, "simpler model")
    kept = [rows[k] for k in thinned(len(rows))]
    return figure(
        "benefit",
        _benefit_title(section, subject(report["verdict"])),
        "Net benefit: the share of rows that are found, less the false alarms, of which the "
        "threshold says how many are worth one found row. Of two lines the higher is the better "
        f"choice. Calling no row has 0. {tested}",
        PICTURE.format("benefit-picture") + said(section["sentence"]),
        behind=pieces.folded("Table: net benefit", pieces.table(heads, kept, "Net benefit")),
        source=source(report, "after Vickers and Elkin (2006); band: 95 % by bootstrap"),
    )


def _benefit_title(section: BenefitSection, model: str) -> str:
    """Where the model is above calling all rows and calling none, as these rows show it."""
    curve = section["curve"]
    above = [
        each["value"] is not None and float(each["value"]) > max(all_rows, 0.0)
        for each, all_rows in zip(curve["model"], curve["all"], strict=True)
    ]
    first, last = curve["thresholds"][0], curve["thresholds"][-1]
    if all(above):
        return f"At every threshold from {first:.2g} to {last:.2g} {model} has more net " \
            "benefit than calling all rows, or none"  # fmt: skip
    if not any(above):
        return f"At no threshold from {first:.2g} to {last:.2g} has {model} more net benefit " \
            "than calling all rows, or none"  # fmt: skip
    return (
        f"At {sum(above)} of {len(above)} thresholds from {first:.2g} to {last:.2g} {model} "
        "has more net benefit than calling all rows, or none"
    )


def coverage(report: Report, tested: str) -> str:
    """How often intervals hold the true number, or sets the true class."""
    section = sections_in(report)["coverage"]
    if section is None:
        return ""
    found: Mapping[str, Any] = section["found"]
    if found["refused"] is not None:
        return figure(
            "coverage", "What it cannot tell was not measured", tested, said(found["refused"])
        )
    if "words" in found:
        names = class_names(report["verdict"])
        by_class = [
            (name(each), pieces.estimate(one))
            for each, one in zip(names, found["coverage"], strict=False)
        ]
        words = [(text(k), f"{share:.1%}") for k, share in _largest(found["words"])]
        behind = pieces.folded(
            "Table: sets",
            pieces.table(("in truth", "set holds it"), by_class, "Coverage by class")
            + pieces.table(("the set says", "share of rows"), words, "Sets"),
        )
        method = "sets by class-wise conformal prediction; Wilson’s 95 % intervals"
    else:
        rows = [
            (
                band, f"{each['n_samples']:,.10g}", pieces.estimate(each["coverage"]),
            )
            for band, each in zip(band_names(found), found["by_width"], strict=True)
        ]  # fmt: skip
        heads = ("intervals", "rows", "share inside")
        behind = pieces.folded("Table: bands", pieces.table(heads, rows, "Coverage by width"))
        method = "conformal intervals; Wilson’s 95 % intervals"
    return figure(
        "coverage",
        _coverage_title(section),
        f"The line marks the share that was asked for, {_percent(found['nominal'])}. {tested}",
        PICTURE.format("coverage-picture") + said(section["sentence"]),
        behind=behind,
        source=source(report, method),
    )


def _largest(words: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(words.items(), key=lambda each: -each[1])[:_MOST_ROWS_OF_A_TABLE]


def _coverage_title(section: CoverageSection) -> str:
    found: Mapping[str, Any] = section["found"]
    asked = _percent(found["nominal"])
    if "words" not in found:
        value = found["coverage"]["value"]
        if value is None:
            return f"Intervals that were asked to hold {asked} of the true values"
        return (
            f"Intervals that were asked to hold {asked} of the true values hold "
            f"{_percent(float(value))}"
        )
    shares = [float(each["value"]) for each in found["coverage"] if each["value"] is not None]
    if not shares:
        return f"Sets that were asked to hold the true class in {asked} of the rows"
    low, high = _percent(min(shares)), _percent(max(shares))
    held = low if low == high else f"{low} to {high}"
    return f"Sets that were asked to hold the true class in {asked} of the rows of each class " \
        f"hold it in {held}"  # fmt: skip


def abstention(report: Report, tested: str) -> str:
    """How many answers are wrong if only the surest are given."""
    section = sections_in(report)["abstention"]
    if section is None:
        return ""
    line = section["line"]
    rows = [
        (f"{line['coverage'][k]:.1%}", pieces.estimate(line["risk"][k]))
        for k in _spread(len(line["coverage"]))
    ]
    return figure(
        "abstention",
        _abstention_title(section),
        "Across: the share of the rows that get an answer, the surest first. Up: the share of "
        f"these answers that is wrong. {tested}",
        PICTURE.format("abstention-picture") + said(section["sentence"]),
        behind=pieces.folded(
            "Table: errors among the surest rows",
            pieces.table(("answered", "wrong"), rows, "Errors among the surest rows"),
        ),
        source=source(report, "Wilson’s 95 % intervals"),
    )


def _abstention_title(section: AbstentionSection) -> str:
    at = section["at_price"]
    share = at["answered"]["value"]
    if not at["n_answered"] or share is None:
        return f"No row is sure enough for an answer at a price of {at['price']:.3g}"
    wrong = at["n_wrong"]
    return (
        f"Of the {counted(at['n_answered'], 'surest answer')} ({_percent(float(share))} of the "
        f"rows), {wrong:,.10g} {'is' if wrong == 1 else 'are'} wrong"
    )


def _percent(share: float) -> str:
    """A share in percent, which is never rounded to all or nothing."""
    rounded = round(100 * share)
    if rounded == 100 and share < 1:
        return "more than 99\u00a0%"
    if rounded == 0 and share > 0:
        return "less than 1\u00a0%"
    return f"{rounded}\u00a0%"


def _spread(n: int) -> list[int]:
    """About twenty places of so many, with the first and the last."""
    return sorted({round(k * (n - 1) / 20) for k in range(21)}) if n else []


def sections_in(report: Report) -> SectionsData:
    """The sections of a report that has some."""
    sections = report.get("sections")
    assert sections is not None
    return sections
