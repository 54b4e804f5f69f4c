"""The task "table": what a page is told of a table, with the words that thalweg has already."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from thalweg.data.doctor.findings import FixByOptions
from thalweg.errors import DataError
from thalweg.interrupts import Cancellation, Cancelled, heeding
from thalweg.studio.tasks.opened_tables import OpenedTables
from thalweg.studio.tasks.table_recipes import table_recipes
from thalweg.studio.tasks.table_task import table_task
from thalweg.studio.tasks.worker_program import tasks_of
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.table_choices import all_choices
from thalweg.studio.worker.serving_loop import TaskRun
from thalweg.studio.workspace.held_workspace import HeldWorkspace, held_workspace

Plain = dict[str, Any]
ROWS = 120
MESSY = "code,when,price,town,dose,left,ill\n" + "".join(
    f'{1000 + row},{1 + row % 28:02}.0{1 + row % 9}.2021,"{row % 97},{row % 10}0",'
    f"{('Bern', 'Rome', 'Oslo', '')[row % 4]},{('n/a' if row % 30 == 7 else row % 13)},"
    f"{'yes' if row % 3 else 'no'},{'yes' if row % 3 else 'no'}\n"
    for row in range(1, ROWS + 1)
)


class Asked:
    """Tables in a workspace, and what the task says of them."""

    def __init__(self, root: Path, held: HeldWorkspace) -> None:
        self.root, self._held = root, held
        self.tables = OpenedTables(root)
        self.told: list[Plain] = []

    def add(self, text: str | bytes, name: str = "messy.csv") -> str:
        upload = self._held.tables.upload(name, 10**9)
        upload.write(text.encode() if isinstance(text, str) else text)
        return upload.finish().id

    def about(self, table: str, first: int = 0, count: int = 100, **choices: Any) -> Plain:
        self.told = []
        asked = {"table": table, "choices": choices, "from": first, "count": count}
        run = TaskRun(Packet(asked), Cancellation(), lambda said: self.told.append(dict(said.head)))
        answer = table_task(self.tables)(run)
        for each in (*self.told, answer.head):
            Packet(each).to_bytes()
        told: Plain = answer.head["table"]
        return told


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    root = tmp_path / "w"
    with held_workspace(root) as held:
        yield Asked(root, held)


def card(told: Plain, name: str) -> Plain:
    found: Plain = next(each for each in told["columns"] if each["name"] == name)
    return found


def finding(told: Plain, check: str) -> Plain:
    found: Plain = next(each for each in told["findings"] if each["check"] == check)
    return found


def merged(choices: Plain, patch: Plain) -> Plain:
    """A patch of choices as the contract merges it."""
    new = dict(choices)
    for key, said in patch.items():
        old = new.get(key)
        if isinstance(said, list):
            new[key] = [*dict.fromkeys([*(old or []), *said])]
        elif isinstance(said, dict):
            new[key] = merged(old or {}, said)
        else:
            new[key] = said
    return new


def test_columns_come_first_and_findings_at_the_end(asked: Asked) -> None:
    told = asked.about(asked.add(MESSY), target="ill")
    tables = [each["table"] for each in asked.told if "table" in each]
    assert [each["findings"] for each in tables] == [None]
    assert tables[0]["columns"][0]["name"] == "code"
    said = [each["what"] for each in asked.told if "what" in each]
    assert said[:2] == ["Reading the table", "Reading columns: 0 of 7"]
    assert any("leak" in each for each in said)
    assert told["choices"] == all_choices({"target": "ill"})
    assert told["rows"] == ROWS


def test_cards_say_how_columns_are_read_and_how_they_enter(asked: Asked) -> None:
    told = asked.about(asked.add(MESSY), target="ill", drop=["left"])
    town = card(told, "town")
    assert (town["kind"], town["used"], town["missing"], town["distinct"]) == (
        "category", True, ROWS // 4, 3,
    )  # fmt: skip
    assert town["raw"] == {"levels": ["Rome", "Oslo", "Bern"], "counts": [30] * 3, "others": 0}
    assert town["enters"].startswith("4 inputs: town=Bern, town=Oslo, town=Rome, town missing. ")
    price = card(told, "price")
    assert price["kind"] == "number"
    assert '"price" is read as' in price["read"]
    assert sum(price["raw"]["counts"]) == ROWS
    assert len(price["raw"]["edges"]) == len(price["raw"]["counts"]) + 1
    assert sum(price["encoded"]["counts"]) == ROWS
    assert -3 <= price["encoded"]["edges"][0] < price["encoded"]["edges"][-1] <= 3
    when = card(told, "when")
    assert when["kind"] == "date"
    words = when["raw"]["ends"]  # of every bin, for the table behind the picture
    assert (words[0], words[-1]) == ("2021-01-06", "2021-09-27")
    assert len(words) == len(when["raw"]["counts"]) + 1
    assert words == sorted(words)
    assert "days since 1970-01-01" in when["enters"]
    assert (card(told, "left")["used"], card(told, "left")["why_not"]) == (
        False, "left out, as chosen",
    )  # fmt: skip
    assert card(told, "ill")["why_not"] == "the target"
    assert told["target"]["classes"] == [{"label": "yes", "rows": 80}, {"label": "no", "rows": 40}]
    assert told["target"]["positive"] == "yes"
    assert told["target"]["sentence"] == "ill: 80 yes, 40 no"


def test_each_fix_is_a_patch_of_choices_that_ends_its_finding(asked: Asked) -> None:
    table, choices = asked.add(MESSY), {"target": "ill"}
    told = asked.about(table, **choices)
    leak = finding(told, "leak")
    assert leak["columns"] == ["left"]
    assert leak["fixes"] == [{"label": 'Leave out "left"', "choices": {"drop": ["left"]}}]
    choices = merged(choices, leak["fixes"][0]["choices"])
    numbered = finding(told, "identifier")
    assert numbered["fixes"][0]["choices"] == {"drop": ["code"]}
    choices = merged(choices, numbered["fixes"][0]["choices"])
    fixed = asked.about(table, **choices)
    assert {each["check"] for each in fixed["findings"]}.isdisjoint({"leak", "identifier"})
    assert "--drop left --drop code" in fixed["command"]
    assert "drop=['left', 'code']" in fixed["python"]


def rows_of(first: str, cells: str) -> str:
    """A table with one more column before x and y; ``{r}`` is the row, ``{d}`` a day."""
    rows = (cells.format(r=row % 30, d=1 + row % 28) for row in range(90))
    return f"{first},x,y\n" + "".join(
        f"{cell},{row % 17},{'ab'[row % 2]}\n" for row, cell in enumerate(rows)
    )


ROWS_OF = "x,y\n" + "".join(f"{row % 17},{'ab'[row % 2]}\n" for row in range(90))


@pytest.mark.parametrize(
    ("text", "check", "patch"),
    [
        (ROWS_OF.replace("\n3,", "\n,") + ",a\n" * 200, "missing", {"drop": ["x"]}),
        (ROWS_OF + "-999,a\n" * 3, "sentinel", {"missing": {"x": ["-999"]}}),
        (ROWS_OF + "3,\n", "target missing", {"drop_missing": ["y"]}),
        (ROWS_OF + "5,c\n", "rare class", {"drop_row": ["91"]}),
        (ROWS_OF + "n/k,a\n" * 3, "mixed types", {"missing": {"x": ["n/k"]}}),
        (rows_of("z", "k"), "constant", {"drop": ["z"]}),
        (rows_of("d", "202401{d:02}"), "dates", {"date": {"d": "%Y%m%d"}}),
        (rows_of("d", "2024-01-{d:02}"), "time order", {"time": "d"}),
        (rows_of("patient", "p{r}"), "groups", {"group": "patient"}),
    ],
)  # fmt: skip
def test_findings_have_the_fix_that_their_sentence_names(
    text: str, check: str, patch: Plain, asked: Asked
) -> None:
    told = asked.about(asked.add(text), target="y")
    found = [each for each in told["findings"] if each["check"] == check]
    assert patch in [fix["choices"] for each in found for fix in each["fixes"]], found
    assert all(fix["label"] for each in found for fix in each["fixes"])
    choices = merged({"target": "y"}, patch)
    json.dumps(asked.about(asked.add(text), **choices))  # the patch is what choices take


def test_a_button_names_its_column_and_the_kind_as_the_card_does(asked: Asked) -> None:
    told = asked.about(asked.add(MESSY + "1,,,,-999,,yes\n" * 3), target="ill")
    labels = [fix["label"] for each in told["findings"] for fix in each["fixes"]]
    assert '"-999" in "dose" means that a value is missing' in labels
    text = rows_of("note", "an odd{r} of its {d} b")
    found = asked.about(asked.add(text), target="y")["findings"]
    assert 'Read "note" as categories' in [fix["label"] for each in found for fix in each["fixes"]]


def test_two_readings_of_a_column_are_two_fixes(asked: Asked) -> None:
    text = "price,y\n" + "".join(
        f"'{1 + row % 9},{100 + row}',{'ab'[row % 2]}\n".replace("'", '"') for row in range(90)
    )
    told = asked.about(asked.add(text), target="y")
    column = card(told, "price")
    assert not column["used"]
    assert column["why_not"]
    place = column["findings"][0]
    fixes = told["findings"][place]["fixes"]
    assert len(fixes) > 1
    for fix in fixes:
        fixed = asked.about(asked.add(text), **merged({"target": "y"}, fix["choices"]))
        assert card(fixed, "price")["used"] is ("drop" not in fix["choices"])


def test_cards_count_the_rows_that_are_kept_and_no_empty_cell_as_a_value(asked: Asked) -> None:
    rows = [
        f"P{row},{row},{row % 9} kg,,{row % 7},{'no' if row % 3 else 'yes'}" for row in range(90)
    ]
    rows[8] = "P8,8,k.A.,,1,no"
    table = asked.add(
        "\n".join(["id,no,weight,note,dose,ill", *rows, ",,,,,", ",,,,,5", ",,3,,,"]) + "\n"
    )
    of_all = asked.about(table, target="ill")
    assert [card(of_all, name)["missing"] for name in ("id", "no", "weight")] == [3, 3, 2]
    assert (card(of_all, "id")["distinct"], card(of_all, "weight")["distinct"]) == (90, 11)
    left = {"drop": ["id", "no", "note"], "drop_missing": ["ill"], "drop_row": ["92"]}
    told = asked.about(table, target="ill", **left)
    assert told["rows"] == 90
    found = [card(told, name) for name in left["drop"]]
    assert [(each["missing"], each["distinct"]) for each in found] == [(0, 90), (0, 90), (90, 0)]


def test_a_time_column_settles_the_finding_that_asks_for_it(asked: Asked) -> None:
    table = asked.add(
        "day,x,ill\n" + "".join(f"2021-03-{1 + r % 28:02},{r % 9},{r % 2}\n" for r in range(90))
    )
    told = asked.about(table, target="ill")
    [fix] = finding(told, "time order")["fixes"]
    assert fix["choices"] == {"time": "day"}
    after = asked.about(table, **merged(told["choices"], fix["choices"]))
    assert len(after["findings"]) == len(told["findings"]) - 1
    assert all(each["check"] != "time order" for each in after["findings"])


def test_a_sample_knows_its_target_and_identifiers(asked: Asked) -> None:
    told = asked.about("sample:wisconsin")
    assert told["target"]["name"] == told["choices"]["target"] == "class"
    assert told["target"]["positive"] == "malignant"
    assert "identifier" in card(told, "sample_id")["why_not"]
    assert told["command"].startswith("thalweg fit wisconsin")


def test_a_numeric_target_has_a_histogram(asked: Asked) -> None:
    text = "x,y\n" + "".join(f"{row % 7},{row * 1.5}\n" for row in range(100))
    told = asked.about(asked.add(text), target="y")["target"]
    assert told["task"] == "regression"
    assert sum(told["histogram"]["counts"]) == 100
    assert "a number from 0 to 148.5" in told["sentence"]


def test_many_columns_come_by_pages(asked: Asked) -> None:
    wide = pd.DataFrame({f"c{j}": range(40) for j in range(230)}).to_csv(index=False)
    table = asked.add(wide)
    told = asked.about(table, first=200, count=100)
    assert told["n_columns"] == len(told["names"]) == 230
    assert [each["name"] for each in told["columns"]] == [f"c{j}" for j in range(200, 230)]
    assert told["from"] == 200


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"target": "nil"}, "nil"), ({"target": "ill", "positive": "perhaps"}, "perhaps"),
        ({"target": "ill", "time": "nil"}, "nil"), ({"group": "nil"}, "nil"),
        ({"target": "ill", "drop": ["ill"]}, "ill"), ({"category": ["nil"]}, "nil"),
        ({"sheet": "a"}, "sheet"), ({"drop_row": ["500"]}, "500"),
    ],
)  # fmt: skip
def test_choices_that_cannot_be_are_refused_with_their_fix(
    choices: Plain, said: str, asked: Asked
) -> None:
    with pytest.raises((DataError, ValueError), match=said) as told:
        asked.about(asked.add(MESSY), **choices)
    assert isinstance(told.value, DataError) or hasattr(told.value, "fix")


def test_a_table_is_read_once_for_many_questions(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = asked.add(MESSY)
    first = asked.about(table, target="ill")
    monkeypatch.setattr("thalweg.studio.tasks.opened_tables.read_bytes", None)
    assert asked.about(table, target="ill") == first
    with pytest.raises(TypeError):
        asked.about(table, target="ill", decimal=",")


def test_a_file_of_the_command_line_is_read_again_when_it_has_changed(
    asked: Asked, tmp_path: Path
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(ROWS_OF)
    asked.tables = OpenedTables(asked.root, str(file))
    assert asked.about("open")["rows"] == 90
    file.write_text(ROWS_OF + "1,a\n")
    told = asked.about("open")
    assert (told["rows"], told["name"]) == (91, "mine.csv")
    assert told["command"] == f"thalweg check {file}"
    file.unlink()
    with pytest.raises(DataError, match="no such file"):
        asked.about("open")


def test_a_worker_in_another_folder_sees_that_the_file_has_changed(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, desk = tmp_path / "mine.csv", tmp_path / "desk"
    file.write_text(ROWS_OF)
    desk.mkdir()
    monkeypatch.chdir(desk)
    tables = OpenedTables(asked.root, "mine.csv", str(file))
    first = tables.state("open")
    assert len(tables.named("open", all_choices({})).opened.frame) == 90
    file.write_text(ROWS_OF + "1,a\n")
    assert len(tables.named("open", all_choices({})).opened.frame) == 91
    assert tables.state("open") not in (first, None)
    assert tables.state("sample:wisconsin") is None


def test_a_name_that_is_an_option_is_a_file_in_the_command(asked: Asked) -> None:
    told = asked.about(asked.add(MESSY, "--report.csv"))
    assert told["command"] == "thalweg check ./--report.csv"


def test_whoever_no_longer_waits_ends_it(asked: Asked) -> None:
    table = asked.add(MESSY)
    cancellation = Cancellation()

    def tell(said: Packet) -> None:
        if "checking" in said.head or "Looking" in str(said.head.get("what")):
            cancellation.ask()

    packet = Packet({"table": table, "choices": {}, "from": 0, "count": 1})
    with pytest.raises(Cancelled), heeding(cancellation):
        table_task(asked.tables)(TaskRun(packet, cancellation, tell))


def test_the_program_knows_the_tasks(tmp_path: Path) -> None:
    assert {*tasks_of(tmp_path, None)} >= {"load", "table"}
    assert FixByOptions.without("a", "b").said == {"drop": ["a", "b"]}


@pytest.mark.parametrize(
    ("said", "python"),
    [
        ({}, "check(CheckRequest(table='t.csv'))"),
        (
            {"target": "y"},
            "fit(FitRequest(table='t.csv', columns=Columns(target='y'), report='report.html'))",
        ),
        (
            {"missing": {"x": ["-9"]}},
            "check(CheckRequest(table='t.csv', columns=Columns(missing={'x': ['-9']})))",
        ),
    ],
)
def test_the_python_of_a_table_says_nothing_that_is_usual(said, python):
    assert table_recipes("t.csv", all_choices(said))["python"].splitlines()[-1] == python


LARGE = "x,y\n" + "".join(f"{row % 17},{'ab'[row >= 1000]}\n" for row in range(1300))


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thalweg.studio.tasks.opened_tables.LARGE_FILE", 5000)
    monkeypatch.setattr("thalweg.studio.tasks.opened_tables.LARGE_TABLE", 2000)


@pytest.mark.usefixtures("small_is_large")
def test_a_large_table_first_shows_its_first_rows(asked: Asked, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_text(LARGE)
    asked.tables = OpenedTables(asked.root, str(file))
    for table in (asked.add(LARGE), "open"):
        told = asked.about(table, target="y")
        first, second = (each["table"] for each in asked.told if "table" in each)
        assert [each["preview"] for each in (first, second, told)] == [True, False, False]
        assert asked.told[1] == {"table": first}  # nothing more is read before
        assert (first["rows"], first["names"]) == (1000, ["x", "y"])
        assert [card(first, "x")["distinct"], card(first, "y")["distinct"]] == [17, 1]
        assert [first["target"], first["findings"], first["notes"]] == [None, None, []]
        assert first["choices"]["target"] == "y"
        assert told["rows"] == 1300
        assert told["target"]["classes"] == [
            {"label": "a", "rows": 1000},
            {"label": "b", "rows": 300},
        ]
    asked.about(table, target="y")  # it is held: the columns are known
    assert [each["table"]["preview"] for each in asked.told if "table" in each] == [False]


@pytest.mark.usefixtures("small_is_large")
def test_an_archive_shows_its_first_rows_too_and_a_table_with_an_error_does_not(
    asked: Asked,
) -> None:
    asked.about(asked.add(gzip.compress(LARGE.encode()), "large.csv.gz"))
    tables = [each["table"] for each in asked.told if "table" in each]
    assert [(each["preview"], each["rows"]) for each in tables] == [(True, 1000), (False, 1300)]
    with pytest.raises(DataError, match="line 18"):
        asked.about(asked.add(LARGE.replace("\n16,", "\n16,9,9,", 1)))
    assert not [each for each in asked.told if "table" in each]
    # A row that stands further below is known with the whole table alone.
    asked.about(asked.add(LARGE), drop_row=["1200"])
    assert [each["table"]["rows"] for each in asked.told if "table" in each] == [1299]
    asked.about(asked.add(MESSY))
    assert [each["table"]["preview"] for each in asked.told if "table" in each] == [False]
