"""The options of ``predict`` for folders and large files, as a person types them."""

import os

from streamed import later_table, saved
from thalweg.cli.main import main


def test_a_folder_is_predicted_and_resumed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = saved(tmp_path)
    os.mkdir("in")
    for name in "ab":
        later_table(60).to_csv(f"in/{name}.csv", index=False)
    words = ["predict", model, "in", "-o", "out", "--keep", "key", "--part-format", "parquet"]
    assert main([*words, "--n-jobs", "1"]) == 0
    assert sorted(os.listdir("out")) == ["_thalweg.json", "a.parquet", "b.parquet"]
    capsys.readouterr()
    assert main(words) == 1
    assert "--resume" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 0
    err = capsys.readouterr().err
    assert "Skipped 2 finished files." in err
    assert "Wrote none; out has 120 in all." in err
    assert main([*words, "--resume", "--digits", "3"]) == 2
    assert "predicted already were predicted with another --digits" in capsys.readouterr().err
    assert main(["predict", model, "in/a.csv", "--resume"]) == 2
