"""The lesson on the article: every count is computed from the bundled table."""

from typing import Any

import numpy as np

from thalweg.estimators.article_network import LOSS, SEED
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.judging.intervals import proportion
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Objective
from thalweg.network.gradcheck import check_gradient
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant
from thalweg.reporting.lessons.tasks.article_run import (
    FIRST_VALID,
    N_TRAINED,
    STEPS,
    STEPS_OF_FOLD,
    ArticleRun,
    article_rows,
    article_run,
    held_out_probabilities,
)

# What a missed row costs, and the threshold beside 0.5; seed 0 has the article's 0.9.
_COSTS = ((100, 0.9), (20, 0.9), (50, 0.7), (10, 0.9))
_SHOWN = (0.1, 0.3, 0.5, 0.7, 0.9)


def article_lesson_tasks(n_steps: int = STEPS) -> PreparedLesson:
    """The lesson, for a page or for paper.

    Parameters
    ----------
    n_steps : int
        Of the run: the article's, or fewer.
    """
    run, rows = article_run(n_steps), article_rows()
    valid = rows.malignant[FIRST_VALID:]
    calls = [_calls(threshold) for threshold in _SHOWN]
    return PreparedLesson(
        lesson_text("article"),
        {
            "right": [_right(run, len(valid))],
            "twins": [_twins(run)],
            "others": [_others(run)],
            "steps": [_steps(run, len(valid))],
            "chosen": [Variant({"n_valid": str(len(valid))}, 1)],
            "threshold": [_threshold(*each) for each in _COSTS],
            "cost": [_cost(*each) for each in _COSTS],
        },
        subtitle=f"The article's program and its split on the bundled table: {len(valid)} "
        f"validation rows, {run.steps[-1]:,} steps at a rate of 0.07.",
        script="learn/article_lesson.js",
        styles=("learn/threshold.css", "learn/losses.css"),
        facts={
            "valid": [
                {"twin": bool(twin), "malignant": bool(ill)}
                for twin, ill in zip(rows.twins, valid, strict=True)
            ],
            "wrong": int(len(valid) - run.right[-1]),
            "steps": run.steps.tolist(),
            "losses": [
                {"name": "500 training rows", "look": "ink", "values": _short(run.train_loss)},
                {"name": f"{len(valid)} validation rows", "look": "orange",
                 "values": _short(run.valid_loss)},
            ],
            "calls": calls,
        },
        rows="It holds no cell of the table, and of each validation row whether it has a twin.",
    )  # fmt: skip


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.4g}") for value in values]


def _gap() -> float:
    """The largest error of the article's gradient at its start, by differences."""
    rows = article_rows()
    X, y = rows.scaled[:N_TRAINED], rows.malignant[:N_TRAINED, None].astype(float)
    architecture = Architecture((X.shape[1], 15, 1), ("relu", "identity"))
    theta = initial_theta(architecture, "article", np.random.RandomState(SEED))
    return check_gradient(architecture, Objective(LOSS), theta, Data.of(X, y)).worst


def _right(run: ArticleRun, n: int) -> Variant:
    right, gap = int(run.right[-1]), _gap()
    share = proportion(right, n)
    low = 100 * share.low
    values = {
        "gap": f"an error of {gap:.0e}" if gap else "no error above rounding",
        "steps": f"{run.steps[-1]:,}", "right": str(right),
        "n_valid": str(n), "low": f"{low:.1f}", "high": f"{100 * share.high:.1f}",
        "one": f"{100 / n:.2f}", "five": f"{100 * (n - 5) / n:.1f}",
    }  # fmt: skip
    return Variant(values, low, {"picture": "right"}, {"picture": "right"})


def _counts() -> dict[str, int]:
    """How many validation rows there are, with a twin, malignant, and both."""
    rows = article_rows()
    twin, ill = rows.twins, rows.malignant[FIRST_VALID:]
    return {
        "n_valid": len(ill), "n_twins": int(twin.sum()),
        "malignant_twins": int((twin & ill).sum()), "malignant_others": int((~twin & ill).sum()),
    }  # fmt: skip


def _twins(run: ArticleRun) -> Variant:
    counts = _counts()
    values = {name: str(count) for name, count in counts.items()}
    values["malignant_twins"] = str(counts["malignant_twins"] or "none")
    return Variant(values, counts["n_twins"], {"picture": "plain"}, {"picture": "twins"})


def _others(run: ArticleRun) -> Variant:
    counts, rows = _counts(), article_rows()
    n, n_twins = counts["n_valid"], counts["n_twins"]
    n_wrong, wrong_twins = n - int(run.right[-1]), int((run.wrong & rows.twins).sum())
    others = n - n_twins
    right = others - (n_wrong - wrong_twins)
    malignant = counts["malignant_others"]
    answers = [others, right, 100 * right / others, 100 * malignant / others]
    values = {
        **{name: str(count) for name, count in counts.items()}, "n_wrong": str(n_wrong),
        "wrong_twins": str(wrong_twins or "none"), "n_others": str(others),
        "right_others": str(right), "right_share": f"{answers[2]:.1f}",
        "others_share": f"{answers[3]:.0f}",
        "train_share": f"{100 * rows.malignant[:N_TRAINED].mean():.0f}",
        "valid_share": f"{100 * rows.malignant[FIRST_VALID:].mean():.0f}",
    }  # fmt: skip
    return Variant(values, answers, {"picture": "twins"}, {"picture": "twins"})


def _steps(run: ArticleRun, n: int) -> Variant:
    best = int(np.argmin(run.valid_loss))
    most = int(np.argmax(run.right))
    values = {
        "steps": f"{run.steps[-1]:,}", "n_valid": str(n), "best_step": f"{run.steps[best]:,}",
        "best_valid": f"{run.valid_loss[best]:.4f}", "last_valid": f"{run.valid_loss[-1]:.4f}",
        "first_valid": f"{run.valid_loss[1]:.4f}", "most_right": str(run.right[most]),
        "most_step": f"{run.steps[most]:,}",
    }  # fmt: skip
    return Variant(
        values, float(run.steps[best]), {"picture": "losses"},
        {"picture": "losses", "mark": int(run.steps[best])},
    )  # fmt: skip


def _calls(threshold: float) -> dict[str, Any]:
    """Missed rows and false alarms at a threshold, of rows that no network was trained on."""
    ill, called = article_rows().malignant, held_out_probabilities() > threshold
    return {
        "threshold": threshold, "missed": int((ill & ~called).sum()),
        "found": int((ill & called).sum()), "alarms": int((~ill & called).sum()),
        "cleared": int((~ill & ~called).sum()),
    }  # fmt: skip


def _values_of_calls(cost: int, threshold: float) -> tuple[dict[str, str], list[int]]:
    least, low, high = (_calls(each) for each in (0.1, 0.5, threshold))
    costs = [cost * each["missed"] + each["alarms"] for each in (least, low, high)]
    theory = by_costs(cost, 1).value
    assert theory is not None  # costs always give one
    values = {
        "high_threshold": f"{threshold:g}", "fold_steps": f"{STEPS_OF_FOLD:,}",
        "n_rows": str(len(article_rows().malignant)), "missed_cost": str(cost),
        "n_malignant": str(low["missed"] + low["found"]),
        "n_benign": str(low["alarms"] + low["cleared"]), "theory": f"{theory:.2g}",
        "missed_least": str(least["missed"]), "alarms_least": str(least["alarms"]),
        "missed_low": str(low["missed"]), "alarms_low": str(low["alarms"]),
        "missed_high": str(high["missed"]), "alarms_high": str(high["alarms"]),
        "cost_least": str(costs[0]), "cost_low": str(costs[1]), "cost_high": str(costs[2]),
    }  # fmt: skip
    return values, costs


def _threshold(cost: int, threshold: float) -> Variant:
    values, _ = _values_of_calls(cost, threshold)
    stage = {"picture": "calls", "until": 0.5}
    return Variant(values, int(values["missed_high"]), stage, {"picture": "calls", "until": 1})


def _cost(cost: int, threshold: float) -> Variant:
    values, costs = _values_of_calls(cost, threshold)
    return Variant(
        values, costs, {"picture": "calls", "until": 1}, {"picture": "calls", "until": 1}
    )
