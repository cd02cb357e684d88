"""The rules of the house: which floor may import which, how long a file may be, what a package exports."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FLOORS = {"tensorlayer": 0, "backends": 1, "analog": 2}
LONGEST_MODULE = 600
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "misc", "common"}
OPTIONAL_LIBRARIES = ("torch", "dask", "distributed", "numba", "cupy", "cotengra", "networkx", "typer", "rich", "zarr")

Import = ast.Import | ast.ImportFrom


def sources() -> dict[str, Path]:
    """Dotted name -> file, for every module of the packages that ship."""
    files = (path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


MODULES = sources()
PACKAGES = sorted(name for name, path in MODULES.items() if path.name == "__init__.py")


def syntax(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


def targets(module: str, statement: Import) -> set[str]:
    """The modules that an import statement names, relative ones resolved."""
    if isinstance(statement, ast.Import):
        return {alias.name for alias in statement.names}
    base = statement.module or ""
    if statement.level:
        parts = module.split(".")
        package = parts if module in PACKAGES else parts[:-1]
        base = ".".join([*package[: len(package) - statement.level + 1], *base.split(".")]).rstrip(".")
    return {name if (name := f"{base}.{alias.name}") in MODULES else base for alias in statement.names}


def at_import_time(body: list[ast.stmt]) -> Iterator[Import]:
    """Import statements that run when the module is imported: not in functions, not for type checkers only."""
    for statement in body:
        if isinstance(statement, Import):
            yield statement
        elif isinstance(statement, ast.If):
            taken = [] if "TYPE_CHECKING" in ast.unparse(statement.test) else statement.body
            yield from at_import_time([*taken, *statement.orelse])
        elif isinstance(statement, ast.Try):
            yield from at_import_time([*statement.body, *statement.orelse])


def floor(module: str) -> int | None:
    return FLOORS.get(module.partition(".")[0])


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_only(module: str) -> None:
    named = {t for node in ast.walk(syntax(module)) if isinstance(node, Import) for t in targets(module, node)}
    height = FLOORS[module.partition(".")[0]]
    assert [target for target in named if (floor(target) or 0) > height] == []


@pytest.mark.parametrize("module", MODULES)
def test_functions_import_only_optional_libraries(module: str) -> None:
    functions = [node for node in ast.walk(syntax(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inner = {t for f in functions for node in ast.walk(f) if isinstance(node, Import) for t in targets(module, node)}
    assert [target for target in inner if floor(target) is not None] == []


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {
        module: {t for node in at_import_time(syntax(module).body) for t in targets(module, node)} & set(MODULES)
        for module in MODULES
    }
    graph = {module: named - {module} for module, named in graph.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which lists the modules


@pytest.mark.parametrize("module", MODULES)
def test_files_are_short(module: str) -> None:
    assert len(MODULES[module].read_text("utf-8").splitlines()) <= LONGEST_MODULE


def test_names_say_what_is_inside() -> None:
    folders = [*FLOORS, "tests", "benchmarks", "examples"]
    files = [path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert [
        str(file) for file in files if NAMES_THAT_SAY_NOTHING & {part.strip("_") for part in file.with_suffix("").parts}
    ] == []


def statements(package: str) -> Iterator[ast.stmt]:
    """The statements of a package's `__init__`, those for type checkers included."""
    for node in syntax(package).body:
        yield from node.body if isinstance(node, ast.If) else [node]


def bound(package: str) -> set[str]:
    """Public names that a package's `__init__` defines, or takes from the packages of this repository."""
    names: set[str] = set()
    for node in statements(package):
        if isinstance(node, ast.ImportFrom) and any(floor(target) is not None for target in targets(package, node)):
            names |= {alias.asname or alias.name for alias in node.names} - {"*"}
            if any(alias.name == "*" for alias in node.names):
                names |= set(importlib.import_module(node.module or "").__all__)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_exports_what_it_defines(package: str) -> None:
    imported = importlib.import_module(package)
    exported = set(getattr(imported, "__all__", ())) - {"__version__"}
    # A namespace may export what it takes from elsewhere (NumPy's dtypes), but never hide what is its own.
    assert bound(package) <= exported
    assert [name for name in exported if not hasattr(imported, name)] == []


@pytest.mark.parametrize("module", [name for name in MODULES if name not in PACKAGES])
def test_a_module_has_what_it_exports(module: str) -> None:
    imported = importlib.import_module(module)
    assert [name for name in getattr(imported, "__all__", ()) if not hasattr(imported, name)] == []


def test_importing_the_language_loads_no_optional_library() -> None:
    program = f"import sys, tensorlayer; print([m for m in {OPTIONAL_LIBRARIES} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def canonical(pin: str) -> str:
    """Name and version, without extras and the platforms that it is for."""
    return re.sub(r"\[.*\]", "", pin.partition(";")[0]).strip().lower().replace("_", "-")


def test_pinned_tools_are_the_constrained_ones() -> None:
    groups = project()["dependency-groups"]
    assert isinstance(groups, dict)
    pins = {canonical(pin) for group in groups.values() for pin in group if isinstance(pin, str)}
    assert pins - {canonical(pin) for pin in (ROOT / "constraints.txt").read_text("utf-8").split()} == set()


def test_the_hooks_run_the_pinned_ruff() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    ruff = next(repo["rev"] for repo in hooks["repos"] if repo["repo"].endswith("ruff-pre-commit"))
    assert f"ruff=={ruff.removeprefix('v')}" in (ROOT / "constraints.txt").read_text("utf-8").split()


def test_built_in_backends_are_where_their_entry_points_say() -> None:
    declared = project()["project"]
    assert isinstance(declared, dict)
    places = declared["entry-points"]["tensorlayer.backends"].values()
    assert [place for place in places if place.partition(":")[0] not in MODULES] == []
