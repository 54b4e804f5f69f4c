"""The numbers that both renderers share, and the rules of the page's modules."""

import re
from pathlib import Path

from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.relief import relief_looks
from thalweg.reporting.relief.relief_looks import ground_looks

GROUND, SOURCE = DRAW / "ground", Path(relief_looks.__file__).parent
# Everything that draws grounds; of functions without a use, joined scripts have nothing.
_ENTRY = """\
import { azimuthOf, makeCamera } from "./ground/camera.js";
import { levelOf, makeGround } from "./ground/grid.js";
import { GROUND_LOOKS } from "./ground/ground_looks.js";
import { GROUND_LIFT, makeBuffers, paintGround } from "./ground/raster.js";
window.used = [azimuthOf, makeCamera, levelOf, makeGround, GROUND_LIFT, makeBuffers, paintGround];
"""


def test_colours_are_those_of_the_modes():
    looks = ground_looks()
    tints = {
        mode: [bytes(each).hex() for each in looks[mode]["tints"]] for mode in ("light", "dark")
    }
    assert tints["light"] == ["6e8f9f", "9cb3ad", "d1cfb8", "f9f4e6"]
    assert tints["dark"] == ["182a37", "2a454f", "4d6061", "949382"]
    assert bytes(looks["light"]["page"]).hex() == "fbfaf7"
    assert bytes(looks["dark"]["page"]).hex() == "0f1419"
    assert looks["light"].keys() == looks["dark"].keys()
    for mode in ("light", "dark"):
        # The higher, the brighter: height is seen without colour as well.
        brightness = [sum(each) for each in looks[mode]["tints"]]
        assert brightness == sorted(brightness)


def test_the_modules_of_the_ground_keep_the_rules_and_their_budget():
    program = joined(DRAW, "entry.js", {"entry.js": _ENTRY})
    modules = [each for each in GROUND.iterdir() if each.name.endswith(".js")]
    assert len(modules) == 9
    for module in modules:
        source = module.read_text(encoding="utf-8")
        lines = source.splitlines()
        assert len(lines) <= 400, module.name
        assert max(map(len, lines)) <= 100, module.name
        assert lines[-1] in program
        for exported in re.findall(r"^export (?:function|const) (\w+)", source, re.MULTILINE):
            assert re.search(rf"\*/\n+export \w+ {exported}\b", source), f"{exported}: no JSDoc"
    assert not re.search(r"innerHTML|eval\(|Function\(|document|fetch|XMLHttp|import\(", program)
    assert len(program) < 40_000


def test_the_page_of_a_landscape_can_take_the_modules_in():
    # No two modules use the same name at their top level: `joined` says so otherwise.
    page = (DRAW / "landscape.js").read_text(encoding="utf-8")
    assert "function paintGround" in joined(DRAW, "entry.js", {"entry.js": _ENTRY + page})


def test_every_number_is_used_by_both():
    program = joined(DRAW, "entry.js", {"entry.js": _ENTRY})
    program = program[program.index("};\n") :]
    room = [each.read_text(encoding="utf-8") for each in SOURCE.glob("*.py")]
    for group, numbers in ground_looks().items():
        for name in numbers:
            # The colour of a page stands in its style sheet.
            here = name == "page" or re.search(rf"\b{name}\b", program)
            assert here, f"{group}.{name}: not in the page"
            assert any(f'"{name}"' in text for text in room), f"{group}.{name}: not in Python"
