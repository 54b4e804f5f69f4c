"""What the program answers about methods: the model, its training, its measures, its output."""

from collections.abc import Mapping
from typing import Any

from thalweg.estimators.parameters.auto_by_width import dropout_of
from thalweg.evaluation.task_kinds import TASKS
from thalweg.reporting.card.answers_of_data import NO_EVALUATION, long, short
from thalweg.reporting.card.card_shapes import FactAnswer, Known
from thalweg.wording import amount, counted

_STOPPED = {
    "folds": "Of the training rows, each network left out one fold, which chose its number of "
    "epochs; a held-out fold is no evaluation.",
    "hold-out": "A part of the training rows was held out, which chose the number of epochs; it is "
    "no evaluation.",
    "validation": "Rows that a person named chose the number of epochs; they are no evaluation.",
    "cross-validation": "Cross-validation within the training rows chose the number of epochs; the "
    "saved networks were trained on all of them.",
    "none": "No row was held out to choose the number of epochs.",
}
_TWO_CLASS_MEASURES = (
    "Log-loss and the Brier score measure the probabilities, AUC how far they put rows of the two "
    "classes in the right order, sensitivity and specificity the calls above the threshold."
)
_CLASS_MEASURES = (
    "Log-loss and the Brier score measure the probabilities, AUC how far they put the classes in "
    "the right order, accuracy, recall and precision the called class."
)
_VALUE_MEASURES = "All measure the distance of the predicted number from the true one."
_OF_CLASSES = "Shares have Wilson's intervals, AUC DeLong's, losses Hall's; all at 95 %."
_OF_NUMBERS = "Losses have Hall's intervals, R² a bootstrap interval; all at 95 %."
_OF_EACH_CLASS = "calibration (slope, a test, and one of each class against the rest)"
_SECTIONS = {
    "calibration": "calibration (slope, mean, and a test)",
    "threshold": "the threshold, with what it does",
    "benefit": "net benefit",
    "abstention": "errors among the surest rows",
    "coverage": "how many rows intervals or sets of classes hold",
    "subgroups": "groups of rows",
}


def answers_of_methods(known: Known) -> dict[str, FactAnswer]:
    """The answers about methods."""
    return {
        "split": _split(known),
        "encoding": _encoding(known),
        "model": _model(known),
        "clusters": _clusters(known),
        "measures": _measures(known),
        "updating": _updating(known),
        "predictions": _predictions(known),
        "class_weights": _class_weights(known),
        "fairness_groups": _fairness_groups(known),
        "output": _output(known),
        "same_table": _same_table(known),
        "version": _version(known),
    }


def evaluations(known: Known) -> list[tuple[str, Mapping[str, Any]]]:
    """The evaluations that there are: of the fit, of the rows of a table; each with its name."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    if known.judgement is not None and known.on_own_table and known.other is not None:
        # Both are of the same rows: the fit has baselines, the other may have groups.
        sections = known.other.judgement.get("sections")
        return [("the fit", {**known.judgement, "sections": sections})]
    if known.judgement is not None:
        found.append(("the fit", known.judgement))
    if known.other is not None:
        found.append((short(known.other.name), known.other.judgement))
    return found


def groups_of(judged: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The groups of rows that an evaluation measured; None if none were named."""
    sections = judged.get("sections") or {}
    found: Mapping[str, Any] | None = sections.get("subgroups")
    return found


def _split(known: Known) -> FactAnswer:
    said = [f"{long(judged['how'])}." for _, judged in evaluations(known)]
    said.append(_STOPPED[known.facts["training"]["stopping"]])
    return {"text": said, **({} if known.judgement else {"partly": NO_EVALUATION})}


def _encoding(known: Known) -> FactAnswer:
    encoder, kinds = known.model.encoder_, {each["kind"] for each in known.predictors}
    said = [f"{counted(len(known.predictors), 'column')} become {counted(known.inputs, 'input')} "
            "of the first network."]  # fmt: skip
    if {"number", "date", "boolean"} & kinds:
        said.append(
            "A number is centred at its median, divided by its interquartile range, and clipped "
            "smoothly, so that outliers count less."
        )
    if encoder.bins.n_outputs:
        said.append(
            "Numbers are also encoded in bins (piecewise linear encoding), so that an effect need "
            f"not be a line: {counted(encoder.bins.n_outputs, 'input')}."
        )
    if "category" in kinds:
        said.append(
            "A category has an input for each level; beyond 32 levels the rarer ones share one, "
            "and one says how common a level is."
        )
    if known.facts["coded"]:
        columns = ", ".join(map(short, known.facts["coded"]))
        said.append(
            f"The rarer levels of {columns} are also told apart by a statistic of the outcome "
            "(cross-fitted on the training rows)."
        )
    if "date" in kinds:
        said.append("Of a date, also the season, the weekday and the hour are inputs.")
    said.append(
        "All of this is fitted on the training rows of each network alone, without held-out rows."
    )
    return {"text": said}


def _model(known: Known) -> FactAnswer:
    subject = known.facts["subject"]
    kind = "a dense neural network" if subject == "the network" else subject.removeprefix("the ")
    said = [f"The model is {kind}."]
    said += [f"{subject_of}: {long(line)}." for subject_of, line in known.lines
             if subject_of not in ("Calibration", "Settings", "Target codes")]  # fmt: skip
    unlike = known.facts["training"]["unlike_default"]
    said.append(f"Settings: {long('; '.join(unlike))}." if unlike else "Settings: the defaults.")
    said.append(f"Dropout: {amount(dropout_of(known.model.settings_, known.facts['kind']))}.")
    return {"text": said, **({} if evaluations(known) else {"partly": NO_EVALUATION})}


def _clusters(known: Known) -> FactAnswer:
    group = known.roles.get("group")
    if group is None and known.model._known.also == "groups":
        return {"text": ["Rows of one group were never on both sides of a split. The file does not "
                         "name the column of the groups."]}  # fmt: skip
    if group is None:
        return {
            "text": [
                "No column of groups, such as centres or persons, was named. So each row counts as "
                "independent of all others, and nothing was measured between clusters."
            ]
        }
    return {
        "text": [
            f"Rows of one group ({short(group)}) were never on both sides of a split. The network "
            "has no part for a group: it is no mixed model."
        ]
    }


def _measures(known: Known) -> FactAnswer:
    found = evaluations(known)
    if not found:
        return {"why": NO_EVALUATION}
    said = []
    for name, judged in found:
        task = TASKS[judged["task"]]
        names = [each.name for each in task.metrics if each.key in judged["network"]["metrics"]]
        sections = [
            _OF_EACH_CLASS if key == "calibration" and len(known.classes) > 2 else words
            for key, words in _SECTIONS.items()
            if (judged.get("sections") or {}).get(key)
        ]
        more = f"; {', '.join(sections)}" if sections else ""
        said.append(f"In the evaluation of {name}: {', '.join(names)}{more}.")
    if not known.classes:
        said += [_VALUE_MEASURES, _OF_NUMBERS]
    else:
        said += [_TWO_CLASS_MEASURES if len(known.classes) == 2 else _CLASS_MEASURES, _OF_CLASSES]
    if known.roles.get("group"):
        said.append("Intervals count groups of rows, and not rows, where the groups are known.")
    compared = {} if known.judgement is None else known.judgement["differences"]
    if compared:
        one = next(iter(compared.values()))
        said.append(
            f"Baselines on the same rows: {', '.join(map(short, compared))}; compared by "
            f"{one['measure']}, where a difference of less than {amount(one['margin'])} does not "
            f"matter ({'a default' if one['margin_from'] == 'default' else 'named by a person'})."
        )
    return {"text": said}


def _updating(known: Known) -> FactAnswer:
    judged = known.judgement
    if judged is None:
        return {"why": f"{NO_EVALUATION} So nothing can be said of what came after it."}
    said = []
    if "refit" in judged:
        rows = counted(judged["refit"]["n_rows"], "row")
        said.append(
            f"After the evaluation, the saved model was trained again, on all {rows}, with the "
            "same settings. All numbers are of the model before; the saved one was not evaluated."
        )
    if known.model._known.also in ("epochs", "batches"):
        said.append("The training went on after a first fit.")
    was, now = judged["network"].get("threshold"), known.facts.get("threshold")
    if was is not None and now is not None and was != now:
        said.append(
            f"The threshold was changed from {amount(was)} to {amount(now)} after the evaluation."
        )
    if not said:
        said.append("The weights are those that were evaluated.")
    if known.facts["calibration"]:
        said.append("A correction of the predictions is a part of the fit, and no update.")
    return {"text": said}


def _predictions(known: Known) -> FactAnswer:
    n_networks = known.facts["networks"]
    mean = f"the mean of {n_networks:,} networks" if n_networks > 1 else "the one network"
    what = "predicted numbers" if not known.classes else "probabilities"
    corrected = known.facts["calibration"] and known.facts["calibration"]["map"]
    file = "the model file"
    if known.judgement is not None and "refit" in known.judgement:
        file = "the model that was evaluated, before the saved one was trained"
    return {
        "text": [
            f"The {what} are {mean} of {file}{', corrected' if corrected else ''}, by "
            "the program's own code (thalweg predict). Rows of the evaluation were encoded by the "
            "statistics of the training rows."
        ]
    }


def _class_weights(known: Known) -> FactAnswer:
    if not known.classes:
        return {"text": ["The outcome is a number, so there are no classes to weigh."]}
    asked, costs = known.facts["training"]["settings"].get("class_weight"), known.facts["costs"]
    if asked is None or len(set(costs)) == 1:
        return {"text": ["No rows were sampled or weighted for the balance of classes."]}
    each = ", ".join(
        f"{short(name)} {amount(cost)}"
        for name, cost in zip(map(str, known.facts["classes"]), costs, strict=True)
    )
    balanced = " (balanced: each class has the same total weight)" if asked == "balanced" else ""
    return {
        "text": [
            f"The loss of a row was multiplied by a weight of its class{balanced}: {each}. The "
            "weights are divided out of the probabilities, which remain those of the rows as they "
            "are. They change which class is called."
        ]
    }


def _fairness_groups(known: Known) -> FactAnswer:
    said = ["The training has no part for fairness."]
    named = []
    for name, judged in evaluations(known):
        groups = groups_of(judged)
        measured = [] if groups is None else groups["tables"]
        for table in (each for each in measured if each["refused"] is None):
            named.append(f"{short(table['column'])} ({counted(len(table['groups']), 'group')}, in "
                         f"the evaluation of {name})")  # fmt: skip
    if named:
        said.append(f"The performance was measured in groups of {', '.join(named)}.")
    else:
        said.append("Groups in which the performance was measured: none named.")
    return {"text": said}


def _output(known: Known) -> FactAnswer:
    facts = known.facts
    if not known.classes:
        low, high = (amount(facts["range"][end], 6) for end in ("low", "high"))
        unit = f" (in {short(known.unit)})" if known.unit else ""
        said = [f"For each row a number{_of_target(known)}, from {low} to {high}{unit}: the range "
                "of the training rows, which no prediction leaves."]  # fmt: skip
    elif len(known.classes) > 2:
        said = ["For each row a probability of each class"
                f"{_of_target(known)} ({', '.join(map(short, known.classes))}). "
                + _called(facts)]  # fmt: skip
    else:
        negative, positive = map(short, known.classes)
        said = [f"For each row a probability of {positive}{_of_target(known)}, and that of "
                f"{negative}; above the threshold the row is called {positive}.",
                *_threshold(known)]  # fmt: skip
    if known.model._known.conformal is not None:
        kind = "sets of classes" if known.classes else "intervals"
        said.append(f"On request also {kind}, from errors on held-out rows.")
    return {"text": said}


def _of_target(known: Known) -> str:
    return f' ("{short(known.target)}")' if known.target else ""


def _called(facts: Mapping[str, Any]) -> str:
    if len(set(facts["costs"])) == 1:
        return "The called class is the most probable one."
    return "The called class has the largest product of probability and cost."


def _threshold(known: Known) -> list[str]:
    """Where the threshold comes from; nobody's choice is said to be none."""
    from thalweg.evaluation.decisions.decision_sentences import threshold_sentence

    chosen = getattr(known.model, "_chosen", None)
    if chosen is None:
        return []
    said = [threshold_sentence(chosen, classes=known.classes)]
    if chosen.by == "costs" and chosen.missed == chosen.alarm:
        said.append("Nobody named the costs of the two mistakes: that they are equal is a default.")
    return said


def _same_table(known: Known) -> FactAnswer:
    if known.judgement is None and known.other is None:
        return {"why": NO_EVALUATION}
    said = []
    if known.judgement is not None:
        how = known.judgement["how"]
        part = "the latest rows" if "evaluated on the latest " in how else "a random part"
        part = "a random part of the groups" if " groups, evaluated on " in how else part
        said.append(
            f"The test rows of the fit are {part} of the same table. They say nothing of another "
            "place, another time or another way to measure."
            if part != "the latest rows"
            else f"The test rows of the fit are {part} of the same table, later than all training "
            "rows. They say nothing of another place or another way to measure."
        )
    if known.other is not None:
        name, how = short(known.other.name), known.other.judgement["sections"]["how"]
        if known.on_own_table:
            said.append(f"{name} is the table of the fit: its training rows were left out.")
        elif how == "training":
            said.append(f"All rows of {name} trained the model: they are no evaluation data.")
        else:
            said.append(f"{name} is another table than that of the fit; its columns stand below "
                        "(20c).")  # fmt: skip
    return {"text": said}


def _version(known: Known) -> FactAnswer:
    return {
        "text": [
            f"thalweg {known.version} wrote the model; seed {known.facts['training']['seed']}. "
            f"SHA-256 of the model file: {known.bound['model_sha256']}; of the training rows as "
            f"the model read them: {known.bound['training_rows_sha256']}."
        ]
    }
