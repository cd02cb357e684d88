"""Settings of the documentation site."""

from __future__ import annotations

from importlib.metadata import metadata

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

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "pydata_sphinx_theme"
html_title = "tensorlayer"
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": True,
    "use_edit_page_button": False,
}
