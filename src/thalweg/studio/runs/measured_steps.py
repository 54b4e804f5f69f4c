"""What is measured at the steps of a live run: losses, rate, and the gradient of each layer.

Nothing here changes a run. The number of a point is the number of steps before it: its losses and
its gradient are those of the θ at which the next step begins.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.network.engine import Noise, Objective, Rows
from thalweg.network.formulas.activations import Array
from thalweg.training.callbacks import Callback, Moment
from thalweg.training.descent_inputs import Course, Member
from thalweg.training.training_loop import Run

Columns = dict[str, NDArray[Any]]
# At most so many rows of each part are looked at, evenly chosen.
MOST_ROWS = 4096
# Multiply-adds of a look that are worth no thought, and how many times the work of a step a look
# may be, over all steps.
CHEAP, SHARE = 2**20, 0.5
# Looks in an epoch of many steps are enough, if there are so many in the whole run.
LOOKS_AN_EPOCH, LOOKS = 4, 100


def gradient_of_step(run: Run) -> Array:
    """dL/dθ from the rows of the step that comes next, as the step will take it."""
    course, standing = run.course, run.standing
    data, rows = course.rows_of_step(len(standing.history), standing.within)
    noise = Noise(standing.state.seed, standing.state.step) if course.objective.dropout else None
    with np.errstate(all="ignore"):
        found = course.engine.loss_and_gradient(
            course.member.architecture, course.objective, standing.state.theta, data, rows, noise
        )
    return found[1]


def gradient_norms(course: Course, theta: Array, rows: Rows, noise: Noise | None) -> list[float]:
    """‖dL/dθ‖ of each layer, from the rows of a step."""
    architecture = course.member.architecture
    with np.errstate(all="ignore"):
        _, gradient = course.engine.loss_and_gradient(
            architecture, course.objective, theta, course.lesson, rows, noise
        )
        squares = [
            float(np.square(block.of(gradient), dtype=np.float64).sum())
            for block in architecture.blocks
        ]
    n_layers = len(architecture.sizes) - 1
    return [float(np.sqrt(sum(squares[2 * i : 2 * i + 2]))) for i in range(n_layers)]


class MeasuredSteps(Callback):
    """Measures the steps of a run while it goes.

    Parameters
    ----------
    shared : Member
        With the held-out rows, if there are any; the run itself may not know of them.
    run : callable
        Gives the run.
    """

    def __init__(self, shared: Member, run: Callable[[], Run]) -> None:
        self._shared, self._run = shared, run
        self._first = self._begin = 0
        self._looks: tuple[float, float, list[float]] | None = None
        self._every = 0
        self.steps: list[int] = []
        self.train: list[float] = []
        self.valid: list[float] = []
        self.whole: list[float] = []
        self.rate: list[float] = []
        self.gradient: list[list[float]] = []

    def begins_at(self, first: int, step: int) -> None:
        """Say how many steps came before those that a run counts, and the step of its begin."""
        self._first, self._begin = first, step

    def step_begin(self, moment: Moment) -> None:
        """Look at θ, if a look is due at this step."""
        course = self._run().course
        if not self._every:
            self._prepare(course)
        step = self._first + moment.step
        self._looks = None
        if step % self._every == 0:
            self._looks = self._look(course, moment)

    def step_end(self, moment: Moment) -> None:
        """Note the step that was made."""
        record = moment.record or {}
        n_layers = len(self._shared.architecture.sizes) - 1
        nothing = (np.nan, np.nan, [np.nan] * n_layers)
        valid, whole, norms = self._looks or nothing
        rate = record.get("rate")
        self.steps.append(self._first + moment.step - 1)
        self.train.append(float(record.get("train_loss", np.nan)))
        self.rate.append(np.nan if rate is None else float(rate))
        self.valid.append(valid)
        self.whole.append(whole)
        self.gradient.append(norms)

    def columns(self, after: int = -1) -> Columns:
        """The points after a step, as arrays; all of them with ``after=-1``."""
        at = int(np.searchsorted(self.steps, after, side="right"))
        n_layers = len(self._shared.architecture.sizes) - 1
        return {
            "step": np.array(self.steps[at:], np.int32),
            "train": np.array(self.train[at:], np.float64),
            "valid": np.array(self.valid[at:], np.float64),
            "whole": np.array(self.whole[at:], np.float64),
            "rate": np.array(self.rate[at:], np.float64),
            "gradient": np.array(self.gradient[at:], np.float32).reshape(-1, n_layers),
        }

    def restore(self, columns: Columns) -> None:
        """Know the points again that were measured before.

        Raises
        ------
        ValueError
            They are not those of such a run.
        """
        told = self.columns()
        n = len(columns.get("step", ()))
        expected = {key: (each.dtype, (n, *each.shape[1:])) for key, each in told.items()}
        if {key: (each.dtype, each.shape) for key, each in columns.items()} != expected:
            raise ValueError("Its points are not those of a run")
        if not np.array_equal(columns["step"], self._begin + np.arange(n)):
            raise ValueError("Its points are not in the order of their steps")
        self.steps, self.train = columns["step"].tolist(), columns["train"].tolist()
        self.valid, self.whole = columns["valid"].tolist(), columns["whole"].tolist()
        self.rate, self.gradient = columns["rate"].tolist(), columns["gradient"].tolist()

    def forget(self) -> None:
        """Know no point any more."""
        self.steps, self.train, self.valid, self.whole, self.rate = [], [], [], [], []
        self.gradient = []

    def _prepare(self, course: Course) -> None:
        """Choose the rows that are looked at, and how often; nothing of it depends on a clock."""
        shared = Course(self._shared, course.engine)
        self._judge = shared.judge
        self._spared = None if self._judge is None else _some(self._shared.held_out)
        self._rows = _some(course.rows)
        self._of_all: Objective = replace(course.objective, dropout=0.0)
        n_looked = len(self._rows) + (0 if self._spared is None else len(self._spared))
        look = n_looked * self._shared.architecture.n_parameters + course.step_work
        dear = 1 if look <= CHEAP else int(np.ceil(look / (SHARE * course.step_work)))
        enough = min(course.n_batches // LOOKS_AN_EPOCH, course.end * course.n_batches // LOOKS)
        self._every = max(1, dear, enough)

    def _look(self, course: Course, moment: Moment) -> tuple[float, float, list[float]]:
        run = self._run()
        state, engine = run.standing.state, course.engine
        architecture = self._shared.architecture
        theta = moment.theta

        def height(objective: Objective, rows: Rows) -> float:
            with np.errstate(all="ignore"):
                return float(
                    engine.losses(architecture, objective, theta[None], course.lesson, rows)[0]
                )

        valid = np.nan
        if self._judge is not None and self._spared is not None:
            with np.errstate(all="ignore"):
                valid = course.height(self._judge, state, self._shared.data, self._spared)
        _, rows = course.rows_of_step(len(run.standing.history), run.standing.within)
        noise = Noise(state.seed, state.step) if course.objective.dropout else None
        return valid, height(self._of_all, self._rows), gradient_norms(course, theta, rows, noise)


def _some(rows: Rows | None) -> Rows:
    assert rows is not None
    return rows[np.linspace(0, len(rows) - 1, min(MOST_ROWS, len(rows))).round().astype(np.intp)]
