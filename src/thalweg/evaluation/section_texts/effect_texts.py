"""The texts of effect curves: an answer and a title are computed, sentences of files compared.

The sentence of a curve is computed from resamples of rows, which no file has. So a file keeps it,
and it is taken for one of the program if the program writes such sentences, about values, levels
and a direction that the curve has.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from thalweg.evaluation.effects.curve_sentence import (
    NO_EFFECT_MISSING,
    NO_STATEMENT,
    UNLIKE_TRAINING,
    claims_something,
    compares,
)
from thalweg.evaluation.judging.regression_loss import predicted_quantity
from thalweg.evaluation.section_texts.text_patterns import (
    fits,
    own_or_quoted,
    quoted,
    sentence_of,
    sentences_of,
    template,
)
from thalweg.wording import printable

# What the level is called that stands for all that a model does not know.
UNKNOWN_LEVEL = "(a level that the model does not know)"
# What a reader of any curve must know.
CAUTION = "How the model computes, with the noise that it learned; not what causes what."
CENTERED = "0 is the mean over the rows."
CERTAIN = "Curves are of probabilities, because some are exactly 0 or 1."
LIKENESS_UNKNOWN = "How like the training rows moved rows are is not known of this model."
ROWS_UNKNOWN = (
    "How far other training rows would change a curve is not known of this model: noise may rise "
    "or fall, too."
)
ALE, PDP = "accumulated local effects (ALE)", "partial dependence (PDP)"
BOTH = "ALE, or PDP where a column depends on no other"
_VERB = template("{mostly |}{rises|falls}{| unsteadily}")
_VERB = f"(?:{_VERB}|is flat|shows no clear change)"
_TO = template(" up to about @")
_DISAGREE = "{disagree|differ too much}"
# As `AnswerUnit` writes a change: the name of a predicted number is one of the names of a model.
_CHANGE = (
    template("#") + f"(?:{template('{ percentage points| log-odds|}')}|{template(' units of ~')})"
)
_CURVE = "|".join(
    (
        "(?:rises|falls) throughout",
        template("{rises|falls} for values from @ to @")
        + f"(?:{template(', with no point between @ and @')})?",
        _VERB,
        f"{_VERB}{_TO}(?:, {_VERB}{_TO}){{0,3}} and {_VERB} after",
        template("turns # times: highest near @, lowest near @"),
        template("no clear direction: the interval contains 0 everywhere"),
        template("no clear direction: no change is larger than its interval"),
        template(f"no clear direction: the networks {_DISAGREE}"),
        template("no clear difference between the levels{|: the networks disagree"
                 "|: the networks differ too much}"),
        f"hardly matters: it moves the answer by {_CHANGE} or less",
        f"a value moves the answer by {_CHANGE} or less",
        re.escape(NO_STATEMENT),
        template("no statement: the model learned {this class|the rarer class} from # "
                 "{|effective }{row|group}(s), and fewer than # show no direction"),
    )
)  # fmt: skip
_MISSING = "|".join(
    (
        f"(?:higher|lower) by {_CHANGE} if missing",
        template(f"{NO_EFFECT_MISSING}{{|: the networks disagree|: the networks differ too much}}"),
        template(f"no statement if missing: most rows moved there {UNLIKE_TRAINING}"),
    )
)
# Versions before this one did not say how many rows are there.
_SHARE = f"(?:{template(' (# % of the rows)')}|{template(' ({less|more} than # % of the rows)')})?"
_PLACE = template("{above|below} @") + _SHARE
_WHERE = f"no statement {_PLACE}(?: and {_PLACE})?"
_ENDS = (
    f"{_WHERE}: most rows moved {template('to @')}(?: and {template('to @')})? {UNLIKE_TRAINING}"
)
_SENTENCE = re.compile(f"(?:(?:{_MISSING}); )?(?:{_CURVE})(?:; (?:{_MISSING}))?(?:; {_ENDS})?")
_AROUND = re.compile(f"(?P<first>(?:{_MISSING}); )?(?P<said>.*?)(?P<last>; (?:{_MISSING}))?")
# A level is a name; that of a date, or of a number with two values, is a value.
_TEXT = sentence_of(("@", "~"))
_OTHER_LEVELS = frozenset(("false", "true", UNKNOWN_LEVEL))
_NOTE = sentence_of(
    (
        "# {|effective }{row has|rows have} no value: too few for a point",
        "# {level has|levels have} no bar (# {|effective }row(s)): fewer than 20 rows have it, or "
        "20 others are more common",
        "computed on # rows, drawn at random",
    )
)
_OF_SECTION = sentences_of(
    (
        CENTERED, CAUTION, CERTAIN, LIKENESS_UNKNOWN, ROWS_UNKNOWN,
        "# of # row(s) were used, drawn at random.",
        "Of # classes, the first # are shown.",
        "# {less important |}{column|columns}{| whose curves move answers less} {is|are} not "
        "shown.",
    )
)  # fmt: skip
_ROWS = sentence_of([f"# {{|effective }}row(s); {how}" for how in (ALE, PDP, BOTH)])
_WITHOUT = sentence_of(
    (
        "only # {|effective }{row has|rows have} a value", "# % of the rows have the value @",
        "# % of the rows have the value ~",
        "fewer than two of its values have 20 rows",  # of earlier versions
        "fewer than two of its values have 20 of the # {|effective }row(s)",
        "no two of its values have 20 rows between them",
        "it is free text, of which the model uses only whether a cell is filled",
        "all its cells were empty in the training table",
    )
)  # fmt: skip


def answer_of(scale: str, outputs: Sequence[str], target: str = "") -> str:
    """What an answer is, with its unit.

    Parameters
    ----------
    scale : {"log-odds", "probability", "number"}
    outputs : sequence of str
        The classes whose answers are shown.
    target : str
        What predicted numbers are called.
    """
    if scale == "log-odds":
        return f"log-odds of {printable(outputs[0])}"
    if scale == "probability":
        own = f" of {printable(outputs[0])}" if len({*outputs}) == 1 else " of each class"
        return f"probability{own}"
    return printable(target) or "predicted number"


class TitledCurve(NamedTuple):
    """What a title needs of a curve: its class or "", and its size over the rows."""

    column: str
    output: str
    sentence: str
    size: float


def title_of(curves: Sequence[TitledCurve], answer: str) -> str:
    """What the first column does that does something for sure: of classes, the largest curve.

    Parameters
    ----------
    curves : sequence of TitledCurve
    answer : str
        As `answer_of` gives it.
    """
    sure = [each for each in curves if claims_something(each.sentence)]
    if sure:
        own = [each for each in sure if each.column == sure[0].column]
        largest = max(own, key=lambda each: each.size)
        of = f"answer for {printable(largest.output)}" if largest.output else answer
        verb = "is " if compares(largest.sentence) else ""
        return f"With {printable(largest.column)}, the {of} {verb}{largest.sentence}"
    return f"No curve shows for sure how the {answer} changes with a column"


def with_own_texts(
    section: dict[str, Any],
    target: str,
    matter: Sequence[str] | None,
    levels: frozenset[str],
    statistic: str = "",
) -> dict[str, Any]:
    """Effect curves of a file: what can be computed is, and other texts are quoted.

    Parameters
    ----------
    section : dict
        An `EffectsSection` of valid form; ``title`` and ``answer`` may be absent.
    target : str
        The name of a numeric target, or "".
    matter : sequence of str, optional
        The columns of which the title may speak; default: all.
    levels : frozenset of str
        Of all categories of the model.
    statistic : str, default ""
        What of the target is predicted, such as "0.9 quantile"; "" for its mean.
    """
    written = frozenset(map(printable, levels)) | _OTHER_LEVELS
    curves = []
    for each in section["curves"]:
        texts = [own_or_quoted(_TEXT, text, written) for text in each["texts"]]
        curve = {**each, "texts": texts, "notes": [own_or_quoted(_NOTE, n) for n in each["notes"]]}
        curves.append({**curve, "sentence": _own_sentence(curve, printable(target))})
    named = predicted_quantity(statistic, target) if section["scale"] == "number" else ""
    answer = answer_of(section["scale"], [each["output"] for each in curves], named)
    shown = [
        TitledCurve(each["column"], each["output"], each["sentence"], each["size"])
        for each in curves
        if matter is None or each["column"] in matter
    ]
    return {
        **section,
        "title": title_of(shown, answer),
        "answer": answer,
        "rows": own_or_quoted(_ROWS, section["rows"]),
        "curves": curves,
        "without": [
            {**each, "why": own_or_quoted(_WITHOUT, each["why"], written)}
            for each in section["without"]
        ],
        "notes": [own_or_quoted(_OF_SECTION, note, end=".") for note in section["notes"]],
    }


def _own_sentence(curve: dict[str, Any], target: str) -> str:
    """The sentence of a curve; quoted if it has another form, or its points say otherwise."""
    said = curve["sentence"]
    own = _compares_levels(curve) if "higher for " in said else fits(_SENTENCE, said, (target,))
    return said if own and not _contradicts(curve) else quoted(said)


def _compares_levels(curve: dict[str, Any]) -> bool:
    """Whether it says that the answer is higher for one level than for another, as it is."""
    found = _AROUND.fullmatch(curve["sentence"])
    if found is None or (found["first"] and found["last"]):
        return False
    said = found["said"].removesuffix(", the others are between")
    return any(
        said == f"higher for {high} than for {low}"
        for high, top in zip(curve["texts"], curve["mean"], strict=False)
        if said.startswith(f"higher for {high} than for ")
        for low, bottom in zip(curve["texts"], curve["mean"], strict=False)
        if top >= bottom
    )


def _contradicts(curve: dict[str, Any]) -> bool:
    """Whether a curve that is said to rise or to fall throughout does not, from end to end."""
    said, missing = curve["sentence"], curve["missing"]
    known = [y for y, there in zip(curve["mean"], curve["supported"], strict=True) if there]
    for verb, sign in (("rises", 1), ("falls", -1)):
        if re.search(f"{verb} (?:throughout|for values from)", said) and not (
            known and sign * (known[-1] - known[0]) >= 0
        ):
            return True
    for verb, sign in (("higher", 1), ("lower", -1)):
        if re.search(rf"(?:^|; ){verb} by \S+(?: .*?)? if missing", said):
            return missing is None or sign * missing["mean"] < 0
    return False
