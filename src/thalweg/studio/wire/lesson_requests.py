"""What a page may say of lessons: which one."""

from thalweg.persistence.plain_data_checks import Form, one_of

# The names of `thalweg.reporting.lessons.known_lessons`, which the server does not import: it takes
# all that trains. A test compares them.
LESSON_NAMES = (
    "derivative", "forward", "backward", "fault", "threshold", "features", "article", "descent",
    "plane",
)  # fmt: skip
LESSON: dict[str, Form] = {"lesson": one_of(*LESSON_NAMES)}
# The task of a worker that prepares one.
LESSON_TASKS = ("lesson",)
