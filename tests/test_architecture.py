"""The layout of docs/architecture.md: imports point one way, the core is pure, every outside library has its owner."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for folder in ("nlu", "bot", "webhooks")
    for file in (ROOT / folder).rglob("*.py")
}
MAY_IMPORT = {"nlu": {"nlu"}, "bot": {"bot", "nlu"}, "webhooks": {"webhooks", "bot", "nlu"}}
PURE = [
    f"bot.{name}"
    for name in (
        *("session", "inputs", "events", "flow", "conditions", "questionnaire", "scoring", "render", "engine", "walk"),
        *("moves", "repair", "reserved", "canned", "segments"),
    )
]
UNREPEATABLE = {"time", "socket", "io", "os", "pathlib", "tempfile", "shutil", "random", "secrets", "uuid", "logging"}
UNREPEATABLE |= {"subprocess", "asyncio", "urllib", "http", "redis", "sqlalchemy", "flask", "twilio"}
CALLS = {"open", "print", "input"}
METHODS = {"now", "utcnow", "today", "fromtimestamp", "open", "read_text", "write_text", "read_bytes", "write_bytes"}
OWNERS = {
    "redis": ("bot.session_store", "bot.wake", "bot.rounds"),
    "rq": ("bot.wake", "bot.rounds"),
    "sqlalchemy": ("bot.records", "bot.directory", "bot.members"),
    "alembic": ("bot.records",),
    "twilio": ("webhooks", "bot.twilio_rest"),
    "flask": ("webhooks",),
    "argon2": ("bot.passwords",),
    "authlib": ("webhooks.console.identity", "bot.sinks"),
    "joserfc": ("webhooks.console.identity", "bot.sinks"),
    "requests": ("webhooks.console.identity", "bot.alerting", "bot.sinks", "bot.twilio_rest"),
    "standardwebhooks": ("bot.sinks",),
    "rasa_sdk": ("bot.actions", "bot.action_calls"),
    "pypred": ("bot.conditions",),
    "pyx12": ("bot.members.x12_segments",),
    "zipcodes": ("bot.directory",),
    "sklearn": ("nlu.train", "nlu.train_hashed"),
}


def imported(file):
    """Every module a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def inside(module, owners):
    return any(module == owner or module.startswith(f"{owner}.") for owner in owners)


def test_imports_point_one_way():
    for module, file in MODULES.items():
        ours = {name.partition(".")[0] for name in imported(file)} & set(MAY_IMPORT)
        assert ours <= MAY_IMPORT[module.partition(".")[0]], module


def core():
    """The pure modules and everything of ours that they lean on."""
    found, open_ends = set(), {name for name in MODULES if inside(name, PURE)}
    while open_ends:
        module = open_ends.pop()
        found.add(module)
        open_ends |= (set(imported(MODULES[module])) & set(MODULES)) - found
    return found


def test_the_core_touches_no_clock_socket_file_chance_or_log():
    for module in core():
        assert not {name.partition(".")[0] for name in imported(MODULES[module])} & UNREPEATABLE, module
        calls = [node.func for node in ast.walk(ast.parse(MODULES[module].read_text())) if isinstance(node, ast.Call)]
        assert not {call.id for call in calls if isinstance(call, ast.Name)} & CALLS, module
        assert not {call.attr for call in calls if isinstance(call, ast.Attribute)} & METHODS, module


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_is_imported_by_its_owner_only(library):
    users = {module for module, file in MODULES.items() if library in {n.partition(".")[0] for n in imported(file)}}
    assert all(inside(module, OWNERS[library]) for module in users), users


def test_only_the_settings_read_the_environment():
    for module, file in MODULES.items():
        read = {ast.unparse(node) for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Attribute)}
        read |= set(imported(file))
        assert module == "bot.config" or not read & {"os.environ", "os.environb", "os.getenv", "os.putenv"}, module


def test_content_holds_no_program():
    assert not list((ROOT / "flows").rglob("*.py"))


def test_what_make_test_postgres_leaves_out_reaches_no_sql():
    """Run twice it would show nothing new."""
    left_out = re.findall(r"--ignore=(\S+)", (ROOT / "Makefile").read_text())
    assert left_out
    for file in (file for folder in left_out for file in (ROOT / folder).rglob("*.py")):
        functions = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)]
        fixtures = {argument.arg for function in functions for argument in function.args.args}
        assert not fixtures & {"bot", "phone", "sample"}, file
        owners = ("sqlalchemy", "psycopg", "bot.bootstrap", *OWNERS["sqlalchemy"])
        assert not [name for name in imported(file) if inside(name, owners)], file
