"""The parameters of what is made beside the networks: calibration, intervals, importance.

Rows of `thalweg.estimators.parameters.parameter_table`.
"""

from thalweg.estimators.parameters.parameter import (
    REGRESSOR,
    Calibrating,
    IntervalKind,
    KeptAs,
    NoOption,
    Option,
    Parameter,
    Special,
    Words,
)

PREDICTION_PARAMETERS = (
    Parameter(
        "calibration",
        (Words.of(Calibrating),),
        "none",
        "A map that corrects every prediction. It is fitted on out-of-fold predictions "
        '(``early_stopping="folds"``), and kept in ``calibration_``. "auto": only if a test at 5 % '
        "shows that they are not calibrated, on 200 rows or more, 50 of them not of the most "
        'common class. "temperature": a slope of the logits, for classes. "affine": slope and '
        "intercept of the logits of two classes, or of predicted numbers of the losses "
        '"squared_error", "poisson", "gamma" and "tweedie". Further training drops the map.',
        Option(
            "--calibration",
            "HOW",
            "Correct predictions by a map: none, auto, temperature or affine.",
        ),
        said="calibration",
        kept=KeptAs.CHANGED,
    ),
    Parameter(
        "interval_kind",
        (Words.of(IntervalKind),),
        "plain",
        'The intervals of `predict_interval`. "plain": nearly equally wide for all rows. "scaled": '
        "wide where errors are large; further networks learn after the others how large they are, "
        "so that a fit takes about twice the time (half of ``time_limit`` is for each; callbacks "
        "do not hear of them). It needs 100 different rows that are held out, and is recommended "
        "from 300 on.",
        Option(
            "--interval-kind",
            "NAME",
            "Of the intervals of a number: plain, or scaled: wide where errors are large.",
        ),
        said="intervals",
        kept=KeptAs.CHANGED,
        of=(REGRESSOR,),
    ),
    Parameter(
        "importance",
        (Special.SWITCH,),
        False,
        "True: the fit ends by measuring which columns its networks lean on, each on the rows that "
        "it held out; then there are ``importance_`` and ``feature_importances_``, which "
        "scikit-learn's RFE and SelectFromModel read. It needs folds or a hold-out set.",
        NoOption("`explain` asks a saved model."),
        kept=KeptAs.CHANGED,
    ),
)
