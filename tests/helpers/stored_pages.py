"""Pages and evaluations of a fit beside those of its model file, which keeps no explained row."""

import json
import re

from thalweg.jobs.sections.about_models import for_model_file

_DATA = re.compile(r'(<script type="application/json" id="report">)(.*?)(</script>)', re.DOTALL)


def kept(sections):
    """The sections as the file of a model has them."""
    return for_model_file({"sections": sections})["sections"]


def without_explained(page):
    """A page without its explained rows, the words that a file keeps none, and how it was made."""
    text = page.decode() if isinstance(page, bytes) else page
    found = _DATA.search(text)
    data = json.loads(found[2])
    for part in (data.get("sections") or {}, data):
        part.pop("explained", None)
    data.pop("recipes", None)
    text = text[: found.start()] + text[found.end() :]
    text = re.sub(r'<section id="explained"[^>]*>.*?</section>\s*', "", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r'<ul class="notes">\s*</ul>', "", text)), data
