"""Commands that are copied hold no character that acts on a terminal, whatever a table says."""

import subprocess

from thalweg.data.notation.said_columns import leave_out, say_category, say_number
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.jobs.fit import FitRequest
from thalweg.jobs.landscape import LandscapeRequest
from thalweg.jobs.lessons.lesson import LessonRequest, recipes_of_lesson
from thalweg.jobs.lessons.lesson_subject import SubjectRequest
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.recipes.landscape_recipes import landscape_recipes
from thalweg.jobs.recipes.report_recipes import recipes_of_fit
from thalweg.jobs.sweeps.sweep import SweepRequest, recipes_of_sweep
from thalweg.jobs.trace import TraceRequest
from thalweg.jobs.traces.trace_command import check_copies

HOSTILE = "yes\x03\ntouch X\n\u202egnol"
ABOUT = Columns(target="ill", positive=HOSTILE)


def words_of(command):
    """The words of a command as bash reads them."""
    script = f"thalweg() {{ printf '%s\\0' \"$@\"; }}; {command}"
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


def test_every_copied_command_is_printable_and_says_the_class():
    about = SubjectRequest(table="t.csv", columns=ABOUT)
    of_table = {"table": "t.csv", "columns": ABOUT}
    for recipes in (
        check_copies(TraceRequest(**of_table, check=True)),
        landscape_recipes(LandscapeRequest(**of_table), is_ground=False),
        recipes_of_sweep(SweepRequest(**of_table)),
        recipes_of_fit(FitRequest(**of_table)),
        recipes_of_lesson(LessonRequest(name="forward", subject=about)),
    ):
        command = recipes["command"].rstrip("\n")
        assert command.isprintable()
        words = words_of(command)
        assert words[words.index("--positive") + 1] == HOSTILE
        assert words[words.index("--target") + 1] == "ill"


def test_so_is_every_fix():
    name = "a\x1b[2J\nb"
    for said in (
        say_number(name),
        say_category(name),
        leave_out(name),
        as_option("target", repr(name)),
    ):
        assert said.isprintable()
        assert "$'a\\033[2J\\nb'" in said
