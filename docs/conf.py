"""How the documentation is built: ``make docs``. Reference pages are generated first, into ``reference/``."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402

import foreland  # noqa: E402

generate.write_all(HERE / "reference")

project = "Foreland"
author = "The Foreland developers"
copyright = "The Foreland developers, Apache License 2.0"  # noqa: A001
version = release = foreland.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "data-notes"]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3
# ref.python: words of docstrings such as ``type`` are also attributes of several classes.
suppress_warnings = ["myst.xref_missing", "ref.python"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True
html_theme = "furo"
html_title = "Foreland · 前瞻"
html_static_path: list[str] = []
FONTS = 'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
html_theme_options = {"light_css_variables": {"font-stack": FONTS}}
html_math_renderer = "plain"


def plain(app: Any, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are plain text: ``np.bool_`` and ``L_·S`` are no links in them, ``|A|`` is no substitution."""
    for number, line in enumerate(lines):
        if "\\" in line or "``" in line:  # formulas and literals
            continue
        lines[number] = re.sub(r"\|(\w+)\|", r"\\|\1\\|", re.sub(r"(?<=\w)_(?=[\s·,.;:)\]]|$)", r"\\_", line))


def setup(app: Any) -> None:
    """Write formulas as text: the usual renderers fetch a script from the network or need LaTeX."""
    from pygments.lexers import TextLexer

    app.connect("autodoc-process-docstring", plain, priority=900)  # after napoleon, which adds types
    app.add_lexer("csv", TextLexer)

    def formula(tag: str) -> Any:
        def visit(translator: Any, node: Any) -> None:
            from docutils import nodes

            translator.body.append(f'<{tag} class="math">{html.escape(node.astext())}</{tag}>')
            raise nodes.SkipNode

        return visit

    app.add_html_math_renderer("plain", (formula("code"), None), (formula("pre"), None))
