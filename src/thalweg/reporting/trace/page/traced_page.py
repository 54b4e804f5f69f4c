"""The page of a trace: the network with the row's numbers, stop by stop, and all tables below."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from thalweg.export.javascript import module_text
from thalweg.network.formulas.expressions.symbols import Formula
from thalweg.reporting.html_pieces import text
from thalweg.reporting.inline import filled, json_block
from thalweg.reporting.trace.html import STYLE, piece_of_tables
from thalweg.reporting.trace.page.trace_still import still
from thalweg.reporting.trace.page.trace_story import story
from thalweg.reporting.trace.page.traced_page_data import page_data, page_formulas
from thalweg.reporting.trace.tables.trace_notes import headline

Facts = Mapping[str, Any]

_STYLES = ("learn/ground.css", "trace/network.css", "trace/trace.css")


def traced_page(
    data: Facts,
    *,
    changed: Facts | None = None,
    formulas: Mapping[str, Formula] | None = None,
    copies: Facts | None = None,
) -> str:
    """The page, one offline file.

    Parameters
    ----------
    data : mapping
        From `thalweg.reporting.trace.trace_data.trace_data`.
    changed : mapping, optional
        From `thalweg.reporting.trace.page.changeable_row.changeable_row`; without it, no cell can
        be changed in the page.
    formulas : mapping, optional
        Those of its encoder.
    copies : mapping, optional
        ``command`` and ``python``, to be copied from the page.
    """
    shown = page_data(data, changed, copies or {"command": "", "python": ""})
    ranges = (
        ", and the range or the levels of each column" if changed and "forms" in changed else ""
    )
    return filled(
        "learn/page.html",
        body="trace/trace_body.html",
        styles=_STYLES,
        more=(STYLE,),
        script="trace/trace_page.js",
        modules={"formulas.js": module_text({**(formulas or {}), **page_formulas(data)})},
        chosen={
            "trace/own_loss.js": own_loss_module(data["target"]["loss"]),
            "trace/all_rows.js": f"trace/{'mean_words' if len(data['rows']) > 1 else 'one_row'}.js",
        },
        version=version("thalweg"),
        title=text(story(data), longest=2000),
        sub=text(headline(data), longest=2000),
        still=still(data),
        said="<noscript><p>The stops of this page need its script, and scripts are switched off. "
        "The picture shows the last stop; all numbers stand in the tables below.</p></noscript>",
        tables=piece_of_tables(data),
        ranges=ranges,
        data=json_block(shown),
    )


def own_loss_module(loss: str) -> str:
    """The module with the words on this loss."""
    if loss == "sigmoid_cross_entropy":
        return "trace/two_class_words.js"
    if loss == "softmax_cross_entropy":
        return "trace/softmax_words.js"
    if loss == "ordinal":
        return "trace/grade_words.js"
    return "trace/number_words.js"
