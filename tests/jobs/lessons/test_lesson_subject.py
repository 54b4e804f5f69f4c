"""What a lesson is about: a table to train on, or a saved model and rows that are new to it."""

import re

import numpy as np
import pandas as pd
import pytest

from lesson_subjects import small_subject
from thalweg import DataError, SettingsError, ThalwegClassifier, load_table
from thalweg.jobs.lessons import lesson_subject
from thalweg.jobs.lessons.lesson import LessonRequest, lesson
from thalweg.jobs.lessons.lesson_subject import SubjectRequest, subject_of
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Nobody
from thalweg.reporting.lessons.tasks.row.traced_row import row_with_large_loss

TARGET = Columns(target="class")
FAST = {"hidden_layer_sizes": (4,), "n_bins": 0, "max_iter": 3, "early_stopping": False}


def made(request, settings=FAST, *, answers=False, article=False):
    with JobRun("lesson", None, None) as run:
        return subject_of(run, request, settings, answers=answers, article=article)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A model of the first 400 rows, these rows, and the others."""
    folder = tmp_path_factory.mktemp("files")
    table = load_table("wisconsin")
    whole = table.frame.assign(**{table.target_name: np.asarray(table.target)})
    whole.iloc[:400].to_csv(folder / "seen.csv", index=False)
    whole.iloc[400:].to_csv(folder / "new.csv", index=False)
    model = ThalwegClassifier((4,), max_iter=5, n_bins=0, positive="malignant", random_state=0)
    model.fit(table.frame.iloc[:400], table.target[:400])
    model.save(folder / "model.safetensors")
    return folder


def test_the_row_is_the_one_named_or_one_with_a_large_loss():
    subject = made(SubjectRequest(row="100"))
    assert (subject.name, subject.row) == ("wisconsin", 99)
    found = made(SubjectRequest())
    p = found.model.predict_proba(found.rows)
    own = [[*map(str, found.model.classes_)].index(label) for label in found.labels]
    losses = -np.log(p[np.arange(len(own)), own])
    assert losses[found.row] == losses[losses <= 3].max()


@pytest.mark.parametrize("row", ["3,4", "0", "9999", "x"])
def test_a_wrong_row_is_refused_before_training(row, monkeypatch):
    monkeypatch.setattr(lesson_subject, "estimator_for", None)
    with pytest.raises(SettingsError, match=r"row"):
        made(SubjectRequest(row=row))


def test_the_article_s_network_is_trained_without_rows_that_lack_a_cell():
    subject = made(SubjectRequest(), {"max_iter": 20}, article=True)
    assert (len(subject.labels), subject.model.architecture_.sizes) == (683, (9, 15, 1))
    assert str(subject.model.activation) == "relu"
    # Rows are named as the file counts them: rows 24, 41, … are left out.
    named = made(SubjectRequest(row="100"), {"max_iter": 2}, article=True)
    assert (named.row, named.number) == (97, 100)
    clump = load_table("wisconsin").frame["clump_thickness"]
    assert named.rows["clump_thickness"].iloc[named.row] == clump.iloc[99]


def test_a_row_that_is_left_out_is_refused_before_training(monkeypatch):
    monkeypatch.setattr(lesson_subject, "estimator_for", None)
    with pytest.raises(SettingsError, match=r"Row 24 is left out of the table"):
        made(SubjectRequest(row="24"), {}, article=True)


def test_a_saved_model_takes_the_row_with_the_largest_loss_of_its_first_network(files):
    asked = SubjectRequest(
        model=str(files / "model.safetensors"), table=str(files / "new.csv"), columns=TARGET
    )
    subject = made(asked, article=True)
    first = row_with_large_loss(subject.model, subject.rows, subject.labels)
    assert subject.row == first
    with pytest.raises(DataError, match=r"(?s)relu to one output.*TABLE alone"):
        row_with_large_loss(small_subject().model, subject.rows, subject.labels)


def test_a_target_of_three_classes_is_refused(tmp_path):
    path = tmp_path / "three.csv"
    pd.DataFrame({"x": range(60), "y": list("abc") * 20}).to_csv(path, index=False)
    with pytest.raises(DataError, match=r"3 classes.*about two.*target"):
        made(SubjectRequest(table=str(path), columns=Columns(target="y")))


def test_a_saved_model_and_its_rows(files):
    model, new = (str(files / name) for name in ("model.safetensors", "new.csv"))
    subject = made(SubjectRequest(model=model, table=new, row="5", columns=TARGET))
    assert (subject.row, len(subject.labels)) == (4, 299)
    assert set(subject.labels) == {"benign", "malignant"}
    with pytest.raises(SettingsError, match=r"A model alone has no rows.*MODEL and TABLE"):
        made(SubjectRequest(model=model))


@pytest.mark.parametrize(
    "said",
    [{"positive": "x"}, {"drop": ["x"]}, {"category": ["x"]}, {"text": ["x"]},
     {"date": {"x": "dmy"}}, {"drop_missing": ["x"]}],
)  # fmt: skip
def test_what_a_saved_model_knows_is_refused(files, said):
    model, new = (str(files / name) for name in ("model.safetensors", "new.csv"))
    columns = Columns(target="class", **said)
    (name,) = said
    with pytest.raises(SettingsError, match=f"saved model has its own.*{name}.*TABLE alone"):
        made(SubjectRequest(model=model, table=new, columns=columns))


def test_options_that_nothing_uses_are_refused():
    with pytest.raises(SettingsError, match="Only a saved model can need"):
        made(SubjectRequest(empty=["x"]))
    with pytest.raises(SettingsError, match=r"about all rows.*leave out.*row"):
        made(SubjectRequest(row="3"), answers=True)


def test_rows_that_trained_a_model_are_no_test_set(files):
    model, seen = (str(files / name) for name in ("model.safetensors", "seen.csv"))
    with pytest.raises(DataError, match=r"model was trained on all of these 400 rows\. The lesson"):
        made(SubjectRequest(model=model, table=seen, columns=TARGET), answers=True)


@pytest.mark.slow
def test_a_table_is_split_into_rows_that_choose_and_rows_that_test():
    subject = made(SubjectRequest(), {"max_iter": 20}, answers=True)
    assert len(subject.choosing) + len(subject.test) == 699
    assert abs(len(subject.test) / 699 - 0.3) < 0.01
    assert abs(subject.test.truth.mean() - subject.choosing.truth.mean()) < 0.01
    assert subject.choosing.how == "out-of-fold"
    for answers in (subject.choosing, subject.test):
        assert answers.answer[answers.truth].mean() > 0.8
        assert answers.answer[~answers.truth].mean() < 0.2


class Heard(Nobody):
    """What is said, and whether training was shown."""

    def __init__(self):
        self.said, self.steps = [], []

    def say(self, line):
        self.said.append(line)

    def progress(self, step):
        self.steps.append(step)


def test_the_console_says_which_rows_were_not_trained_on():
    heard = Heard()
    with JobRun("lesson", heard, None) as run:
        settings = {"hidden_layer_sizes": (4,), "n_bins": 0, "max_iter": 3}
        subject = subject_of(run, SubjectRequest(), settings, answers=True)
    assert heard.said[-1] == (
        f"Trained {len(subject.model.members_)} networks on {len(subject.choosing)} rows of "
        "wisconsin, each without a part of them: the answers for these held-out parts choose the "
        f"line. {len(subject.test)} further rows took no part: they test the line."
    )


def test_the_console_has_the_rows_of_the_page_about_features(tmp_path):
    table = load_table("wisconsin")
    whole = table.frame.assign(**{table.target_name: np.asarray(table.target)})
    path, page, heard = tmp_path / "few.csv", tmp_path / "page.html", Heard()
    whole.iloc[:120].to_csv(path, index=False)
    about = SubjectRequest(table=str(path), columns=TARGET)
    lesson(LessonRequest(name="features", subject=about, output=str(page)), heard)
    (said,) = (each for each in heard.said if "Trained" in each)
    head = re.search(r"(\d+) training rows and (\d+) held-out rows", page.read_text("utf-8"))
    assert f"columns of {head[1]} rows of " in said
    assert f"; {head[2]} rows are held out" in said
    assert heard.steps == []
