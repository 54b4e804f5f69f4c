"""The texts of the verdict of a file: the conclusion is computed, what else it says is compared.

The conclusion follows from the metrics, the differences and their margins. Of the sentences that do
not (that test rows are hardly different, that groups make a poor test set), those that the program
writes are taken from the text of the file. All else in it counts for nothing.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from thalweg.evaluation.answers import How
from thalweg.evaluation.comparing.corrected_resampling import Chances
from thalweg.evaluation.comparing.margin_rule import UNDECIDED, Margin, Ruling
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.comparing.ruling_sentences import beside, beside_trees
from thalweg.evaluation.judging.boosted_trees import FEWEST_TRAINING_ROWS
from thalweg.evaluation.judging.conclusion_sentences import (
    cannot_judge,
    conclusion,
    constant_words,
    mean_of_simpler,
    worst_class,
)
from thalweg.evaluation.judging.informative_rows import rows_that_tell
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.multiclass_metrics import ClassesJudgement
from thalweg.evaluation.quantiles.level_sentences import coverage_of_levels, ridge_of_levels
from thalweg.evaluation.section_texts.revived_data import estimate_of, revived
from thalweg.evaluation.section_texts.text_patterns import (
    LONGEST,
    NUMBER,
    own_or_quoted,
    quoted,
    sentence_of,
    template,
)
from thalweg.evaluation.task_kinds import (
    LOG_LOSS,
    ONE_NUMBER,
    SEVERAL_CLASSES,
    SEVERAL_QUANTILES,
    TASKS,
    THE_NETWORK,
    TREES,
    TWO_CLASSES,
    TaskKind,
    metric_of,
)

# Behind the conclusion, where it does not follow from the numbers of the verdict.
BEFORE_DIFFERENCES = (
    "An older version of thalweg judged this model and did not save the difference from a "
    "constant prediction. Train it again to see it."
)
# In letters: names of classes are long, and are in a conclusion several times.
_MOST_READ = 20_000
_FEW_DIFFERENT = "fewer than 6 different rows cannot show it"
_FEW_GROUPS = re.compile(rf"they count as ({NUMBER}) groups?, and fewer than")
_FEW_TELL = re.compile(rf"only ({NUMBER}) (?:row is|rows are) of another class|(no row is) of an")
_NO_TREES = f"Not compared with boosted trees: they need {FEWEST_TRAINING_ROWS} training rows for "
_ALIKE = f"(?:all equal|only {NUMBER} different rows?)"
_OF_GROUPS = (
    "the test set has # % of the rows and not # %, because groups are not split",
    "all test rows are of one group, and say nothing about other groups",
)
_CAUTIONS = re.compile(
    "|".join(
        (
            template("CAUTION: these # test rows are ")
            + _ALIKE
            + template(", as equal rows are never split. They cannot judge a model, whatever the "
                       "numbers say, and the intervals are too narrow, because they count every "
                       "row. Fix: ")
            + template("{cross-validate over all rows, with thalweg evaluate|add a column in which "
                       "the rows differ}")
            + f"(?: --folds {NUMBER}| and --folds {NUMBER})?\\.",
            f"CAUTION: (?:{'|'.join(map(template, (*_OF_GROUPS, '; '.join(_OF_GROUPS))))})"
            + template(". Fix: cross-validate over the groups, with thalweg evaluate, the same "
                       "--group and --folds #."),
        )
    )
)  # fmt: skip
_WEIGHTED = (
    f"(?:{template(', weighted: as # row(s) of equal weight (Kish)')}|"
    f"{template(', each of the same weight')})"
    f"(?:{template('; whole numbers that sum to more than # are not taken as numbers of rows')})?"
)
_DIFFERENT = rf" \({_ALIKE}; equal rows stay together\)"
_JUDGED = "(?:evaluated|judged) on "
# A number, a month, a day or a time.
_MOMENT = r"[+-]?[\d.,:e+-]{1,30}(?:[ T][\d:.+-]{1,20})?"
_HOLDOUT = (
    rf"rained on (?P<taught>{NUMBER}) rows?(?: of {NUMBER} groups?)?, {_JUDGED}"
    rf"(?:(?:the latest )?(?P<asked>{NUMBER}) (?:held out|of {NUMBER} others?|"
    rf"\({NUMBER} % of the rows\), from {_MOMENT} on))"
)
_FOLDS = (
    rf"Evaluated by {NUMBER}-fold cross-validation(?: of {NUMBER} groups?)?, "
    rf"(?:once|repeated {NUMBER} times)(?:, on {NUMBER} rows?)?"
)
_WINDOWS = (
    rf"Evaluated on {NUMBER} windows? of time, each by what learned from the rows before it"
    rf"(?:, repeated {NUMBER} times)?: the latest {NUMBER} rows \({NUMBER} %\), from "
    rf"{_MOMENT} on"
)
_BEFORE = template("The model before the refit on all # rows: t")
_HOW = re.compile(
    f"(?:(?:T|{_BEFORE}){_HOLDOUT}|{_FOLDS}|{_WINDOWS})(?:{_DIFFERENT})?(?:{_WEIGHTED})?"
)
# Constant answers of regressions, by their loss.
_CONSTANT = sentence_of(
    ("always the mean", "always the median", "always the best constant", "always the # quantile")
)


@dataclass(frozen=True)
class _StoredRuling(Ruling):
    """A comparison of a file, which keeps the rows that would be needed, and not the spread."""

    stored: int | None = None

    @property
    def rows_needed(self) -> int | None:
        """As the file has it."""
        return self.stored


@dataclass(frozen=True)
class _Stored:
    """What a conclusion needs of an evaluation."""

    n_samples: int
    n_effective: float | None
    metrics: Mapping[str, Estimate]


def with_own_texts(verdict: Mapping[str, Any], subject: str = THE_NETWORK) -> dict[str, Any]:
    """A verdict of a file, of valid form, with the conclusion of its numbers.

    Parameters
    ----------
    verdict : mapping
        A `VerdictData`. Models with names that the program does not compare get a quoted name.
    subject : str
        What the model is called.

    Raises
    ------
    ValueError
        It says of how many rows it is, and that is another number than it counts.
    """
    task = TASKS[verdict["task"]]
    names = {name: _own_name(task, name) for name in verdict["baselines"]}
    if len({*names.values()}) < len(names):
        raise ValueError("the judgement compares with two models of one name")
    return {
        **verdict,
        "how": _own_how(verdict),
        "baselines": {names[name]: each for name, each in verdict["baselines"].items()},
        "differences": {names[name]: each for name, each in verdict["differences"].items()},
        "sentence": _sentence(verdict, task, verdict.get("subject", subject)),
    }


def _own_name(task: TaskKind, name: str) -> str:
    own = name in (task.rival, TREES) or _is_constant(task, name)
    return name if own else quoted(name)


def _is_constant(task: TaskKind, name: str) -> bool:
    """Whether it is the name of a constant answer."""
    return name == task.constant or (task is ONE_NUMBER and bool(_CONSTANT.fullmatch(name)))


def _own_how(verdict: Mapping[str, Any]) -> str:
    """How the test rows were separated; quoted if the program does not say it so."""
    found = _HOW.fullmatch(verdict["how"]) if len(verdict["how"]) <= LONGEST else None
    if found is None:
        return own_or_quoted(_HOW, verdict["how"])
    for said, key, rows in (("taught", "n_train", "training"), ("asked", "n_test", "test")):
        if found[said] is not None and found[said] != f"{verdict[key]:,}":
            raise ValueError(
                f"the judgement names {found[said]} {rows} rows, and counts {verdict[key]:,}"
            )
    return found[0]


def _sentence(verdict: Mapping[str, Any], task: TaskKind, subject: str) -> str:
    """The conclusion of a verdict, and what else the program says of its rows."""
    rulings = {
        name: _ruling(verdict, task, name, each, subject)
        for name, each in verdict["differences"].items()
    }
    plain = verdict["network"]
    metrics = {key: estimate_of(each) for key, each in plain["metrics"].items()}
    network = _Stored(plain["n_samples"], plain.get("n_effective"), metrics)
    simpler, trees = (task.rival, rulings[task.rival]), rulings.get(TREES)
    constant = next((name for name in rulings if _is_constant(task, name)), None)
    if constant is None:
        said = [
            *cannot_judge(network.n_samples, network.n_effective),
            beside(*simpler, network.n_samples, of_grades="grade_mae" in network.metrics),
        ]
        said += [] if trees is None else [beside_trees(trees, network.n_samples)]
    else:
        words = constant.replace("always", "always answering")
        if task.of_classes:
            words = constant_words(verdict["baselines"][constant], _names(verdict, task))
        said = [conclusion(network, simpler, (words, rulings[constant]), trees)]
        if task is ONE_NUMBER:
            said.append(mean_of_simpler(task.rival, constant))
    if task is SEVERAL_QUANTILES:
        of_levels = [[estimate_of(each) for each in plain[key]] for key in ("below", "between")]
        said += [ridge_of_levels(task.rival), coverage_of_levels(plain["levels"], *of_levels)]
    if task is SEVERAL_CLASSES:
        judged = revived(ClassesJudgement, plain, metrics=metrics)
        said.append(worst_class(judged, verdict["classes"]))
    return " ".join(part for part in (*said, *_beside(verdict, trees)) if part)


def _names(verdict: Mapping[str, Any], task: TaskKind) -> list[str]:
    """The classes; of two, the positive one first."""
    if task is TWO_CLASSES:
        return [verdict["positive"], verdict["negative"]]
    return list(verdict["classes"])


def _beside(verdict: Mapping[str, Any], trees: Ruling | None) -> list[str]:
    """What a verdict says beside its conclusion."""
    stored, n_train, found = verdict["sentence"][:_MOST_READ], verdict["n_train"], list[str]()
    if trees is None and n_train < FEWEST_TRAINING_ROWS and _NO_TREES in stored:
        found.append(
            f"{_NO_TREES}one split, and there {'is' if n_train == 1 else 'are'} {n_train}."
        )
    found += [each[0] for each in _CAUTIONS.finditer(stored)]
    if not any(_is_constant(TASKS[verdict["task"]], name) for name in verdict["differences"]):
        found.append(BEFORE_DIFFERENCES)
    if "refit" in verdict:
        found.append(of_model_before(n_train, verdict["refit"]["n_rows"]))
    return found


def of_model_before(n_train: float, n_rows: float) -> str:
    """That all numbers are of a model that was trained on fewer rows than the saved one."""
    return (
        f"All numbers are of the model before, which was trained on {n_train:,} rows. The saved "
        f"model was trained with the same settings on all {n_rows:,} rows, and was not evaluated."
    )


def _ruling(
    verdict: Mapping[str, Any],
    task: TaskKind,
    name: str,
    plain: Mapping[str, Any],
    subject: str,
) -> Ruling:
    """A comparison from its plain data."""
    at_95 = estimate_of(plain)
    inner = at_95
    if plain["low90"] is not None:
        inner = Estimate(at_95.value, float(plain["low90"]), float(plain["high90"]))
    size, measure = float(plain["margin"]), plain["measure"]
    other = estimate_of(verdict["baselines"][name]["metrics"][metric_of(measure)]).value
    share = None if measure == LOG_LOSS or not other else size / other
    chances = plain["chances"]
    sections = verdict.get("sections")
    how = "test" if plain["n_folds"] is None else "cross-validated"
    found = _StoredRuling(
        measure,
        PairedDifference(at_95, inner),
        Margin(size, plain["margin_from"], share),
        plain["verdict"],
        chances=None if chances is None else Chances(**chances),
        n_folds=plain["n_folds"],
        subject=subject,
        how=cast(How, how if sections is None else sections["how"]),
        stored=plain["rows_needed"],
    )
    return _of_few(found, verdict, task) if plain["verdict"] == UNDECIDED else found


def _of_few(found: _StoredRuling, verdict: Mapping[str, Any], task: TaskKind) -> Ruling:
    """A comparison that shows nothing, with why its rows are too few, if they are.

    The rows of each class are counted in the verdict. How many rows differ, and how many groups
    they belong to, is said in its sentence alone.
    """
    network, stored = verdict["network"], verdict["sentence"][:_MOST_READ]
    weighted = "n_effective" in network
    few: dict[str, Any] = {"n_effective": network["n_effective"]} if weighted else {}
    if _FEW_DIFFERENT in stored:
        few["n_different"] = 1
    if groups := _FEW_GROUPS.search(stored):
        few["n_groups"] = float(groups[1].replace(",", ""))
    if task.of_classes and not weighted:
        few["n_telling"] = rows_that_tell(_class_counts(task, network))
    elif told := _FEW_TELL.search(stored):
        few["n_telling"] = 0 if told[1] is None else float(told[1].replace(",", ""))
    return replace(found, **few)


def _class_counts(task: TaskKind, network: Mapping[str, Any]) -> list[float]:
    if task is TWO_CLASSES:
        return [network["n_positive"], network["n_samples"] - network["n_positive"]]
    return [math.fsum(row) for row in network["confusion"]]
