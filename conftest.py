"""Runs the Python blocks and the `tensorlayer` commands of every Markdown page under pytest's `testpaths`.

One page shares one namespace and one empty folder.
"""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import sys
from collections.abc import Iterator
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker

import pytest
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser

FLAGS = ELLIPSIS | NORMALIZE_WHITESPACE


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run a page in an empty folder, so that what its blocks write never lands in the repository."""
    with contextlib.chdir(tmp_path_factory.mktemp("page")):
        yield


def run_commands(example: Example) -> str | None:
    """Run the commands of the tool in a console block; what they print must be what the page shows below each.

    Other commands (`make`, `pip`, ...) are for the reader, and a block that starts with one is left alone.
    """
    commands = example.parsed.split("\n$ ") if example.parsed.startswith("$ tensorlayer ") else []
    for command in commands:
        line, _, shown = command.removeprefix("$ ").partition("\n")
        arguments = [sys.executable, "-m", *shlex.split(line)]
        done = subprocess.run(  # noqa: S603  # what our own pages say
            arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if not OutputChecker().check_output(shown, done.stdout, FLAGS):
            return f"the page shows for `{line}`:\n{shown}\nit prints:\n{done.stdout}"
    return None


pages = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=FLAGS),
        CodeBlockParser(language="console", evaluator=run_commands),
        SkipParser(),
    ],
    patterns=["*.md"],
    fixtures=["page_folder"],
)

pytest_collect_file = pages.pytest()
