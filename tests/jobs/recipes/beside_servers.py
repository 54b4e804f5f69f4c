"""The recipes of docs/serving.md with what they are for: `make serving` runs them."""

import hashlib
import importlib
import json
import shutil
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

import every_kind
import serving_recipes

# These packages warn of themselves, and of each other.
pytestmark = pytest.mark.filterwarnings("ignore")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import dask.dataframe
    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("serving")
    serving_recipes.saved(path)
    return path


@pytest.fixture(autouse=True)
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def model():
    from thalweg import load_model

    return load_model("model.safetensors")


TABLE = serving_recipes.rows(50)


# --- Starlette -----------------------------------------------------------------------------------


@pytest.fixture
def scorer(here):
    names = serving_recipes.run("A scorer for one machine")
    with TestClient(names["app"], raise_server_exceptions=False) as client:
        yield client


def test_the_scorer_answers_with_the_bits_of_the_model_and_its_hash(scorer, model, here):
    answer = scorer.post("/score", json={"rows": TABLE.to_dict("records")}).json()
    assert np.array(answer["p"]).tobytes() == model.predict_proba(TABLE).tobytes()
    assert answer["classes"] == ["no", "yes"]
    known = hashlib.sha256((here / "model.safetensors").read_bytes()).hexdigest()
    assert answer["model"] == known
    assert answer["warnings"] == []


def test_the_scorer_says_what_no_training_row_has(scorer):
    odd = TABLE[:3].assign(a=[0.0, 99.0, None], town=["Bern", "Bern", "Oslo"])
    rows = json.loads(odd.to_json(orient="records"))
    answer = scorer.post("/score", json={"rows": rows}).json()
    [outside] = [each for each in answer["outside"] if each["column"] == "a"]
    assert (outside["row"], outside["value"]) == (2, 99.0)
    [said] = answer["warnings"]
    assert '"Oslo"' in said
    assert len(answer["p"]) == 3


def test_the_scorer_refuses_what_is_too_large_or_no_table(scorer):
    assert scorer.post("/score", content=b" " * 1_000_001).status_code == 413
    row = TABLE[:1].to_dict("records")[0]
    for body in (
        b"", b"\xff", b"[]", b"{}", b'"rows"', b'{"rows": 1}', b'{"rows": []}', b'{"rows": {}}',
        b'{"rows": [1]}', b'{"rows": [[1, 2]]}', b'{"rows": {"a": {"b": {"c": 1}}}}',
        b'{"rows": "x"}', b'{"rows": null}', b"[" * 900_000, b'{"rows": ' + b"[" * 90_000,
        json.dumps({"rows": [{**row, "a": "x"}]}).encode(),
        json.dumps({"rows": [{**row, "a": float("inf")}]}).encode(),
        json.dumps({"rows": [{**row, "a": {"b": 1}}]}).encode(),
        json.dumps({"rows": [{**row, "town": [1]}]}).encode(),
        json.dumps({"rows": [{k: v for k, v in row.items() if k != "a"}]}).encode(),
        b'{"rows": [{"a": 1' + b"0" * 5000 + b"}]}",
    ):  # fmt: skip
        answer = scorer.post("/score", content=body)
        assert answer.status_code == 422, body[:60]
        assert answer.json()["error"], body[:60]
    assert scorer.get("/score").status_code == 405


def test_the_scorer_is_bound_to_this_machine(monkeypatch, here):
    import uvicorn

    asked = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **more: asked.append(more))
    code = serving_recipes.recipe("A scorer for one machine")
    exec(compile(code, "scorer.py", "exec"), {"__name__": "__main__"})
    assert asked == [{"host": "127.0.0.1", "port": 8000}]


# --- the others ----------------------------------------------------------------------------------


def require_bits(model, found):
    found = found.sort_values("id")
    p = model.predict_proba(TABLE)
    assert found["p_yes"].to_numpy().tobytes() == p[:, 1].tobytes()
    assert found["id"].tolist() == TABLE["id"].tolist()


@pytest.fixture
def scoring(here, monkeypatch):
    code = serving_recipes.recipe("Parts of a large table")
    (here / "scoring.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(here)
    return importlib.import_module("scoring")


def test_dask(model, scoring, here):
    frame = dask.dataframe.from_pandas(TABLE, npartitions=3)
    serving_recipes.run("Dask", frame=frame)
    require_bits(model, pd.read_parquet("predictions"))
    shutil.rmtree("predictions")


def test_mlflow(model, here):
    import mlflow

    rows = TABLE.drop(columns="id")
    serving_recipes.run("MLflow", model=model, rows=rows)
    loaded = mlflow.pyfunc.load_model("flavour")
    assert loaded.predict(rows).tobytes() == model.predict_proba(rows).tobytes()
    with pytest.raises(mlflow.exceptions.MlflowException, match="missing inputs"):
        loaded.predict(rows.drop(columns="a"))
    kept = here / "flavour/artifacts/model.safetensors"
    assert kept.read_bytes() == (here / "model.safetensors").read_bytes()
    [pickled] = (here / "flavour").glob("*.pkl")
    assert pickled.stat().st_size < 5000  # the class, and no weights


@pytest.fixture
def tracking(here, monkeypatch):
    """A place for runs on the disk: the small MLflow has no database."""
    import mlflow

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri((here / "runs").as_uri())
    yield mlflow
    mlflow.set_tracking_uri(before)


def bytes_of(model, path):
    model.save(path, overwrite=True)
    return path.read_bytes()


def test_mlflow_takes_a_model_as_one_of_scikit_learn(model, here, tracking):
    rows = TABLE.drop(columns="id")
    p = model.predict_proba(rows)  # it then keeps what later predictions need
    names = serving_recipes.run("MLflow, as a scikit-learn model", model=model)
    assert names["same"].predict_proba(rows).tobytes() == p.tobytes()
    assert bytes_of(names["same"], here / "same") == bytes_of(model, here / "own")
    [kept] = (here / "runs").rglob("*.skops")
    assert kept.stat().st_size > 5000
    loaded = tracking.pyfunc.load_model(names["logged"].model_uri)
    assert loaded.predict(rows).tolist() == model.predict(rows).tolist()


@pytest.mark.parametrize("form", ["pickle", "cloudpickle"])
def test_mlflow_pickles_a_model(form, model, tracking):
    rows = TABLE.drop(columns="id")
    with tracking.start_run():
        logged = tracking.sklearn.log_model(
            model, name="model", serialization_format=form, pip_requirements=["thalweg"]
        )
    same = tracking.sklearn.load_model(logged.model_uri)
    assert same.predict_proba(rows).tobytes() == model.predict_proba(rows).tobytes()


# --- skops ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", every_kind.MODELS)
def test_skops_asks_for_listed_types_alone(kind, here):
    import skops.io

    from thalweg.persistence.forms.trusted_types import TRUSTED_TYPES

    model = every_kind.MODELS[kind]()
    before = every_kind.answers(model)
    names = serving_recipes.run("skops", model=model)
    asked = skops.io.get_untrusted_types(file="model.skops")
    assert set(asked) <= set(TRUSTED_TYPES)
    assert every_kind.answers(names["same"]).tobytes() == before.tobytes()
    assert bytes_of(names["same"], here / "same") == bytes_of(model, here / "own")


def test_skops_lets_nothing_in_that_was_not_named(model, here):
    import skops.io

    skops.io.dump(model, "model.skops")
    with pytest.raises(skops.io.exceptions.UntrustedTypesFoundException, match="ThalwegClassifier"):
        skops.io.load("model.skops")


def test_bentoml(model, here, monkeypatch):
    (here / "scorer_service.py").write_text(serving_recipes.recipe("BentoML"), encoding="utf-8")
    monkeypatch.syspath_prepend(here)
    service = importlib.import_module("scorer_service").Scorer
    with TestClient(service.to_asgi()) as client:
        answer = client.post("/score", json={"rows": TABLE.to_dict("records")})
    assert answer.status_code == 200, answer.text
    assert np.array(answer.json()).tobytes() == model.predict_proba(TABLE).tobytes()


def test_spark(model, scoring, here, monkeypatch):
    from pyspark.sql import SparkSession

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = session.getOrCreate()
    try:
        spark.sparkContext.addPyFile("scoring.py")
        serving_recipes.run("Spark", frame=spark.createDataFrame(TABLE))
    finally:
        spark.stop()
    require_bits(model, pd.read_parquet("predictions"))
