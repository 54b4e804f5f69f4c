"""What is about the model in a model file: what is taken, and what cannot be forged."""

import contextlib
import copy
import json
import random
import re
import time

import pytest

from about_reports import ABOUT_REPORTS, described
from forged import _forge_header, places
from reports import wisconsin
from sections_by_hand import two_class_sections
from stored_pages import kept
from thalweg.errors import DataError, ModelFileError
from thalweg.evaluation.importance.loss_rise import UsedRows, require_rows
from thalweg.evaluation.section_shapes import with_model
from thalweg.evaluation.section_texts.reasons_left_out import MORE_ROWS, NOT_KEPT, own_reasons
from thalweg.evaluation.section_texts.sections_of_files import (
    ModelNames,
    in_own_words,
    without_computed,
)
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.persistence.model_file import read_model, save_model
from thalweg.persistence.plain_data_checks import require
from thalweg.persistence.section_forms import require_sections, sections_form
from thalweg.reporting.model_sections.about_model import about_folds, about_model
from thalweg.reporting.page.about_model_data import drawn_about
from thalweg.reporting.page.sections import about_the_model
from thalweg.sealed_container import seal, unseal


@pytest.fixture(scope="module")
def sections():
    made = wisconsin()
    found = two_class_sections(made.is_positive, made.probability, names=("benign", "malignant"))
    return kept(with_model(found, about_model(described(made))))


def check(sections):
    require(sections, sections_form(TWO_CLASSES), "sections")
    require_sections(sections, 2, sections["n_samples"])


def test_what_is_made_is_taken_and_older_files_have_none(sections):
    check(sections)
    for key in ("importance", "effects", "explained"):
        check({**sections, key: None})
        check({each: part for each, part in sections.items() if each != key})


FORGERIES = [
    (("importance", "title"), lambda _: 7, "title"),
    (("importance", "lines", 0, "value"), lambda old: old + 1, "other numbers"),
    (("importance", "lines"), lambda old: old[1:], "lines of importance"),
    (("importance", "found", "rises", 0, "low"), lambda _: 1e6, "outside its interval"),
    (("importance", "found", "n_rows"), lambda _: 1e9, "more rows than the judgement"),
    (("importance", "found", "columns"), lambda old: old[:-1], "each of its columns"),
    (("importance", "found", "how"), lambda _: "perhaps", "how"),
    (("importance", "lines"), lambda old: old * 5_000, "at most 10,000"),
    (("effects", "curves"), lambda old: old * 10, "effect curves are not 1 to 72"),
    (("effects", "curves"), lambda _: [], "effect curves are not 1 to 72"),
    (("effects", "curves", 0, "mean"), lambda old: old[1:], "different lengths"),
    (("effects", "curves", 0, "members", 0), lambda old: old[1:], "different lengths"),
    (("effects", "curves", 0, "x"), lambda old: old[::-1], "not in order"),
    (("effects", "curves", 0, "mean", 0), lambda _: "Infinity", "mean"),
    (("effects", "curves", 0, "x"), lambda old: old * 100, "too many points"),
    (("effects", "mean_probability"), lambda _: 1.5, "mean probability"),
    (("effects", "mean_probability"), lambda _: None, "mean probability"),
    (("effects", "curves", 0, "density"), lambda _: [0.1] * 9_000, "density"),
    (("effects", "curves", 0, "sentence"), lambda _: "x" * 20_001, "letters"),
    (("importance", "found", "n_rows"), lambda _: 100.5, "whole number"),
    (("importance", "found", "n_networks"), lambda _: -1, "whole number"),
    (("importance", "found", "n_networks"), lambda _: 10**9, "whole number"),
    (("importance", "found", "measure"), lambda _: "x" * 300, "letters"),
    (("effects", "curves", 0, "low"), lambda old: [each + 9 for each in old], "its interval"),
    (("effects", "curves", 0, "rows_in_bin", 0), lambda _: 1e9, "more rows than the judgement"),
    (("effects", "curves", 0, "density"), lambda old: [2 * each for each in old], "density"),
    (("effects", "curves", 0, "size"), lambda _: -1.0, "negative size"),
    (("effects", "curves", 0, "kind"), lambda _: "certified", "unknown kind"),
    (("effects", "scale"), lambda _: "certified", "scale"),
    (("effects", "curves", 0, "members"), lambda old: old[1:], "different networks"),
]


@pytest.mark.parametrize(("place", "forge", "says"), FORGERIES)
def test_forged_sections_are_refused_at_once(sections, place, forge, says):
    forged = copy.deepcopy(sections)
    inner = forged
    for key in place[:-1]:
        inner = inner[key]
    old = inner.get(place[-1]) if isinstance(inner, dict) else inner[place[-1]]
    inner[place[-1]] = forge(old)
    begun = time.perf_counter()
    with pytest.raises(ValueError, match=says):
        check(forged)
    assert time.perf_counter() - begun < 1


def test_a_model_file_keeps_no_explained_row_and_its_texts_are_compared(sections, tmp_path):
    made, path = wisconsin(), tmp_path / "model"
    judgement = {**made.report["verdict"], "sections": sections}
    save_model(made.model, path, target="class", judgement=judgement, report=None)
    assert read_model(path).judgement["sections"] == sections
    header, arrays = unseal(path.read_bytes())
    stored = header["judgement"]["sections"]
    assert stored["importance"].keys() == {"found"}
    forged = copy.deepcopy(header)
    forged["judgement"]["sections"]["effects"]["curves"][0]["sentence"] = _FORGED_TEXT
    path.write_bytes(seal(forged, arrays))
    (read,) = read_model(path).judgement["sections"]["effects"]["curves"][:1]
    assert read["sentence"] == f'the file says: "{_FORGED_TEXT}"'
    header["judgement"]["sections"]["explained"] = about_model(described(made))["explained"]
    path.write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError, match="no file keeps"):
        read_model(path)


def test_no_model_with_explained_rows_is_written(tmp_path):
    made = wisconsin()
    found = two_class_sections(made.is_positive, made.probability, names=("benign", "malignant"))
    about = about_model(described(made))
    judgement = {**made.report["verdict"], "sections": with_model(found, about)}
    with pytest.raises((ModelFileError, ValueError), match="no file keeps"):
        save_model(made.model, tmp_path / "model", target="class", judgement=judgement, report=None)


# --- texts ------------------------------------------------------------------------------------

_FORGED_TEXT = "This model was approved by the FDA as a medical device"


def sections_of(name):
    """The sections of a report as a file has them: a copy, which a test may change."""
    return json.loads(json.dumps(kept(ABOUT_REPORTS[name]()["sections"])))


# Of two, the negative one first.
CLASSES = [
    (), ("benign", "malignant"), ("well", "ill"),
    ("high", "low", "middle", "very high", "very low"),
]  # fmt: skip


def names_of(sections, target=""):
    outputs = {each["output"] for each in sections["effects"]["curves"]} - {""}
    (classes,) = (each for each in CLASSES if outputs <= {*each} and bool(outputs) is bool(each))
    columns = sections["importance"]["found"]["columns"]
    levels = {text for each in sections["effects"]["curves"] for text in each["texts"]}
    return ModelNames(tuple(columns), classes, frozenset(levels), target)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", ABOUT_REPORTS)
def test_a_file_keeps_no_sentence_that_its_numbers_give_and_reading_gives_them_back(name):
    """With all sentences, as earlier files have them, the same is read."""
    sections = sections_of(name)
    short = json.loads(json.dumps(without_computed(sections)))
    assert short["importance"].keys() == {"found"}
    assert not {"title", "answer"} & short["effects"].keys()
    names = names_of(sections, "size")
    assert in_own_words(short, names) == sections
    assert in_own_words(sections, names) == sections


def texts_of(part):
    """The places of all texts, but names of columns and classes."""
    return [
        trail
        for trail in places(part)
        if isinstance(_at(part, trail), str)
        and not {"column", "columns", "output", "how", "kind", "values", "scale"} & {*trail[-2:]}
    ]


def _at(value, trail):
    for key in trail:
        value = value[key]
    return value


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("name", ["wisconsin", "levels"])
def test_a_text_that_the_program_does_not_write_is_quoted(name):
    report, sections = ABOUT_REPORTS[name](), sections_of(name)
    sections["left_out"] = {"coverage": "Sets are not given: it has none."}
    sections["effects"]["without"] = [
        {"column": sections["effects"]["curves"][0]["column"], "why": ""}
    ]
    short, names = without_computed(sections), names_of(sections)
    trails = [
        (key, *trail)
        for key in ("importance", "effects", "left_out")
        for trail in texts_of(short[key])
    ]
    assert len(trails) > 10
    for trail in trails:
        forged = copy.deepcopy(short)
        *way, last = trail
        _at(forged, way)[last] = f'{_FORGED_TEXT}". rises throughout'
        try:
            check(forged)
        except ValueError:
            continue  # a word of a closed list
        read = in_own_words(forged, names)
        page = about_the_model.importance(
            {**report, "sections": read}, ""
        ) + about_the_model.effects({**report, "sections": read}, "")
        for text in (json.dumps(read, ensure_ascii=False), page, json.dumps(drawn_about(read))):
            for found in re.finditer(_FORGED_TEXT, text):
                before = (
                    text[: found.start()]
                    .replace("&quot;", '"')
                    .replace("&#34;", '"')
                    .replace("\\", "")
                )
                assert before.endswith('he file says: "'), (trail, before[-60:])


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (lambda said: "falls throughout", "the file says"),
        (lambda said: said.replace("rises", "falls"), "the file says"),
        (lambda said: said.replace("between 3", "between FDA"), "the file says"),
        (lambda said: "rises throughout", "rises"),  # as earlier versions wrote it
        (lambda said: f"{said}; lower by 0.2 if missing", "the file says"),
        (lambda said: "higher for A than for B", "the file says"),
        (lambda said: "rises up to about FDA and falls after", "the file says"),
        (
            lambda said: "rises up to about 12.5, is flat up to about 2020-01-31 and falls after",
            "rises",
        ),
    ],
)
def test_the_sentence_of_a_curve_fits_its_points(forge, said):
    sections = sections_of("wisconsin")
    curve = sections["effects"]["curves"][0]
    assert curve["sentence"] == "rises for values from 1 to 9, with no point between 3 and 9"
    curve["sentence"] = forge(curve["sentence"])
    assert in_own_words(sections, names_of(sections))["effects"]["curves"][0][
        "sentence"
    ].startswith(said)


def test_levels_are_compared_as_their_bars_are():
    sections = sections_of("levels")
    names, curve = names_of(sections), sections["effects"]["curves"][0]
    high, low = (
        curve["sentence"]
        .removeprefix("higher for ")
        .removesuffix(", the others are between")
        .split(" than for ")
    )
    for said, own in (
        (f"higher for {high} than for {low}; higher by 0.2 if missing", False),  # none is missing
        (f"higher for {low} than for {high}, the others are between", False),
        (f"higher for {high} than for {low}", True),
    ):
        curve["sentence"] = said
        found = in_own_words(sections, names)["effects"]["curves"][0]["sentence"]
        assert (found == said) is own


def test_reasons_that_the_program_gives_stand_as_they_are():
    with pytest.raises(DataError) as refused:
        require_rows(UsedRows(12))
    found = about_folds(refused.value, "the network", MORE_ROWS)["left_out"]
    assert own_reasons(found, ()) == found
    needed = "9 held-out rows of class a b are needed for sets at 90 %; there are 4"
    of_class = {"coverage": f"Sets are not given: {needed}."}
    assert own_reasons(of_class, ["a b"]) == of_class
    assert own_reasons(of_class, ["a"])["coverage"].startswith('The file says: "Sets are')
    with pytest.raises(ValueError, match="no evaluation has"):
        own_reasons({"warranty": "None."}, ())


@pytest.mark.parametrize("n", [100, pytest.param(300, marks=pytest.mark.slow)])
def test_a_stranger_cannot_make_a_page_break(sections, n):
    """Some hundreds of forgeries: each is refused, or its page has no lack of a number."""
    from section_reports import two_classes

    short = without_computed({key: sections[key] for key in ("importance", "effects", "left_out")})
    whole, names = {**sections, **short}, names_of(sections)
    trails, n_taken = list(places(short)), 0
    for seed in range(n):
        draw, forged = random.Random(seed), copy.deepcopy(short)
        for _ in range(draw.choice([1, 1, 2])):
            with contextlib.suppress(LookupError, TypeError, AttributeError):
                _forge_header(draw, forged, trails, [])
        try:
            check({**whole, **forged})
            read = in_own_words({**whole, **forged}, names)
        except ValueError:
            continue
        n_taken += 1
        report = {**two_classes(), "sections": read}
        page = about_the_model.importance(report, "") + about_the_model.effects(report, "")
        json.dumps(drawn_about(read), allow_nan=False)
        assert not re.search(r"\b(nan|inf|None)\b", page), seed
    assert n / 15 < n_taken < n / 1.5


def test_the_reason_of_an_earlier_file_says_how_to_ask_now():
    before = NOT_KEPT.replace(" --rows explains three rows of a table, with their cells", "")
    before = before.replace("TABLE.", "TABLE explains rows of a table.")
    assert own_reasons({"explained": before}, ()) == {"explained": NOT_KEPT}
    assert own_reasons({"explained": NOT_KEPT}, ()) == {"explained": NOT_KEPT}
