"""Every JSON document of the program is valid by its schema, and with another key it is not."""

import copy
import json
import re
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from places import ROOT
from thalweg.cli.app import program
from thalweg.evaluation.section_texts.sections_of_files import COMPUTED
from thalweg.jobs.documents.documents import FILES, PARTS, document_form, json_schemas
from thalweg.jobs.documents.header_of_files import MODEL_HEADER
from thalweg.persistence.forms.file_formats import FORMAT, FORMAT_OF_SEVERAL
from thalweg.persistence.plain_data_checks import Perhaps, require
from thalweg.sealed_container import read_sealed

SMALL = ("--hidden", "4", "--epochs", "5", "--bins", "0", "--seed", "0", "-q")
# A command for each verb and each kind of result, in an order in which files are there.
QUICK = """
    fit few.csv --target class -o m.safetensors SMALL
    fit many.csv --target kind SMALL
    fit numbers.csv --target y -o n.safetensors SMALL
    check few.csv --target class
    decide m.safetensors --missed 9 --alarm 1
    predict m.safetensors few.csv --sets --outside --unlike
    predict n.safetensors numbers.csv --interval 0.8
    explain m.safetensors few.csv --row 3 --set mitoses=5
    explain n.safetensors numbers.csv --effects -o effects.json
    drift m.safetensors few.csv
    show m.safetensors
    export m.safetensors -o m.py --check few.csv
    report n.safetensors
    card m.safetensors -o card.json
    card m.safetensors --check card.json
    trace m.safetensors few.csv --row 3
    trace m.safetensors --check
    lesson --list
    sweep few.csv --target class --rates 0.1,1 --units 2 --seeds 2 --steps 10 -o sweep.json
    evaluate m.safetensors few.csv
"""
MORE = """
    landscape hills --grid 11
    fit several.csv --target y --target z -o s.safetensors --report s.html SMALL
    fit wisconsin --hidden none --epochs 5 --bins 0
    fit few.csv --target class --class-weight malignant=9 --calibration auto --by mitoses SMALL
    fit few.csv --target class --cache cache SMALL
    fit grades.csv --target grade --weight-column w --grades low,mid,high -o g.safetensors SMALL
    fit long.csv --target y --loss poisson --interval-kind scaled SMALL
    tune few.csv --target class --trials 2 --epochs 3 --seed 0
    evaluate few.csv --target class --folds 3 --no-trees SMALL
    evaluate many.csv --target kind --folds 3 --no-trees SMALL
    evaluate numbers.csv --target y --folds 3 --repeats 2 SMALL
    evaluate several.csv --target y --target z --folds 3 --no-trees SMALL
    evaluate few.csv --target class --folds 2 --tune 3s --tune-space small SMALL
    show s.safetensors
    show s.safetensors --target y
    predict s.safetensors several.csv
    predict g.safetensors grades.csv --sets 0.8
    decide m.safetensors wisconsin --sensitivity 0.9 --confidence 0.8
    explain m.safetensors wisconsin
    explain m.safetensors few.csv --row 3 --change mitoses,bare_nuclei --to malignant
    card s.safetensors --target y
    report m.safetensors wisconsin -o m.html
    trace n.safetensors numbers.csv --row 3,5-6 --update sgd:lr=0.1,momentum=0.9
    trace g.safetensors grades.csv --row 3
    trace --lesson derivative
    trace few.csv --target class --row 3 SMALL
    lesson derivative --students 2 -o sheets
    lesson threshold wisconsin -o threshold.html
    landscape few.csv --target class --rules sgd,adam --steps 20 --grid 11 --connect sgd,adam
    landscape m.safetensors few.csv --grid 11
    landscape few.csv --target class --rules sgd --steps 20 --grid 11 --view followed -o f.html
    sweep few.csv --target class --over alpha=0.1,1 --hidden 4 --epochs 3 -o curve.json
    warm
"""
# Keys whose dicts have names of the table, of settings or of quantities as keys.
OPEN = {
    "after", "apart", "baselines", "base_cells", "before", "best_params", "cells", "changes",
    "class_counts", "class_weight", "classes", "constants", "differences", "errors",
    "heterogeneity", "left_out", "missing", "n_held_out", "notation", "overall", "predictions",
    "settings", "terms", "trials", "unknown_levels", "words",
}  # fmt: skip
# Of an evaluation the metrics have a form each; of groups of rows they are those that were asked.
OPEN_OF_GROUPS = {"metrics"}


def commands(text):
    for line in text.strip().splitlines():
        yield [word for each in line.split() for word in (SMALL if each == "SMALL" else (each,))]


def tables(folder):
    """Small tables of each kind."""
    import numpy as np

    from thalweg import load_table

    rng = np.random.default_rng(0)
    table = load_table("wisconsin")
    few = table.frame.assign(**{"class": table.target}).head(120)
    few.to_csv(folder / "few.csv", index=False)
    measured = table.frame[["clump_thickness", "mitoses", "bland_chromatin"]].astype(float)
    long = measured.head(250).assign(
        y=lambda rows: 3 * rows.clump_thickness + rng.normal(0, 1, len(rows)) + 9,
    )
    long.to_csv(folder / "long.csv", index=False)
    numbers = long.head(120)
    numbers.to_csv(folder / "numbers.csv", index=False)
    numbers.assign(z=numbers.y * 2 + rng.normal(0, 1, 120)).to_csv(
        folder / "several.csv", index=False
    )
    grade = np.array(["low", "mid", "high"])[np.digitize(numbers.y, [15, 25])]
    graded = numbers.drop(columns="y").assign(grade=grade, w=rng.integers(1, 4, 120))
    graded.to_csv(folder / "grades.csv", index=False)
    graded.drop(columns="w").rename(columns={"grade": "kind"}).to_csv(
        folder / "many.csv", index=False
    )


@cache
def validator(name):
    return Draft202012Validator(json_schemas()[name])


def made(cli, words):
    code, out, err = cli(*words, "--json")
    document = json.loads(out)
    assert code in (0, 3), (words, err, document["error"])
    assert document["result"] is not None, words
    return document


def nodes(value, path=()):
    """Every dict, with its path; of a list the first."""
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            yield from nodes(each, (*path, key))
    elif isinstance(value, list) and value:
        yield from nodes(value[0], (*path, 0))


def of_keys(path):
    return [each for each in path if isinstance(each, str)]


def is_open(path):
    keys = of_keys(path)
    return bool(OPEN & set(keys[-1:])) or ("groups" in keys and keys[-1] in OPEN_OF_GROUPS)


def at(document, path):
    for each in path:
        document = document[each]
    return document


def accepted_faults(document, form, valid):
    """Where a document may have an unknown key, or lack one, by the schema or by the form."""
    found = set()
    for path, node in nodes(document):
        changed = copy.deepcopy(document)
        at(changed, path)["a_key_that_is_unknown"] = []
        lacking = copy.deepcopy(document)
        if node:
            at(lacking, path).pop(next(iter(node)))
        for each in (changed, *([lacking] if node else [])):
            if valid(each):
                found.add(path)
            try:
                require(each, form, "it")
            except ValueError:
                assert not valid(each) or path in found
    return found


def test_every_verb_and_every_file_has_a_valid_schema():
    assert set(PARTS) == set(program().commands) - {"studio"}  # which prints no document
    assert set(json_schemas()) == {*PARTS, *FILES}
    for name, schema in json_schemas().items():
        assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
        assert "://" not in json.dumps({**schema, "$schema": ""}), "it refers to no other place"
        references = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))
        assert references == set(schema.get("$defs", {})), name
        if name in {"check", "trace"}:  # the others take seconds
            Draft202012Validator.check_schema(schema)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*PARTS, *FILES}))
def test_a_schema_is_one_of_its_draft(name):
    Draft202012Validator.check_schema(json_schemas()[name])


def test_a_document_that_says_an_error_is_valid(cli):
    for words in (["fit", "no.csv"], ["show", "no.safetensors"], ["fit", "--hidden", "x", "y"]):
        document = json.loads(cli(*words, "--json")[1])
        assert document["error"] is not None
        assert validator(words[0]).is_valid(document)
        assert not validator("check").is_valid(document), "of another verb"


def test_documents_of_each_verb_are_valid_and_with_other_keys_they_are_not(cli, tmp_path):
    tables(tmp_path)
    seen = set()
    for words in commands(QUICK):
        document = made(cli, words)
        errors = [each.message[:300] for each in validator(words[0]).iter_errors(document)]
        assert errors == [], words
        if words[0] in seen:
            continue
        seen.add(words[0])
        for key in ("verb", "result"):
            assert not validator(words[0]).is_valid({k: v for k, v in document.items() if k != key})
        assert not validator(words[0]).is_valid({**document, "more": 1})
        result = {**document["result"], "more": 1}
        assert not validator(words[0]).is_valid({**document, "result": result}), words
    assert seen == set(PARTS) - {"landscape", "tune", "warm"}  # which take seconds
    for name, path in (("card-file", "card.json"), ("sweep-file", "sweep.json"),
                       ("explain-file", "effects.json")):  # fmt: skip
        document = json.loads(Path(path).read_text("utf-8"))
        assert validator(name).is_valid(document), name
        assert not validator(name).is_valid({**document, "more": 1}), name
    header, _ = read_sealed("m.safetensors")
    valid = validator("model-header").is_valid
    assert valid(header)
    assert not valid({**header, "more": 1})
    optional = {key for key, form in MODEL_HEADER.items() if isinstance(form, Perhaps)}
    for key in header.keys() - optional:
        assert not valid({k: v for k, v in header.items() if k != key}), key


def test_what_a_model_file_may_lack_no_document_may(cli):
    """Sentences that are computed from the numbers are in each document."""
    (words,) = commands("fit wisconsin --hidden none --epochs 5 --bins 0 --seed 0 -q")
    document, valid = made(cli, words), validator("fit").is_valid
    assert valid(document)
    for section, computed in COMPUTED.items():
        for key in computed:
            lacking = copy.deepcopy(document)
            del lacking["result"]["judgement"]["sections"][section][key]
            assert not valid(lacking), (section, key)


def test_headers_of_stored_models_are_valid():
    found = 0
    for path in sorted((ROOT / "tests" / "models" / "0.1.0").glob("*.safetensors")):
        header, _ = read_sealed(str(path))
        assert header["format"] in (FORMAT, FORMAT_OF_SEVERAL)
        errors = [each.message[:200] for each in validator("model-header").iter_errors(header)]
        assert errors == [], path.name
        found += 1
    assert found > 3


@pytest.mark.slow
def test_no_part_of_any_document_takes_an_unknown_key_or_lacks_one(cli, tmp_path):
    tables(tmp_path)
    seen = set()
    for words in [*commands(QUICK), *commands(MORE)]:
        document, valid = made(cli, words), validator(words[0])
        errors = [each.message[:300] for each in valid.iter_errors(document)]
        assert errors == [], words
        seen.add(words[0])
        open_to = accepted_faults(document, document_form(words[0]), valid.is_valid)
        odd = {path for path in open_to if not is_open(path)}
        assert odd == set(), words
    assert seen == set(PARTS)
