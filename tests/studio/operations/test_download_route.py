"""Downloads: by ids alone, with safe names, and nothing from outside of the workspace."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from studio.asgi_driver import Answer, asked_in_loop
from studio.hostile_names import hostile_names, no_file_outside
from thalweg.studio.operations.download_route import download_route
from thalweg.studio.workspace.held_workspace import held_workspace
from thalweg.studio.workspace.kept_files import KeptFiles
from thalweg.studio.workspace.kept_kinds import FILE
from thalweg.studio.workspace.safe_names import (
    DECIDED,
    DECIDED_AGAIN,
    MODEL,
    safe_name,
    safe_name_after,
)

MADE: dict[str, Any] = {"command": "", "python": ""}


def kept(files: KeptFiles, data: bytes, file: str, **known: Any) -> str:
    upload = files.upload("t.csv", 10**6, file=file, **MADE, **known)
    upload.write(data)
    return upload.finish().id


def test_files_are_given_by_their_ids_and_by_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "w"
    with held_workspace(root) as held:
        app = Starlette(routes=[download_route(held)])

        def get(path: str, method: str = "GET") -> Answer:
            return asked_in_loop(app, method, path)

        long = b"x" * 600_000
        ids = {
            "model": kept(held.models, b"seal", "t.safetensors", table=None, choices=None),
            "predictions": kept(held.predictions, long, "t-predictions.csv"),
            "report": kept(held.reports, b"<p>", "t-report.html"),
        }
        for kind, name, data in (
            ("model", "t.safetensors", b"seal"), ("predictions", "t-predictions.csv", long),
            ("report", "t-report.html", b"<p>"),
        ):  # fmt: skip
            answer = get(f"/downloads/{kind}/{ids[kind]}")
            assert answer.status == 200
            assert answer.body == data
            assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
            assert hashlib.sha256(answer.body).hexdigest() == ids[kind]
            assert get(f"/downloads/{kind}/{ids[kind]}", "POST").status == 405
        upload = held.tables.upload("secret.csv", 100)
        upload.write(b"secret")
        table = upload.finish().id
        with no_file_outside(root):
            for kind in ("tables", "table", "..", "work", "model/..", "Model", ""):
                assert get(f"/downloads/{kind}/{table}").status == 404
            for name in (table, ids["report"], *hostile_names()[::7]):
                answer = get("/downloads/model/" + name)
                assert answer.status in (307, 404), name  # 307: to the same path without a slash
                assert b"secret" not in answer.body


def test_a_name_that_somebody_has_put_there_is_no_name(tmp_path: Path) -> None:
    with held_workspace(tmp_path / "w") as held:
        report = kept(held.reports, b"<p>", "t-report.html")
        about = tmp_path / "w" / "reports" / report / "about.json"
        for name in ("../x.html", 'a"b.html', "a\r\nx: y.html", "/x.html", "A.html"):
            about.write_text(json.dumps({**MADE, "name": "t.csv", "file": name}))
            app = Starlette(routes=[download_route(held)])
            assert asked_in_loop(app, "GET", f"/downloads/report/{report}").status == 404
        with pytest.raises(ValueError, match="a safe name"):
            held.reports.upload("t.csv", 9, file="../x.html", **MADE)


def test_names_of_files_are_safe_everywhere() -> None:
    for name in hostile_names():
        made = safe_name(name, MODEL)
        assert made.isascii()
        assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
        assert made[0].isalnum()
        assert len(made) < 80
        assert FILE.holds(made)
    assert safe_name("CON.csv", MODEL) == safe_name("…", MODEL) == "model.safetensors"
    decided = safe_name_after("churn.safetensors", DECIDED)
    assert safe_name_after(decided, DECIDED) == decided
    assert safe_name_after(safe_name_after(decided, DECIDED_AGAIN), DECIDED) == decided
