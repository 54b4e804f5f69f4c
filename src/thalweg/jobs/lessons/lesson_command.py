"""The command that makes a lesson: what a sheet says, so that its page can be made again."""

from thalweg.jobs.lessons.lesson_subject import SubjectRequest
from thalweg.jobs.recipes.command_words import option_words
from thalweg.shell_words import command_of


def lesson_command(name: str, about: SubjectRequest) -> str:
    """The command of a lesson about a subject, without seed and output, for a shell.

    Examples
    --------
    >>> lesson_command("fault", SubjectRequest(table="my table.csv", row="30"))
    "thalweg lesson fault 'my table.csv' --row 30"
    """
    files = [each for each in (about.model, about.table) if each is not None]
    said = {**vars(about.columns), **vars(about.reading), "row": about.row, "empty": about.empty,
            "missed": about.missed, "alarm": about.alarm}  # fmt: skip
    del said["stdin"]
    return command_of(["thalweg", "lesson", name, *files, *option_words(said)])
