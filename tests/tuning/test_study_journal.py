import json
import os
import re
import shutil
import subprocess
import sys
import time

import pytest
from optuna.samplers import GridSampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from thalweg.errors import OutputError, SettingsError, ThalwegWarning
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.tuning.journal_file import cut_torn_tail, journal_storage
from thalweg.tuning.running.study_differences import require_same
from thalweg.tuning.search_spaces import space_of
from thalweg.tuning.studies import journal_lines
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


def test_of_another_table_or_task_no_setting_is_named_that_follows_from_it():
    # A study has a text of what is said of columns.
    numbers = {f"Laborwert {n} [mg/dl]": "1.234,56" for n in range(6)}
    tables = [{"rows": 9, "columns": each, "target": "x"} for each in ([*numbers, "d"], [*numbers])]
    then = {"date": "{'d': 'dmy'}", "number": str(numbers), "missing": ["k.A.", "-999"]}
    why, fix = refused(
        {"of table": tables[0], "settings": {**then, "max_iter": 9}},
        {"table": "b", "of table": tables[1], "settings": {"number": "{}"}},
    )
    assert why == "the column 'd' of the study is not here; max_iter=9 then, no max_iter now"
    assert "give max_iter=9, and give the table" in fix
    why, fix = refused(
        {"settings": {"label_smoothing": 0.0, "positive": "ja", "max_iter": 9}},
        {"estimator": "ThalwegRegressor", "settings": {"loss": "huber", "max_iter": 8}},
    )
    assert why == "a classification then, a regression now; max_iter=9 then, max_iter=8 now"
    assert "give max_iter=9, and give the table" in fix
    assert "leave out" not in fix
    # Of the same columns each can be given again as it is said, and only what differs.
    _, fix = refused({"settings": then}, {"settings": {}})
    assert f"give date={{'d': 'dmy'}} number={numbers} missing=['k.A.', '-999']" in fix
    assert "--missing k.A. --missing -999" in as_option("missing", "['k.A.', '-999']")
    one = {**numbers, "Laborwert 3 [mg/dl]": "1,234.56"}
    why, _ = refused({"settings": {"number": str(numbers)}}, {"settings": {"number": str(one)}})
    assert why == (
        "number={'Laborwert 3 [mg/dl]': '1.234,56'} then, "
        "number={'Laborwert 3 [mg/dl]': '1,234.56'} now"
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
    assert cut_torn_tail(here)[0] == 0


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
    with pytest.raises(SettingsError, match=r"damaged in line 20.*values is \[nan\], and not null"):
        searched(path)


def forged(journal, at, **changes):
    """The lines of a study, of which that number (from 0) says something else."""
    lines = journal[1].read_bytes().splitlines(keepends=True)
    said = json.loads(lines[at])
    for name, value in changes.items():
        if value is ...:
            del said[name]
        else:
            said[name] = value
    lines[at] = json.dumps(said).encode() + b"\n"
    return lines


FACTS = {"place": 0, "attempts": 1, "process": 1}
CHOICES = {"choices": ["(4,)", "(8,)", "(8, 8)"]}
RANGE = {"low": 0.1, "high": 10.0, "step": None, "log": True}


def distribution(name, attributes):
    return json.dumps({"name": name, "attributes": attributes})


def own(**facts):
    return {"user_attr": {"thalweg": {**FACTS, **facts}}}


def described(**changed):
    table = {"rows": 1, "columns": ["a"], "target": "0", **changed}
    return {"user_attr": {"thalweg": {"seed": 1, "of table": table}}}


# Line 0 is the study, 1 its facts, 2 the first trial, 3 and 4 its parameters, 5 its facts. Four
# trials are asked for, and then told: 18 and 19 are the facts and the end of the first.
FORGED = {
    "another study": (0, {"study_name": "other"}, "study_name is 'other', and not 'thalweg'"),
    "upwards": (0, {"directions": [2]}, "directions is [2]"),
    "deleted": (1, {"op_code": 1}, "It deletes the study"),
    "unknown": (3, {"op_code": 77}, "77 is no operation"),
    "truth": (3, {"op_code": True}, "nothing that Optuna reads"),
    "lacking": (3, {"param_name": ...}, "param_name is missing"),
    "more": (3, {"code": "import os"}, "'code' is none of"),
    "no seed": (1, {"user_attr": {"thalweg": {"seed": "x"}}}, "no facts of a search"),
    "huge seed": (1, {"user_attr": {"thalweg": {"seed": 10**60}}}, "no facts of a search"),
    **{
        f"a table {name}": (1, described(**changed), "no facts of a search")
        for name, changed in {
            "without rows": {"rows": None}, "of many rows": {"rows": 10**30},
            "of text": {"columns": "a"}, "of numbers": {"columns": [1]},
            "of no target": {"target": []}, "of more": {"more": 1},
        }.items()
    },
    "no facts": (1, {"user_attr": {"thalweg": [1]}}, "no facts of a search"),
    "two at once": (1, {"user_attr": {"a": 1, "b": 1}}, "and not one attribute"),
    "of no study": (2, {"study_id": 5}, "study_id is 5, and not 0"),
    "year 1": (2, {"datetime_start": "0001-01-01T00:00:00"}, "and not a moment"),
    "no moment": (2, {"datetime_start": 5}, "and not a moment"),
    "a trial as it is": (2, {"state": 1, "value": 0.0}, "'state' is none of"),
    "jump": (3, {"trial_id": 9}, "Trial 9 is not made before"),
    "huge": (3, {"trial_id": 10**400}, "trial_id is"),
    "negative": (3, {"trial_id": -1}, "trial_id is -1"),
    "text": (3, {"trial_id": "0"}, "trial_id is '0'"),
    "outside": (3, {"param_value_internal": 99.0}, "'alpha' is 99.0, which is not in"),
    "NaN": (3, {"param_value_internal": float("nan")}, "param_value_internal is nan"),
    "infinite": (3, {"param_value_internal": float("inf")}, "param_value_internal is inf"),
    "no choice": (4, {"param_value_internal": 3}, "'hidden_layer_sizes' is 3, which is not in"),
    "half a choice": (4, {"param_value_internal": 0.5}, "which is not in"),
    "no range": (3, {"distribution": "[[[["}, "is no range"),
    "deep range": (3, {"distribution": "[" * 90_000}, "is no range"),
    "own range": (3, {"distribution": distribution("Evil", RANGE)}, "is no range"),
    "NaN range": (
        3, {"distribution": distribution("FloatDistribution", {**RANGE, "low": float("nan")})},
        "is no range",
    ),
    "later range": (
        7, {"distribution": distribution("FloatDistribution", {**RANGE, "high": 1e9})},
        "another range than in the trials before",
    ),
    "later name": (7, {"param_name": "evil"}, "is no parameter of the trials before"),
    "place": (5, own(place=3), "Its place is 3, and the next one is 0"),
    "huge place": (5, own(place=10**30), "place is"),
    "place twice": (9, {"trial_id": 1, **own(place=0)}, "Its place is 0, and the next one is 1"),
    "other place": (18, own(place=2), "Its place is 2, and was 0"),
    "attempts": (5, own(attempts="many"), "attempts is 'many'"),
    "seconds": (18, own(seconds=float("nan")), "seconds is nan"),
    "bytes": (18, own(bytes=-5), "bytes is -5"),
    "seal": (18, own(sha256={".npy": "x"}), "sha256 is"),
    "a path as ending": (18, own(sha256={"/../../x": "0" * 64}), "sha256 is"),
    "size": (18, own(sizes={".npy": 2**50}), "sizes is"),
    "own fact": (18, own(evil=1), "'evil' is none of"),
    "no loss": (19, {"values": None}, "is complete, and has no place or no loss"),
    "two losses": (19, {"values": [1.0, 2.0]}, "values is [1.0, 2.0]"),
    "loss as text": (19, {"values": ["1"]}, "values is ['1']"),
    "state": (19, {"state": 9}, "state is 9"),
    "other trial ends": (19, {"trial_id": 7}, "Trial 7 is not made before"),
    "deep": (
        18, {"user_attr": {"note": json.loads("[" * 300 + "]" * 300)}}, "and not one attribute"
    ),
    "pickle": (18, {"op_code": 9, "user_attr": ..., "system_attr": {"cma:0": "80"}}, "a pickle"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_line_is_named_and_nothing_is_changed(journal, tmp_path, case):
    at, changes, why = FORGED[case]
    here = tmp_path / "s.journal"
    here.write_bytes(b"".join(forged(journal, at, **changes)))
    before = here.read_bytes()
    said = rf"damaged in line {at + 1} \(.*s\.journal\).*{re.escape(why)}"
    with pytest.raises(SettingsError, match=said):
        searched(here)
    assert here.read_bytes() == before


ATTRIBUTE = '{"op_code":2,"worker_id":"","study_id":0,"user_attr":{"0":0}}'


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["[" * 500_000], "appended to an incomplete line"),
        (['{"op_code":8,"x":' + "9" * 5000 + "}"], "appended to an incomplete line"),
        ([ATTRIBUTE.replace('"0"', f'"{k}"') for k in range(300)],
         "It is attribute 201"),
        (['{"op_code":4,"worker_id":"","study_id":0,"datetime_start":"2026-01-01"}'] * 300,
         "200 trials before it have no place"),
        ([" " * 2**21], "It is no line of a study, and has no end"),
    ],
)  # fmt: skip
def test_what_would_take_long_to_read_is_named_soon(journal, tmp_path, lines, why):
    here = tmp_path / "s.journal"
    first = journal[1].read_bytes().splitlines()[:2]
    here.write_bytes(b"\n".join([*first, *map(str.encode, lines), b""]))
    began = time.process_time()
    with pytest.raises(SettingsError, match=rf"damaged in line \d+.*{why}"):
        searched(here)
    assert time.process_time() - began < 2


def test_thousands_of_open_trials_are_not_ended_one_by_one(journal, tmp_path):
    here = tmp_path / "s.journal"
    line = b'{"op_code":4,"worker_id":"","study_id":0,"datetime_start":"2026-01-01"}\n'
    here.write_bytes(journal[1].read_bytes() + line * 300)
    with pytest.raises(SettingsError, match="200 trials before it have no end"):
        searched(here)


def test_a_journal_of_gigabytes_is_not_read(journal, tmp_path):
    here = tmp_path / "s.journal"
    shutil.copy(journal[1], here)
    os.truncate(here, 2**33)  # most of it is nowhere on the disk
    with pytest.raises(SettingsError, match="The study has 8,589,934,592 bytes"):
        searched(here)
    assert here.stat().st_size == 2**33


@pytest.mark.parametrize("text", ["my notes", '{"op', "{"])
def test_only_a_torn_line_of_a_study_is_removed(journal, tmp_path, text):
    here = tmp_path / "s.journal"
    here.write_bytes(journal[1].read_bytes() + text.encode())
    if text.startswith("{"):
        with pytest.warns(ThalwegWarning, match="incomplete"):
            assert searched(here) == journal[0]
        return
    with pytest.raises(SettingsError, match="It is no line of a study, and has no end"):
        searched(here)
    assert here.read_bytes().endswith(text.encode())
    here.write_text('{"op_code":0,"worker_id":"x","study_name":"mine"')
    with pytest.raises(SettingsError, match="The file is no study"):
        searched(here)
    assert here.read_text().endswith('"mine"')


def test_a_journal_with_another_study_of_optuna_gets_no_line(tmp_path):
    import optuna
    from optuna.storages.journal import JournalFileBackend

    here = tmp_path / "s.journal"
    storage = optuna.storages.JournalStorage(JournalFileBackend(str(here)))
    optuna.create_study(storage=storage, study_name="mine")
    before = here.read_bytes()
    with pytest.raises(SettingsError, match="study_name is 'mine'"):
        searched(here)
    assert here.read_bytes() == before


def test_attributes_of_the_dashboard_are_taken(journal, tmp_path):
    here = tmp_path / "s.journal"
    more = [
        {"op_code": 3, "study_id": 0, "system_attr": {"dashboard:note": "good"}},
        {"op_code": 9, "trial_id": 1, "system_attr": {"note": ["a", {"b": 1}]}},
        {"op_code": 8, "trial_id": 1, "user_attr": {"seen": True}},
    ]
    text = "".join(json.dumps({**each, "worker_id": "x"}) + "\n" for each in more)
    here.write_bytes(journal[1].read_bytes() + text.encode())
    assert searched(here) == journal[0]


def test_trials_of_other_ranges_or_without_facts_are_refused(journal, tmp_path):
    here = tmp_path / "s.journal"
    shutil.copy(journal[1], here)
    wider = space_of(
        {"alpha": (0.1, 20.0, "log"), "hidden_layer_sizes": [[4], [8], [8, 8]]}, "classifier"
    )
    with pytest.raises(SettingsError, match="trial 0 has other parameters or ranges"):
        searched(here, space=wider)
    with (
        open_study(here, SPACE, 5, "tpe") as study,
        pytest.raises(SettingsError, match="trial 0 lacks bytes"),
    ):
        study.begin({"table": "a"}, ["seconds", "bytes"])


def test_a_sampler_that_runs_what_a_file_says_has_no_file(tmp_path):
    class CmaEsSampler:
        pass

    with pytest.raises(SettingsError, match=r"does not take the sampler CMA-ES.*pickles"):
        searched(tmp_path / "s.journal", sampler=CmaEsSampler())
    assert list(tmp_path.iterdir()) == []


def replayed(path):
    """What Optuna makes of a journal, line by line."""
    storage = JournalStorage(JournalFileBackend(str(path)))
    return storage, storage.get_study_id_from_name("thalweg")


def test_a_journal_is_read_as_optuna_reads_it(journal, tmp_path):
    here, whole = tmp_path / "s.journal", journal[1].read_bytes()
    lines = whole.splitlines(keepends=True)
    for n in (2, 7, len(lines) // 2, len(lines)):  # within a trial, too
        here.write_bytes(b"".join(lines[:n]))
        own, other = journal_storage(here), replayed(here)[0]
        assert own.get_all_trials(0) == other.get_all_trials(0)
        assert own.get_study_user_attrs(0) == other.get_study_user_attrs(0)
        own.create_new_trial(0)  # and what is appended is read once
        assert own.get_all_trials(0) == replayed(here)[0].get_all_trials(0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"param_value_internal":', b'"param_value_internal":0'),
        (b'"param_value_internal":', b'"param_value_internal":-1e300'),
        (b'"param_value_internal":', b'"param_value_internal":9,"param_value_internal":'),
        (b'"trial_id":', b'"trial_id":9'),
        (b'"distribution":', b'"more":1,"distribution":'),
        (b'"place":', b'"place":5'),
        (b'"attempts":1', b'"attempts":0'),
    ],
)
def test_a_changed_line_is_read_or_refused_as_a_parser_of_json_does(
    journal, tmp_path, monkeypatch, old, new
):
    lines = journal[1].read_bytes().splitlines(keepends=True)
    number = max(n for n, line in enumerate(lines) if old in line)
    lines[number] = lines[number].replace(old, new)
    here, said = tmp_path / "s.journal", []
    here.write_bytes(b"".join(lines))
    for pattern in (None, re.compile(b"none")):
        if pattern is not None:
            monkeypatch.setattr(journal_lines, "_OF_PARAMETER", pattern)
            monkeypatch.setattr(journal_lines, "_OF_PLACE", pattern)
        try:
            said.append(cut_torn_tail(here)[1].logs())
        except SettingsError as why:
            said.append(str(why))
    assert said[0] == said[1]


def test_optuna_reads_one_line_for_each_trial_of_a_long_journal(journal, tmp_path):
    lines = journal[1].read_bytes().splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if b'"op_code":4' in line)
    n_before = sum(b'"op_code":4' in line for line in lines) - 1
    own = [each for each in lines[last + 1 :] if b'"trial_id":%d,' % n_before in each]
    block = b"".join([lines[last], *own])
    here = tmp_path / "s.journal"
    of_trial, of_place = b'"trial_id":%d,', b'"place":%d,'
    here.write_bytes(
        b"".join(lines[:last])
        + b"".join(
            block.replace(of_trial % n_before, of_trial % n).replace(
                of_place % n_before, of_place % n
            )
            for n in range(n_before, n_before + 400)
        )
    )
    read = [log["op_code"] for log in cut_torn_tail(here)[1].logs()]
    assert read.count(4) == n_before + 400
    assert not {5, 6, 8, 9} & {*read}  # parameters, facts and ends have no line
    assert len(journal_storage(here).get_all_trials(0)) == n_before + 400


def test_a_limit_of_the_size_of_a_file_loses_nothing_and_is_named(journal, tmp_path):
    resource = pytest.importorskip("resource")
    here = tmp_path / "s.journal"
    shutil.copy(journal[1], here)
    before, limits = here.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    storage = journal_storage(here)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limits[1]))
        with pytest.raises(OutputError) as told:
            storage.create_new_trial(0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert here.read_bytes() == before
    assert told.value.why == "File too large"
    assert "raise the limit of the size of a file, as with ulimit -f" in told.value.fix
    assert "the same call then goes on with the study" in told.value.fix
    assert journal_storage(here).create_new_trial(0) >= 0
