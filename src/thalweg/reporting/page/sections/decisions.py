"""Sections of the report that lead from a number to a decision, for all tasks.

Each has its finding as a title, a picture that the page's script draws, the sentence of the
evaluation, and a folded table of the numbers. All texts come from the file: they are escaped.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from thalweg.evaluation.conformal.conformal_shapes import SetCoverageData
from thalweg.evaluation.judging.shapes import EstimateData
from thalweg.evaluation.section_shapes import AbstentionSection, BenefitSection, CoverageSection
from thalweg.reporting import html_pieces as pieces
from thalweg.reporting.html_pieces import PICTURE, figure, name, plain, source, text
from thalweg.reporting.page.report_shapes import Report
from thalweg.reporting.page.section_data import (
    band_names,
    class_names,
    simpler_of,
    thinned,
    with_names,
    words_of,
)
from thalweg.reporting.page.sections.section_words import WILSON, percent, said, sections_in
from thalweg.reporting.verdict_words import column_of, interval_of, subject
from thalweg.wording import count_text, counted

_MOST_ROWS_OF_A_TABLE = 60


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
        PICTURE.format("benefit-picture")
        + said(section["sentence"])
        + _beside_simpler(section, subject(report["verdict"]), simpler_of(report["verdict"])),
        behind=pieces.folded("Table: net benefit", pieces.table(heads, kept, "Net benefit")),
        source=source(
            report,
            "after Vickers and Elkin (2006); 95 % band: of two methods, bootstrap and MOVER, the "
            "farther ends",
        ),
    )


# Net benefits that differ by less are equal: rounding leaves such differences.
_ROUNDING = 1e-9


def _more(found: Sequence[EstimateData]) -> tuple[int, int]:
    """At how many thresholds a gain is above 0, and at how many its interval is."""
    ends = [interval_of(each) for each in found]
    above = [each for each in ends if each is not None and each[0] > _ROUNDING]
    return len(above), sum(low > _ROUNDING for _, low, _ in above)


def _benefit_title(section: BenefitSection, model: str) -> str:
    """Where the model is above calling all rows and calling none, and where that is shown."""
    curve = section["curve"]
    n_all, (n_more, n_shown) = len(curve["thresholds"]), _more(curve["gain"])
    first, last = (f"{curve['thresholds'][k]:.2g}" for k in (0, -1))
    between = f"from {first} to {last} "
    than = " more net benefit than calling all rows, or none"
    if not n_more:
        return f"At no threshold {between}has {model}{than}"
    where = "At every threshold" if n_more == n_all else f"At {n_more} of {n_all} thresholds"
    if n_shown == n_more:
        return f"{where} {between}{model} has{than}"
    of_them = f"at {n_shown} of them its 95 % interval excludes" if n_shown \
        else "all 95 % intervals of the gain include"  # fmt: skip
    return f"{where} {between}{model} has{than}; {of_them} 0"


def _beside_simpler(section: BenefitSection, model: str, simpler: str) -> str:
    """Where a model has more and less net benefit than a simpler one; "" if none is beside."""
    curve = section["curve"]
    if curve["other"] is None or curve["gain_over_other"] is None:
        return ""
    gains = curve["gain_over_other"]
    n_all, (n_more, n_shown) = len(gains), _more(gains)
    turned: list[EstimateData] = [
        {"value": _minus(each["value"]), "low": _minus(each["high"]), "high": _minus(each["low"])}
        for each in gains
    ]
    n_less, n_less_shown = _more(turned)
    return said(
        f"{model[:1].upper()}{model[1:]} has more net benefit than {simpler} at {n_more} of "
        f"{n_all} thresholds{_of_which(n_more, n_shown)}, and less at "
        f"{n_less}{_of_which(n_less, n_less_shown)}. It is shown where the 95 % interval of the "
        "difference, for one threshold alone, excludes 0."
    )


def _of_which(n: int, n_shown: int) -> str:
    """At how many of the n thresholds that were just named a difference is shown."""
    return f" (shown at {n_shown})" if n else ""


def _minus(end: float | str | None) -> float | None:
    return None if end is None else -float(end)


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
        by_class = [
            (name(each), pieces.estimate(one))
            for each, one in with_names(report["verdict"], found["coverage"])
        ]
        words = [(text(k), percent(share)) for k, share in _largest(found["words"])]
        behind = pieces.folded(
            "Table: sets",
            pieces.table(("in truth", "set holds it"), by_class, "Coverage by class")
            + pieces.table(("the set says", "share of rows"), words, "Sets"),
        )
        method = f"sets by class-wise conformal prediction; {WILSON}"
    else:
        rows = [
            (
                band, count_text(each["n_samples"]), pieces.estimate(each["coverage"]),
            )
            for band, each in zip(band_names(found), found["by_width"], strict=True)
        ]  # fmt: skip
        heads = ("intervals", "rows", "share inside")
        behind = pieces.folded("Table: bands", pieces.table(heads, rows, "Coverage by width"))
        method = f"conformal intervals; {WILSON}"
    return figure(
        "coverage",
        _coverage_title(section, class_names(report["verdict"])),
        f"The line marks the share that was asked for, {percent(found['nominal'])}. {tested}",
        PICTURE.format("coverage-picture") + said(section["sentence"]),
        behind=behind,
        source=source(report, method),
    )


def _largest(words: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(words.items(), key=lambda each: -each[1])[:_MOST_ROWS_OF_A_TABLE]


def _coverage_title(section: CoverageSection, names: Sequence[str]) -> str:
    found: Mapping[str, Any] = section["found"]
    asked = percent(found["nominal"])
    if "words" not in found:
        value = found["coverage"]["value"]
        if value is None:
            return f"Intervals that were asked to hold {asked} of the true values"
        return (
            f"Intervals that were asked to hold {asked} of the true values hold "
            f"{percent(float(value))}"
        )
    shares = [float(each["value"]) for each in found["coverage"] if each["value"] is not None]
    if not shares:
        return f"Sets that were asked to hold the true class in {asked} of the rows"
    low, high = percent(min(shares)), percent(max(shares))
    held = low if low == high else f"{low} to {high}"
    # Sets that say nothing hold every truth.
    several = ("all", "none", "some")
    one = 1 - sum(
        each["share"]
        for each in words_of(cast(SetCoverageData, found), names)
        if each["kind"] in several
    )
    single = f"{percent(one)} of the sets" if one > _ROUNDING else "no set"
    return (
        f"Sets that were asked to hold the true class in {asked} of the rows of each class "
        f"hold it in {held}; {single} {'name' if one > _ROUNDING else 'names'} a single class"
    )


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
        source=source(report, WILSON),
    )


def _abstention_title(section: AbstentionSection) -> str:
    at = section["at_price"]
    share = at["answered"]["value"]
    if not at["n_answered"] or share is None:
        return f"No row is sure enough for an answer at a price of {at['price']:.3g}"
    wrong = at["n_wrong"]
    return (
        f"Of the {counted(at['n_answered'], 'surest answer')} ({percent(float(share))} of the "
        f"rows), {count_text(wrong)} {'is' if wrong == 1 else 'are'} wrong"
    )


def _spread(n: int) -> list[int]:
    """About twenty places of so many, with the first and the last."""
    return sorted({round(k * (n - 1) / 20) for k in range(21)}) if n else []
