"""The items of a model card, in the order and with the numbers of TRIPOD+AI; who answers each part.

The 27 items and their 52 parts are those of the checklist of 11 January 2024 (Collins et al. 2024,
"TRIPOD+AI statement", BMJ 385:e078378). What a part asks is in words of this project; the checklist
itself says more. A part is answered by facts, each by the program or by a person. So a
part, and an item, can be answered in half.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

By: TypeAlias = Literal["program", "person"]
PROGRAM: By = "program"
PERSON: By = "person"


@dataclass(frozen=True)
class AskedFact:
    """One fact that a part asks for.

    Parameters
    ----------
    by : {"program", "person"}
        Who knows it.
    key : str
        Of a person's facts the key in the TOML file.
    words : str
        What is asked.
    """

    by: By
    key: str
    words: str


@dataclass(frozen=True)
class Part:
    """A part of an item: ``number`` is that of the checklist, such as ``12a``."""

    number: str
    title: str
    asked: tuple[AskedFact, ...]


@dataclass(frozen=True)
class Item:
    """An item of the checklist, below a heading of it."""

    number: int
    heading: str
    title: str
    parts: tuple[Part, ...]


def _you(key: str, words: str) -> AskedFact:
    return AskedFact(PERSON, key, words)


def _program(key: str, words: str) -> AskedFact:
    return AskedFact(PROGRAM, key, words)


def _one(number: int, heading: str, title: str, *asked: AskedFact) -> Item:
    """An item with a single part."""
    return Item(number, heading, title, (Part(str(number), title, asked),))


_INTRODUCTION = (
    Item(
        3,
        "Introduction",
        "Background",
        (
            Part("3a", "Context", (
                _you("context", "Is it diagnosis or prognosis, of what, and why a model; which "
                     "models exist already"),
            )),
            Part("3b", "Intended use", (
                _you("population", "For which people (or things) the model is meant"),
                _you("intended_use", "What it is meant for, and at which point of the work"),
                _you("intended_users", "Who is meant to use it"),
            )),
            Part("3c", "Inequalities", (
                _you("inequalities", "Known differences in health or care between groups"),
            )),
        ),
    ),
    _one(4, "Introduction", "Objectives", _you(
        "objectives", "What the study was to show: development, evaluation, or both")),
)  # fmt: skip

_DATA = (
    Item(
        5,
        "Methods",
        "Data",
        (
            Part("5a", "Sources", (
                _you("sources", "Where the training and the test rows come from, why these, and "
                     "how far they represent those that the model is meant for"),
            )),
            Part("5b", "Dates", (
                _you("dates", "First and last date of the data, and the end of follow-up"),
            )),
        ),
    ),
    Item(
        6,
        "Methods",
        "Participants",
        (
            Part("6a", "Setting", (_you("setting", "The setting; number and place of centres"),)),
            Part("6b", "Eligibility", (_you("eligibility", "Who was included, and who was not"),)),
            Part("6c", "Treatments", (
                _you("treatments", "Treatments received, and how they were handled; or none"),
            )),
        ),
    ),
    _one(
        7, "Methods", "Data preparation",
        _program("reading", "How the table was read"),
        _you("quality_checks", "What was prepared and checked before, and whether in the same way "
             "for all groups"),
    ),
    Item(
        8,
        "Methods",
        "Outcome",
        (
            Part("8a", "Definition", (
                _you("outcome", "What is predicted, over which time, how and when it is "
                     "assessed, why this outcome, and whether in the same way for all groups"),
            )),
            Part("8b", "Assessors", (
                _you("outcome_assessors", "Who assessed it, if that needs judgement; or that it "
                     "needs none"),
            )),
            Part("8c", "Blinding", (
                _you("outcome_blinding", "Whether its assessors knew the predictors"),
            )),
        ),
    ),
    Item(
        9,
        "Methods",
        "Predictors",
        (
            Part("9a", "Choice", (
                _program("predictors_used", "Which columns are predictors"),
                _you("predictors_choice", "How they were chosen before the model was built"),
            )),
            Part("9b", "Definition", (
                _program("predictors", "Their kinds, units and values"),
                _you("columns", "What each column means"),
                _you("predictors_measured", "How and when they are measured, and whether blind to "
                     "the outcome"),
            )),
            Part("9c", "Assessors", (
                _you("predictors_assessors", "Who assessed them, if that needs judgement; or that "
                     "it needs none"),
            )),
        ),
    ),
    _one(
        10, "Methods", "Sample size",
        _program("least_rows", "Rows, events and inputs, and a lower bound of the rows needed"),
        _you("sample_size", "How the number of rows came about, and whether it is enough"),
    ),
    _one(
        11, "Methods", "Missing data",
        _program("missing", "Missing cells, and what the program does with them"),
        _you("omitted_data", "Which data were left out, and why; or that none were"),
    ),
)  # fmt: skip

_METHODS = (
    Item(
        12,
        "Methods",
        "Analytical methods",
        (
            Part("12a", "Use of the data", (
                _program("split", "Which rows trained, stopped and evaluated the model"),
            )),
            Part("12b", "Predictors in the model", (
                _program("encoding", "How columns become inputs of the network"),
            )),
            Part("12c", "Model", (
                _program("model", "Type, settings, training, and internal validation"),
                _you("model_choice", "Why this type of model, what else was tried, and how the "
                     "settings were chosen"),
            )),
            Part("12d", "Clusters", (
                _program("clusters", "How rows of one group were handled"),
            )),
            Part("12e", "Measures", (
                _program("measures", "What measures the performance, and why"),
            )),
            Part("12f", "Updating", (
                _program("updating", "Whether the model was changed after its evaluation"),
            )),
            Part("12g", "How predictions were made", (
                _program("predictions", "How the predictions of the evaluation were computed"),
            )),
        ),
    ),
    _one(13, "Methods", "Class imbalance", _program(
        "class_weights", "Weights of classes, and what they do to probabilities")),
    _one(
        14, "Methods", "Fairness",
        _program("fairness_groups", "Groups in which the performance was measured"),
        _you("fairness", "What was done for fairness, and why; or that nothing was"),
    ),
    _one(15, "Methods", "Model output", _program(
        "output", "What the model gives for a row, and how a threshold was chosen")),
    _one(
        16, "Methods", "Training and evaluation data",
        _program("same_table", "Whether both are parts of one table"),
        _you("differences", "Differences in setting, eligibility, outcome and predictors; or "
             "that there are none"),
    ),
    _one(17, "Methods", "Ethics", _you(
        "ethics", "The ethics committee, and consent or its waiver")),
)  # fmt: skip

_OPEN_SCIENCE = (
    Item(
        18,
        "Open science",
        "Open science",
        (
            Part("18a", "Funding", (_you("funding", "Who paid, and their role"),)),
            Part("18b", "Interests", (_you("interests", "Conflicts of interest; or none"),)),
            Part("18c", "Protocol", (_you("protocol", "Where it is; or that there is none"),)),
            Part("18d", "Registration", (
                _you("registration", "Register and number; or that there is none"),
            )),
            Part("18e", "Data", (_you("data_sharing", "Whether and where others get the data"),)),
            Part("18f", "Code", (
                _program("version", "Version, seed and hashes"),
                _you("code_sharing", "Where the code of the analysis is"),
            )),
        ),
    ),
    _one(19, "Patient and public involvement", "Patient and public involvement", _you(
        "involvement", "How patients and the public were involved; or that they were not")),
)  # fmt: skip

_RESULTS = (
    Item(
        20,
        "Results",
        "Participants",
        (
            Part("20a", "Flow", (
                _program("rows_flow", "From the rows of the table to those of the evaluation"),
                _you("flow", "From people to rows of the table; follow-up"),
            )),
            Part("20b", "Characteristics", (
                _program("characteristics", "The columns, with missing cells"),
            )),
            Part("20c", "Compared with the training data", (
                _program("compared_columns", "The columns then and in the evaluation"),
            )),
        ),
    ),
    _one(21, "Results", "Rows and events", _program(
        "analyses", "Rows and events of each analysis")),
    _one(
        22, "Results", "Model specification",
        _program("use", "The file, its hash, and how to use it"),
        _you("access", "Who may use it, and under which terms"),
    ),
    Item(
        23,
        "Results",
        "Performance",
        (
            Part("23a", "Performance", (
                _program("performance", "Metrics with intervals, and by group"),
            )),
            Part("23b", "By cluster", (
                _program("by_cluster", "Performance in clusters, if it was examined"),
            )),
        ),
    ),
    _one(24, "Results", "Updating", _program(
        "recalibration", "Corrections of the predictions, and what they brought")),
)  # fmt: skip

_DISCUSSION = (
    _one(25, "Discussion", "Interpretation", _you(
        "interpretation", "What the results mean, also for fairness")),
    _one(26, "Discussion", "Limitations", _you(
        "limitations", "Limits of the study, and what they do to the results")),
    Item(
        27,
        "Discussion",
        "Use in practice",
        (
            Part("27a", "Poor or missing input", (
                _program("poor_input", "What the program does with it"),
                _you("input_quality", "What users should do about it"),
            )),
            Part("27b", "Users", (
                _you("users_expertise", "What users have to do, and to know"),
            )),
            Part("27c", "Next steps", (_you("next_steps", "What should be studied next"),)),
        ),
    ),
)  # fmt: skip

ITEMS: tuple[Item, ...] = (
    _one(1, "Title", "Title", _you("title", "Development or evaluation, for whom, of what")),
    _one(2, "Abstract", "Abstract", _you("abstract", "A summary of the study")),
    *_INTRODUCTION,
    *_DATA,
    *_METHODS,
    *_OPEN_SCIENCE,
    *_RESULTS,
    *_DISCUSSION,
)

PERSONS: dict[str, str] = {
    asked.key: asked.words
    for item in ITEMS
    for part in item.parts
    for asked in part.asked
    if asked.by == PERSON
}
# What each column means: a table of texts, and no text.
COLUMNS = "columns"
