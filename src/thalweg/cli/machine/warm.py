"""``thalweg warm``: the output that says what was compiled."""

from typing import TYPE_CHECKING

from rich.text import Text

from thalweg.cli.console_listener import Talk
from thalweg.cli.options import verb_options
from thalweg.wording import counted, printable

if TYPE_CHECKING:
    from thalweg.jobs.machine.warm import WarmOutcome


def warm(as_json: verb_options.Json = False, quiet: verb_options.Quiet = False) -> None:
    """Compile all kernels ahead of time, for an image or a lesson.

    Afterwards no fit of this user on this kind of processor compiles anything, but for a loss that
    is written as a formula.
    """
    with Talk("warm", as_json=as_json, quiet=quiet) as talk:
        from thalweg.jobs.machine.warm import warm as job

        talk.show(Text(printable(_sentence(job(talk)))))


def _sentence(outcome: "WarmOutcome") -> str:
    """What was done, with its seconds."""
    n, size = counted(outcome.n_kept, "kernel"), f"{outcome.n_bytes / 1e6:.1f} MB"
    there = f"{outcome.directory} has {n}, {size}."
    if not outcome.n_compiled:
        return f"There was nothing left to compile. {there}"
    left = outcome.n_kept - outcome.n_compiled
    others = f"; {left:,} {'was' if left == 1 else 'were'} there already" if left else ""
    new = counted(outcome.n_compiled, "kernel")
    return f"Compiled {new} in {outcome.seconds:.0f} s{others}. {there}"
