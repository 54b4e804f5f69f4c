"""Every parameter of the estimators, described once.

Docstrings, scikit-learn's validation, the options of the command line, ``settings_``, the model
file and docs/parameters.md read this table. A new parameter is one row here, and one argument of
``__init__``.
"""

import math

from thalweg.estimators.parameters.parameter import (
    CLASSIFIER,
    Activation,
    Auto,
    DType,
    EarlyStopping,
    KeptAs,
    NoOption,
    Option,
    Parameter,
    Preset,
    Special,
    Words,
)
from thalweg.estimators.parameters.rows.class_parameters import CLASS_PARAMETERS
from thalweg.estimators.parameters.rows.column_parameters import COLUMN_PARAMETERS
from thalweg.estimators.parameters.rows.loss_parameters import LOSS_PARAMETERS
from thalweg.estimators.parameters.rows.prediction_parameters import PREDICTION_PARAMETERS
from thalweg.training.descent.schedules import Range
from thalweg.training.descent.training_settings import RANGES

# The default optimizer of both estimators, for networks with hidden layers.
OPTIMIZER = "adam:lr=0.004,beta_2=0.95,schedule=cosine,average=2,scales=6"

_ABOVE_0 = Range(0, ends="()")
_AUTO, _ACTIVATION = Words.of(Auto), Words.of(Activation)
_FROM_PYTHON = "It is for detailed studies of training, which are done in Python."

PARAMETERS = (
    *LOSS_PARAMETERS,
    Parameter(
        "hidden_layer_sizes",
        (Special.SIZES, Range(1, whole=True)),
        (128, 128),
        "Number of units in each hidden layer. ``()`` is logistic or linear regression.",
        Option(
            "--hidden",
            "SIZES",
            "Units in each hidden layer, such as 64,32; or none.",
            words=(("none", ()),),
        ),
        said="hidden layers",
        kept=KeptAs.SIZES,
        settled=True,
    ),
    Parameter(
        "activation",
        (_ACTIVATION, Special.ACTIVATIONS),
        "relu",
        'The activation function of the hidden layers; or one for each, as in ``("relu", "tanh")`` '
        "for two hidden layers. Each layer begins with the weights that suit its own activation.",
        Option(
            "--activation",
            "NAMES",
            f"Of the hidden layers: {', '.join(_ACTIVATION.words)}; or one for each: relu,tanh.",
        ),
        said="activation",
        kept=KeptAs.ACTIVATIONS,
        settled=True,
    ),
    Parameter(
        "preset",
        (Words.of(Preset),),
        "default",
        'What "auto" means for ``n_folds``, ``max_iter`` and ``n_iter_no_change``. "quick": about '
        'half the time, with 3 folds and less patience. "best": mostly a smaller loss in about '
        "twice the time, with 10 folds, a longer schedule and more patience. A parameter that is "
        "given counts, whatever the preset.",
        Option("--preset", "NAME", "What auto means: quick, default or best."),
        said="preset",
        kept=KeptAs.CHANGED,
        settled=True,
    ),
    Parameter(
        "alpha",
        (Range(0), _AUTO),
        "auto",
        "Strength of the L2 penalty: α / (2 Σ w) ‖W‖² is added to the mean loss. It does not "
        'depend on the batch size. "auto": 1 with hidden layers, 0.1 without.',
        Option("--alpha", "NUMBER", "Strength of the L2 penalty on the weights, or auto."),
        said="alpha",
    ),
    Parameter(
        "batch_size",
        (RANGES["batch_size"], _AUTO),
        "auto",
        "Number of rows in a batch. With all rows, or more, each step uses all of them; 1 is "
        'stochastic gradient descent. "auto": 32 below 4,096 rows, 64 below 8,192, '
        "128 below 20,000, else 256. L-BFGS always uses all rows.",
        Option("--batch-size", "ROWS", "Rows in a batch, or auto."),
        said="batch size",
    ),
    Parameter(
        "learning_rate_init",
        (_ABOVE_0, Special.NONE),
        None,
        "The initial learning rate. It replaces ``lr`` in ``optimizer``. None: the learning rate "
        "of ``optimizer``.",
        Option(
            "--learning-rate-init",
            "RATE",
            "The learning rate, instead of lr in --optimizer.",
            default="that of --optimizer",
        ),
    ),
    Parameter(
        "max_iter",
        (RANGES["max_epochs"], _AUTO),
        "auto",
        "Length of the learning rate schedule in epochs, and the largest number of epochs. "
        '"auto": 48 (with the preset "best" 72) from 128 units in the narrowest hidden layer on, '
        "otherwise 128 / units times as many, at most 4 times; from 100,000 rows on "
        "√(10,000 / rows) times as many, at least 6; without hidden layers 768 with L-BFGS, else 4 "
        "times as many.",
        Option("--epochs", "N", "Length of the schedule, and largest number of epochs, or auto."),
        said="epochs",
    ),
    Parameter(
        "early_stopping",
        (Words.of(EarlyStopping), Special.SWITCH),
        "auto",
        '"folds": ``n_folds`` networks are trained, which stop together, and averaged; each keeps '
        "the best epoch of its own fold. "
        '"cross-validation": ``n_folds`` folds find the best number of epochs; then ``n_ensemble`` '
        "networks are trained on all rows with the same schedule, up to that epoch. "
        '"hold-out", or True: one held-out part of the rows stops training early. False: no row '
        "is held out, and training ends when the training loss no longer falls. "
        '"auto": "folds" below 100,000 different rows, "hold-out" from there on.',
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
        "n_folds",
        (Range(2, 20, "[]", whole=True), _AUTO),
        "auto",
        "Number of folds, for both ways of early stopping that have folds; fewer where a class has "
        'fewer rows, or there are fewer groups. "auto": 5 (7 for four or more labels of a wide '
        'table); with the preset "quick" 3, with "best" 10.',
        NoOption("--preset chooses it; --folds of `evaluate` is the evaluation's."),
        said="folds",
        kept=KeptAs.CHANGED,
        settled=True,
    ),
    Parameter(
        "validation_fraction",
        (Range(0, 1, "()"),),
        0.1,
        "Fraction of the rows in the hold-out set (at least 10 rows).",
        NoOption("On small tables, where the fraction matters, folds are used instead."),
        said="hold-out",
        settled=True,
    ),
    Parameter(
        "n_iter_no_change",
        (_AUTO, RANGES["patience"]),
        "auto",
        "Patience of early stopping: training ends after this many epochs in a row that did not "
        "improve the held-out loss (or score) by ``tol``; without held-out rows, the training "
        "loss. Folds stop together, by the mean of their losses (or scores), weighted by rows; but "
        'each by itself with L-BFGS. "auto": 6 where folds stop together, else 20; 4 and 13 with '
        'the preset "quick", 9 and 30 with "best"; up to 4 times as many in a narrower network, as '
        "``max_iter`` is; none for L-BFGS without hidden layers and held-out rows: it ends at the "
        "minimum.",
        NoOption(_FROM_PYTHON),
        said="patience",
        settled=True,
    ),
    Parameter(
        "tol",
        (RANGES["tol"],),
        1e-4,
        "The smallest improvement of the loss, or score, that counts.",
        NoOption(_FROM_PYTHON),
        said="tolerance",
        settled=True,
    ),
    Parameter(
        "random_state",
        (Special.SEED, Special.NONE),
        None,
        "The random seed. None draws one, which is then in ``seed_``.",
        NoOption("The seed is also that of the split and of the intervals.", "--seed"),
        kept=KeptAs.NOT,
    ),
    Parameter(
        "verbose",
        (Special.VERBOSE,),
        0,
        "1 shows progress on standard error: a bar on a terminal, plain lines in a log.",
        NoOption("Progress is shown unless --quiet is given.", "--quiet"),
        kept=KeptAs.NOT,
    ),
    Parameter(
        "warm_start",
        (Special.SWITCH,),
        False,
        "True: `fit` continues training the networks of the last fit for ``max_iter`` epochs, "
        "with the same checks as `fit_more`. If table, weights and settings are those of the last "
        "fit, nothing is trained. Another number as ``random_state`` is refused.",
        NoOption("The command line fits once."),
    ),
    Parameter(
        "optimizer",
        (Special.OPTIMIZER,),
        "auto",
        "The optimizer with its constants and learning rate schedule, as text; see "
        "``training.descent.training_settings.parse_optimizer``. "
        f'"auto" is ``"{OPTIMIZER}"``, with a rate of 0.004 · √(128 / units) in a narrower network '
        "(rounded to two digits, and at most 0.012 with several hidden layers), and "
        "√labels times as large, but at most twice, for several labels of a wide table (fewer "
        "than 50 rows for each column); "
        'without hidden layers ``"lbfgs"``, unless '
        "`partial_fit` is called, or a setting is given that L-BFGS lacks. What a text does not "
        "name has the optimizer's own default.",
        Option("--optimizer", "TEXT", "The optimizer, its constants and its schedule, or auto."),
    ),
    Parameter(
        "weight_decay",
        (Range(0), Special.NONE),
        None,
        "Decoupled weight decay (AdamW): each step also shrinks all weights by the learning rate "
        "times this number. It replaces ``decay`` in ``optimizer``.",
        NoOption("``decay`` in the text of --optimizer does the same."),
    ),
    Parameter(
        "l1",
        (RANGES["l1"],),
        0.0,
        "Strength of the L1 penalty: l1 / Σ w · Σ |W| is added to the mean loss.",
        NoOption(_FROM_PYTHON),
        said="l1",
    ),
    Parameter(
        "dropout",
        (RANGES["dropout"], _AUTO),
        "auto",
        "Dropout: the fraction of every hidden layer's outputs that a step sets to 0. "
        '"auto": 0 in regression and with L-BFGS. In classification 0.2 from 128 units in the '
        "narrowest hidden layer on, 0.1 at 64, and 0 up to 32.",
        Option("--dropout", "SHARE", "Fraction of hidden outputs set to 0, or auto."),
        said="dropout",
    ),
    Parameter(
        "label_smoothing",
        (RANGES["label_smoothing"],),
        0.0,
        "Label smoothing: how far the training targets are moved from 0 and 1 towards the middle.",
        NoOption(_FROM_PYTHON),
        said="label smoothing",
        of=(CLASSIFIER,),
    ),
    Parameter(
        "n_ensemble",
        (Range(1, whole=True),),
        1,
        "Number of networks whose predictions are averaged. With folds: how often the rows are "
        "divided into folds, with a network for each fold every time.",
        Option("--ensemble", "N", "Networks to average; with folds, rounds of folds."),
        said="ensemble",
        settled=True,
    ),
    Parameter(
        "scoring",
        (Special.SCORER, Special.NONE),
        None,
        "A score that early stopping uses instead of the loss: the name of one of scikit-learn's "
        "scorers, or a function ``scoring(estimator, X, y)``; higher is better. The function gets "
        "X as an array: columns in the order of the schema, a category as the number of its level "
        "(1, 2, …). A model file does not hold a function: a loaded model, and a clone of it, have "
        "None until you set it again.",
        NoOption("It may be a function."),
        said="stopped by",
        kept=KeptAs.SCORER,
        settled=True,
    ),
    Parameter(
        "callbacks",
        (Special.CALLBACKS, Special.NONE),
        None,
        "Callbacks for the training of the networks that are kept, one after another; none for "
        "folds that only find the number of epochs. Folds that are kept are trained twice then.",
        NoOption("They are functions."),
        kept=KeptAs.NOT,
    ),
    Parameter(
        "time_limit",
        (_ABOVE_0, Special.NONE),
        None,
        "Seconds after which a fit ends with the best epochs so far. With cross-validation, the "
        "folds get four fifths of them.",
        NoOption("Equal runs give equal files, and a time limit ends no two runs alike."),
        said="time limit",
    ),
    Parameter(
        "n_jobs",
        (Range(1, whole=True), Range(-math.inf, -1, "(]", whole=True), Special.NONE),
        None,
        "Number of threads. Each trains a network of its own; where there are fewer networks, "
        "several divide the steps of a large one. -1 is all cores, -2 all but one. None is -1; it "
        "is 1 in a worker of joblib or multiprocessing, as in a search with its own ``n_jobs``, "
        "and follows ``joblib.parallel_config``. No result depends on it.",
        NoOption("The command line uses all cores."),
        kept=KeptAs.NOT,
    ),
    *PREDICTION_PARAMETERS,
    *CLASS_PARAMETERS,
    Parameter(
        "dtype",
        (Words.of(DType),),
        "auto",
        'The type of the weights. "auto": float64 with L-BFGS, whose line search needs the '
        "precision, and float32 otherwise.",
        Option("--dtype", "NAME", "float32, float64 or auto."),
        said="dtype",
        settled=True,
    ),
    *COLUMN_PARAMETERS,
)

BY_NAME = {parameter.name: parameter for parameter in reversed(PARAMETERS)}  # of two, the first


def parameters_of(kind: str) -> tuple[Parameter, ...]:
    """The parameters of a kind of estimator, in the order of its docstring."""
    return tuple(parameter for parameter in PARAMETERS if kind in parameter.of)


def flag_of(name: str) -> str:
    """How the command line spells a parameter; its own name if it has no flag."""
    return BY_NAME[name].option.flag or name
