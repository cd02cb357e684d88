"""Runs the Python blocks of every Markdown page under pytest's `testpaths`; one page shares one namespace."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run a page in an empty folder, so that what its blocks write never lands in the repository."""
    with contextlib.chdir(tmp_path_factory.mktemp("page")):
        yield


pages = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE), SkipParser()],
    patterns=["*.md"],
    fixtures=["page_folder"],
)

pytest_collect_file = pages.pytest()
