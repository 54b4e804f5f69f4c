"""The page of a search, and the part that the report of a model can hold."""

from collections.abc import Sequence
from importlib.metadata import version

from thalweg.evaluation.comparing.rounded_limits import on_its_side
from thalweg.reporting.html_pieces import folded, table, text, whole
from thalweg.reporting.inline import filled
from thalweg.reporting.tuning.search_pictures import (
    NARROW,
    WIDE,
    course,
    difference_picture,
    legend,
    over_one,
    over_two,
    shares_picture,
)
from thalweg.reporting.tuning.shown_search import ShownSearch, ShownTrial, name_of
from thalweg.wording import amount, counted, even

# The styles of `search_part`, above those of its page.
STYLES = ("tuning/tuning.css",)
# Plain gradient descent has other learning rates than the update rule of the default.
_OWN_RATE = (
    "The default has an optimizer of its own, and settings that the space does not have. Its mark "
    "stands at the nearest ones."
)
# A longer sentence, such as one with all settings, is folded.
_LONGEST = 900
_BEFORE = "Losses of the tuned model, as the mean over all selections, and of the default"


def search_html(shown: ShownSearch) -> str:
    """The page: one offline file without a script."""
    return filled(
        "learn/page.html",
        body="tuning/tuning_body.html",
        styles=("learn/ground.css", "learn/learn.css", *STYLES),
        version=version("thalweg"),
        title=text(shown.finding, 400),
        subtitle=text(shown.about, 400),
        search=search_part(shown),
    )


def search_part(shown: ShownSearch) -> str:
    """All sections, in one element that a page with other sections can hold."""
    parts = (_verdict(shown), _course(shown), _shares(shown), _pair(shown), _article(shown))
    return f'<div class="search">{"".join(parts)}</div>'


def _section(key: str, title: str, content: str) -> str:
    return (
        f'<section id="{key}" aria-labelledby="{key}-title"><h2 id="{key}-title">{title}</h2>'
        f"{content}</section>\n"
    )


def _said(sentences: Sequence[str]) -> str:
    said = "".join(
        f"<p>{text(each, _LONGEST)}</p>" if len(each) <= _LONGEST else whole(each, _LONGEST)
        for each in sentences
    )
    return f'<div class="sentences">{said}</div>'


def _verdict(shown: ShownSearch) -> str:
    rows = []
    if shown.is_default_alone:  # there is no tuned model, so no difference
        return _section("worth", "What the search was worth", _said(shown.sentences))
    for name, each in (("the tuned model", shown.loss), ("the default", shown.default_loss),
                       ("tuned minus default", shown.difference)):  # fmt: skip
        signed = name == "tuned minus default"
        ends = (each.value, each.low, each.high)
        said = on_its_side(ends, 0, 4, signed=True) if signed else even(ends)
        rows.append((name, *map(text, said)))
    heads = ("on rows that chose nothing", text(shown.loss_name), "95 % from", "to")
    numbers = folded("The numbers", table(heads, rows, _BEFORE))
    return _section("worth", "What the search was worth", _said(shown.sentences)
                    + difference_picture(shown) + numbers)  # fmt: skip


def _course(shown: ShownSearch) -> str:
    note = (
        f"<p>A mark is a trial, the line is the lowest {text(shown.loss_name)} so far, and the "
        "dashed line is the default."
    )
    # The loss of the default alone was not chosen.
    if any(each.loss is not None for each in shown.trials[1:]):
        note += " These losses are of the rows that choose the trials, so the lowest is too good."
    note += "</p>"
    rest = folded("All trials", table(_heads(shown), _rows(shown), "All trials in their order"))
    pictures = course(shown, WIDE) + course(shown, NARROW)
    keys = legend(shown, shown.trials)
    return _section("course", "The trials in their order", note + pictures + keys + rest)


def _heads(shown: ShownSearch) -> list[str]:
    names = ("trial", shown.loss_name, "lowest so far", "seconds", "weight")
    return [text(each) for each in (*names, *(each.title for each in shown.settings))]


def _rows(shown: ShownSearch) -> list[list[str]]:
    found = []
    for trial, lowest in zip(shown.trials, shown.best_so_far(), strict=True):
        number = f"{trial.number}, the default" if trial.number == 0 else str(trial.number)
        said = [
            number, _loss_words(trial), "" if lowest is None else amount(lowest, 5),
            "" if trial.seconds is None else amount(trial.seconds, 3),
            amount(trial.weight, 3) if trial.weight else "",
            *(trial.values[each.name] for each in shown.settings),
        ]  # fmt: skip
        found.append([text(each) for each in said])
    return found


def _loss_words(trial: ShownTrial) -> str:
    if trial.loss is None:
        return trial.state
    return amount(trial.loss, 5) + ("" if trial.within else " (outside of the limits)")


def _shares(shown: ShownSearch) -> str:
    if not shown.shares:
        return _section(
            "settings", "Which settings mattered is not known", _said(shown.about_shares)
        )
    named = [
        f"{name_of(each.name)} ({_percent(each.share)})" for each in shown.shares if each.matters
    ]
    title = f"{_listed(named)} mattered" if named else "No setting is shown to have mattered"
    rows = [
        (text(name_of(each.name)), f"{100 * each.share:.1f}", f"{100 * each.low:.1f}",
         f"{100 * each.high:.1f}", f"{100 * each.beside_shuffled:.1f}",
         "yes" if each.matters else "no")
        for each in shown.shares
    ]  # fmt: skip
    heads = ("setting", "share, %", "90 % range from", "to", "beside shuffled, %",
             "shown to matter")  # fmt: skip
    numbers = folded("The numbers", table(heads, rows, "The share of each setting"))
    content = _said(shown.about_shares) + shares_picture(shown) + numbers
    return _section("settings", text(title, 300), content)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "less than 1 %"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _figure(picture: str, caption: str) -> str:
    return f"<figure><figcaption>{text(caption, 120)}</figcaption>{picture}</figure>"


def _pair(shown: ShownSearch) -> str:
    pair = shown.pair()
    trials = shown.trials
    if not (pair and trials):
        return ""
    figures = [
        _figure(over_one(shown, each, trials), f"{shown.loss_name} over {each.title}")
        for each in pair
    ]
    if len(pair) == 2:
        both = f"trials over {pair[0].title} and {pair[1].title}"
        figures.append(_figure(over_two(shown, pair[0], pair[1], trials), both))
    names = _listed([each.title for each in pair])
    note = f"<p>{text(_why_pair(shown), 200)} "
    note += "Where a setting is one of some values, trials stand beside it. "
    note += (
        f"{_OWN_RATE} The dashed line is its loss."
        if shown.has_map
        else "Where the space has no setting of the default, it stands at the nearest one."
    )
    keys = legend(shown, trials)
    content = f'{note}</p><div class="pictures">{"".join(figures)}</div>{keys}'
    return _section("pair", f"Losses over {text(names, 120)}", content)


def _why_pair(shown: ShownSearch) -> str:
    if any(each.matters for each in shown.shares):
        return "These have the largest shares."
    if shown.shares:
        return "No setting is shown to have mattered; these have the largest shares."
    if shown.has_map:
        return "Which settings mattered is not known; these are the two of the article."
    return "Which settings mattered is not known; these are the first of the space."


def _article(shown: ShownSearch) -> str:
    """The losses over learning rate and units, a picture for each number of layers."""
    by_name = {each.name: each for each in shown.settings}
    if not shown.has_map:
        return ""
    layers, units, rate = (by_name[name] for name in ("layers", "width", "learning_rate_init"))
    groups: dict[str, list[ShownTrial]] = {}
    for trial in sorted(shown.trials, key=lambda each: each.places[layers.name]):
        groups.setdefault(trial.values[layers.name], []).append(trial)
    figures = []
    for value, trials in groups.items():
        # The default is no network of plain gradient descent.
        own = [each.loss for each in trials if each.number and each.loss is not None]
        lowest = min(own, default=None)
        said = counted(int(value), "layer")
        if lowest is not None:
            beside = " beside the default" if any(each.number == 0 for each in trials) else ""
            said += f": the lowest {shown.loss_name}{beside} is {amount(lowest)}"
        figures.append(_figure(over_two(shown, rate, units, trials, said), said))
    if not figures:
        return ""
    note = f"<p>{_OWN_RATE}</p>"
    keys = legend(shown, shown.trials, up_is_loss=False)
    content = f'{note}<div class="pictures">{"".join(figures)}</div>{keys}'
    return _section("article", "Learning rate and units for each number of layers", content)
