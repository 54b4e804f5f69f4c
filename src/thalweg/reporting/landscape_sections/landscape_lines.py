"""The text of a landscape: its finding, the runs in figures, and how far it can be trusted."""

from itertools import chain

from thalweg.landscape.ground.curvature_at_ends import EndCurvature
from thalweg.landscape.ground.sharpness_and_stability import Sharpness
from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.planes.distortion import off_by
from thalweg.landscape.runs.race import Race
from thalweg.reporting.landscape.drawn_run import DrawnRun
from thalweg.reporting.landscape.landscape_headline import capital
from thalweg.reporting.landscape.landscape_sheet import Sheet
from thalweg.reporting.landscape_sections.connection_section import connection_sentences
from thalweg.reporting.landscape_sections.curvature_section import curvature_lines


def curved_runs(race: Race, sheet: Sheet) -> list[tuple[DrawnRun, tuple[EndCurvature, ...]]]:
    """Each drawn run of a plane's sheet with the curvature at its ends."""
    ends = {each.name: each.curvatures for each in race.runners}
    return [(line, ends.get(line.name, ())) for line in sheet.lines]


def landscape_lines(race: Race, sheet: Sheet) -> list[str]:
    """The lines of a race and of the sheet of its plane."""
    said = [f"{sheet.finding.replace(chr(10), ' ')}.", *race.about, ""]
    names = {line.name: line.words for line in sheet.lines}
    heads = {
        name: words if words in (name, "") else f"{words} ({name})" for name, words in names.items()
    }
    widest = max(map(len, heads.values()), default=0)
    for line in sheet.lines:
        said.append(f"{heads[line.name]:<{widest}}  {_figures(line)}")
    story = [each.sentence for each in race.story]
    sharp = [
        f"{capital(names.get(each.name, each.name))}: {' '.join(_sharp(each.sharpness))}"
        for each in race.runners
        if each.sharpness
    ]
    honest = ["", f"Is the picture honest? {capital(sheet.verdict)}.", *sheet.sentences]
    two = race.connection
    connected = [f"{two.finding}.", *connection_sentences(two)] if two else []
    connected += [race.unconnected] if race.unconnected else []
    curved = curvature_lines(curved_runs(race, sheet))
    parts = (("", *part) for part in (story, connected, sharp, curved) if part)
    return [*said, *honest, *chain.from_iterable(parts)]


def _sharp(sharpness: Sharpness) -> list[str]:
    """Sharpness in a few words: jiggled weights if there are any, else whether a ball stays."""
    if sharpness.jiggle:
        return [sharpness.jiggle.sentence()]
    return [*sharpness.of_stability(), sharpness.of_rest()]


def _figures(line: DrawnRun) -> str:
    """The losses of a run, and how far its drawn loss is off.

    The last loss of a run that goes up and down to its end says little, so its range is given.
    """
    lowest = f"lowest {written(float(line.true[line.best]), 4)} at step {line.steps[line.best]:,}"
    if line.diverged:
        return f"{line.fate}; {lowest}"
    gap, step = line.worst
    off = f"drawn off by {off_by(line.misfit)} ({line.verdict})"
    if line.verdict != "exact":
        off += f", at worst by {off_by(gap)}, at step {step:,}"
    end = line.fate if line.wanders else f"end {written(line.end, 4)}"
    return f"{end}; {lowest}; {off}"
