"""Evaluations of models as their files have them, with all sections, and how they are read."""

import copy
import json
from functools import cache

from about_reports import about_five, about_numbers, about_two
from reports import wisconsin
from section_reports import _split
from stored_pages import kept
from thalweg.evaluation.section_texts.sections_of_files import without_computed
from thalweg.evaluation.task_kinds import TASKS
from thalweg.persistence.evaluations.evaluation_in_own_words import with_own_words
from thalweg.persistence.judgement_form import VERDICTS, Asked, require_verdict
from thalweg.persistence.plain_data_checks import require

_REPORTS = {"two": about_two, "five": about_five, "numbers": about_numbers}


def model_of(name):
    return {"two": lambda: wisconsin().model, "five": lambda: _split("classes")[0],
            "numbers": lambda: _split("numbers")[0]}[name]()  # fmt: skip


@cache
def _stored(name):
    report = _REPORTS[name]()
    sections = without_computed(kept(report["sections"]))
    return json.dumps([{**report["verdict"], "sections": sections}, report.get("curves")])


def stored(name):
    """The evaluation and the counts for pictures, as a file has them: a copy to change."""
    return tuple(json.loads(_stored(name)))


def honest(name):
    """The evaluation with all sentences of the program."""
    report = copy.deepcopy(_REPORTS[name]())
    return json.loads(json.dumps({**report["verdict"], "sections": kept(report["sections"])}))


def read(name, judgement, curves=None, class_counts=None):
    """What a file with this evaluation says; a ValueError if it contradicts itself."""
    model = model_of(name)
    outputs, task = model._known.outputs, TASKS[stored(name)[0]["task"]]
    labels = [str(each) for each in outputs.labels] if task.of_classes else []
    positive = str(model._known.positive)
    require(judgement, VERDICTS[task], "judgement")
    table = {} if class_counts is None else {"class_counts": class_counts}
    report = {"curves": curves, "table": table}
    require_verdict(Asked(task, labels, positive, outputs.loss), judgement, report)
    return json.loads(json.dumps(with_own_words(model, judgement, "size")))
