"""The rules of the house, kept by reading the source and by watching an import."""

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import duplicates
import thalweg
from floors import FLOORS
from places import ROOT, TESTS
from syntax import parsed, statements, tree_of

SOURCE = Path(thalweg.__file__).parent
# How much of each the package may have: parameters that may be anything, and lines that stand
# in two places.
CEILINGS = {"loose parameters, %": 8, "pairs of duplicates": 10}
# A verb's file is named for its job.
VERBS = (
    "thalweg.cli.verbs.", "thalweg.cli.teaching.", "thalweg.cli.tuning.", "thalweg.cli.machine.",
    "thalweg.cli.exports.",
)  # fmt: skip
# The two files that may import upward, inside methods of a few lines.
DOORS = {
    "thalweg.estimators.delegated_methods", "thalweg.evaluation.any_estimator.reportable"
}  # fmt: skip
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py")
TEST_FILES = sorted(TESTS.rglob("test_*.py"))


def module_name(path: Path) -> str:
    return ".".join(("thalweg", *path.relative_to(SOURCE).with_suffix("").parts))


def room(module: str) -> str:
    return module.split(".")[1]


def imports(path: Path, *, top_level_only: bool = False) -> list[str]:
    """Every thalweg module that a file imports, function-level imports included."""
    tree = tree_of(path)
    found = []
    for node in tree.body if top_level_only else statements(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith("thalweg")]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module.split(".")[0] == "thalweg":
                found.append(node.module)
        elif isinstance(node, ast.ImportFrom) and node.level:
            found.append("." * node.level + (node.module or ""))
    return found


def test_imports_point_one_way():
    for here, target in [(module_name(path), each) for path in MODULES for each in imports(path)]:
        assert not target.startswith("."), f"{here}: import by full name, not {target}"
        assert target != "thalweg" or room(here) == "cli", f"{here} imports from the root"
        if target == "thalweg" or here in DOORS:
            continue
        same_room = room(target) == room(here)
        lower = FLOORS[room(target)] < FLOORS[room(here)]
        ground = FLOORS[room(here)] == FLOORS[room(target)] == 0
        assert same_room or lower or ground, f"{here} may not know {target}"


def test_evaluation_never_learns_of_networks():
    # It asks whatever has fit and predict_proba, and so judges rivals by the same code.
    for path in (SOURCE / "evaluation").rglob("*.py"):
        # The report of an evaluation is made above, in its one method.
        above = module_name(path) in DOORS
        assert {room(target) for target in imports(path, top_level_only=above)} <= {
            "cluster", "counter_based_random", "data", "errors", "evaluation", "parallel_map",
            "wording",
        }, path.name  # fmt: skip


def test_jobs_know_no_terminal():
    # A studio drives the same jobs: they talk to a listener, and end by an exception.
    for path in (SOURCE / "jobs").rglob("*.py"):
        tree = tree_of(path)
        for node in ast.walk(tree):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {each.split(".")[0] for each in named}.isdisjoint({"rich", "typer", "sys"}), path
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"print", "input", "exit", "quit", "os._exit"}, path


def test_verbs_are_thin():
    rooms = [SOURCE.joinpath(*each.split(".")[1:-1]) for each in VERBS]
    verbs = [path for each in rooms for path in each.glob("*.py") if path.stem != "__init__"]
    jobs = {path.stem for path in (SOURCE / "jobs").rglob("*.py")}
    jobs |= {path.stem for path in (SOURCE / "studio").glob("*.py")}  # a studio is no plain call
    assert len(verbs) > len(rooms)
    for path in verbs:
        assert path.stem in jobs, f"{path.stem} has no job of its name"
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 120, path.stem


def test_doors_import_upward_only_inside_functions():
    paths = [path for path in MODULES if module_name(path) in DOORS]
    assert len(paths) == len(DOORS)
    for path in paths:
        for target in imports(path, top_level_only=True):
            assert FLOORS[room(target)] <= FLOORS[room(module_name(path))]


def test_no_import_knots():
    # A knot is a circle at the top level: two modules of which neither can be read first.
    graph = {module_name(path): set(imports(path, top_level_only=True)) for path in MODULES}
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"knot: {' -> '.join((*trail, module))}"
        if module not in done:
            for target in sorted(graph.get(module, ())):
                walk(target, (*trail, module))
            done.add(module)

    for module in sorted(graph):
        walk(module, ())


def test_every_module_is_within_its_budget():
    for path in MODULES:
        here, text = module_name(path), path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 420, f"two ideas in one file? {here}"
        for node in statements(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= 60, f"{here}: {node.name} has {lines} lines"


def test_a_module_is_tested_by_the_file_of_its_name_or_through_a_module_that_uses_it():
    # As CONTRIBUTING.md says, with the numbers.
    asked = {name for path in TEST_FILES for name in named_in(path)}
    users: dict[str, set[str]] = {}
    for path in MODULES:
        for name in named_in(path):
            users.setdefault(name, set()).add(module_name(path))
    own = {module_name(path) for path in MODULES if mirror_of(path).exists()}
    modules = [module_name(path) for path in MODULES if path.stem != "__main__"]
    for module in modules:
        through = {module} | users.get(module, set())
        assert through & (own | asked), f"{module} has no tests: write tests/.../test_NAME.py"
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (share,) = re.findall(r"[Aa]bout (\d+) % of the modules have a test file of their name", text)
    assert abs(100 * len(own) / len(modules) - int(share)) < 5


def test_the_tests_lie_in_the_folders_of_what_they_test():
    stems = {path.stem for path in MODULES}
    for path in TEST_FILES:
        folder, name = path.parent.relative_to(TESTS), path.stem.removeprefix("test_")
        here = SOURCE / folder
        if folder != Path("whole"):
            assert (here / "__init__.py").exists(), f"{folder} is no room: {name}"
        mine = (here / f"{name}.py").exists() or (here / name).is_dir()
        assert mine or name not in stems, f"{name} is a module, but not of {folder}"
        shared = [each for each in named_in(path) if each.split(".")[0].startswith("test_")]
        assert shared == [], f"{path.name}: what tests share lies in tests/helpers, not in {shared}"


def test_make_names_tests_that_are_there():
    made = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    (names,) = re.findall(r"^NUMPY_TESTS := (.+)$", made, re.MULTILINE)
    absent = [name for name in names.split() if not (TESTS / f"{name}.py").exists()]
    assert len(names.split()) > 5
    assert absent == []


def mirror_of(path: Path) -> Path:
    """The file of tests that mirrors a module."""
    return (TESTS / path.relative_to(SOURCE)).with_name(f"test_{path.name}")


IMPORT = re.compile(r"^[ \t]*((?:from [\w.]+ )?import (?:\([^)]*\)|[^({\n]+))", re.MULTILINE)


@cache
def named_in(path: Path) -> set[str]:
    """Every module that a file may mean by its imports, and names that are none.

    A test may start a process: the imports of a program in a string count.
    """
    found = set()
    lines = IMPORT.findall(path.read_text(encoding="utf-8"))
    for node in parsed("\n".join(lines)).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_a_room_holds_at_most_twelve_modules():
    held = Counter(module_name(path).rpartition(".")[0] for path in MODULES)
    held["thalweg"] -= 1  # __main__ is a name that Python asks for
    assert {room: count for room, count in held.items() if count > 12} == {}


def test_a_module_and_a_public_class_have_one_name_each():
    stems: dict[str, list[str]] = {}
    classes: dict[str, list[str]] = {}
    for path in MODULES:
        module = module_name(path)
        if not module.startswith(VERBS):
            stems.setdefault(path.stem, []).append(module)
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes.setdefault(node.name, []).append(module)
    assert {name: where for name, where in stems.items() if len(where) > 1} == {}
    twice = {name: where for name, where in classes.items() if len(where) > 1}
    assert twice == {}


def test_few_parameters_may_be_anything():
    found = {module_name(path): list(parameters(path)) for path in MODULES}
    loose = {module: [name for name, at in each if anything(at)] for module, each in found.items()}
    n_loose, n_all = (sum(map(len, each.values())) for each in (loose, found))
    worst = sorted(loose, key=lambda module: -len(loose[module]))[:25]
    told = "\n".join(f"{module}: {', '.join(loose[module])}" for module in worst)
    share = 100 * n_loose / n_all
    assert share <= CEILINGS["loose parameters, %"], f"{n_loose} of {n_all}: {share:.1f} %\n{told}"


def parameters(path: Path) -> Iterator[tuple[str, str]]:
    """Each parameter of each function, as ``function(parameter)``, and its annotation as text."""
    for node in statements(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            rest = [each for each in (given.vararg, given.kwarg) if each]
            for each in [*given.posonlyargs, *given.args, *given.kwonlyargs, *rest]:
                if each.arg not in {"self", "cls"}:
                    annotation = ast.unparse(each.annotation) if each.annotation else ""
                    yield f"{node.name}({each.arg})", annotation


def anything(annotation: str) -> bool:
    """Whether a type says nothing: none, Any, object, or a container of these but an array."""
    of_arrays = r"\b(NDArray|ndarray|MaskedArray|dtype)\[[^\[\]]*\]"
    told = re.sub(of_arrays, "array", annotation)
    return not told or bool(re.search(r"\b(Any|object)\b", told))


@pytest.mark.parametrize(
    ("annotation", "says_nothing"),
    [
        ("", True), ("Any", True), ("object", True), ("dict[str, Any] | None", True),
        ("int", False), ("NDArray[Any]", False), ("Mapping[str, NDArray[Any]]", False),
        ("list[tuple[NDArray[Any], Any]]", True), ("Anything", False),
    ],
)  # fmt: skip
def test_a_type_that_says_nothing_is_distinguished_from_one_that_does(annotation, says_nothing):
    assert anything(annotation) is says_nothing


def test_few_places_of_the_source_are_the_same_lines():
    sources = [path for path in SOURCE.rglob("*") if path.suffix in duplicates.ENDINGS]
    found = duplicates.shared_runs(sources)
    told = "\n".join(
        f"{run.path.relative_to(ROOT)}:{run.line} ~ {run.other.relative_to(ROOT)}:{run.other_line}"
        for run in sorted(found)
    )
    assert len(found) <= CEILINGS["pairs of duplicates"], f"{len(found)} pairs\n{told}"


def test_duplicates_are_found_whatever_stands_between_their_lines(tmp_path):
    lines = [f"total = total + part_{number}" for number in range(6)]
    between = [f"  {line}\n\n# a comment\nimport os\n)\n" for line in lines]
    (tmp_path / "a.py").write_text("begin = 0\n" + "\n".join(lines), encoding="utf-8")
    (tmp_path / "b.js").write_text("x\ny\n" + "".join(between).replace("import os\n", "// c\n"))
    (tmp_path / "short.py").write_text("\n".join(lines[:5]), encoding="utf-8")
    (run,) = duplicates.shared_runs(tmp_path.iterdir())
    assert (run.path.name, run.line, run.other.name, run.other_line) == ("a.py", 2, "b.js", 3)
    (tmp_path / "b.js").unlink()
    (tmp_path / "a.py").write_text("\n".join([*lines, "pass", *lines]), encoding="utf-8")
    (run,) = duplicates.shared_runs(tmp_path.iterdir())
    assert (run.line, run.other_line) == (1, 8)


def test_rooms_have_empty_init_files():
    rooms = [path for path in SOURCE.rglob("__init__.py") if path.parent != SOURCE]
    assert rooms
    assert [path for path in rooms if path.read_text(encoding="utf-8").strip()] == []


def test_the_quick_cases_have_each_value_of_each_list_of_parameters(tmp_path):
    (tmp_path / "conftest.py").write_text(
        "from slow_cases import mark_slow_but_each\n"
        "def pytest_collection_modifyitems(items): mark_slow_but_each(items)\n"
    )
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.quick_each(3)\n"
        "@pytest.mark.parametrize('x', [0, 1, 2])\n"
        "@pytest.mark.parametrize(('a', 'b'), [(k, -k) for k in range(4)])\n"
        "def test_two(x, a, b, request):\n"
        "    assert bool([*request.node.iter_markers('slow')]) is ((x + a) % 3 != 0)\n"
        "@pytest.mark.quick_each(2)\n"
        "@pytest.mark.parametrize('x', [0, 1, 2, 3, 4])\n"
        "def test_one(x, request):\n"
        "    assert bool([*request.node.iter_markers('slow')]) is (x % 2 != 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(TESTS / "helpers")},
        capture_output=True, text=True,
    )  # fmt: skip
    assert "17 passed" in done.stdout, done.stdout


def test_every_folder_is_a_known_room():
    assert {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in MODULES} <= set(
        FLOORS
    )


def test_public_names_are_sorted_and_all_there():
    assert thalweg.__all__ == sorted(thalweg.__all__)
    for name in thalweg.__all__:
        assert getattr(thalweg, name) is not None
    assert set(thalweg.__all__) <= set(dir(thalweg))


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = thalweg.nonsense


def test_import_loads_nothing_heavy():
    code = "import sys, thalweg; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    # The command line sees to signals before any of these is there.
    heavy = {
        "numpy",
        "scipy",
        "sklearn",
        "pandas",
        "numba",
        "matplotlib",
        "rich",
        "typer",
        "safetensors",
    }
    assert heavy.isdisjoint(loaded)
