"""The parameter that says which loss is minimised: a row of the table of all parameters."""

from thalweg.estimators.parameters.parameter import REGRESSOR, Option, Parameter, Special

# The losses for regression.
LOSSES = (
    "squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma", "tweedie",
)  # fmt: skip

LOSS_PARAMETERS = (
    Parameter(
        "loss",
        (Special.LOSS,),
        "squared_error",
        'The loss. "squared_error" predicts the mean, "absolute_error" the median; "huber" or '
        '"huber:delta=1.5", with δ in standard deviations of the target; "quantile" or '
        '"quantile:level=0.9"; "poisson" for counts and other targets ≥ 0; "gamma" for amounts > '
        '0; "tweedie" or "tweedie:power=1.5", with a power between 1 and 2, for amounts of which '
        "many are 0. These three learn the logarithm of the mean. "
        '"quantile:levels=0.1/0.5/0.9" predicts several quantiles. A formula, or a function of z '
        "and y, is a loss of your own (docs/losses.md).",
        Option(
            "--loss",
            "NAME",
            "For numbers: squared_error, absolute_error, huber, quantile:level=0.9, poisson, "
            "quantile:levels=0.1/0.5/0.9, gamma or tweedie:power=1.5; --loss-formula is for a loss "
            "of your own. For classes in an order: ordinal, with --grades.",
        ),
        said="loss",
        settled=True,
        of=(REGRESSOR,),
    ),
)
