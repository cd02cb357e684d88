"""Settings of the documentation site."""

from __future__ import annotations

import sys
from importlib.metadata import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from analog_tables import ANALOG_TABLES
from pictures import draw
from tables import TABLES

project = "tensorlayer"
author = "The tensorlayer developers"
copyright = f"2026, {author}"
release = metadata("tensorlayer-graph")["Version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 3
# Tables are made when the site is built, from the same source as the command line tool's.
myst_substitutions = {name: make() for name, make in (TABLES | ANALOG_TABLES).items()}
draw(Path(__file__).parent / "generated")

autodoc_member_order = "bysource"
# Docstrings say the types, in the words of the field.
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
# `Name` in a docstring links to what is called so; words such as "shape" in a list of types are not references.
default_role = "py:obj"
suppress_warnings = ["ref.python"]

html_theme = "pydata_sphinx_theme"
html_title = "tensorlayer"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
# All pages in the left column: there are too many for the bar on top.
html_sidebars = {"**": ["globaltoc"]}
html_theme_options = {
    "navbar_center": [],
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "use_edit_page_button": False,
}
