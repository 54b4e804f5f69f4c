"""Entry point of the program ``thalweg``: handles signals and short memory before heavy imports."""

# These are there already, or built in. Any other import here would be a time in which Ctrl-C gives
# a traceback.
import gc
import os
import sys


def main(arguments: list[str]) -> int:
    """Run the command line; returns the exit code."""
    from thalweg.cli.app import dispatch

    return dispatch(arguments)


def run() -> None:
    """Run the program ``thalweg``, and end the process."""
    try:
        from thalweg.cli.early_end import end_at_once, require_memory

        end_at_once()
        require_memory(sys.argv[1:])
        # Modules are not garbage: to look through them takes a tenth of their import.
        gc.disable()
        import thalweg.cli.app  # noqa: F401

        gc.freeze()
        gc.enable()
        # Pictures must be the same everywhere, so ignore a notebook's backend and a matplotlibrc
        # in the folder.
        os.environ.update(MPLBACKEND="agg", MATPLOTLIBRC=os.devnull)
        code = main(sys.argv[1:])
        from thalweg.cli.signals import ignore_signals, leave

        ignore_signals()
    except KeyboardInterrupt as sign:  # just before or after the time of a handler
        from thalweg.cli.early_end import end_at_once, end_by_signal

        end_at_once()
        end_by_signal(getattr(sign, "number", 2))
    except Exception as error:
        from thalweg.cli.early_end import end_for_memory, is_shortage

        if not is_shortage(error):
            raise
        end_for_memory()
    leave(code)
