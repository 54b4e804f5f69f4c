"""The lesson that a page of the studio gets is the one that ``thalweg lesson`` writes."""

import asyncio
import json
import re
from base64 import b64decode

import numpy as np
from numpy.typing import NDArray

from hills_module import RULES, kept
from studio.scripted_worker import Scripted
from thalweg import lesson
from thalweg.interrupts import Cancellation
from thalweg.landscape.ground.teaching_function import RELIEF
from thalweg.reporting.lessons.known_lessons import LESSONS
from thalweg.reporting.lessons.tasks.descent_runs import STARTS, rule_of, way_of
from thalweg.studio.lessons.lesson_task import LessonTask
from thalweg.studio.operations.lesson_place import LessonPlace
from thalweg.studio.server.page_files import page_files
from thalweg.studio.wire.lesson_requests import LESSON_NAMES
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.worker.serving_loop import TaskRun


def test_the_studio_has_all_lessons_in_their_order():
    assert tuple(LESSONS) == LESSON_NAMES


def test_the_script_of_each_lesson_is_served_where_the_page_looks_for_it():
    known = page_files()
    text = known["/studio/lessons/later_lessons.js"].data.decode()
    names = re.findall(r'^(\w+): \(\) => import\("(/draw/learn/[^"]+)"\)', text, re.MULTILINE)
    assert [name for name, _ in names] == [*LESSONS]
    assert all(b"export function startLesson(" in known[path].data for _, path in names)


def test_a_lesson_is_that_of_the_command_and_is_prepared_once():
    task = LessonTask()
    run = TaskRun(Packet({"lesson": "derivative"}), Cancellation(), lambda packet: None)
    told = task(run).head
    page = lesson("derivative").page()
    [block] = re.findall(r'id="lesson">(.*?)</script>', page, re.DOTALL)
    written = json.loads(block)
    assert {**told["lesson"], "recipes": 0} == {**written, "recipes": 0}
    assert told["lesson"]["recipes"]["command"].startswith(
        "thalweg lesson derivative --seed {seed}"
    )
    assert told["subtitle"] in page
    assert task(run).head["lesson"] is told["lesson"]


def test_a_page_gets_a_lesson_or_the_error_and_nothing_else_of_a_worker():
    done = Packet({"is": "done", "lesson": {"name": "x"}, "subtitle": "s", "path": "/a/file"})
    error = {"code": "data", "what": "no"}
    worker = Scripted([done], [Packet({"is": "failed", "error": error})])
    place = LessonPlace(worker)  # type: ignore[arg-type]
    asks = place.operations()["lesson"].does
    message = PageMessage("lesson", 1, {"lesson": "descent"})
    answers = [asyncio.run(asks(message, object())).head for _ in range(2)]
    assert answers[0] == {"type": "lesson", "lesson": {"name": "x"}, "subtitle": "s"}
    assert answers[1] == {"type": "error", "error": error}
    assert worker.asked[0][0] == {"task": "lesson", "lesson": "descent"}


def test_the_hills_that_are_played_are_those_of_python():
    """If not: run ``tests/helpers/hills_module.py``."""
    [sheet] = kept()["sheets"]
    x, y, losses = (_numbers(sheet[key]) for key in ("x", "y", "losses"))
    points = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    values, _ = RELIEF.hills.values_and_slopes(points)
    np.testing.assert_allclose(losses, values, rtol=2e-5)
    assert [line["name"] for line in sheet["lines"]] == [*RULES]
    for line in sheet["lines"]:
        way = way_of(STARTS[0], rule_of(line["name"]))
        first = slice(0, 12)  # large steps are chaotic: the last digits decide where they end
        np.testing.assert_allclose(_numbers(line["x"])[first], way.points[first, 0], atol=1e-4)
        np.testing.assert_allclose(_numbers(line["loss"])[first], way.losses[first], atol=1e-4)


def _numbers(text: str) -> NDArray[np.float32]:
    return np.frombuffer(b64decode(text), "<f4")
