"""The ground and the four runs that the studio plays while no table is open, as a module.

``python tests/helpers/hills_module.py`` writes it, after a change of the teaching ground, of the
rules or of what a sheet has. It is what ``thalweg landscape hills`` draws, on a coarser grid.
"""

import json

from places import SOURCE
from thalweg.landscape.runs.race import RacePicture, race_on_hills
from thalweg.reporting.landscape.landscape_page import page_data
from thalweg.reporting.landscape.landscape_sheet import race_sheets

MODULE = SOURCE / "studio" / "pages" / "lessons" / "hills_sheet.js"
RULES = ("sgd", "anneal", "large", "momentum")
GRID = 41
HEAD = """\
// The ground and the four runs that are played while no table is open, written by hills_module.py.

export const HILLS = """


def made() -> dict[str, object]:
    """What a page of this landscape has as its data."""
    race = race_on_hills(RULES, RacePicture(grid=GRID, profiles=(), sharp=False))
    data = page_data(race_sheets(race)[:1])
    data.pop("thalweg")  # the version
    return data


def kept() -> dict[str, object]:
    """What the module has."""
    text = MODULE.read_text("utf-8")
    return dict(json.loads(text.removeprefix(HEAD).rstrip(";\n")))


if __name__ == "__main__":
    MODULE.write_text(f"{HEAD}{json.dumps(made(), separators=(',', ':'))};\n", "utf-8")
