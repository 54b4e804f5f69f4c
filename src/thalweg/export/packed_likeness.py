"""The likeness of a model as compact JSON: a browser says how unlike the training rows a row is."""

from thalweg.data.encoding.number_formulas import FAR
from thalweg.data.likeness.score_parts import score_parts
from thalweg.data.likeness.table_likeness import Likeness
from thalweg.export.packed_stages import Packed, packed, packed_whole


def packed_likeness(likeness: Likeness) -> Packed:
    """The parts of the score as plain data; numbers are bent by the formulas of the encoder."""
    parts = score_parts(likeness)
    return {
        "base": parts.base,
        "filled": packed_whole(parts.filled),
        "if_missing": packed(parts.if_missing),
        "levels": [
            {
                "column": each.column,
                "codes": packed(each.codes),
                "costs": packed(each.costs),
                "others": each.has_others,
            }
            for each in parts.levels
        ],
        "numbers": packed_whole(parts.numbers),
        "center": packed(parts.center),
        "scale": packed(parts.scale),
        "far": FAR,
        "mean": packed(parts.mean),
        "factor": packed(parts.factor, "<f4"),
        "diagonal": parts.is_diagonal,
        "n": parts.scores.n,
        "scores": packed(parts.scores.values),
        "above": packed(parts.scores.above),
    }
