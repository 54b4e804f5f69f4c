"""A finished race with all its outputs: text, picture, GIF, page, and notebook display."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from os import PathLike
from typing import Any

from thalweg.data.read import Table
from thalweg.data.typing import FrameLike
from thalweg.endings import check_ending
from thalweg.errors import SettingsError
from thalweg.files import write_atomic
from thalweg.landscape.given_values import (
    about_table,
    layers_given,
    require_known,
    runs_given,
    table_given,
)
from thalweg.landscape.ground.teaching_function import GROUNDS, TeachingGround
from thalweg.landscape.planes.followed_plane import FollowedPlane, follow
from thalweg.landscape.race_on_table import race_on_table
from thalweg.landscape.runs.presets import ARTICLE
from thalweg.landscape.runs.race import Race, RacePicture, race_on_hills
from thalweg.landscape.runs.stage_watch import StageWatch
from thalweg.reporting.figures.picture import Picture
from thalweg.reporting.landscape.film import landscape_film
from thalweg.reporting.landscape.landscape_figures import landscape_figure
from thalweg.reporting.landscape.landscape_headline import capital
from thalweg.reporting.landscape.landscape_page import landscape_html
from thalweg.reporting.landscape.landscape_sheet import Sheet, race_sheets
from thalweg.reporting.landscape.python_recipe import race_recipe, with_view
from thalweg.reporting.landscape_sections.connection_figure import connection_figure
from thalweg.reporting.landscape_sections.connection_section import (
    connection_html,
)
from thalweg.reporting.landscape_sections.curvature_section import curvature_html
from thalweg.reporting.landscape_sections.followed_sheet import followed_sheet
from thalweg.reporting.landscape_sections.landscape_lines import curved_runs, landscape_lines
from thalweg.reporting.notebook.framed_page import FramedPage, ShownAsPage
from thalweg.wording import parameter

# The views that a user can choose; "plane" is the surface and the map below it.
FOLLOWED, CONNECTION = "followed", "connection"
VIEWS = ("plane", "surface", "map", "profile", FOLLOWED, CONNECTION)
FORMS = (".gif", ".html", ".png", ".svg")
# The name of the function that is drawn without a table.
HILLS = "hills"


@dataclass(frozen=True, eq=False)
class Landscape(ShownAsPage):
    """A race and the ways to show it. A notebook displays it.

    Attributes
    ----------
    race : thalweg.landscape.runs.race.Race
        All numbers.
    recipes : mapping of str to str
        How to make it again: texts of a "command", and in "Python", which its page offers to copy.
    """

    race: Race
    recipes: Mapping[str, str] = field(default_factory=dict)

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The plane first, then the profile of each run."""
        return race_sheets(self.race)

    @property
    def subtitle(self) -> str:
        """The subtitle: data, network, random seed."""
        return " ".join(self.race.about[: self._n_about])

    @property
    def rates(self) -> str:
        """Where the learning rates come from; "" if they were given."""
        return " ".join(self.race.about[self._n_about :])

    @property
    def _n_about(self) -> int:
        # The last sentence about a race with rates of its own says where they come from.
        return len(self.race.about) - (self.race.rates is not None)

    def sheet(self, view: str = "plane", run: str | None = None) -> Sheet:
        """The sheet of a view.

        Parameters
        ----------
        view : {"plane", "surface", "map", "profile", "followed", "connection"}
            A page shows the connection below its plane.
        run : str, optional
            The run of a profile, or of the plane that follows it; default: the run that ends
            lowest.

        Raises
        ------
        SettingsError
            For an unknown view or run.
        """
        if view not in VIEWS:
            raise SettingsError(
                f"There is no view {view!r} of a landscape", fix=f"take one of {', '.join(VIEWS)}"
            )
        plane, *profiles = self.sheets
        if view == CONNECTION and self.race.connection is None:
            if self.race.unconnected:
                raise SettingsError(
                    "There is no connection: a run to be connected diverged",
                    fix="name two runs that do not diverge, or take another view",
                )
            raise SettingsError(
                "There is no connection: no two runs were named to be connected",
                fix="name two, as in " + parameter("connect", "sgd,momentum"),
            )
        if view == FOLLOWED:
            return followed_sheet(self.followed(run), plane)
        if view != "profile":
            return plane
        if not profiles:
            raise SettingsError(
                "There is no profile: no run was drawn, or none of them moved",
                fix="take another view",
            )
        names = [each.lines[0].name for each in profiles]
        return profiles[names.index(self._wanted(run, names, "profile"))]

    def _wanted(self, run: str | None, names: Sequence[str], what: str) -> str:
        """The run of that name, or the one that ends lowest."""
        ends = {
            line.name: (line.diverged, line.wanders, line.end)
            for line in self.sheets[0].lines
            if line.name in names
        }
        wanted = run or min(ends, key=lambda each: ends[each])
        if wanted not in names:
            raise SettingsError(
                f"There is no {what} of {wanted!r}", fix=f"take one of {', '.join(names)}"
            )
        return wanted

    def followed(self, run: str | None = None) -> FollowedPlane:
        """A plane that follows a run; by default the one that ends lowest.

        Raises
        ------
        SettingsError
            For an unknown run, without any run, and for a function of two parameters.
        """
        names = [path.name for path in self.race.paths]
        if not names:
            raise SettingsError(
                "There is no run that a plane could follow",
                fix=f"give runs, as in {parameter('rules', 'sgd')}",
            )
        wanted = self._wanted(run, names, "run")
        path = self.race.paths[names.index(wanted)]
        return follow(self.race.terrain, path, self.race.surface)

    def picture(
        self, view: str = "plane", *, run: str | None = None, dark: bool = False
    ) -> Picture:
        """A still picture.

        Parameters
        ----------
        view : {"plane", "surface", "map", "profile"}
            "plane" is the surface in 3-D and the map below it; "profile" the surface along a run,
            whose line has the true loss of each step.
        run : str, optional
            The run of a profile.
        dark : bool, default False
        """
        require_moving_ground(view, "a still picture")
        shown = {"plane": "both", "profile": "both"}.get(view, view)
        sheet, line = self.sheet(view, run), self.race.connection
        if view == CONNECTION and line is not None:
            return connection_figure(line, subtitle=self.subtitle, dark=dark)
        if self.rates:
            sheet = replace(sheet, sentences=(*sheet.sentences, self.rates))
        return landscape_figure(sheet, view=shown, subtitle=self.subtitle, dark=dark)

    def film(
        self,
        view: str = "surface",
        *,
        run: str | None = None,
        dark: bool = False,
        watch: Callable[[int, int], object] | None = None,
    ) -> bytes:
        """Rolling balls, as a GIF: on the surface, on the map, or one along its profile."""
        require_moving_ground(view, "a film, whose ground stays")
        sheet = self.sheet(view, run)
        if view == CONNECTION:
            raise SettingsError(
                "Nothing moves on the line between two runs", fix="write a .png, .svg or .html file"
            )
        if not sheet.lines:
            raise SettingsError(
                "No ball rolls here: there is no training run in this landscape",
                fix="give --rules, or take a picture",
            )
        shown = "map" if view == "map" else "surface"
        return landscape_film(sheet, view=shown, subtitle=self.subtitle, dark=dark, watch=watch)

    def page(self, view: str = "plane", *, run: str | None = None) -> str:
        """The page: one offline HTML file with a 3-D view and a time slider."""
        wanted, sheets = self.sheet(view, run), self.sheets
        if view == FOLLOWED:
            sheets = (*sheets, wanted)
        recipes = {
            key: with_view(each, view, run) if key == "Python" else each
            for key, each in self.recipes.items()
        }
        first = next(i for i, each in enumerate(sheets) if each.name == wanted.name)
        return landscape_html(
            sheets, subtitle=self.subtitle, rates=self.rates,
            scores=self.race.surface.scores, first=first, flat=view == "map",
            recipes=recipes, seed=self.race.seed, plane=self.race.surface.plane.method,
            more=connection_html(self.race.connection, self.race.unconnected)
            + curvature_html(curved_runs(self.race, sheets[0])),
        )  # fmt: skip

    def rendered(
        self,
        form: str,
        view: str | None = None,
        *,
        run: str | None = None,
        dark: bool = False,
        watch: Callable[[int, int], object] | None = None,
    ) -> bytes:
        """The bytes of a file with this ending: ``.gif``, ``.html``, ``.png`` or ``.svg``."""
        if form not in FORMS:
            raise SettingsError(
                f"A landscape is not written as {form or 'a file without an ending'}",
                fix=f"let the name end in one of {', '.join(FORMS)}",
            )
        if form == ".gif":
            film = "surface" if view in (None, "plane") else view
            return self.film(film, run=run, dark=dark, watch=watch)
        if form == ".html":
            return self.page(view or "plane", run=run).encode()
        buffer = BytesIO()
        picture = self.picture(view or "plane", run=run, dark=dark)
        picture.savefig(buffer, format=form.removeprefix("."))
        return buffer.getvalue()

    def save(
        self,
        path: str | PathLike[str],
        view: str | None = None,
        *,
        run: str | None = None,
        dark: bool = False,
        overwrite: bool = False,
    ) -> None:
        """Write a file, completely or not at all; its name chooses the format.

        Parameters
        ----------
        path : path
            Ends in ``.png``, ``.svg``, ``.gif`` (rolling balls) or ``.html`` (3-D view).
        view, run, dark
            As in ``picture``.
        overwrite : bool, default False

        Raises
        ------
        SettingsError, OutputError
            As `thalweg.reporting.figures.picture.save_figure` does.
        """
        form = check_ending(path, "A landscape", FORMS, bare=False)
        write_atomic(path, self.rendered(form, view, run=run, dark=dark), overwrite=overwrite)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON."""
        return self.race.as_dict()

    def __str__(self) -> str:
        """The runs and the figures, in lines of text."""
        return "\n".join(self.lines())

    __repr__ = __str__

    def lines(self) -> list[str]:
        """The text: the finding, the runs, how far the plane can be trusted."""
        return landscape_lines(self.race, self.sheets[0])

    def _framed(self) -> FramedPage:
        honest = f"Is the picture honest? {capital(self.sheets[0].verdict)}."
        return FramedPage(self.page(), self.picture("surface"), honest, words=str(self))


def require_moving_ground(view: str, what: str) -> None:
    """Refuse a plane that follows a run where the ground cannot change.

    Raises
    ------
    SettingsError
    """
    if view == FOLLOWED:
        raise SettingsError(
            f"A plane that follows a run cannot be seen in {what}",
            why="Its ground changes from step to step",
            fix="write an .html file, or take the view profile",
        )


def race_landscape(
    table: Table | str | PathLike[str] | FrameLike = HILLS,
    rules: Sequence[str] = ARTICLE,
    *,
    plane: str = "auto",
    grid: int | None = None,
    profiles: Sequence[str] | None = None,
    seed: int = 0,
    connect: Sequence[str] = (),
    watch: StageWatch | None = None,
    **network: Any,
) -> Landscape:
    """Train with several optimizers from one start, and draw the loss surface with their paths.

    Parameters
    ----------
    table : Table, str, path or DataFrame, default "hills"
        A table with its target, or one that ``load_table`` reads; "hills" and "hills-plain" are
        functions of two parameters for teaching.
    rules : sequence of str
        Names of `thalweg.landscape.runs.presets.PRESETS`, "article" for the article's whole
        story, or text forms of optimizers; default: the article's four.
    plane : str, default "auto"
    grid : {11, 21, 41, 81, 161}, optional
        As in `thalweg.landscape.ground.surface.landscape`; default: 41, for the hills 81.
    profiles : sequence of str, optional
        Runs with a profile; default: all.
    seed : int, default 0
        Of the start, of the order of the rows, and of the picture.
    connect, watch : optional
        Two runs whose ends are connected; as in `thalweg.landscape.runs.race.race`.
    **network
        ``hidden activation alpha steps batch_size task`` of
        `thalweg.landscape.race_on_table.race_on_table`; ``steps`` alone for the hills. For a table
        that is read: ``target`` and what else ``load_table`` takes, and ``number``, ``category``,
        ``text`` and ``date`` of its columns, as in an estimator.

    Returns
    -------
    Landscape

    Raises
    ------
    SettingsError, DataError
        For unknown runs or keywords, and for a table from which no network can learn.

    Examples
    --------
    >>> from thalweg import race_landscape
    >>> race_landscape("hills", ["sgd", "momentum"], grid=21, profiles=()).save("hills.png")
    """
    require_known("race_landscape", network, _NETWORK)
    rules, profiles, connect = runs_given(rules, profiles, connect)
    if "hidden" in network:
        network["hidden"] = layers_given(network["hidden"])
    given = dict(plane=plane, grid=grid, profiles=profiles, seed=seed, connect=connect, **network)
    recipes = {"Python": race_recipe(table, rules, given)}
    points = grid or (81 if _ground(table) else 41)
    picture = RacePicture(plane, points, profiles=profiles, seed=seed, connect=connect)
    return Landscape(_raced(table, rules, picture, network, watch), recipes)


def _ground(table: Any) -> TeachingGround | None:
    """The function of two parameters, if its name is given."""
    return GROUNDS.get(table) if isinstance(table, str) else None


def _raced(
    table: Any, rules: Sequence[str], picture: RacePicture, network: Mapping[str, Any],
    watch: StageWatch | None,
) -> Race:  # fmt: skip
    if ground := _ground(table):
        _require_only_steps(network)
        return race_on_hills(rules, picture, ground=ground, watch=watch, **network)
    said, own = about_table(network)
    read = table_given(table, said)
    return race_on_table(read, rules, picture, seed=picture.seed, watch=watch, **own)


# What says of a network and its training.
_NETWORK = ("hidden", "activation", "alpha", "steps", "batch_size", "task")


def _require_only_steps(given: Mapping[str, Any]) -> None:
    """Refuse what a function of two parameters does not have."""
    unfit = ", ".join(parameter(each) for each in given if each != "steps")
    if unfit:
        raise SettingsError(
            f"{unfit} cannot be used here",
            why="The hills are a function of two parameters, without a table and a network",
            fix=f"leave out {unfit}, or name a table",
        )
