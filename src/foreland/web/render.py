"""Templates, with everything from data escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

import foreland
from foreland.core.registry import rooms
from foreland.i18n import t

if TYPE_CHECKING:
    from foreland.web.assets import Assets
    from foreland.web.state import State


class Renderer:
    """Renders templates."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._environment = Environment(
            loader=PackageLoader("foreland.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["paragraphs"] = paragraphs

    def page(self, template: str, state: State, /, **context: Any) -> str:
        """A page in the language of its state."""

        def text(key: str, **params: Any) -> str:
            return t(key, state.language, **params)

        return self._environment.get_template(template).render(
            {
                "t": text,
                "lang": state.language,
                "state": state,
                "asset": self._assets.url,
                "all_rooms": rooms(),
                "version": foreland.__version__,
                "region": "",
                **context,
            }
        )


def paragraphs(text: str) -> Markup:
    """A text of several lines as paragraphs."""
    parts = [part for part in text.split("\n") if part.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(escape(part)) for part in parts)
