"""The job of ``thalweg warm``: compile all kernels, so that no later process has to."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from thalweg.errors import OutputError
from thalweg.interrupts import Cancellation
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.network.engine import choose
from thalweg.network.every_kernel import compile_every_kernel


@dataclass(frozen=True, kw_only=True, eq=False)
class WarmOutcome(Outcome):
    """What was compiled.

    Attributes
    ----------
    seconds : float
        How long it took.
    n_compiled, n_kept : int
        How many functions were compiled now, and how many are kept.
    n_bytes : int
        The size of all that is kept.
    directory : str
        Where it is kept.
    """

    seconds: float
    n_compiled: int
    n_kept: int
    n_bytes: int
    directory: str


def warm(listener: Listener | None = None, cancellation: Cancellation | None = None) -> WarmOutcome:
    """Compile all kernels and keep them.

    Raises
    ------
    SettingsError
        There is no Numba, or it is told not to compile.
    OutputError
        Nothing can be kept, so that it would be of no use.
    """
    with JobRun("warm", listener, cancellation) as run:
        engine = choose("compiled")
        from thalweg.network.compiled.jit_cache import directory, why_nothing_is_kept

        kept = directory()
        if kept is None:
            why, fix = why_nothing_is_kept()
            raise OutputError("Compiled kernels cannot be kept", why=why, fix=fix)
        before, begun = _files(kept), perf_counter()

        def tell(done: int, total: int) -> None:
            if run.stage("steps of compiling", done, total):
                run.require_wanted()

        compile_every_kernel(engine, tell)
        seconds, after = perf_counter() - begun, _files(kept)
        result = {
            "seconds": seconds,
            "compiled": len(after.keys() - before.keys()),
            "kept": len(after),
            "bytes": sum(after.values()),
            "directory": str(kept),
        }
        run.tell(result=result)
        return run.settle(
            WarmOutcome, seconds=seconds, n_compiled=result["compiled"], n_kept=result["kept"],
            n_bytes=result["bytes"], directory=result["directory"],
        )  # fmt: skip


def _files(kept: Path) -> dict[str, int]:
    """The files of compiled functions, with their sizes."""
    return {path.name: path.stat().st_size for path in kept.glob("*.code")}
