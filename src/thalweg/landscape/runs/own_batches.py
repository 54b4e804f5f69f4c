"""A run of a race with rows a step of its own: as many steps as the others, of other rows."""

from dataclasses import replace

from thalweg.landscape.runs.presets import Preset
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.descent_inputs import Member

# A race in batches may take many steps; so many of all rows would take too long.
MOST_STEPS = 2_000
FEWEST_ROWS_A_STEP = 32


def batches(n_rows: int, steps: int, batch_size: int | None) -> tuple[int | None, int]:
    """Rows in a batch, ``None`` for all, and the number of whole epochs for these steps.

    A batch of all rows or more counts as all rows, which L-BFGS needs.
    """
    batch_size = min(n_rows, batch_size or max(FEWEST_ROWS_A_STEP, n_rows // steps))
    epochs = -(-steps // -(-n_rows // batch_size))
    return (batch_size if batch_size < n_rows else None), epochs


def rows_of(member: Member) -> int:
    """The training rows."""
    return len(member.data.X) if member.rows is None else len(member.rows)


def steps_of(member: Member) -> int:
    """The steps of all epochs of a run."""
    n_rows, settings = rows_of(member), member.settings
    return -(-n_rows // rows_a_step(member)) * (settings.stop_after or settings.max_epochs)


def with_own_batches(member: Member, entry: Preset) -> tuple[Member, int | None]:
    """The training run of an entry, and after how many steps it ends.

    Parameters
    ----------
    member : Member
        What all runs share.
    entry : Preset
        With its rates.

    Returns
    -------
    member : Member
    last_step : int or None
        ``None``: the run ends with its last epoch.
    """
    settings = replace(member.settings, optimizer=parse_optimizer(entry.rule))
    if entry.rows_a_step is None:
        return replace(member, settings=settings), None
    steps = min(steps_of(member), MOST_STEPS)
    batch_size, epochs = batches(rows_of(member), steps, entry.rows_a_step)
    # Neither patience nor held-out rows: all of these runs make the same number of steps.
    settings = replace(
        settings, batch_size=batch_size, max_epochs=epochs, stop_after=None, patience=None
    )
    return replace(member, settings=settings, held_out=None), steps


def rows_a_step(member: Member) -> int:
    """The rows of a full batch of a run."""
    return min(member.settings.batch_size or rows_of(member), rows_of(member))
