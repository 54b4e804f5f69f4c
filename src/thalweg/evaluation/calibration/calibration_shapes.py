"""The types of calibration results as plain data."""

from typing import TypedDict

import numpy as np

from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.shapes import EstimateData, Share

# A probability of one row, given exactly, could be looked up to find the row.
_DECIMALS = 3
# A number; None is undefined, "Infinity" infinite.
Plain = float | str | None


def plain_number(number: float) -> Plain:
    """A number for JSON, by the rule of `Estimate.as_dict`."""
    return Estimate(number, number, number).as_dict()["value"]


def rounded(probabilities: np.ndarray) -> list[float]:
    """The probabilities of a curve for JSON, with three decimals: no row's exact one."""
    return [float(each) for each in np.round(probabilities, _DECIMALS)]


class WeakData(TypedDict):
    """Intercept, slope and joint test."""

    intercept: EstimateData
    slope: EstimateData
    intercept_at_slope: Plain
    chi2: Plain
    p_value: Plain
    refused: str | None


class DecompositionData(TypedDict):
    """A mean score = MCB - DSC + UNC, and the MCB of calibrated predictions."""

    score: Plain
    mcb: Plain
    dsc: Plain
    unc: Plain
    mcb_if_calibrated: Plain
    mcb_if_calibrated_at_most: Plain
    p_value: Plain


class CurveData(TypedDict):
    """The steps of the curve, and the band at some predictions."""

    low: list[float]
    high: list[float]
    observed: list[float]
    n_rows: list[float]
    band_at: list[float]
    band_low: list[float]
    band_high: list[float]


class SmoothData(TypedDict):
    """Distances from a smooth curve."""

    n_knots: int
    ici: EstimateData
    ici_if_calibrated: Plain
    ici_if_calibrated_at_most: Plain
    e50: Plain
    e90: Plain
    emax: Plain
    at: list[float]
    observed: list[float]


class TwoClassCalibrationData(TypedDict):
    """The calibration of two classes."""

    n_rows: float
    n_positive: float
    n_negative: float
    observed_by_expected: EstimateData
    weak: WeakData | None
    curve: CurveData | None
    brier: DecompositionData | None
    log_loss: DecompositionData | None
    smooth: SmoothData | None
    refused: str | None
    caution: str | None


class TemperatureData(TypedDict):
    """The slope of the logits of several classes, 1 / temperature, and its test."""

    slope: EstimateData
    chi2: Plain
    p_value: Plain
    refused: str | None


class MulticlassCalibrationData(TypedDict):
    """The calibration of several classes: one temperature, and each class against the rest."""

    n_rows: float
    temperature: TemperatureData
    classes: list[TwoClassCalibrationData]


class RegressionCalibrationData(TypedDict):
    """The line of the true values on the predictions."""

    n_rows: float
    bias: EstimateData
    intercept: EstimateData
    slope: EstimateData
    p_value: Plain
    refused: str | None


class QuantileCalibrationData(TypedDict):
    """The share of true values below predicted quantiles, beside their level."""

    n_rows: float
    level: Share
    below: EstimateData
    p_value: Share


class CalibrationMapData(TypedDict):
    """A map that corrects predictions."""

    kind: str
    task: str
    intercept: float
    slope: float
