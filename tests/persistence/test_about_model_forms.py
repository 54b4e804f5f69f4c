"""What is about the model in a model file: what is taken, and what cannot be forged."""

import copy
import time

import numpy as np
import pytest

from about_reports import described
from reports import wisconsin
from sections_by_hand import two_class_sections
from stored_pages import kept
from thalweg.errors import ModelFileError
from thalweg.evaluation.section_shapes import with_model
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.persistence.model_file import read_model, save_model
from thalweg.persistence.plain_data_checks import require
from thalweg.persistence.section_forms import require_sections, sections_form
from thalweg.reporting.model_sections.about_model import about_model
from thalweg.sealed_container import seal, unseal


@pytest.fixture(scope="module")
def sections():
    made = wisconsin()
    found = two_class_sections(made.is_positive, made.probability)
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


def test_a_model_file_with_explained_rows_is_refused(sections, tmp_path):
    made, path = wisconsin(), tmp_path / "model"
    judgement = {**made.report["verdict"], "sections": sections}
    save_model(made.model, path, target="class", judgement=judgement, report=None)
    assert read_model(path).judgement["sections"] == sections
    header, arrays = unseal(path.read_bytes())
    header["judgement"]["sections"]["explained"] = about_model(described(made))["explained"]
    path.write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError, match="no file keeps"):
        read_model(path)


def test_no_model_with_explained_rows_is_written(tmp_path):
    made = wisconsin()
    found = two_class_sections(made.is_positive, made.probability)
    asked = described(made, numbers=np.arange(1, len(made.test) + 1))
    judgement = {**made.report["verdict"], "sections": with_model(found, about_model(asked))}
    with pytest.raises((ModelFileError, ValueError), match="no file keeps"):
        save_model(made.model, tmp_path / "model", target="class", judgement=judgement, report=None)
