"""Texts about the losses of a training run: how they changed, and which of them chose the epoch.

Without held-out rows, the loss of an epoch is the mean over its steps, each before it moves θ. So
epoch e is chosen by the loss of epoch e + 1, and the last epoch by one more pass over the rows,
whose loss the history does not have.
"""

import math

from thalweg.training.history import History, pass_name
from thalweg.wording import amount, counted


def change(first: float, last: float, digits: int = 4) -> str:
    """How a loss changed: "fell from 2.6 to 1.1", "rose …", "stayed at 1.037" as it is printed."""
    one, other = amount(first, digits), amount(last, digits)
    if one == other:
        return f"stayed at {one}"
    if not math.isfinite(first - last):
        return f"went from {one} to {other}"
    return f"{'fell' if last < first else 'rose'} from {one} to {other}"


def learning_title(
    history: History, best: int, stopping: str, scoring: str | None = None, n_networks: int = 1
) -> str:
    """The losses up to the kept epoch, and what chose it, as the title of their curves.

    Parameters
    ----------
    history : list of dict
        Of the first network.
    best : int
        The epoch that was kept, from 1.
    stopping : str
        How it was found: ``stopping_`` of an estimator.
    scoring : str, optional
        The score that decided instead of the loss.
    n_networks : int, default 1
    """
    what, ran = pass_name(history), len(history)
    reached, of_ran = history[best - 1], f"{what} {best:,} of {ran:,}"
    held_out = reached["valid_loss"]
    if stopping == "cross-validation":
        found = f"Cross-validation found {counted(best, what)} best"
        # With a score, its column has the scores, and not losses.
        return f"{found} by {scoring}" if scoring else f"{found}: held-out loss {amount(held_out)}"
    which = f"In network 1 of {n_networks:,}, the" if n_networks > 1 else "The"
    if stopping != "none" and held_out is not None:
        if scoring:
            went = f"{amount(held_out)} after {of_ran}, the best by {scoring}"
            return f"{which} held-out loss was {went}"
        others = (each["valid_loss"] for each in history if each["valid_loss"] is not None)
        if any(loss < held_out for loss in others):
            return f"{which} held-out loss was {amount(held_out)} after {of_ran}, which was kept"
        return f"{which} held-out loss was lowest after {of_ran}: {amount(held_out)}"
    loss = reached["train_loss"]
    if best == 1:
        went = f"was {amount(loss)} in {of_ran}, which was kept"
    else:
        went = f"{change(history[0]['train_loss'], loss)} between {what} 1 and {of_ran}"
    return f"{which} training loss {went}; no row was held out"


def steps_meant(history: History, best: int) -> str:
    """Without held-out rows: what the loss of an epoch is, and which loss chose the kept one."""
    what, ran = pass_name(history), len(history)
    if what == "epoch":
        said = "That of an epoch is the mean over its steps, each before it moved the weights"
    else:
        said = "That of an iteration is from before it moved the weights"
    # The loss of the very first epoch is of the start, which no epoch gave.
    after = [each["train_loss"] for each in history[1:]]
    if ran == 1 or (best < ran and any(loss < after[best - 1] for loss in after)):
        return f"{said}."
    by = (
        f"that of {what} {best + 1:,}, {amount(after[best - 1])}"
        if best < ran
        else "that of one more pass"
    )
    return (
        f"{said}. {what.capitalize()} {best:,} was kept because the loss after it ({by}) is the "
        f"lowest after any {what}."
    )
