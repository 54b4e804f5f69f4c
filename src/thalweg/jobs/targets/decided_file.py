"""The model file of several targets with another threshold of one of them."""

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.targets.decided_targets import decide_targets
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.persistence.model_file import read_model, save_model


def save_with_threshold(
    path: str, target: str, chosen: Threshold, output: str, *, overwrite: bool
) -> None:
    """Write a model of several targets again, with a threshold of one of them.

    Parameters
    ----------
    path : str
        The model file that the threshold was chosen for.
    target : str
    chosen : Threshold
    output : str
        The file to write; it may be the same.
    overwrite : bool
    """
    file = read_model(path, several=True)
    assert isinstance(file.model, ThalwegClassifier)
    decide_targets(file.model, {target: chosen})
    save_model(
        file.model, output, overwrite=overwrite, weight_notation=file.weight_notation,
        roles=file.roles, evaluations=file.evaluations, together=file.together,
        missing_aside=file.missing_aside,
    )  # fmt: skip
