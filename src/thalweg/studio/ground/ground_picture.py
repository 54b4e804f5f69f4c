"""A ground, or the profile along a run, as the picture file that the library draws."""

from collections.abc import Mapping
from io import BytesIO

from thalweg.landscape.ground.path_ribbon import Profile
from thalweg.reporting.landscape.landscape_figures import landscape_figure
from thalweg.reporting.landscape.landscape_sheet import Sheet, profile_sheet
from thalweg.studio.ground.held_grounds import HeldGround
from thalweg.studio.ground.told_ground import sheet_of

# How a page calls the looks of a picture, and how the library does.
VIEWS = {"block": "surface", "map": "map"}


def drawn_ground(
    held: HeldGround, form: str, look: str, about: str, *, dark: bool = False
) -> bytes:
    """The file of a ground, with its runs and with how far it can be trusted."""
    titles: Mapping[str, str] = {each.run: each.title for each in held.taken}
    return _file(sheet_of(held.surface, titles), form, VIEWS[look], about, dark=dark)


def drawn_profile(
    profile: Profile, title: str, form: str, look: str, about: str, *, dark: bool = False
) -> bytes:
    """The file of the loss along a run, and to both sides of it; ``title`` is what it is called."""
    return _file(profile_sheet(profile, title=title), form, VIEWS[look], about, dark=dark)


def _file(sheet: Sheet, form: str, view: str, about: str, *, dark: bool) -> bytes:
    found = BytesIO()
    landscape_figure(sheet, view=view, subtitle=about, dark=dark).savefig(found, format=form)
    return found.getvalue()
