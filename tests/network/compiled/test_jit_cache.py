"""Where compiled code is kept: named after its text, for its owner alone, and without surprises."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread

import numba
import numpy as np
import pytest
from joblib import Parallel, delayed
from numba.core import config

import thalweg
from slow_cases import slow_but
from strangers import see
from thalweg import private_directories
from thalweg.network.compiled import jit_cache
from thalweg.network.compiled.jit_cache import (
    compiled_kernel,
    compiled_loop,
    directory,
    filled,
    once,
)

SOURCE = Path(thalweg.__file__).parent
posix = os.name != "nt"  # elsewhere files have no owner and mode that these could look at


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A place for caches, empty; the directory is made anew on every call."""
    monkeypatch.setattr(jit_cache, "user_cache_path", lambda *_, **__: tmp_path / "home")
    monkeypatch.delenv("THALWEG_CACHE", raising=False)
    jit_cache._home.cache_clear()
    yield tmp_path / "home"
    jit_cache._home.cache_clear()


def found():
    jit_cache._home.cache_clear()
    return directory()


# --- the name -----------------------------------------------------------------------------------


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A copy of the room that the name is taken from."""
    copy = tmp_path / "network"
    shutil.copytree(SOURCE / "network", copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SOURCE / "elementary_functions.py", tmp_path)
    monkeypatch.setattr(jit_cache, "__file__", str(copy / "compiled" / "jit_cache.py"))
    return copy


def names(room):
    return sorted(path.relative_to(room).as_posix() for path in room.rglob("*.py"))


def test_the_name_is_that_of_every_file_in_the_room(home, room):
    first = found()
    assert first.parent == home
    assert found() == first
    seen = {first}
    for name in [*names(room), "../elementary_functions.py"]:
        text = (room / name).read_bytes()
        (room / name).write_bytes(text + b"\n")
        seen.add(found())
        (room / name).write_bytes(text)
        assert found() == first
    assert len(seen) == 2 + len(names(room)) >= 15


def test_moving_renaming_adding_and_taking_away_is_seen(home, room):
    first = found()
    (room / "formulas/rules.py").rename(room / "formulas/rulez.py")
    assert found() != first
    (room / "formulas/rulez.py").rename(room / "formulas/rules.py")
    (room / "more.py").touch()
    assert found() != first
    (room / "more.py").unlink()
    paths = room / "formulas/dropout_mask.py", room / "formulas/input_scales.py"
    one, other = (path.read_bytes() for path in paths)
    paths[0].write_bytes(one + other)
    paths[1].write_bytes(b"")
    assert found() != first
    paths[0].write_bytes(one)
    paths[1].write_bytes(other)
    assert found() == first
    (room / "notes.txt").write_text("no code")
    assert found() == first


def test_a_file_in_a_folder_of_the_room_is_seen_too(home, room):
    before = found()
    (room / "folder" / "deeper").mkdir(parents=True)
    assert found() == before
    formula = room / "folder" / "deeper" / "formula.py"
    formula.write_text("RATE = 1.0\n")
    first = found()
    formula.write_text("RATE = 2.0\n")
    second = found()
    formula.rename(room / "folder" / "formula.py")
    third = found()
    assert len({before, first, second, third}) == 4


def test_the_copy_has_the_name_of_the_original(home, room, monkeypatch):
    copied = found()
    monkeypatch.undo()
    monkeypatch.setattr(jit_cache, "user_cache_path", lambda *_, **__: home)
    assert found() == copied


# --- whose it is --------------------------------------------------------------------------------


@pytest.mark.skipif(not posix, reason="modes are those of POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_it_is_for_its_owner_alone(umask, home):
    before = os.umask(umask)
    try:
        path = found()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert path.stat().st_uid == os.getuid()


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o750, 0o770, 0o704, 0o701, 0o710])
def test_a_directory_that_others_may_enter_is_not_used(mode, home):
    path = found()
    path.chmod(mode)
    assert found() is None
    path.chmod(0o700)
    assert found() == path


def test_a_directory_of_somebody_else_is_not_used(home, monkeypatch):
    path = found()
    monkeypatch.setattr(private_directories.os, "geteuid", lambda: path.stat().st_uid + 1)
    assert found() is None


# --- somebody else on the machine ---------------------------------------------------------------

STRANGER = 65534

# Does as the user whom it is given what a neighbour did: moves our directory away, and puts one
# of his own in its place, with files that are sealed as ours are and run code when they are read.
ATTACK = """
import os, pickle, sys
from hashlib import sha256
user, shared, leaf, mark, *names = sys.argv[1:]
if int(user):
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
if os.path.exists(shared + "/thalweg"):
    os.rename(shared + "/thalweg", shared + "/away")
os.makedirs(shared + "/thalweg/" + leaf, 0o755)
class Evil:
    def __reduce__(self):
        return os.mkdir, (mark,)
data = pickle.dumps(Evil())
for name in names:
    with open(f"{shared}/thalweg/{leaf}/{name}", "wb") as file:
        file.write(sha256(data).digest() + data)
"""


@pytest.fixture
def shared(monkeypatch):
    """A directory of somebody else, who is another user, or (0) one that is only seen as another.

    Who runs the tests as root has a real neighbour; nobody else can act as two users.
    """
    with tempfile.TemporaryDirectory() as name:  # pytest's own lets nobody else in
        top = Path(name)
        top.chmod(0o755)
        place = top / "shared"
        place.mkdir()
        if posix and os.geteuid() == 0:
            os.chown(place, STRANGER, STRANGER)
            yield place, STRANGER
        else:
            see(monkeypatch, place.stat().st_ino, st_uid=os.geteuid() + 1)
            yield place, 0


def test_no_file_is_read_that_a_neighbour_could_put_there(
    home, shared, compiling, capsys, monkeypatch
):
    one()
    (file,) = kept()
    place, user = shared
    monkeypatch.setattr(jit_cache, "user_cache_path", lambda *_, **__: place / "thalweg")
    jit_cache._home.cache_clear()
    one()  # our process looks at the directory here, and only here
    mark = place.parent / "ran"
    attack = [sys.executable, "-c", ATTACK, str(user), str(place), file.parent.name, str(mark)]
    subprocess.run([*attack, file.name], check=True)
    assert one() == 42.0
    assert not mark.exists()
    assert compiling == ["doubled"] * 3
    jit_cache._say.cache_clear()
    one(said=True)
    assert capsys.readouterr().err == said(
        "in every process, as nothing is kept",
        f". {place} belongs to another user; {private_directories.elsewhere()}",
    )


def test_where_nothing_can_be_made_nothing_is_kept(home):
    home.write_text("a file, not a directory")
    assert found() is None
    home.unlink()
    home.mkdir()
    assert found() is not None


@pytest.mark.parametrize("word", ["off", "OFF", "Off"])
def test_off_makes_nothing(word, home, monkeypatch):
    monkeypatch.setenv("THALWEG_CACHE", word)
    assert found() is None
    assert not home.exists()


@pytest.mark.parametrize("word", ["", "on", "0"])
def test_only_off_is_off(word, home, monkeypatch):
    monkeypatch.setenv("THALWEG_CACHE", word)
    assert found().is_dir()


# --- compiling ------------------------------------------------------------------------------------


def doubled(x):
    return x + x


def one(function=doubled, **said):
    """Compiled for a float, and what it makes of 21."""
    made = compiled_loop(function, numba.float64(numba.float64), nopython=True, **said)
    return made.ctypes(21.0)


def kept():
    return sorted(each for each in found().rglob("*") if each.is_file())


@pytest.fixture
def here(home, monkeypatch):
    """What is kept, is kept in the empty home."""
    monkeypatch.setattr(jit_cache, "directory", found)
    return home


@pytest.fixture
def compiling(monkeypatch):
    """The names of what was compiled, and not read from a file."""
    names, keep = [], jit_cache._Kept.save_overload

    def save(self, signature, compiled):
        names.append(self.name.rpartition(".")[2])
        keep(self, signature, compiled)

    monkeypatch.setattr(jit_cache._Kept, "save_overload", save)
    return names


def test_what_is_kept_is_found_again(here, compiling):
    assert [one(), one(), one()] == [42.0] * 3
    assert compiling == ["doubled"]
    (file,) = kept()
    assert file.name.startswith("doubled-")
    assert file.suffix == ".code"


def test_a_kernel_is_kept_by_the_types_of_its_arguments(here, compiling):
    for _ in range(2):
        kernel = compiled_kernel(doubled)
        assert kernel(21) == 42
        assert kernel(1.5) == 3.0
        assert compiling == ["doubled", "doubled"]
    assert len(kept()) == 2


def test_another_numba_has_files_of_its_own(here, compiling, monkeypatch):
    one()
    monkeypatch.setattr(jit_cache.numba, "__version__", "0.0.1")
    assert one() == 42.0
    assert compiling == ["doubled", "doubled"]
    assert len(kept()) == 2


@pytest.mark.parametrize("name", ["NUM_THREADS", "CACHE_DIR", "DISABLE_PERFORMANCE_WARNINGS"])
def test_a_setting_that_changes_no_code_has_nothing_compiled_again(
    name, here, compiling, monkeypatch
):
    one()
    monkeypatch.setenv(f"NUMBA_{name}", "2")
    assert one() == 42.0
    assert compiling == ["doubled"]


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("name", jit_cache._CHANGE_CODE)
def test_a_setting_that_changes_code_has_files_of_its_own(name, here, compiling, monkeypatch):
    monkeypatch.delenv(f"NUMBA_{name}", raising=False)
    one()
    monkeypatch.setenv(f"NUMBA_{name}", "fanout" if name.endswith("FLAGS") else "1")
    assert one() == 42.0
    assert compiling == ["doubled", "doubled"]
    assert len(kept()) == 2
    assert hasattr(config, {"DEBUGINFO": "DEBUGINFO_DEFAULT"}.get(name, name))


def test_a_worker_of_a_search_reads_what_is_kept(here, compiling):
    one()
    # A lambda goes to the worker as it is: the module of a test cannot be imported there.
    numba_settings = delayed(lambda: [each for each in os.environ.items() if "NUMBA_" in each[0]])
    in_a_worker = Parallel(n_jobs=2, backend="loky")(numba_settings() for _ in range(1))
    assert [name for name, _ in in_a_worker[0] if name == "NUMBA_NUM_THREADS"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in in_a_worker[0]:
            patch.setenv(name, value)
        assert one() == 42.0
    assert compiling == ["doubled"]


def test_numbas_own_setting_is_left_alone(here, monkeypatch, tmp_path):
    for before in ("", str(tmp_path / "theirs")):
        monkeypatch.setattr(config, "CACHE_DIR", before)
        assert one() == 42.0
        assert before == config.CACHE_DIR
    assert not (tmp_path / "theirs").exists()
    with pytest.raises(numba.TypingError):
        compiled_loop(doubled, numba.float64(numba.types.string), nopython=True)
    assert len(kept()) == 1


def test_without_a_directory_nothing_is_kept(home, compiling, monkeypatch):
    monkeypatch.setattr(jit_cache, "directory", lambda: None)
    assert [one(), one()] == [42.0, 42.0]
    assert compiling == ["doubled", "doubled"]
    assert not home.exists()


@pytest.mark.parametrize("step", slow_but((485,), (485, 97)))
def test_a_damaged_file_is_as_good_as_none(here, compiling, step):
    one()
    (file,) = kept()
    whole = file.read_bytes()
    damaged = [b"", whole[:31], whole[:32], whole[:-1], whole + b"x", bytes(len(whole)), b"x" * 99]
    damaged += [
        whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), step)
    ]
    for turn, data in enumerate(damaged):
        file.write_bytes(data)
        assert one() == 42.0
        assert len(compiling) == turn + 2
        assert jit_cache._Kept._read(file.name)  # mended
        assert kept() == [file]
    assert one() == 42.0
    assert len(compiling) == len(damaged) + 1


@pytest.mark.parametrize("operation", ["open", "fdopen", "replace"])
def test_a_full_disk_is_no_error(operation, here, compiling, monkeypatch):
    plain = getattr(os, operation)
    full = OSError(28, "No space left on device")

    def create(path, flags, *more, **where):
        if flags & os.O_CREAT:
            raise full
        return plain(path, flags, *more, **where)

    def open_file(handle, mode):
        if mode == "rb":
            return plain(handle, mode)
        os.close(handle)
        return NoRoom()

    class NoRoom(BytesIO):
        def write(self, data):
            raise full

    def rename(*_, **__):
        raise full

    failing = {"open": create, "fdopen": open_file, "replace": rename}[operation]
    monkeypatch.setattr(private_directories.os, operation, failing)
    assert [one(), one()] == [42.0, 42.0]
    assert compiling == ["doubled", "doubled"]
    assert kept() == []


def test_many_threads_keep_it_all_in_one_place(here, monkeypatch, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    meet, results = Barrier(4, timeout=30), []

    def make(number):
        meet.wait()
        for turn in range(5):
            results.append(one(filled(doubled, {}, f"doubled_{number}_{turn}")))

    workers = [Thread(target=make, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results == [42.0] * 20
    assert list(work.iterdir()) == []
    assert len(kept()) == 20


FACTOR = 2.0


def scaled(x):
    return FACTOR * x


def test_filled_is_another_function_with_other_meanings():
    tripled = filled(scaled, {"FACTOR": 3.0}, "tripled")
    assert (tripled(2.0), scaled(2.0)) == (6.0, 4.0)
    assert tripled.__name__ == tripled.__qualname__ == "tripled"
    assert scaled.__name__ == "scaled"


def test_once_is_once_whoever_asks():
    made, meet = [], Barrier(8, timeout=30)

    @once
    def make(argument):
        made.append(argument)
        return object()

    def ask(number, results):
        meet.wait()
        results.append([make(argument) for argument in range(50)])

    results = []
    workers = [Thread(target=ask, args=(number, results)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(made) == list(range(50))
    assert all(result == results[0] for result in results)


def test_a_failure_is_not_kept():
    turns = []

    @once
    def make(argument):
        turns.append(argument)
        if len(turns) == 1:
            raise ZeroDivisionError
        return argument

    with pytest.raises(ZeroDivisionError):
        make(1)
    assert make(1) == 1


# --- whole processes ------------------------------------------------------------------------------

USE = """
import sys
import numpy as np
from thalweg.network.architecture import Architecture
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.engine import Data, Method, Objective, Order, State

def use(dtype):
    engine, architecture = CompiledEngine(), Architecture((2, 3, 1), ("silu", "identity"))
    theta = np.linspace(-1, 1, architecture.n_parameters).astype(dtype)
    data = Data.of(np.linspace(0, 1, 8).reshape(4, 2).astype(dtype), np.ones((4, 1)))
    objective, method = Objective("squared_error"), Method.of("adam")
    state = State.at(theta, method.rule)
    engine.steps(architecture, objective, method, state, data, Order(np.arange(4), 3),
                 np.full(9, 0.1), 0)
    heights = engine.losses(architecture, objective, theta[None], data)
    height, _ = engine.loss_and_gradient(architecture, objective, theta, data)
    predicted = engine.predict(architecture, theta, data)
    return [*state.theta.tolist(), *heights.tolist(), height, *predicted.ravel().tolist()]
"""
BOTH = USE + "for each in ('f4', 'f8'):\n    print(*use(each))\n"


def run(code, home, cwd, *, source=SOURCE.parent, prefix=(), **more):
    """What a fresh process prints, and says."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")},
        "XDG_CACHE_HOME": str(home), "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }  # fmt: skip
    done = subprocess.run(
        [*prefix, sys.executable, "-W", "error", "-c", code], env=environment, cwd=cwd,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def files(path):
    return sorted(str(each.relative_to(path)) for each in path.rglob("*") if each.is_file())


@pytest.fixture
def places(tmp_path):
    """A home for caches and a working directory, both empty."""
    made = tmp_path / "caches", tmp_path / "work"
    for each in made:
        each.mkdir()
    return made


def said(where, why=""):
    return f"thalweg compiles its engine ({where}); this takes some seconds{why}\n"


@pytest.mark.slow
def test_said_once_a_dtype_and_kept_in_one_place(places):
    home, work = places
    source = files(SOURCE)
    first, talk = run(BOTH, home, work)
    (kept,) = (home / "thalweg").iterdir()
    assert talk == said(f"once; it is kept in {kept}")
    assert kept.name == directory().name
    # Nothing in the source, nothing where the user works, nothing beside the one directory.
    assert files(SOURCE) == source
    assert files(work) == []
    assert [each.name for each in home.iterdir()] == ["thalweg"]
    before = files(kept)
    again, silence = run(BOTH, home, work)
    assert (again, silence) == (first, "")
    assert files(kept) == before
    # As the reference has it.
    ours = [[float(each) for each in line.split()] for line in first.splitlines()]
    reference = BOTH.replace("compiled.compiled_engine", "reference_engine")
    theirs = run(reference.replace("Compiled", "Reference"), home, work)
    expected = [[float(each) for each in line.split()] for line in theirs[0].splitlines()]
    np.testing.assert_allclose(ours[0], expected[0], rtol=1e-4)
    np.testing.assert_allclose(ours[1], expected[1], rtol=1e-12)


@pytest.mark.slow
def test_off_writes_nothing_and_says_so_in_every_process(places):
    home, work = places
    code = USE + "print(*use('f4'))"
    for _ in range(2):
        _, talk = run(code, home, work, THALWEG_CACHE="off")
        assert talk == said("in every process, as nothing is kept", ". THALWEG_CACHE is off")
    assert files(home) == files(work) == []


@pytest.mark.slow
def test_the_users_own_numba_goes_where_it_went(places, tmp_path):
    home, work = places
    (work / "own.py").write_text(
        "from numba import njit\n@njit(cache=True)\ndef own(x):\n    return x + 1\n"
    )
    code = USE + "use('f4')\nimport own\nfrom numba.core import config\nprint(own.own(1))\n"
    theirs = tmp_path / "theirs"
    run(code, home, work, NUMBA_CACHE_DIR=str(theirs))
    assert all("own.own" in each for each in files(theirs))
    assert len(files(theirs)) == 2
    assert not [each for each in files(home) if "own.own" in each]


@pytest.mark.slow
def test_an_edited_formula_is_never_answered_from_the_cache(places, tmp_path):
    home, work = places
    copy = tmp_path / "copy"
    shutil.copytree(SOURCE, copy / "thalweg", ignore=shutil.ignore_patterns("__pycache__"))
    code = USE + "print(use('f8')[-1])"
    before, _ = run(code, home, work, source=copy)
    for name, old, new in (
        ("activations", "return where(z < 0.0, -a * e, z) / (1.0 + e)", "return 2.0 * z"),
        ("vector_math", "(one + tail) * power(half)", "(one + one + tail) * power(half)"),
        ("chunk_passes", "theta[net.biases[layer] + unit]",
         "theta[net.biases[layer] + unit] + 1.0"),
    ):  # fmt: skip
        (path,) = (copy / "thalweg" / "network").rglob(f"{name}.py")
        text = path.read_text(encoding="utf-8")
        assert old in text
        mtime = path.stat().st_mtime_ns
        path.write_text(text.replace(old, new), encoding="utf-8")
        os.utime(path, ns=(mtime, mtime))  # nor does the time of the file decide
        after, talk = run(code, home, work, source=copy)
        assert after != before, name
        assert "compiles its engine" in talk
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(mtime, mtime))
    assert run(code, home, work, source=copy) == (before, "")


@pytest.mark.slow
def test_two_threads_may_be_the_first(places):
    home, work = places
    code = (
        USE
        + """
from threading import Barrier, Thread
meet, results = Barrier(4), {}
def ask(number):
    meet.wait()
    results[number] = use(("f4", "f8")[number % 2])
workers = [Thread(target=ask, args=(number,)) for number in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
assert results[0] == results[2] and results[1] == results[3]
print(*results[0])
print(*results[1])
"""
    )
    together, talk = run(code, home, work)
    assert len(talk.splitlines()) == 1, "said twice"
    assert files(work) == []
    assert run(BOTH, home, work) == (together, "")


@pytest.mark.slow
def test_two_processes_may_be_the_first(places):
    home, work = places
    expected, _ = run(BOTH, home / "other", work)
    code = USE + "print(*use({!r}))"
    environment = {**os.environ, "XDG_CACHE_HOME": str(home), "PYTHONPATH": str(SOURCE.parent)}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code.format(dtype)], env=environment, cwd=work, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for dtype in ("f4", "f8")
    ]  # fmt: skip
    printed = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert "".join(printed) == expected
    assert run(BOTH, home, work)[0] == expected


@pytest.mark.slow
def test_no_name_has_two_meanings(places):
    """What two processes kept, a third can read together: ``named`` says why it might not."""
    home, work = places
    code = """
from collections import defaultdict
from numba.core.bytecode import FunctionIdentity
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import LOSSES
from thalweg.network.compiled.formula_loops import maker
from thalweg.network.compiled.products import product_of, single_of, transpose_of
from thalweg.network.compiled.wide.blocked_products import blocked_of
from thalweg.network.formulas.rules import RULES

meanings, identity = defaultdict(set), FunctionIdentity.from_function.__func__
def seen(cls, function):
    found = identity(cls, function)
    if found.modname.startswith("thalweg"):
        meanings[found.modname, found.func_qualname].add(found.func)
    return found
FunctionIdentity.from_function = classmethod(seen)
for dtype in ("f4", "f8"):
    make = maker(dtype)
    product_of(dtype), transpose_of(dtype), single_of(dtype), blocked_of(dtype)
    for name in ACTIVATIONS:
        make.activation(name, False), make.below_one(name)
    for name in LOSSES:
        make.loss(name)
    for name in RULES:
        make.rule(name)
    make.joined(), make.mask()
assert len(meanings) > 150
print([name for name, functions in meanings.items() if len(functions) > 1])
"""
    found, _ = run(code, home, work, THALWEG_CACHE="off")
    assert found == "[]\n"


def test_from_a_warm_cache_nothing_is_said(tmp_path):
    # What the whole test run uses; made before the first test.
    code = "import numpy as np\n" + USE + "use('f4')\nuse('f8')\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True,
        check=True, env={**os.environ, "PYTHONPATH": str(SOURCE.parent)},
    )  # fmt: skip
    expected = 0 if directory() else 1
    assert len(done.stderr.splitlines()) == expected
    assert files(tmp_path) == []


def test_nothing_is_kept_where_numba_must_not_compile(home, monkeypatch):
    monkeypatch.setattr(config, "DISABLE_JIT", 1)

    def double(x):
        return 2 * x

    assert compiled_kernel(double)(3) == 6
    assert directory() is None or not any(Path(directory()).iterdir())
