"""Every Python block of the documentation is executed, or says in place why it is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from sybil import Example

from conftest import pages

ROOT = Path(__file__).parents[1]
BUILT = {".venv", "_build", "generated", "node_modules"}


def markdown_pages() -> list[Path]:
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    return sorted(path for path in found if not BUILT & set(path.parts) and not path.parts[0].startswith("."))


def python_fences(text: str) -> Iterator[range]:
    """The lines (from 1) of each fenced block that a reader sees as Python, found by a CommonMark parser."""
    for token in MarkdownIt("commonmark").parse(text):
        if (
            token.type == "fence"
            and token.map
            and any(word in token.info.lower() for word in ("py", "doctest", "cell"))
        ):
            yield range(token.map[0] + 1, token.map[1] + 1)


def unexplained_skips(examples: list[Example]) -> list[int]:
    skips = (example for example in examples if isinstance(example.parsed, tuple))
    return [skip.line for skip in skips if skip.parsed[0] != "end" and not (skip.parsed[1] or "").strip(" \"'")]


def problems(path: Path) -> list[str]:
    """What is wrong with a page: Python blocks that no test runs, and skips without a reason."""
    examples = list(pages.parse(path).examples())
    executed = {example.line for example in examples if not isinstance(example.parsed, tuple)}
    silent = [fence.start for fence in python_fences(path.read_text("utf-8")) if not executed & set(fence)]
    return [f"{path.name}:{line}: a Python block that nothing executes (write ```python)" for line in silent] + [
        f"{path.name}:{line}: a skip without a reason" for line in unexplained_skips(examples)
    ]


def test_every_python_block_is_executed_or_says_why_not() -> None:
    assert [problem for page in markdown_pages() for problem in problems(ROOT / page)] == []


def test_every_page_with_python_is_collected(pytestconfig: pytest.Config) -> None:
    collected = [Path(path) for path in pytestconfig.getini("testpaths")]
    pages_with_python = [page for page in markdown_pages() if any(python_fences((ROOT / page).read_text("utf-8")))]
    assert [page for page in pages_with_python if not any(page.is_relative_to(path) for path in collected)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python\nx = 1\n```\n", []),
        ("```python\n>>> 1 + 1\n2\n```\n", []),
        ("```console\n$ make test\n```\n", []),
        ('% skip: next "needs a cluster"\n\n```python\nx\n```\n', []),
        ("```py\nx = 1\n```\n", ["page.md:1: a Python block that nothing executes (write ```python)"]),
        ("~~~{code-cell} ipython3\nx\n~~~\n", ["page.md:1: a Python block that nothing executes (write ```python)"]),
        ("% skip: next\n\n```python\nx\n```\n", ["page.md:1: a skip without a reason"]),
    ],
)
def test_the_guard_sees_what_it_must(tmp_path: Path, text: str, expected: list[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, "utf-8")
    assert problems(page) == expected


def test_the_site_builds_without_warnings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "-q", "-b", "dirhtml"]
    built = subprocess.run([*command, "docs", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
