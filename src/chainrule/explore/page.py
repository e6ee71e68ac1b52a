"""The page: template, style and scripts in one file that asks for nothing.

Scripts stay the modules they are. An import map gives each the address of its own text, a
``data:`` address, so no bundler rewrites them; and the page's content security policy allows
no address but such, so no request. It would let any script at a ``data:`` address run: escaping is
what keeps others out. What comes from the model or its data is text: in the template, which
escapes it, and in the document, whose markup characters are escaped in a way that JSON undoes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from chainrule.explore.content import Content
from chainrule.explore.words import facts
from chainrule.report.page import render as fill_in

BEGIN = 'import "#main";'


def render(content: Content) -> str:
    """Return the page as HTML."""
    import_map = embedded({"imports": scripts()})
    return fill_in(
        "chainrule.explore",
        "page.html",
        content=content,
        facts=facts(content),
        policy=policy(import_map, BEGIN),
        import_map=import_map,
        begin=Markup(BEGIN),
        document=embedded(content.document()),
    )


def policy(*inline: str) -> str:
    """Return a policy under which these scripts run, and any at a ``data:`` address.

    Nothing can be fetched under it, from anywhere. It does not tell the page's modules from other
    scripts in ``data:`` addresses; that there are none is up to escaping.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in inline)
    return (
        f"default-src 'none'; script-src {hashes} data:; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def scripts() -> dict[str, str]:
    """Return the modules: what they are imported as, and the address of the text."""
    folder = files("chainrule.explore") / "scripts"
    texts = {one.name: one.read_bytes() for one in folder.iterdir() if one.name.endswith(".js")}
    return {f"#{name.removesuffix('.js')}": address(texts[name]) for name in sorted(texts)}


def address(script: bytes) -> str:
    """Return the address of a module's text."""
    return f"data:text/javascript;base64,{base64.b64encode(script).decode()}"


def embedded(value: Any) -> Markup:
    """Return JSON that can stand in a ``script`` element: nothing in it is markup.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":  # JSON has them in texts alone; what is no ASCII is escaped already
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
