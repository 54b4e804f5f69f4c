"""The lesson on planes: shares, gaps and verdicts against projections written out."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from lesson_subjects import prepared_for_tests, small_subject
from thalweg import DataError, ThalwegClassifier
from thalweg.landscape.planes.movement_share import RandomWalkShare
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks import plane_tasks
from thalweg.reporting.lessons.tasks.plane_runs import plane_runs
from thalweg.reporting.lessons.tasks.plane_tasks import plane_lesson_tasks


@cache
def runs():
    return plane_runs(small_subject())


@cache
def lesson():
    return prepared_for_tests("plane")


def test_the_share_of_the_way_is_a_projection():
    plane = runs().followed[1].plane
    moved = np.asarray(runs().path.thinned(300).thetas, float) - runs().path.start
    inside, *_ = np.linalg.lstsq(plane.basis.T, moved.T, rcond=None)
    share = np.sum((plane.basis.T @ inside) ** 2) / np.sum(moved**2)
    assert runs().share(plane) == pytest.approx(share, rel=1e-9)
    assert lesson().variants["share"][0].answer == pytest.approx(100 * share, rel=1e-9)


def test_random_walks_of_the_same_steps_have_that_share():
    steps = np.diff(np.asarray(runs().path.thinned(300).thetas, float), axis=0)
    random = np.random.default_rng(5)
    shares = []
    for _ in range(40):
        signs = random.choice([-1.0, 1.0], len(steps))[:, None]
        walk = np.cumsum(signs * steps[random.permutation(len(steps))], axis=0)
        values = np.linalg.eigvalsh(walk.T @ walk)
        shares.append(values[-2:].sum() / values.sum())
    spread = np.std(shares) * (1 / 20 + 1 / 40) ** 0.5
    assert runs().walk.mean == pytest.approx(np.mean(shares), abs=4 * spread)
    assert runs().walk.deviation == pytest.approx(np.std(shares), rel=0.7)


def test_the_gap_at_a_step_is_that_of_the_two_losses():
    method, surface = runs().followed
    assert method == "centred" != runs().least
    for variant, share in zip(lesson().variants["curtain"], (0.0, 1.0, 0.5, 0.25), strict=True):
        place = round(share * (len(runs().path.thetas) - 1))
        theta = np.asarray(runs().path.thetas[place], float)
        foot = surface.plane.origin + surface.plane.basis.T @ (
            surface.plane.basis @ (theta - surface.plane.origin)
        )
        drawn, true = runs().race.terrain.losses(np.array([foot, theta]))
        assert variant.answer == pytest.approx(100 * abs(drawn - true) / true, rel=1e-6)
        # What a reader computes from the text is right, too.
        said = [float(variant.values[key]) for key in ("drawn", "true")]
        assert abs(100 * abs(said[0] - said[1]) / said[1] - variant.answer) < 0.5
        assert variant.values["side"] == ("too low" if drawn < true else "too high")
        assert variant.traps["of_drawn"] == pytest.approx(100 * abs(drawn - true) / drawn)


@pytest.mark.parametrize(
    ("mean", "answer"), [(0.2, 0), (None, 1), (0.99, 2)]
)  # fmt: skip
def test_the_share_is_compared_whatever_the_walks_have(monkeypatch, mean, answer):
    share = runs().share(runs().followed[1].plane)
    walk = RandomWalkShare(share + 0.01 if mean is None else mean, 0.02)
    monkeypatch.setattr(plane_tasks, "plane_runs", lambda subject: replace(runs(), walk=walk))
    (variant,) = plane_lesson_tasks(small_subject()).variants["walk"]
    assert variant.answer == answer
    assert variant.choices[answer]["say"].startswith("Right. ")
    assert variant.values["said"] in variant.choices[2 - answer]["say"]
    assert ("below" in variant.values["said"]) == (answer == 2)
    assert ("above" in variant.values["said"]) == (answer == 0)


def test_the_least_distorting_plane_is_right_wherever_it_stands():
    gaps = {method: surface.badge.gap for method, surface in runs().surfaces.items()}
    methods = list(gaps)
    assert len(methods) == 3
    seen = set()
    for variant in lesson().variants["choose"]:
        order = [methods[place] for place in variant.stage["planes"]]
        right = min(order, key=gaps.get)
        assert order[variant.answer] == right
        assert variant.revealed["sheet"] == methods.index(right)
        assert variant.values["letter"] == "ABC"[variant.answer]
        seen.add(variant.answer)
    assert seen == {0, 1, 2}


def test_the_misfit_is_the_mean_over_the_runs_of_three_gaps():
    surface = runs().surfaces[runs().least]
    worst = [max(each.gap[0], each.gap[-1], np.median(each.gap)) for each in surface.trails]
    answers = lesson().variants["caption"][0].answer
    assert answers == pytest.approx([len(runs().path.start), 2, 100 * np.mean(worst)])


def test_the_picture_reaches_as_high_as_the_followed_run():
    data = lesson().facts["relief"]
    top = float(np.max(runs().trail(runs().followed[1]).true))
    for sheet, surface in zip(data["sheets"], runs().surfaces.values(), strict=False):
        assert sheet["relief"]["highest"] == pytest.approx(top)
        assert sheet["relief"]["whole"] == (top > np.nanmax(surface.losses))
    assert data["sheets"][-1]["kind"] == "profile"


def test_the_middle_of_the_profile_is_the_loss_of_the_run():
    found = runs().profile
    middle = found.losses[len(found.across) // 2]
    places = np.searchsorted(runs().path.steps, found.steps)
    assert middle == pytest.approx(runs().race.terrain.losses(runs().path.thetas[places]))
    assert lesson().variants["profile"][0].answer == 1
    values = lesson().variants["profile"][0].values
    assert (values["cuts"], values["points"]) == (str(len(found.along)), "406")


def test_a_table_without_any_run_to_follow_is_refused(monkeypatch):
    from thalweg.reporting.lessons.tasks import plane_runs as module

    monkeypatch.setattr(module, "OTHERS", ("centred",))
    with pytest.raises(DataError, match=r"followed through three planes.*--drop"):
        plane_runs(small_subject())


def test_classes_that_are_no_texts_have_a_lesson():
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"a": random.normal(0, 1, 60), "b": random.normal(0, 1, 60)})
    labels = (frame["a"] + random.normal(0, 1, 60) > 0).to_numpy()
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, n_bins=0).fit(frame, labels)
    subject = Subject(model, frame, np.array([str(each) for each in labels]), "made up")
    found = plane_lesson_tasks(subject)
    assert found.variants["share"][0].values["layers"].endswith("-2-1")
