"""The table of a run, and the Python that reads the same table."""

from pathlib import Path

import pytest

from thalweg.landscape.given_values import table_given
from thalweg.studio.tasks.opened_tables import OpenedTables
from thalweg.studio.tasks.run_table import read_in_python, run_table
from thalweg.studio.wire.table_ids import OPEN

CELLS = "${0}.50,{0} %,{0},2024-01-{0},{1}\n"
ROWS = "a,b,id,when,y\n" + "".join(CELLS.format(n, n % 3) for n in range(10, 29))


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"missing": {"b": ["k.A."]}},
        {"missing": {"b": ["k.A."]}, "number": {"a": None}},
        {"number": {"a": None, "id": None}, "drop": ["id"]},
        {"category": ["b", "id"], "drop": ["id"], "date": {"when": "ymd"}, "time": "when"},
        {"missing": {"y": ["nil"]}, "text": ["b"]},
    ],
)
def test_the_python_reads_the_table_of_the_run(
    choices: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "it's\n.csv").write_text(ROWS + "k.A.,k.A.,29,2024-01-29,nil\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = {"target": "y", "drop_missing": ["y"], **choices}
    ran = run_table(OpenedTables(tmp_path, "it's\n.csv"), OPEN, said)
    told: dict[str, object] = {}
    line, words = read_in_python("it's\n.csv", said)
    exec(f"import thalweg\n{line}", told)
    again = table_given(told["table"], words)
    assert again.said == ran.said
    assert again.frame.equals(ran.frame)
    assert (again.target == ran.target).all()
