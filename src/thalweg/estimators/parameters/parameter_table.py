"""Every parameter of the estimators, described once.

Docstrings, scikit-learn's validation, the options of the command line, ``settings_``, the model
file and docs/parameters.md read this table. A new parameter is one row here, and one argument of
``__init__``.
"""

import math

from thalweg.estimators.parameters.parameter import (
    CLASSIFIER,
    REGRESSOR,
    KeptAs,
    NoOption,
    Option,
    Parameter,
    Special,
    Words,
)
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.training.descent.schedules import Range
from thalweg.training.descent.settings import RANGES

# How both estimators descend unless they are told otherwise.
OPTIMIZER = "adam:lr=0.004,beta_2=0.95,schedule=cosine"
# What a network that predicts a number can descend on.
LOSSES = ("squared_error", "absolute_error", "huber", "quantile", "poisson")

# How the number of epochs is found where rows are held out (`learning.epochs` says it at length).
WAYS = ("cross-validation", "folds", "hold-out")

_ABOVE_0 = Range(0, ends="()")
_AUTO = Words.of("auto")
_FROM_PYTHON = "It is for those who study the descent, and Python is their place."

PARAMETERS = (
    Parameter(
        "loss",
        (Special.LOSS,),
        "squared_error",
        '"squared_error" and "absolute_error", for mean and median; "huber" or "huber:delta=1.5", '
        'δ in standard deviations of the target; "quantile" or "quantile:level=0.9"; "poisson" '
        "for counts, and other targets from 0 on, whose logarithm of the mean is learned.",
        Option(
            "--loss",
            "NAME",
            "Of a number: squared_error, absolute_error, huber, quantile:level=0.9 or poisson.",
        ),
        said="loss",
        settled=True,
        of=(REGRESSOR,),
    ),
    Parameter(
        "hidden_layer_sizes",
        (Special.SIZES, Range(1, whole=True)),
        (128, 128),
        "Units of each hidden layer. ``()`` is logistic regression, or a linear model of a number.",
        Option(
            "--hidden",
            "SIZES",
            "Units of the hidden layers: 64,32 or none.",
            words=(("none", ()),),
        ),
        said="hidden layers",
        kept=KeptAs.SIZES,
        settled=True,
    ),
    Parameter(
        "activation",
        (Words(tuple(ACTIVATIONS)),),
        "relu",
        "Of the hidden layers.",
        Option("--activation", "NAME", f"Of the hidden layers: {', '.join(ACTIVATIONS)}."),
        said="activation",
        settled=True,
    ),
    Parameter(
        "alpha",
        (Range(0),),
        2.0,
        "Weight of the penalty: α / (2 Σ w) ‖W‖² is added to the mean loss, whatever the batch.",
        Option("--alpha", "NUMBER", "Weight of the penalty on ‖W‖²."),
        said="alpha",
    ),
    Parameter(
        "batch_size",
        (RANGES["batch_size"], _AUTO),
        "auto",
        "Rows a step. As many as there are rows, or more, is gradient descent over all rows; 1 is "
        'stochastic gradient descent. "auto": 32 below 5,000 rows, 128 below 50,000, else 256; '
        "all rows with L-BFGS, which takes nothing else.",
        Option("--batch-size", "ROWS", "Rows a step, or auto."),
        said="batch size",
    ),
    Parameter(
        "learning_rate_init",
        (_ABOVE_0, Special.NONE),
        None,
        "The learning rate; it takes the place of ``lr`` in ``optimizer``. None: the rate that "
        "``optimizer`` says.",
        Option(
            "--learning-rate-init",
            "RATE",
            "The learning rate, instead of lr in --optimizer.",
            default="what --optimizer says",
        ),
    ),
    Parameter(
        "max_iter",
        (RANGES["max_epochs"],),
        48,
        "Length of the schedule in epochs, and the limit.",
        Option("--epochs", "N", "Length of the schedule, and limit."),
        said="epochs",
    ),
    Parameter(
        "early_stopping",
        (Words(("auto", *WAYS)), Special.SWITCH),
        "auto",
        '"cross-validation": the number of epochs that five folds find best, then ``n_ensemble`` '
        'networks on all rows with the same schedule, cut there. "folds": the five networks of '
        'the folds, each stopped by its own, are kept and averaged. "hold-out", or True: one part '
        "of the rows stops what learns from the others. False: no row is held out, and the "
        'training loss ends it. "auto": folds below 100,000 different rows, a hold-out from there.',
        Option(
            "--early-stopping",
            "HOW",
            "auto, cv, folds, holdout or off.",
            words=(
                ("auto", "auto"),
                ("cv", "cross-validation"),
                ("folds", "folds"),
                ("holdout", True),
                ("off", False),
            ),
        ),
        said="early stopping",
        settled=True,
    ),
    Parameter(
        "validation_fraction",
        (Range(0, 1, "()"),),
        0.1,
        "Share of the rows in the hold-out (at least 10 rows).",
        NoOption("A table that is small enough for the share to matter is stopped by folds."),
        said="hold-out",
        settled=True,
    ),
    Parameter(
        "n_iter_no_change",
        (RANGES["patience"],),
        20,
        "End when so many epochs in a row did not lower the loss (raise the score) by ``tol``: "
        "that of the rows held out, or the training loss where none is. Cross-validated epochs "
        "are run to the one that was found best.",
        NoOption(_FROM_PYTHON),
        said="patience",
        settled=True,
    ),
    Parameter(
        "tol",
        (RANGES["tol"],),
        1e-4,
        "By how much an epoch has to lower the loss, or raise the score, to count.",
        NoOption(_FROM_PYTHON),
        said="tolerance",
        settled=True,
    ),
    Parameter(
        "random_state",
        (Special.SEED, Special.NONE),
        None,
        "The random seed. None draws one and keeps it in ``seed_``.",
        NoOption("The seed is that of the split and of the intervals, too.", "--seed"),
        kept=KeptAs.NOT,
    ),
    Parameter(
        "verbose",
        (Special.VERBOSE,),
        0,
        "1: a progress bar on a terminal, plain lines in a log, both on standard error.",
        NoOption("Progress is shown unless --quiet is said.", "--quiet"),
        kept=KeptAs.NOT,
    ),
    Parameter(
        "warm_start",
        (Special.SWITCH,),
        False,
        "True: `fit` goes on from the networks of the last fit for ``max_iter`` epochs, as "
        "`fit_more` does, and refuses what it refuses; but where table, weights and settings are "
        "those of the last fit there is nothing to go on to.",
        NoOption("A verb fits once."),
    ),
    Parameter(
        "optimizer",
        (Special.OPTIMIZER,),
        OPTIMIZER,
        "Rule of descent, its constants, its schedule and what stands around them, as text: "
        "``training.descent.settings.parse_optimizer``. What the text leaves out is as the rule "
        "has it, not as the default text has it.",
        Option("--optimizer", "TEXT", "The rule of descent, its constants and its schedule."),
    ),
    Parameter(
        "weight_decay",
        (Range(0), Special.NONE),
        None,
        "The decoupled weight decay; it takes the place of ``decay`` in ``optimizer``. Each step "
        "also shrinks all weights by the rate times it (AdamW).",
        NoOption("``decay`` in the text of --optimizer says the same."),
    ),
    Parameter(
        "l1",
        (RANGES["l1"],),
        0.0,
        "Weight of the other penalty: l1 / Σ w · Σ |W|.",
        NoOption(_FROM_PYTHON),
        said="l1",
    ),
    Parameter(
        "dropout",
        (RANGES["dropout"], _AUTO),
        "auto",
        'Share of every hidden layer\'s outputs that a step sets to 0. "auto": 0.2 for classes; 0 '
        "for a number, and with L-BFGS, which cannot work with noise.",
        Option("--dropout", "SHARE", "Of hidden outputs; auto is 0.2, or 0."),
        said="dropout",
    ),
    Parameter(
        "label_smoothing",
        (RANGES["label_smoothing"],),
        0.0,
        "How far the targets of training are moved towards the middle.",
        NoOption(_FROM_PYTHON),
        said="label smoothing",
        of=(CLASSIFIER,),
    ),
    Parameter(
        "n_ensemble",
        (Range(1, whole=True),),
        1,
        "Networks that are averaged: their probabilities, or their values. With folds: how often "
        "the folds are dealt, five networks each time.",
        Option("--ensemble", "N", "Networks to average; rounds of folds."),
        said="ensemble",
        settled=True,
    ),
    Parameter(
        "scoring",
        (Special.SCORER, Special.NONE),
        None,
        "What held-out rows stop by instead of the loss: a name that scikit-learn knows, or "
        "``scoring(estimator, X, y)``, where higher is better. X is an array there, as the schema "
        "reads the table: columns in its order, a category as the number of its level (1, 2, …).",
        NoOption("It may be a function."),
        said="stopped by",
        kept=KeptAs.SCORER,
        settled=True,
    ),
    Parameter(
        "callbacks",
        (Special.CALLBACKS, Special.NONE),
        None,
        "Told of the networks that are kept, one after another; not of folds that only judge.",
        NoOption("They are functions."),
        kept=KeptAs.NOT,
    ),
    Parameter(
        "time_limit",
        (_ABOVE_0, Special.NONE),
        None,
        "Seconds after which a fit ends with the best that it has. Of a cross-validation the folds "
        "get four fifths.",
        NoOption("Equal runs should give equal files, and a clock ends no two runs alike."),
        said="time limit",
    ),
    Parameter(
        "n_jobs",
        (Range(1, whole=True), Range(-math.inf, -1, "(]", whole=True), Special.NONE),
        None,
        "Networks that are trained at a time, in threads; -1 is as many as there are cores, -2 one "
        "less. None is -1, but 1 in a worker of joblib or multiprocessing, as in a search with "
        "``n_jobs`` of its own, and what ``joblib.parallel_config`` says. No number depends on it.",
        NoOption("A verb takes all cores."),
        kept=KeptAs.NOT,
    ),
    Parameter(
        "class_weight",
        (Special.COSTS, Words.of("balanced"), Special.NONE),
        None,
        'What a mistake on each class costs: the loss of its rows is multiplied by it. "balanced": '
        "as much for every class together. The probabilities are corrected back, so that they are "
        "those of the rows as they are; it is `predict` that goes by cost, through ``threshold_``.",
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
        "positive",
        (Special.LABEL, Special.NONE),
        None,
        "Of two classes the one that sensitivity is about and whose probability is compared with "
        "the threshold; None is the second in sorted order.",
        NoOption("It says how a table is read, for every verb that reads one.", "--positive"),
        settled=True,
        of=(CLASSIFIER,),
    ),
    Parameter(
        "dtype",
        (Words.of("auto", "float32", "float64"),),
        "auto",
        'Of all weights. "auto": float64 for L-BFGS, whose line search tells close heights apart, '
        "and float32 for all others.",
        Option("--dtype", "NAME", "float32, float64 or auto."),
        said="dtype",
        settled=True,
    ),
    Parameter(
        "n_bins",
        (Range(0, whole=True), _AUTO),
        "auto",
        "Bins that a column of numbers has at most, beside the number itself: each tells how far "
        "the number has come through it (`thalweg.data.encoding.bins`). 0: none. "
        '"auto": a quarter of the root of the rows, from 8 to 32; fewer where all columns together '
        "would have more than 256, or their bins for all rows more than 3·10⁷ cells.",
        Option("--bins", "N", "Bins of a number beside itself: N, 0 or auto."),
        said="bins",
        settled=True,
    ),
    Parameter(
        "unknown",
        (Words.of("warn", "error", "ignore"),),
        "warn",
        "What becomes of levels, in a table to predict, that the fit has not seen. With "
        '"warn" and "ignore" they count as some other level; "warn" says how many they are in each '
        "column.",
        NoOption("It is asked when a model predicts.", "--unknown"),
    ),
)

BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


def parameters_of(kind: str) -> tuple[Parameter, ...]:
    """The parameters of a kind of estimator, in the order of its docstring."""
    return tuple(parameter for parameter in PARAMETERS if kind in parameter.of)


def flag_of(name: str) -> str:
    """How the command line spells a parameter; its own name where it has no flag."""
    return BY_NAME[name].option.flag or name
