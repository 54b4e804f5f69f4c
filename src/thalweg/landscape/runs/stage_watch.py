"""Who watches a race: called with the progress of its stages, and may end it early."""

from collections.abc import Callable

from thalweg.landscape.ground.terrain import Watch

# Called with (stage, done, all); an answer of True ends the race.
StageWatch = Callable[[str, int, int], bool | None]


class HeardStages:
    """Calls the ``watch`` function of the caller, and stores whether it asked to end."""

    def __init__(self, watch: StageWatch | None) -> None:
        self.watch, self.stopped = watch, False

    def of(self, stage: str) -> Watch:
        """The function that a stage calls."""

        def tell(done: int, total: int) -> bool:
            if self.watch is not None and self.watch(stage, done, total):
                self.stopped = True
            return self.stopped

        return tell

    def part(self, number: int, count: int, usual: int) -> Watch:
        """The progress of one of several profiles, in losses of a usual one.

        Profiles have different numbers of cuts, but the total of a stage stays the same.
        """
        tell = self.of("profiles")
        return lambda done, total: tell(number * usual + done * usual // total, count * usual)
