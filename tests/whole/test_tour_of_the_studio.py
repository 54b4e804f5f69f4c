"""The tour of docs/studio.md: each picture is there, is small, has words, and a script makes it."""

import ast
import re

from places import HELPERS, ROOT

TOUR = re.compile(r"!\[([^\]]+)\]\(pictures/(studio_\w+)\.png\)")
MOST_BYTES = 150_000


def names_of_script():
    """The keys of ``PICTURES`` in studio_pictures.py, without its imports: they need a browser."""
    program = ast.parse((HELPERS / "studio_pictures.py").read_text("utf-8"))
    [table] = [
        each.value for each in program.body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "PICTURES"
    ]  # fmt: skip
    return [*ast.literal_eval(table)]


def test_the_tour_has_the_pictures_that_the_script_makes():
    found = TOUR.findall((ROOT / "docs" / "studio.md").read_text("utf-8"))
    assert [name for _, name in found] == names_of_script()
    assert all(len(words) > 60 for words, _ in found)
    folder = ROOT / "docs" / "pictures"
    assert {each.stem for each in folder.glob("studio_*.png")} == {name for _, name in found}
    sizes = {name: (folder / f"{name}.png").stat().st_size for _, name in found}
    assert all(size <= MOST_BYTES for size in sizes.values()), sizes
    assert "studio_pictures.py" in (ROOT / "Makefile").read_text("utf-8")
