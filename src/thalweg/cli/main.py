"""``thalweg``: where the program begins. Signals are seen to before anything heavy is imported."""

import os
import sys

from thalweg.cli.signals import end_at_once, leave


def main(arguments: list[str]) -> int:
    """Run the command line; returns the exit code."""
    from thalweg.cli.app import dispatch

    return dispatch(arguments)


def run() -> None:
    """What the program ``thalweg`` runs."""
    end_at_once()
    # Pictures are the same wherever they are drawn: neither a notebook's way to show them counts,
    # nor a matplotlibrc in the folder.
    os.environ.update(MPLBACKEND="agg", MATPLOTLIBRC=os.devnull)
    leave(main(sys.argv[1:]))
