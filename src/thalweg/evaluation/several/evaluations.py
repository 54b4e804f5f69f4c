"""The evaluations of several targets, by their names."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from thalweg.evaluation.any_estimator.evaluation import Evaluation
from thalweg.evaluation.any_estimator.reportable import ReportableTargets
from thalweg.evaluation.several.targets_together import Together, together_of
from thalweg.evaluation.task_kinds import metric_of


class Evaluations(ReportableTargets, Mapping[str, Evaluation]):
    """The evaluation of each of several targets, on the same rows.

    Parameters
    ----------
    found : mapping of str to Evaluation

    Examples
    --------
    ``evaluations["churned"]`` is an ordinary `Evaluation`; ``frame()`` has a row for each target.
    """

    def __init__(self, found: Mapping[str, Evaluation]) -> None:
        self._found = dict(found)

    def __getitem__(self, target: str) -> Evaluation:
        return self._found[target]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def together(self) -> Together | None:
        """How the targets and their errors go together; None with more than 20 targets."""
        answered = {name: each.verdict.answers for name, each in self._found.items()}
        if len({len(each) for each in answered.values()}) != 1:
            return None
        of_labels = all(each.task.kind.of_classes for each in self._found.values())
        return together_of(answered, of_labels=of_labels)

    def frame(self) -> pd.DataFrame:
        """A row for each target: the measure, of the model and of each baseline, and the verdict.

        Returns
        -------
        DataFrame
            ``measure value low high``, a column for each baseline, and ``sentence``.
        """
        return pd.DataFrame([_row(each) for each in self._found.values()], list(self._found))

    def __repr__(self) -> str:
        return f"Evaluations of {len(self)} targets\n{self.frame().iloc[:, :4].to_string()}"


def _row(found: Evaluation) -> dict[str, Any]:
    verdict = found.verdict
    measures = {each.measure for each in verdict.differences.values()}
    measure = min(measures) if measures else found.task.kind.measure
    key = metric_of(measure)
    own = verdict.network.metrics[key]
    row: dict[str, Any] = {
        "measure": measure, "value": own.value, "low": own.low, "high": own.high,
    }  # fmt: skip
    row |= {name: each.metrics[key].value for name, each in verdict.baselines.items()}
    return {**row, "sentence": verdict.sentence}
