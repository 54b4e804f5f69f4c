"""The parameters that say what mistakes cost, and how a class is called.

Rows of `thalweg.estimators.parameters.parameter_table`.
"""

from thalweg.estimators.parameters.parameter import (
    CLASSIFIER,
    Balanced,
    KeptAs,
    NoOption,
    Option,
    Parameter,
    Special,
    Words,
)
from thalweg.training.descent.schedules import Range

CROSS_ENTROPY, ORDINAL = "cross_entropy", "ordinal"
# The words of the parameter ``loss`` of a classifier.
CLASS_LOSSES = (CROSS_ENTROPY, ORDINAL)

CLASS_PARAMETERS = (
    Parameter(
        "loss",
        (Special.LOSS,),
        CROSS_ENTROPY,
        'The loss. "cross_entropy" is for classes without an order. "ordinal" is for grades, such '
        "as low, mid and high: a cumulative model, which knows their order "
        "(docs/mathematics.md#grades). Of two classes, both are the same.",
        NoOption("The option of the same name of the regressor serves both."),
        said="loss",
        kept=KeptAs.CHANGED,
        settled=True,
        of=(CLASSIFIER,),
    ),
    Parameter(
        "grades",
        (Special.LABELS, Special.NONE),
        None,
        'With ``loss="ordinal"``: all labels, from the lowest grade to the highest. None: numbers '
        "in numeric order; the order of an ordered category of pandas, or of an Enum of polars; "
        "other texts have no order, and are refused. With another loss they are not used, which a "
        "warning says.",
        Option(
            "--grades",
            "LABELS",
            "With --loss ordinal: all labels from the lowest to the highest, as in low,mid,high.",
            default="by number",
        ),
        said="grades",
        kept=KeptAs.LABELS,
        settled=True,
        of=(CLASSIFIER,),
    ),
    Parameter(
        "class_weight",
        (Special.COSTS, Words.of(Balanced), Special.NONE),
        None,
        "What a mistake on each class costs: the loss of its rows is multiplied by it. "
        '"balanced": every class has the same total weight. The probabilities are corrected, so '
        "they remain those of the rows as they are; the costs change what `predict` gives, "
        "through ``threshold_``.",
        Option(
            "--class-weight",
            "COSTS",
            "What a mistake on each class costs: balanced, or ill=5,well=1.",
        ),
        said="class weight",
        kept=KeptAs.COSTS,
        settled=True,
        of=(CLASSIFIER,),
    ),
    Parameter(
        "threshold",
        (Range(0, 1, "()"), Special.NONE),
        None,
        "For two classes: `predict` gives the positive one if its probability is above this. It "
        "beats the threshold that `thalweg decide` stored, which beats that of ``class_weight``. "
        "It may be set after the fit, too, and changes no probability. None: what was stored, or "
        "the formula of the costs, which is 0.5 if both mistakes cost the same.",
        Option(
            "--threshold",
            "P",
            "Call the positive one of two classes above this probability.",
            default="by --class-weight",
        ),
        said="threshold",
        kept=KeptAs.CHANGED,
        of=(CLASSIFIER,),
    ),
    Parameter(
        "positive",
        (Special.LABEL, Special.NONE),
        None,
        "The positive class of two: sensitivity is about it, and its probability is compared with "
        "the threshold. None: the word for yes of two labels that are yes and no (ja and nein), "
        "otherwise the second in sorted order. Of several labels one that all of them have, or a "
        'dict with that of each, as in ``{"rain": "yes"}``.',
        NoOption("Every verb that reads a table has it.", "--positive"),
        settled=True,
        of=(CLASSIFIER,),
    ),
)
