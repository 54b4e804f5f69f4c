"""The section of the network: its layers, which rows trained it, and its drawing, if it has one."""

from itertools import pairwise

from thalweg.reporting.html_pieces import (
    figure,
    folded,
    label,
    name,
    network_title,
    not_what_matters,
    source,
    text,
)
from thalweg.reporting.network_drawing_data import are_bins
from thalweg.reporting.page.report_shapes import Report
from thalweg.reporting.verdict_words import kind_of
from thalweg.training.history import pass_name
from thalweg.wording import counted

# So that a sentence of the page is whole, and a text from a file still has a limit.
_LONGEST_SENTENCE = 1_000
_NO_WEIGHTS = "A page without the model was asked for, so it has no weights"


def network(report: Report, drawn: str, chosen: str) -> str:
    """The network, folded: its weights say how it computes, and not which column matters.

    Parameters
    ----------
    report : mapping
        With a network.
    drawn : str
        HTML: the drawing, or the place where the page's script draws it; "" for a page that may
        have no weights.
    chosen : str
        Which units are drawn if not all are.
    """
    facts = report["network"]
    parameters = sum((n_in + 1) * n_out for n_in, n_out in pairwise(facts["sizes"]))
    turned = (
        " The last weights are multiplied by −1, so that the output is the log-odds of "
        f"{label(facts['logit_of'])}."
        if facts.get("turned")
        else ""
    )
    useful = not_what_matters(
        bins=any(are_bins(facts)),
        categories=any(
            column["kind"] == "category" for column in report["table"].get("columns", ())
        ),
    )
    kept = pass_name(report["training"]["history"])
    title = network_title(facts["members"])
    said = (
        f"{layers(report)}; {counted(parameters, 'parameter')}; {_trained_on(report)}; seed "
        f"{seed_of_fit(report)}."
    )
    if not drawn:
        which = f"Network 1 of {facts['members']:,}" if facts["members"] > 1 else "The network"
        trace = ", except those that the trace shows" if "trace" in report else ""
        return figure("network", f"{which} is not drawn", f"{said} {_NO_WEIGHTS}{trace}.", "")
    return figure(
        "network",
        title,
        f"{said} {useful}{turned}",
        folded("Show the drawing", drawn),
        source=source(report, f"weights of the kept {kept}; {chosen}"),
    )


def _trained_on(report: Report) -> str:
    """Which rows the drawn network was trained on."""
    rows = taught_by(report)
    apart = {"folds": "its fold", "hold-out": "the hold-out"}.get(report["training"]["stopping"])
    if apart is None:
        return f"trained on {rows}"
    return f"trained on {rows} except {apart}, which was for early stopping"


def taught_by(report: Report) -> str:
    """The rows that trained the network: the file of a model may not tell them."""
    if "rows" in report:
        return text(report["network"].get("taught_by", "earlier rows"), _LONGEST_SENTENCE)
    return f"{counted(report['table']['n_train'], 'row')} of {name(report['table']['name'])}"


def seed_of_fit(report: Report) -> int:
    """The seed of the fit, which an evaluation of other rows need not have."""
    return report["network"].get("seed", report["seed"])


def layers(report: Report) -> str:
    """The network from left to right: ``10 inputs → 64 relu → 1 logit``."""
    facts, output = report["network"], kind_of(report["verdict"]).output
    n_outputs = facts["sizes"][-1]
    hidden = [
        f"{size:,} {text(activation)}"
        for size, activation in zip(facts["sizes"][1:-1], facts["activations"], strict=False)
    ]
    return " → ".join((counted(facts["sizes"][0], "input"), *hidden, counted(n_outputs, output)))


def several(report: Report) -> str:
    """That several networks are averaged; else ""."""
    n_networks = report["network"]["members"]
    if report["network"].get("unlike_members"):
        return f"; the first of {n_networks:,} networks, whose mean is the answer"
    return f"; the mean of {n_networks:,} such networks" if n_networks > 1 else ""
