"""The models that pictures and pages are made of, for types; nothing is loaded."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.estimators.regressor import ThalwegRegressor

Model: TypeAlias = "ThalwegClassifier | ThalwegRegressor"
