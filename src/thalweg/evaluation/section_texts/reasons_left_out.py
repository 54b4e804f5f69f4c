"""Why a section of an evaluation is not there: the sentences, and which texts of a file are these.

A reason that is an error of another kind than these is quoted when it comes from a file.
"""

from collections.abc import Container, Mapping

from thalweg.evaluation.comparing.beside_constant import KNOWS_NOTHING, NO_ORDER
from thalweg.evaluation.importance.loss_rise import TOO_FEW
from thalweg.evaluation.rates.rates_of_rows import NO_INTERVALS
from thalweg.evaluation.section_texts.text_patterns import own_or_quoted, sentence_of
from thalweg.evaluation.task_kinds import ONE_NUMBER, SEVERAL_CLASSES, TWO_CLASSES

# The sections that may be left out with a reason.
SECTIONS = (
    "calibration", "threshold", "benefit", "abstention", "coverage", "subgroups", "importance",
    "effects", "explained",
)  # fmt: skip
ALIKE = (
    "Not given: a price of no answer counts every wrong answer alike, and this model counts them "
    "differently."
)
TRAINED = (
    "Which columns the model leans on is not shown: these rows trained it, so they do not say what "
    "it leans on for new rows."
)
OF_OWN_LOSS = (
    "Whether the predictions are right on average is not shown: a loss that a person wrote need "
    "not be lowest at the mean."
)
OF_NOISE = "Effect curves are not shown: they would be those of noise."
ROWS_OF_NOISE = (
    "Why single rows have their answers is not shown: the model is not shown to know more than a "
    "constant answer, so the contributions of its columns may be those of noise."
)
OWN = "Why single rows have their answers is shown for networks of thalweg alone."
CURVES_OF_FOLDS = "Effect curves are those of one model, and each fold has a model of its own."
ROWS_OF_FOLDS = "Why single rows have their answers is not shown: each fold has a model of its own."
MORE_ROWS = "thalweg evaluate TABLE asks all rows, by cross-validation."
_COMPUTED = (
    "No row of the table is explained. From the contributions to its answer, its cells can be "
    "estimated with the effect curves, and computed with the weights."
)
NOT_ASKED = (
    f"{_COMPUTED} thalweg fit TABLE --report FILE --rows, or thalweg report MODEL TABLE --rows, "
    "explains three rows, with their cells."
)
NOT_ASKED_IN_PYTHON = f"{_COMPUTED} report(path, rows=True) explains three rows, with their cells."
_KEPT_NONE = (
    "A model file keeps no explained row: from its contributions and the networks, its cells could "
    "be computed. thalweg report MODEL TABLE"
)
NOT_KEPT = f"{_KEPT_NONE} --rows explains three rows of a table, with their cells."
# That of earlier files; such a report needs --rows now.
_NOT_KEPT_BEFORE = f"{_KEPT_NONE} explains rows of a table."
# Of what is shown of one answer, where a model predicts several quantiles.
OF_ONE_ANSWER = "is of one answer, and this model predicts several quantiles"
WHY_ONE_ANSWER = (
    "A column may matter for one level and not for another; ask about one level, on the command "
    "line with --target LEVEL, in Python of the model that for_target gives"
)
# The same in files of before.
_WHY_BEFORE = (
    "A column may matter for one level and not for another; on the command line --target LEVEL, in "
    "Python for_target gives the model of one level"
)
# They stand where the explained rows would, because they say how to get them.
HOW_TO_ASK = (NOT_ASKED, NOT_ASKED_IN_PYTHON, NOT_KEPT)
# The losses and the constant answers, as the kinds of tasks and regression_loss call them.
MEASURES = (
    "log-loss", "squared error", "MAE", "Poisson deviance", "gamma deviance",
    "Tweedie deviance with power #", "pinball loss at #",
    "own loss",
    "Huber loss with delta # (of errors in standard deviations of the target: #)",
)  # fmt: skip
CONSTANTS = (
    TWO_CLASSES.constant, SEVERAL_CLASSES.constant, ONE_NUMBER.constant, "always the median",
    "always the # quantile", "always the best constant",
)  # fmt: skip
# What `ruling_sentences.too_few` says.
_TOO_FEW = (
    "",
    "; fewer than # {rows|different rows} cannot show it",
    "; they count as # {row|rows} of equal weight, and fewer than # cannot show it",
    "; they count as # {group|groups}, and fewer than # cannot show it",
    "; only # {row is|rows are} of another class than the most common, and fewer than # such rows "
    "cannot show it",
    "; no row is of another class than the most common, and fewer than # such rows cannot show it",
)
_FACTS = (
    ALIKE,
    TRAINED,
    OF_OWN_LOSS,
    OF_NOISE,
    ROWS_OF_NOISE,
    OWN,
    CURVES_OF_FOLDS,
    ROWS_OF_FOLDS,
    NOT_KEPT,
)
_SEVERAL_LEVELS = (
    f"{{Importance|An effect curve|An explanation}} {OF_ONE_ANSWER}."
    f"{{| {WHY_ONE_ANSWER}.| {_WHY_BEFORE}.}}"
)
_NOT_HELD_OUT = (
    "its networks were trained on all rows, so it has no held-out rows",
    "its held-out rows are those of X_val, which are not rows of its table",
    "its networks have learned from all rows since the fit",
    "it was trained together with other levels, and their held-out rows are not its own",
    "new rows are later than its rows, and need not be like them",
    "no row was held out",
    NO_INTERVALS,
    "it has none",
)
_NEEDED = "# held-out {rows|groups} are needed for intervals at # %; there are #"
_NEEDED_OF_CLASS = (
    "# held-out {rows of|groups whose drawn row is of} class ~ are needed for sets at # %; there "
    "are #{| outside one of the folds}{| (one row of each group is drawn)}"
)
# What the rules of `loss_rise` and `curves_of_columns` refuse.
_REFUSED = (
    f"{TOO_FEW}: at least # are needed (# row(s){{| of equal weight}}). An order of columns from "
    "so few rows would be one of chance.",
    "All rows are of one group, so they say nothing of others (# row(s)).",
    "# {|effective }{row is|rows are} too few for effect curves. Each bin of a curve needs 20 "
    "rows, and a curve #.",
    *(
        f"{KNOWS_NOTHING}, so there is nothing that its columns could be important for ({measure} "
        f'minus that of "{constant}": {size}, # row(s){few}). {NO_ORDER}.'
        for measure in (
            "{log-loss|RMSE|MAE|Poisson deviance|gamma deviance|own loss}",
            "Tweedie deviance with power #",
            "pinball loss at #",
            "Huber loss with delta #",
        )
        for constant in (
            f"{{{'|'.join(each for each in CONSTANTS if '#' not in each)}}}",
            *(each for each in CONSTANTS if "#" in each),
        )
        for size in ("#, 95 % interval # to #", "not defined")
        for few in _TOO_FEW
    ),
    *(
        f'Importance has no scale on these rows ({measure} #{{| nats}} in # row(s); "{constant}" '
        "has #). It is a share of the way from the constant answer to the model, and a few rows "
        "with large losses leave no such way."
        for measure in MEASURES
        for constant in CONSTANTS
    ),
    # As versions before this one wrote it.
    *(
        f"{KNOWS_NOTHING}, so there is nothing that its columns could be important for ({measure} "
        f'#{{| nats}} in # row(s); "{constant}" has #, a difference of # (95 % interval # to #)). '
        "An order of its columns would be one of noise."
        for measure in MEASURES
        for constant in CONSTANTS
    ),
)
_WRITTEN = sentence_of(
    (
        *_FACTS, *_REFUSED, _SEVERAL_LEVELS,
        *(f"{each} {MORE_ROWS}" for each in _REFUSED),
        *(f"{{Sets|Intervals}} are not given: {why}."
          for why in (*_NOT_HELD_OUT, _NEEDED, _NEEDED_OF_CLASS)),
    )
)  # fmt: skip


def own_reasons(left_out: Mapping[str, str], classes: Container[str]) -> dict[str, str]:
    """The reasons of a file: those that the program does not write are quoted.

    Parameters
    ----------
    left_out : mapping of str to str
    classes : container of str

    Raises
    ------
    ValueError
        There is a reason for a section that no evaluation has.
    """
    if not left_out.keys() <= {*SECTIONS}:
        raise ValueError("there are reasons why sections are left out that no evaluation has")
    return {
        key: NOT_KEPT if why == _NOT_KEPT_BEFORE else own_or_quoted(_WRITTEN, why, classes, ".")
        for key, why in left_out.items()
    }
