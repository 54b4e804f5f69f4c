"""The parameter that says which loss is minimised: a row of the table of all parameters."""

from thalweg.estimators.parameters.parameter import REGRESSOR, Option, Parameter, Special

# The losses for regression.
LOSSES = ("squared_error", "absolute_error", "huber", "quantile", "poisson")

LOSS_PARAMETERS = (
    Parameter(
        "loss",
        (Special.LOSS,),
        "squared_error",
        'The loss. "squared_error" predicts the mean, "absolute_error" the median; "huber" or '
        '"huber:delta=1.5", with δ in standard deviations of the target; "quantile" or '
        '"quantile:level=0.9"; "poisson" for counts and other targets ≥ 0: it learns the logarithm '
        "of the mean.",
        Option(
            "--loss",
            "NAME",
            "For regression: squared_error, absolute_error, huber, quantile:level=0.9 or poisson.",
        ),
        said="loss",
        settled=True,
        of=(REGRESSOR,),
    ),
)
