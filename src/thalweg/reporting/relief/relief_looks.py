"""The numbers of the relief: colours, light, exaggeration. They stand once, in the page's module.

``draw/ground/ground_looks.js`` is a constant in JSON, which a browser imports as it is.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from thalweg.reporting.inline import DRAW

Looks = Mapping[str, Any]


@cache
def ground_looks() -> Looks:
    """All numbers, by the names that the page uses; "light" and "dark" are the colours."""
    text = (DRAW / "ground" / "ground_looks.js").read_text(encoding="utf-8")
    looks: Looks = json.loads(text[text.index("= {") + 2 : text.rindex("};") + 1])
    return looks
