"""Entry point of the program ``thalweg``: handles signals before any heavy import."""

import os
import sys

from thalweg.cli.signals import end_at_once, leave


def main(arguments: list[str]) -> int:
    """Run the command line; returns the exit code."""
    from thalweg.cli.app import dispatch

    return dispatch(arguments)


def run() -> None:
    """Run the program ``thalweg``, and end the process."""
    end_at_once()
    # Pictures must be the same everywhere, so ignore a notebook's backend and a matplotlibrc in
    # the folder.
    os.environ.update(MPLBACKEND="agg", MATPLOTLIBRC=os.devnull)
    leave(main(sys.argv[1:]))
