"""Nothing is merely written: the documentation is executed, followed, and compared.

In README.md, CONTRIBUTING.md, CHANGELOG.md, docs/*.md, docs/tutorials/*.md and docs/how-to/*.md

- a ``python`` block is run; the blocks of one page share their names and a fresh folder;
- a ``console`` block holds commands after ``$ ``: those that call ``thalweg`` are run in that
  folder and must end with status 0, or ``N`` where the fence says ``console exit=N``; what
  ``make`` is asked for must be in the Makefile;
- where the fence of either says ``slow`` (``console slow``), the quick run passes over the block,
  and no other block may need what it makes; ``make docs`` and ``make test-all`` run it;
- a ``text`` block is what the block right above it prints (``text stderr``: says on standard
  error). Blank lines do not count, nor do spaces outside brackets: the columns of an array are
  compared. ``…`` stands for any text, and alone on a line for any lines.
- any other fence has no language that somebody could take for an example.
"""

import contextlib
import doctest
import importlib
import inspect
import io
import os
import re
import shlex
import subprocess
import sys
import textwrap
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

import pytest

import house_map
import thalweg
from floors import FLOORS
from places import ROOT
from thalweg.cli.main import main
from thalweg.network.engine import Engine

SOURCE = Path(thalweg.__file__).parent
# Tutorials and how-to pages use again what other pages show: their examples are slow tests.
SLOW_PAGES = [
    path for name in ("tutorials", "how-to") for path in sorted((ROOT / "docs" / name).glob("*.md"))
]
# The links of the site's front page are checked by tests/whole/test_site_pages.py.
FRONT = ROOT / "docs" / "site" / "pages" / "index.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *SLOW_PAGES]
EXAMPLES = [path for path in sorted(SOURCE.rglob("*.py")) if ">>>" in path.read_text("utf-8")]
# What is in such a fence looks like an example, but nothing would run it.
FORBIDDEN = {"py", "python3", "pycon", "bash", "sh", "shell", "zsh", "shell-session"}

FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z0-9-]*")
# In brackets, so that this file does not name what it looks for.
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|anaconda|npmjs|crates)[.](?:org|com|io)\b", re.I)
MACHINE_PATH = re.compile(r"(?<![\w.~/-])/(?:work|home|root|Users)/[\w.]|\b[A-Z]:\\Users\\")


def relative(path):
    return str(path.relative_to(ROOT))


# Reading a page


@dataclass(frozen=True)
class Fence:
    kind: str
    options: tuple[str, ...]
    body: str
    line: int  # of the opening fence, counted from 1
    adjoins: bool  # nothing but blank lines between the fence before and this one


def fences(text):
    found, end = [], None
    for match in FENCE.finditer(text):
        kind, *options = match[1].split() or [""]
        adjoins = end is not None and not text[end : match.start()].strip()
        line = text.count("\n", 0, match.start()) + 1
        found.append(Fence(kind, tuple(options), match[2], line, adjoins))
        end = match.end()
    return found


def commands(body):
    """The commands of a console block; a backslash at the end of a line continues it."""
    lines = body.replace("\\\n", " ").splitlines()
    assert all(line.startswith("$ ") for line in lines), "output belongs into a text block"
    return [line.removeprefix("$ ") for line in lines]


def squeezed(line):
    """A line with single spaces, except inside square brackets, where NumPy writes arrays."""
    words = [
        piece if piece.startswith("[") else re.sub(r"\s+", " ", piece)
        for piece in re.findall(r"\[[^\[\]]*\]?|[^\[]+", line.strip())
    ]
    return "".join(words)


def matches(said, shown):
    """Whether printed text is what a page shows."""
    pattern = ""
    for line in shown.splitlines():
        words = squeezed(line)
        if words == "…":
            pattern += r"(?:.*\n)*?"
        elif words:
            pattern += re.escape(words).replace("…", ".*") + r"\n"
    lines = [squeezed(line) for line in said.splitlines()]
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines if line)) is not None


def anchors(text):
    """The anchors of the headings, as GitHub names them."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        numbered = (slug, *(f"{slug}-{n}" for n in range(1, 100)))
        found.add(next(each for each in numbered if each not in found))
    return found


def has_slow_blocks(path):
    return any("slow" in fence.options for fence in fences(path.read_text(encoding="utf-8")))


def broken_links(path):
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(\s*<?([^)\s>]+)", text)
    targets += re.findall(r"^\[[^\]]+\]:\s*<?(\S+?)>?\s*$", text, re.MULTILINE)
    broken = []
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        page = path.parent / name if name else path
        if not page.exists() or (
            anchor and anchor not in anchors(page.read_text(encoding="utf-8"))
        ):
            broken.append(target)
    return broken


# Running a page


def run_python(fence, name, names):
    """Run a block as a plain script; line numbers in a traceback are those of the page."""
    assert {*fence.options} <= {"slow"}, "every Python example is run"
    said = io.StringIO()
    program = compile("\n" * fence.line + fence.body, name, "exec")
    with contextlib.redirect_stdout(said):
        exec(program, names)
    return {"stdout": said.getvalue()}


# What only a shell understands; a command without it runs in this process, which saves seconds.
SHELL = re.compile(r"[|<>&;$*`~(){}]")
# Quoted text, other text, or the sign between two commands of a pipe.
PIECES = re.compile(r"""'[^']*'|"[^"]*"|[^'"|]+|[|]""")


def pipeline(command):
    """The commands before thalweg, thalweg's own, and those after it; None for other lines."""
    commands = [""]
    for piece in PIECES.findall(command):
        if piece == "|":
            commands.append("")
        else:
            commands[-1] += piece
    ours = [n for n, each in enumerate(commands) if re.match(r"\s*thalweg ", each)]
    if len(ours) != 1 or SHELL.search(commands[ours[0]]) or "" in commands:
        return None
    (place,) = ours
    return "|".join(commands[:place]), commands[place], "|".join(commands[place + 1 :])


def run_in_pipe(before, command, after, by_shell):
    """Run thalweg in this process, and by a shell what feeds it and what reads it."""
    fed = by_shell(before).stdout.encode() if before else b""
    with mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(fed), "utf-8")):
        code, out, err = run_here(command)
    if not after:
        return code, out, err
    ended = by_shell(after, input=out)  # whose status is that of the line
    return ended.returncode, ended.stdout, err + ended.stderr


def run_here(command):
    """Run one command line in this process: its exit code, stdout, stderr."""
    program, *arguments = shlex.split(command)
    assert program == "thalweg", command
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with (
        mock.patch.dict(os.environ, SURROUNDINGS),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        code = main(arguments)
    for stream in (out, err):
        stream.flush()
    return code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()


SURROUNDINGS = {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}


def run_console(fence, folder, *, by_shell):
    """Run the commands of a block that call thalweg, all others being the reader's own."""
    (wanted,) = [each for each in fence.options if each != "slow"] or ["exit=0"]
    said = {"stdout": "", "stderr": ""}
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **SURROUNDINGS,
    }

    def shell(line, **given):
        return subprocess.run(
            line, shell=True, cwd=folder, env=environment, capture_output=True, encoding="utf-8",
            **given,
        )  # fmt: skip

    for command in commands(fence.body):
        if command.startswith("make "):
            asked = {word for word in shlex.split(command)[1:] if "=" not in word}
            assert asked <= make_targets(), command
        if not re.search(r"\bthalweg ", command):
            continue
        if by_shell or not (parts := pipeline(command)):
            ended = shell(command)
            code, out, err = ended.returncode, ended.stdout, ended.stderr
        else:
            code, out, err = run_in_pipe(*parts, shell)
        said["stdout"] += out
        said["stderr"] += err
        assert f"exit={code}" == wanted, f"{command}: exit={code}\n{out}{err}"
    return said


def make_targets():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))


def run_page(name, text, folder, *, passed_over=()):
    """Run the blocks of a page, all but those that have an option to pass over."""
    names = {"__name__": "__main__"}
    passing = False
    said = None
    # The first command that a reader types is run as the reader does.
    by_shell = name == "README.md"
    for fence in fences(text):
        where = f"{name}:{fence.line}"
        assert fence.kind not in FORBIDDEN, f"{where}: nothing runs {fence.kind} blocks"
        # With the block, what it prints.
        passing = bool({*passed_over} & {*fence.options}) or (passing and fence.kind == "text")
        if passing:
            continue
        if fence.kind == "python":
            said = run_python(fence, name, names)
        elif fence.kind == "console":
            said = run_console(fence, folder, by_shell=by_shell)
            by_shell = by_shell and not re.search(r"\bthalweg ", fence.body)
        elif fence.kind == "text":
            assert fence.adjoins, f"{where}: a text block is the output of the block above it"
            assert said is not None, f"{where}: the block above this text block does not run"
            printed = said[fence.options[0] if fence.options else "stdout"]
            assert matches(printed, fence.body), f"{where}: what was printed is\n{printed}"
        else:
            said = None


@pytest.mark.parametrize(
    "page",
    [
        *(pytest.param(page, marks=[pytest.mark.slow] * (page in SLOW_PAGES)) for page in PAGES),
        pytest.param(FRONT, marks=pytest.mark.slow),
    ],
    ids=map(relative, [*PAGES, FRONT]),
)
def test_every_example_runs_and_prints_what_the_page_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(relative(page), page.read_text(encoding="utf-8"), tmp_path, passed_over=("slow",))


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if has_slow_blocks(page)], ids=relative)
def test_slow_examples_run_and_print_what_the_page_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(relative(page), page.read_text(encoding="utf-8"), tmp_path)


@pytest.mark.parametrize("path", EXAMPLES, ids=relative)
def test_every_example_in_a_docstring_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(
        ".".join(("thalweg", *path.relative_to(SOURCE).with_suffix("").parts))
    )
    failed, tried = doctest.testmod(module)
    assert tried
    assert not failed


# What pages say of the project


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page):
    assert broken_links(page) == []


def test_the_five_calls_of_the_foundations_are_those_of_the_engine():
    page = (ROOT / "docs" / "foundations.md").read_text(encoding="utf-8")
    section = page[page.index("### Decision 1:") : page.index("### Decision 2:")]
    said = dict(re.findall(r"^- `(\w+)\(([^)]*)\)`", section, re.MULTILINE))
    calls = {name: call for name, call in vars(Engine).items() if not name.startswith("_")}
    assert said == {
        name: ", ".join(list(inspect.signature(call).parameters)[1:])
        for name, call in calls.items()
    }


def test_one_version_everywhere():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)[0] == thalweg.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [thalweg.__version__]


def test_the_citation_file_has_what_its_format_requires():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    keys = re.findall(r"^([a-z-]+):", citation, re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert {"cff-version", "message", "title", "authors"} <= set(keys)
    assert "cff-version: 1.2.0\n" in citation
    assert "  - name: The thalweg authors\n" in citation


def test_the_map_is_that_of_the_modules():
    assert house_map.PAGE.read_text(encoding="utf-8") == house_map.house_map(), "run `make map`"


def test_the_floors_of_the_design_are_those_of_the_building():
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    drawn = dict(re.findall(r"^ (\d)   (\S.*?)   {3,}", page, re.MULTILINE))
    rooms = {room.strip("()"): int(floor) for floor in drawn for room in drawn[floor].split()}
    built = {room: floor for room, floor in FLOORS.items() if floor and room != "__main__"}
    assert {room: floor for room, floor in rooms.items() if floor} == built


# The command line


@cache
def verbs():
    """The options of each verb, every one with all its flags."""
    from thalweg.cli.app import program

    group = program()
    return {
        name: [
            [*option.opts, *option.secondary_opts]
            for option in command.params
            if option.param_type_name == "option"
        ]
        for name, command in {"thalweg": group, **group.commands}.items()
    }


def cli_sections():
    """docs/cli.md: what stands above the first verb, and the section of each verb."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    common, *sections = re.split(r"^## `thalweg ", text, flags=re.MULTILINE)
    return common, {re.split(r"[\s`]", section)[0]: section for section in sections}


def undocumented(options, text):
    told = set(OPTION.findall(text))
    return [flag for flags in options for flag in flags if flag not in told]


def test_every_option_is_documented():
    common, sections = cli_sections()
    assert set(sections) == set(verbs()) - {"thalweg"}
    for verb, options in verbs().items():
        assert undocumented(options, common + sections.get(verb, "")) == [], verb


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_no_page_speaks_of_an_option_that_does_not_exist(page):
    command = re.compile(rf"\bthalweg ({'|'.join(verbs())})\b([^\n`|]*)")
    for verb, rest in command.findall(page.read_text(encoding="utf-8")):
        known = {flag for options in verbs()[verb] for flag in options}
        assert set(OPTION.findall(rest)) <= known | {"--help"}, f"thalweg {verb}{rest}"


# What no file may hold


def tracked_files():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["registry", "machine path"])
def test_no_file_names_a_registry_or_a_path_of_one_machine(pattern):
    found = {}
    for path in tracked_files():
        if match := pattern.search(path.read_text(encoding="utf-8", errors="ignore")):
            found[relative(path)] = match[0]
    assert found == {}


# The tests of these tests


def test_output_is_compared_line_by_line():
    assert matches("a  b\n\n c\n", "a b\nc\n")
    assert matches("a  [[-2.  0.]\n   [ 1.  3.]]  b\n", "a [[-2.  0.]\n [ 1.  3.]] b\n")
    assert not matches("[0. 0.] [-2.  0.  3.]\n", "[0. 0.] [-2. 0. 3.]\n")
    assert matches("loss 0.123\n", "loss 0.…\n")
    assert matches("a\nb\nc\nd\n", "a\n…\nd\n")
    assert matches("a\nd\n", "a\n…\nd\n")
    assert not matches("a\nb\n", "a\n")
    assert not matches("a\n", "a\nb\n")
    assert not matches("loss 1.123\n", "loss 0.…\n")
    assert not matches("x.y\n", "x y\n")
    assert not matches("xzy\n", "x.y\n")


def test_a_pipe_is_split_around_thalweg_and_other_lines_are_the_shells(tmp_path):
    assert pipeline("seq 2 | awk '{print 1 || $1}' | thalweg check - -q | head -n 3") == (
        "seq 2 | awk '{print 1 || $1}' ", " thalweg check - -q ", " head -n 3"
    )  # fmt: skip
    assert pipeline('thalweg trace m --weight "W[1]"') == (
        "", 'thalweg trace m --weight "W[1]"', ""
    )  # fmt: skip
    others = ("thalweg check a > b", "thalweg check - < a", "seq 2 && thalweg show m", "seq 2")
    assert [pipeline(line) for line in (*others, "thalweg show a | thalweg check -")] == [None] * 5
    fence = Fence(
        "console", (), "$ printf 'a,b\\n1,2\\n' | thalweg check - | grep -c 1\n", 1, False
    )
    by_us, by_shell = (run_console(fence, tmp_path, by_shell=each) for each in (False, True))
    assert by_us == by_shell
    assert int(by_us["stdout"]) > 0


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("```python\nassert False, 'an example fails'\n```\n", "an example fails"),
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", r"printed is\s+1"),
        ("```python no-run\nprint(1)\n```\n", "every Python example is run"),
        ("```sh\necho 1\n```\n", "nothing runs sh blocks"),
        ("```text\n1\n```\n", "the block above it"),
        ("```\n1\n```\n```text\n1\n```\n", "does not run"),
        ("```python\nprint(1)\n```\nprints\n```text\n1\n```\n", "the block above it"),
        ("```console\n$ thalweg nonsense\n```\n", "exit=2"),
        ("```console exit=1\n$ thalweg nonsense\n```\n", "exit=2"),
        ("```console\nthalweg --help\n```\n", "output belongs into a text block"),
        ("```console\n$ make gold\n```\n", "make gold"),
    ],
)
def test_a_page_that_lies_is_caught(page, complaint, tmp_path):
    with pytest.raises(AssertionError, match=complaint):
        run_page("a page", page, tmp_path)


def test_a_page_that_tells_the_truth_passes(tmp_path):
    page = """
        ```python
        a = 1
        print(f"a is  {a}", "\\n")
        ```

        ```text
        a is …
        ```

        ```console exit=2
        $ thalweg \\
          nonsense
        ```

        ```text stderr
        …
        ```

        ```
        y = W x
        ```
        """
    run_page("a page", textwrap.dedent(page), tmp_path)


def test_a_slow_block_is_passed_over_with_its_output_and_run_where_all_are(tmp_path):
    page = "```python slow\nprint(1)\n```\n\n```text\n2\n```\n\n```python\nprint(3)\n```\n"
    run_page("a page", page, tmp_path, passed_over=("slow",))
    with pytest.raises(AssertionError, match=r"printed is\s+1"):
        run_page("a page", page, tmp_path)
    page += "\n```text\n4\n```\n"
    with pytest.raises(AssertionError, match=r"printed is\s+3"):
        run_page("a page", page, tmp_path, passed_over=("slow",))


def test_broken_links_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# Two words: here\n[a](#two-words-here) [b](#two) [c](page.md) [d](gone.md)\n"
        "[e](https://example.org)\n```\n[f](gone.md)\n```\n\n[g]: lost.md\n"
    )
    assert broken_links(page) == ["#two", "gone.md", "lost.md"]


def test_forbidden_words_are_found():
    # Put together here, so that this file does not hold them.
    assert REGISTRY.search("see py" + "pi.org/simple")
    assert MACHINE_PATH.search('open("/ho' + 'me/ann/table.csv")')
    assert MACHINE_PATH.search("C:\\Us" + "ers\\ann")
    assert not MACHINE_PATH.search("https://example.org/ho" + "me/page")
