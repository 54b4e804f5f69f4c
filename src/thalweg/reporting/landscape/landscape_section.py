"""The landscape section of the report: still pictures and their figures.

A report without a landscape must not import Matplotlib, so what draws is imported where it draws.
"""

from base64 import b64encode
from typing import TYPE_CHECKING

from thalweg.reporting.html_pieces import text
from thalweg.reporting.page.report_shapes import LandscapeData

if TYPE_CHECKING:
    from thalweg.reporting.landscape.landscape_display import Landscape

# The resolution of the pictures: two of them have to fit into a small page.
_DPI = 150


def landscape_section(shown: "Landscape", view: str = "surface") -> LandscapeData:
    """The landscape data of a report, as plain data.

    Returns
    -------
    dict
        ``finding``, ``subtitle``, ``sentences``, and ``light`` and ``dark``, PNGs in base64.
    """
    from thalweg.reporting.landscape.landscape_figures import landscape_figure

    sheet = shown.sheet(view)

    def picture(*, dark: bool) -> str:
        figure = landscape_figure(sheet, view=view, dark=dark, words=False)
        return b64encode(figure.small_png(_DPI)).decode("ascii")

    return {
        "finding": sheet.finding.replace("\n", " "),
        "subtitle": shown.subtitle,
        "sentences": list(sheet.sentences),
        "light": picture(dark=False),
        "dark": picture(dark=True),
    }


def section_html(part: LandscapeData | None) -> str:
    """The landscape section of the report, or nothing if there is no landscape."""
    if not part:
        return ""
    from thalweg.reporting.figures.picture import WIDTH

    said = "".join(f"<li>{text(each, 400)}</li>" for each in part["sentences"])
    source = "data:image/png;base64,"
    return (
        f'<section id="landscape"><h2>Where training went: {text(part["finding"], 200)}</h2>'
        f'<p class="subtitle">{text(part["subtitle"], 400)}</p><picture>'
        f'<source media="screen and (prefers-color-scheme: dark)" '
        f'srcset="{source}{part["dark"]}">'
        f'<img src="{source}{part["light"]}" width="{WIDTH}" '
        f'alt="{text(part["finding"], 200)}"></picture><ul class="notes">{said}</ul></section>'
    )
