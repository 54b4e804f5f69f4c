"""The numbers of what stands on a ground: they stand once, in the page's module.

``draw/stage/stage_looks.js`` is a constant in JSON, which a browser imports as it is.
"""

import json
from functools import cache

from thalweg.reporting.inline import DRAW
from thalweg.reporting.relief.relief_looks import Looks


@cache
def stage_looks() -> Looks:
    """All numbers, by the names that the page uses."""
    text = (DRAW / "stage" / "stage_looks.js").read_text(encoding="utf-8")
    looks: Looks = json.loads(text[text.index("= {") + 2 : text.rindex("};") + 1])
    return looks
