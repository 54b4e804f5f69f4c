"""``thalweg fit``: train on a table, and judge on rows that the network has not seen."""

import warnings
from typing import TYPE_CHECKING, Any

from rich.console import Group

from thalweg.cli import options, training_options
from thalweg.cli.facts import (
    history_page,
    model_facts,
    model_lines,
    page,
    table_lines,
)
from thalweg.cli.making import estimator_for
from thalweg.cli.outcome import Outcome
from thalweg.cli.reading import Lesson, MaxMemory, check_outputs, read_table, reading_of
from thalweg.cli.verbs.report import landscape_part, page_bytes, write_page
from thalweg.endings import MODEL, PAGE, check_ending
from thalweg.errors import SettingsError, UnseenLevelWarning
from thalweg.estimators.parameters.parameter import Settings

if TYPE_CHECKING:
    from thalweg.cli.facts import Model
    from thalweg.evaluation.validate import Verdict


@training_options.takes_settings()
def fit(
    table: options.Table,
    target: options.Target = None,
    positive: options.Positive = None,
    drop: options.Drop = None,
    category: options.Category = None,
    group: options.Group = None,
    separator: options.Separator = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    max_memory: MaxMemory = None,
    output: options.ModelTo = None,
    report: options.ReportTo = None,
    landscape: options.WithLandscape = False,
    force: options.Force = False,
    seed: options.Seed = 0,
    task: options.Task = None,
    settings: Settings = training_options.NONE_GIVEN,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Train a network on a table, and judge it.

    A fifth of the rows (with --group about a fifth) judges, beside logistic regression and the best
    constant answer (of a number: ridge). Nothing is written without -o or --report.
    """
    reading = reading_of(locals())
    with Outcome("fit", as_json=as_json, quiet=quiet) as outcome:
        outcome.seed = seed
        _check_outputs({"-o": output, "--report": report}, table, force, landscape, group)
        of_table = (target, positive, drop, category, reading, task or "auto", group)
        lesson = _lesson(outcome, table, of_table, landscape)
        model = estimator_for(lesson, settings, seed, verbose=not quiet)
        verdict = _judged(model, lesson, seed)
        facts, judged = model_facts(model), verdict.as_dict()
        outcome.result = {"file": None, "report": None, "model": facts, "judgement": judged}
        outcome.show(_page(outcome.data, facts, judged))
        if verbose:
            outcome.say(history_page(model, ascii=not outcome.unicode_talk))
        shown = _shown(outcome.data, lesson, verdict)
        made = b"" if report is None else _report(model, lesson, judged, shown, landscape)
        if output is not None:
            _save(outcome, model, output, force, lesson.table.target_name, judged, shown)
        if report is not None:
            write_page(outcome, report, made, force)
            outcome.result["report"] = report


def _lesson(outcome: Outcome, table: str, of_table: tuple[Any, ...], landscape: bool) -> Lesson:
    """The table to learn from; what cannot be drawn is told before anything is trained."""
    lesson = read_table(outcome, table, *of_table)
    if landscape and lesson.task.name != "binary":
        raise SettingsError(
            "--landscape draws networks that tell two classes apart alone, so far",
            where=f'the target "{lesson.table.target_name}"',
            fix="leave out --landscape",
        )
    return lesson


def _check_outputs(
    outputs: dict[str, str | None], table: str, force: bool, landscape: bool, group: str | None
) -> None:
    """Before anything is trained, see whether the files can be written."""
    if landscape and outputs["--report"] is None:
        raise SettingsError(
            "--landscape draws in the report, and none is asked for",
            fix="add --report FILE, or see thalweg landscape",
        )
    if landscape and group is not None:
        raise SettingsError(
            f'--landscape repeats a descent, and cannot repeat one by groups ("{group}")',
            fix="leave out one of the two",
        )
    for flag, path in outputs.items():
        if path == "-":
            raise SettingsError(
                "Standard output is for the judgement",
                where=f"{flag} -",
                fix=f"name a file behind {flag}",
            )
    check_outputs(outputs, [table], force=force)
    written = {"-o": ("A model", MODEL), "--report": ("A report", PAGE)}
    for flag, path in outputs.items():
        if path is not None:
            check_ending(path, *written[flag], flag=flag)


def _judged(model: "Model", lesson: Lesson, seed: int) -> "Verdict":
    """The model is fitted on one part of the table, and judged by the other."""
    from thalweg.evaluation.validate import judge_on_holdout

    with warnings.catch_warnings():
        # It would count rows by their place in the held-out part, which nobody can look up.
        warnings.simplefilter("ignore", UnseenLevelWarning)
        verdict = judge_on_holdout(
            model,
            lesson.table.frame,
            lesson.y,
            task=lesson.task,
            seed=seed,
            matrix=lesson.matrix,
            n_levels=lesson.schema.n_levels,
            groups=lesson.groups,
        )
    _tell_unseen(model, lesson)
    return verdict


def _tell_unseen(model: "Model", lesson: Lesson) -> None:
    """Warn of levels that only held-out rows have, by the rows of the table."""
    from thalweg.data.schema.matching import unseen_in_words

    if unseen := model.schema_.take(lesson.table.frame).unseen:
        warnings.warn(
            "Levels that only rows of the test part have, and no row that trained, count as some "
            f"other level ({unseen_in_words(unseen)}). Mend: none is needed where the cells are as "
            "meant; else gather more rows of these levels, or join them with others.",
            UnseenLevelWarning,
            stacklevel=2,
        )


def _shown(data: Any, lesson: Lesson, verdict: "Verdict") -> dict[str, Any]:
    """What a report shows beside the judgement: the table in short, and the curves."""
    from thalweg.reporting.page.report_page import column_facts

    table = {
        "name": data["name"],
        "target": data["target"],
        **(
            {"target_range": data["range"]}
            if data["classes"] is None
            else {"class_counts": data["classes"]}
        ),
        "notes": data["notes"],
        "columns": column_facts(
            lesson.schema.names, lesson.schema.kinds, lesson.matrix, lesson.schema.levels
        ),
    }
    return {"table": table, "curves": verdict.shown.as_dict() if verdict.shown else None}


def _report(model: "Model", lesson: Lesson, judged: Any, shown: Any, landscape: bool) -> bytes:
    """The page, made before anything is written: a landscape may take long, and Ctrl-C come."""
    part = {"landscape": landscape_part(model, lesson.table)} if landscape else {}
    return page_bytes(model, judged, shown | part)


def _save(
    outcome: Outcome,
    model: "Model",
    output: str,
    force: bool,
    target: str | None,
    judged: dict[str, Any],
    shown: dict[str, Any],
) -> None:
    from thalweg.persistence.model_file import save_model

    save_model(model, output, overwrite=force, target=target, judgement=judged, report=shown)
    outcome.result = {**(outcome.result or {}), "file": output}
    outcome.say(f"Saved this model as {output}.")


def _page(data: Any, facts: dict[str, Any], verdict: dict[str, Any]) -> Group:
    from thalweg.reporting.display import verdict_page

    lines = page([*table_lines(data), *model_lines(facts)])
    return Group(lines, "", verdict_page(verdict))
