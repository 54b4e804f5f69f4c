import json
import os
import re
import shutil
import subprocess
import sys
import time

import pytest
from optuna.samplers import GridSampler

from thalweg.errors import OutputError, SettingsError, ThalwegWarning
from thalweg.tuning.journal_file import cut_torn_tail
from thalweg.tuning.running.study_differences import require_same
from thalweg.tuning.search_spaces import space_of
from thalweg.tuning.study_journal import open_study
from thalweg.wording import spelled

SPACE = space_of(
    {"alpha": (0.1, 10.0, "log"), "hidden_layer_sizes": [[4], [8], [8, 8]]}, "classifier"
)
ROUND = 4


def loss_of(values):
    return abs(values["alpha"] - 3) + len(values["hidden_layer_sizes"]) / 10


def searched(path, n_trials=14, sampler="tpe", space=SPACE, facts=None):
    """A search in rounds, with a loss that takes no time: what each place was asked and told."""
    with open_study(path, space, 5, sampler) as study:
        study.begin(facts or {"table": "a"})
        while True:
            records = study.records()
            done = {each.place for each in records if each.state != "running"}
            first = next(place for place in range(len(done) + 1) if place not in done)
            start = first // ROUND * ROUND
            places = [each for each in range(start, start + ROUND) if each not in done]
            places = [each for each in places if each < n_trials]
            if not places:
                return [(each.place, each.values, each.loss) for each in study.records()]
            running = {each.place: each for each in records}
            asked = [running.get(place) or study.ask(place) for place in places]
            if None in asked:
                return [(each.place, each.values, each.loss) for each in study.records()]
            for each in asked:
                study.tell(each.number, loss_of(each.values), {"seconds": 0.0}, {})


@pytest.fixture(autouse=True)
def without_waiting_for_the_disk(monkeypatch):
    # Each line of a journal waits for it, and no test here ends the power.
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    path = tmp_path_factory.mktemp("studies") / "s.journal"
    return searched(path), path


def test_a_journal_gives_the_trials_of_a_study_in_memory(journal):
    assert searched(None) == journal[0]


def test_a_journal_cut_at_any_byte_of_its_last_two_lines_gives_the_same_trials(journal, tmp_path):
    wanted, path = journal
    data = path.read_bytes()
    last = len(data) - data[:-1].rfind(b"\n", 0, data[:-1].rfind(b"\n")) - 1
    for n_left_out in range(1, last + 1, 3):
        here = tmp_path / "s.journal"
        here.write_bytes(data[:-n_left_out])
        if here.read_bytes().endswith(b"\n"):
            assert searched(here) == wanted
        else:
            with pytest.warns(ThalwegWarning, match=r"incomplete: \d+ bytes? of it were removed"):
                assert searched(here) == wanted
        assert [json.loads(line) for line in here.read_bytes().splitlines()]
        shutil.rmtree(f"{here}.trials")


@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 0.62, 0.9])
def test_a_journal_cut_anywhere_between_two_lines_gives_the_same_trials(journal, tmp_path, share):
    lines = journal[1].read_bytes().splitlines(keepends=True)
    here = tmp_path / "s.journal"
    here.write_bytes(b"".join(lines[: int(share * len(lines))]))
    assert searched(here) == journal[0]


def test_no_two_trials_have_the_same_values():
    few = space_of({"max_iter": [1, 2, 3], "dropout": [0.0, 0.1]}, "classifier")
    with open_study(None, few, 0, "tpe") as study:
        study.begin({})
        found = []
        while (asked := study.ask(len(found))) is not None:
            study.tell(asked.number, float(len(found)), {}, {})
            found.append(tuple(sorted(asked.values.items())))
    assert len(found) == len(set(found)) == 6


def test_a_study_of_another_search_is_refused_with_the_difference(journal, tmp_path):
    here = tmp_path / "s.journal"
    shutil.copy(journal[1], here)
    with pytest.raises(
        SettingsError, match="the rows, the columns or the target of the table differ"
    ):
        searched(here, facts={"table": "b"})
    two = {"table": "a", "space": {"alpha": "0 to 1", "tol": "0 to 1"}}
    here = tmp_path / "two.journal"
    searched(here, n_trials=0, facts=two)
    with pytest.raises(SettingsError, match=r"tol \('0 to 1'\) of the study is not in the space"):
        searched(here, facts={**two, "space": {"alpha": "0 to 1"}})


def refused(known, facts):
    """Why a study with these facts is refused, and the fix."""
    usual = {"estimator": "ThalwegClassifier", "table": "a", "seed": 0}
    with pytest.raises(SettingsError) as error:
        require_same("s.journal", {**usual, **known}, {**usual, **facts})
    return spelled(error.value.why), spelled(error.value.fix)


def test_a_refused_study_names_what_differs_in_the_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = {"rows": 240, "columns": ["age", "crp"], "target": "x"}
    why, fix = refused(
        {"of table": one}, {"table": "b", "of table": {**one, "rows": 1, "columns": ["age", "bmi"]}}
    )
    assert why == (
        "240 rows then, 1 row now; the column 'crp' of the study is not here; the column 'bmi' is "
        "not in the study"
    )
    assert fix == (
        'for a new search name a new file, study="s-2.journal"; to go on with the old one, give '
        "the table, the groups and the target that the study has"
    )
    (tmp_path / "s-2.journal").touch()
    why, fix = refused({"of table": one}, {"table": "b", "of table": {**one, "target": "y"}})
    assert why == "the values of the target differ, or are in another order"
    assert 'study="s-3.journal"' in fix
    assert refused({"of table": one}, {"table": "b", "of table": one})[0] == (
        "cells of the table differ"
    )
    assert refused({"rows": "groups 1"}, {"rows": ""})[0] == (
        "groups then, no groups and no times now"
    )


def test_a_refused_study_names_parameters_and_how_to_give_them_again():
    small, article = (space_of(each, "classifier").as_text() for each in ("small", "article"))
    why, fix = refused(
        {"seed": 1, "seed of fits": 1, "space": small, "keep": 8, "max_size": None,
         "settings": {"max_iter": "auto", "positive": "yes"}},
        {"seed": 2, "seed of fits": 2, "space": article, "keep": 3, "max_size": 2e6,
         "settings": {"max_iter": 9}},
    )  # fmt: skip
    assert why == (
        'random_state=1 then, random_state=2 now; space="small" then, space="article" now; keep=8 '
        'then, keep=3 now; no max_size then, max_size=2000000.0 now; max_iter="auto" then, '
        'max_iter=9 now; positive="yes" then, no positive now'
    )
    assert fix.endswith(
        'the old one, give random_state=1 space="small" keep=8 max_iter="auto" positive="yes", and '
        "leave out max_size"
    )


@pytest.mark.filterwarnings("ignore:The value `500.0` is out of range")  # Optuna says it, too
def test_a_sampler_with_values_outside_of_the_space_is_named():
    for grid in ({"alpha": [500.0]}, {"hidden_layer_sizes": [4]}):
        values = {"alpha": [1.0], "hidden_layer_sizes": ["(4,)"], **grid}
        sampler = GridSampler(values, seed=0)
        with pytest.raises(SettingsError, match=r"GridSampler gives values.*a list is there under"):
            searched(None, sampler=sampler)


def test_a_grid_ends_the_search_when_all_of_it_was_tried():
    grid = {"alpha": [1.0, 2.0, 3.0], "hidden_layer_sizes": ["(4,)", "(8, 8)"]}
    found = searched(None, sampler=GridSampler(grid, seed=0))
    tried = {(values["alpha"], values["hidden_layer_sizes"]) for _, values, _ in found}
    assert len(found) == len(tried) == 6
    assert tried == {(a, b) for a in grid["alpha"] for b in grid["hidden_layer_sizes"]}


@pytest.mark.parametrize("path", [".", "/", ""])
def test_a_folder_is_no_study(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"is a folder.*name a file in it"):
        searched(path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "line",
    [
        b'{"op_code":99,"worker_id":"x"}', b"[1,2]", b"3", b'{"op_code":4,"worker_id":"x"}',
        b'{"op_code":5,"worker_id":"x","study_id":0,"trial_id":"no"}', b"null",
    ],
)  # fmt: skip
def test_a_complete_line_of_another_program_is_named_and_nothing_is_changed(
    journal, tmp_path, line
):
    here = tmp_path / "s.journal"
    lines = journal[1].read_bytes().splitlines(keepends=True)
    here.write_bytes(b"".join([*lines[:7], line + b"\n", *lines[7:]]))
    before = here.read_bytes()
    if b'"no"' in line:  # Optuna passes over a trial that is not there
        assert searched(here) == journal[0]
        return
    with pytest.raises(SettingsError, match=r"damaged in line 8.*another program wrote it"):
        searched(here)
    assert here.read_bytes() == before


@pytest.mark.parametrize("text", [b"a,b\n1,2\n3,4", b"{}\n", b"x"])
def test_another_file_is_not_touched(tmp_path, text):
    here = tmp_path / "table.csv"
    here.write_bytes(text)
    with pytest.raises(SettingsError, match="The file is no study"):
        searched(here)
    assert here.read_bytes() == text


def test_a_line_that_another_program_broke_is_named(journal, tmp_path):
    lines = journal[1].read_bytes().splitlines(keepends=True)
    here = tmp_path / "s.journal"
    here.write_bytes(b"".join([*lines[:4], lines[4][:-9], *lines[5:]]))
    with pytest.raises(SettingsError, match="damaged in line 5"):
        searched(here)
    here.write_bytes(b"".join(lines[:4]))
    assert cut_torn_tail(here) == 0


def test_the_lock_of_a_killed_process_does_not_hold_a_search_up(journal, tmp_path):
    here, lock = tmp_path / "s.journal", tmp_path / "s.journal.lock"
    shutil.copy(journal[1], here)
    lock.touch()
    began = time.monotonic()
    assert searched(here) == journal[0]
    assert time.monotonic() - began < 4  # that of Optuna waits 5 s
    assert not lock.exists()


def test_two_processes_do_not_work_on_one_study(tmp_path):
    here = tmp_path / "s.journal"
    with open_study(here, SPACE, 0, "tpe"):
        code = (
            "from thalweg.tuning.study_journal import open_study\n"
            "from thalweg.tuning.search_spaces import space_of\n"
            f"with open_study({str(here)!r}, space_of('small', 'classifier'), 0, 'tpe'): pass"
        )
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Another process works on the study" in found.stderr


def test_without_optuna_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with (
        pytest.raises(SettingsError, match=r"pip install \"thalweg\[tune\]\""),
        open_study(None, SPACE, 0, "tpe"),
    ):
        pass


def test_names_that_no_study_can_have_are_refused(tmp_path):
    (tmp_path / "s.journal.trials").write_text("")
    for name, why in (
        (tmp_path / "s.journal", "is a file"),
        (tmp_path / "no/s.journal", "There is no folder"),
        ("/dev/null", "a device or a pipe"),
        (".", "a folder"),
    ):
        with (
            pytest.raises((OutputError, SettingsError), match=why),
            open_study(name, SPACE, 1, "tpe"),
        ):
            pass


def test_a_journal_with_the_loss_nan_is_refused(journal, tmp_path):
    path = tmp_path / "s.journal"
    path.write_text(re.sub(r'"values": ?\[[^]]*\]', '"values":[NaN]', journal[1].read_text()))
    with pytest.raises(SettingsError, match="has the loss nan"):
        searched(path)
