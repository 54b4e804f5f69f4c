"""The rules of the house, kept by reading the source and by watching an import."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import thalweg
from places import ROOT, TESTS

SOURCE = Path(thalweg.__file__).parent
FLOORS = {
    "errors": 0,
    "endings": 0,
    "files": 0,
    "sealed": 0,
    "private": 0,
    "random": 0,
    "interrupts": 0,
    "spread": 0,
    "wording": 0,
    "data": 1,
    "network": 1,
    "tracing": 2,
    "training": 2,
    "evaluation": 2,
    "landscape": 3,
    "estimators": 3,
    "persistence": 4,
    "scale": 4,
    "reporting": 5,
    "cli": 6,
    "studio": 6,
    "__main__": 7,
}
# The one file that may import upward, inside its one-line methods.
DOORS = "thalweg.estimators.doors"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py")
TEST_FILES = sorted(TESTS.rglob("test_*.py"))


def module_name(path: Path) -> str:
    return ".".join(("thalweg", *path.relative_to(SOURCE).with_suffix("").parts))


def room(module: str) -> str:
    return module.split(".")[1]


def imports(path: Path, *, top_level_only: bool = False) -> list[str]:
    """Every thalweg module that a file imports, function-level imports included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith("thalweg")]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module.split(".")[0] == "thalweg":
                found.append(node.module)
        elif isinstance(node, ast.ImportFrom) and node.level:
            found.append("." * node.level + (node.module or ""))
    return found


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_one_way(path):
    here = module_name(path)
    for target in imports(path):
        assert not target.startswith("."), f"{here}: import by full name, not {target}"
        assert target != "thalweg" or room(here) == "cli", f"{here} imports from the root"
        if target == "thalweg" or here == DOORS:
            continue
        same_room = room(target) == room(here)
        lower = FLOORS[room(target)] < FLOORS[room(here)]
        ground = FLOORS[room(here)] == FLOORS[room(target)] == 0
        assert same_room or lower or ground, f"{here} may not know {target}"


def test_evaluation_never_learns_of_networks():
    # It asks whatever has fit and predict_proba, and so judges rivals by the same code.
    for path in (SOURCE / "evaluation").rglob("*.py"):
        assert {room(target) for target in imports(path)} <= {
            "data", "errors", "evaluation", "random", "spread", "wording"
        }, path.name  # fmt: skip


def test_doors_import_upward_only_inside_functions():
    path = SOURCE / "estimators" / "doors.py"
    for target in imports(path, top_level_only=True):
        assert FLOORS[room(target)] <= FLOORS["estimators"]


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


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_every_module_is_within_its_budget(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 420, "two ideas in one file?"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= 60, f"{node.name} has {lines} lines"


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


def mirror_of(path: Path) -> Path:
    """The file of tests that mirrors a module."""
    return (TESTS / path.relative_to(SOURCE)).with_name(f"test_{path.name}")


def named_in(path: Path) -> set[str]:
    """Every module that a file may mean by its imports, and names that are none."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_rooms_have_empty_init_files():
    rooms = [path for path in SOURCE.rglob("__init__.py") if path.parent != SOURCE]
    assert rooms
    assert [path for path in rooms if path.read_text(encoding="utf-8").strip()] == []


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
