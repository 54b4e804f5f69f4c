"""A page in a notebook: framed, and as a still where frames are taken out."""

import html
import re
from base64 import b64decode
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest

from landscapes import two
from thalweg import ThalwegClassifier, lesson, load_table
from thalweg.reporting.figures.picture import WIDTH, Picture
from thalweg.reporting.notebook.framed_page import FramedPage
from thalweg.reporting.trace.page.trace_figure import chain_words

PAGE = '<!doctype html>\n<title>"it\'s" & more</title><script>a &amp;&amp; b</script>'


def framed():
    return FramedPage(PAGE, Picture("A finding", "of something", 60, False), "So it is.", 500)


def displayed(shown):
    """The outputs that IPython would be given."""
    found = []
    with patch("IPython.display.display", lambda data, **how: found.append((data, how))):
        shown._ipython_display_() if hasattr(shown, "_ipython_display_") else shown.display()
    return found


def page_in(frame):
    """The page that a browser reads from a frame."""
    return html.unescape(re.search(r"srcdoc='([^']*)'", frame)[1])


def test_the_frame_has_the_page_to_the_letter():
    assert page_in(framed().html()) == PAGE
    # Neither a script nor a line that a notebook's file would write as a line of its own.
    assert "<script" not in framed().html()
    assert "\n" not in framed().html()
    assert 'sandbox="allow-scripts"' in framed().html()


def test_page_and_still_are_two_outputs():
    (page, _), (still, how) = displayed(framed())
    assert set(page) == {"text/html"}
    assert "<iframe" in page["text/html"]
    assert ":has(.thalweg-page iframe)+" in page["text/html"]
    assert set(still) == {"text/plain", "image/png"}
    assert b64decode(still["image/png"]).startswith(b"\x89PNG")
    assert how["metadata"]["image/png"] == {
        "width": WIDTH, "height": pytest.approx(110, abs=30), "alt": "A finding",
    }  # fmt: skip
    # Where frames are taken out, words are left.
    assert page["text/html"].split("</iframe>")[1].startswith("<figcaption>A finding. So it is.")


@cache
def traced():
    table = load_table("wisconsin")
    model = ThalwegClassifier(
        (5,), n_bins=0, early_stopping=False, max_iter=3, positive="malignant", random_state=0
    ).fit(table.frame, table.target)
    rows = np.arange(1, 700)
    return model.trace(table.frame, table.target, largest=True, rows=rows)


@pytest.mark.quick_each(3)
@pytest.mark.parametrize(
    "shown",
    [
        traced,
        two,
        lambda: lesson("derivative"),
    ],
)
def test_what_has_a_page_shows_it_and_a_still(shown):
    page, still = displayed(shown())
    assert page_in(page[0]["text/html"]).startswith("<!doctype html>")
    assert b64decode(still[0]["image/png"]).startswith(b"\x89PNG")
    assert str(shown()).splitlines()[0] in still[0]["text/plain"]


def test_the_figure_of_a_trace_has_the_numbers_of_its_chain():
    product, *_, whole = chain_words(traced().data)
    numbers = product.split(" = ")[1].replace("−", "-").split(" · ")
    end = float(product.split(" = ")[2].replace("−", "-"))
    assert np.prod([float(each) for each in numbers]) == pytest.approx(end, rel=1e-4)
    chain = traced().data["chain"]
    assert end == pytest.approx(chain["rows"][0]["value"], rel=1e-5)
    assert float(re.search(r"= (−?[\d.e−]+)", whole)[1].replace("−", "-")) == pytest.approx(
        chain["value"], rel=1e-5
    )


def test_the_still_of_a_lesson_is_that_of_its_page_or_its_steps():
    shown = lesson("derivative")
    assert shown.picture().title == (
        "Two points of x², 1 apart, give the slope 7 at x = 3; the tangent there has the slope 6"
    )
    assert "2. a guess" in str(shown)
    assert shown.page() == lesson("derivative").page()
