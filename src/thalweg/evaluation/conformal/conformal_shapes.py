"""The types of measured coverage as plain data."""

from typing import NotRequired, TypedDict

from thalweg.evaluation.judging.shapes import Count, EstimateData, Share, Size


class WidthBandData(TypedDict):
    """The coverage of the rows whose intervals have similar widths; ∞ is "Infinity"."""

    narrowest: Size | str
    widest: Size | str
    n_samples: Count
    coverage: EstimateData


class IntervalCoverageData(TypedDict):
    """The measured coverage of intervals beside the nominal one."""

    nominal: Share
    n_samples: Count
    coverage: EstimateData
    mean_width: Size | str | None
    by_width: list[WidthBandData]
    refused: str | None


class SetCoverageData(TypedDict):
    """The measured coverage of sets of classes beside the nominal one."""

    nominal: Share
    n_samples: Count
    coverage: list[EstimateData]
    words: dict[str, Share]
    refused: str | None
    fewer: NotRequired[list[bool]]
    n_repeated: NotRequired[Count]
