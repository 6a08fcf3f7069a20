"""The page around a report's parts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

_STYLE = Path(__file__).with_name("style.css")

_HEAD = Markup("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1 dir="auto">{title}</h1>
{lead}</header>
<main>
""")
_TAIL = Markup("""\
</main>
<footer>{footer}</footer>
</body>
</html>
""")


def page(title: str, parts: Iterable[Markup], *, lead: str = "", footer: str = "") -> str:
    """Returns a whole document.

    Args:
        title: its heading, and what the browser's tab says.
        parts: what it holds, in order, made by the functions of this package.
        lead: a sentence below the heading.
        footer: small print at the end.
    """
    return "".join(pieces(title, parts, lead=lead, footer=footer))


def pieces(title: str, parts: Iterable[Markup], *, lead: str = "", footer: str = "") -> Iterator[str]:
    """Yields what `page` returns, each part as soon as it is made: only one need be in memory."""
    yield _HEAD.format(
        policy=_policy(),
        title=title,
        style=Markup(_style()),  # noqa: S704 -- the package's own file
        lead=Markup("<p>{}</p>\n").format(lead) if lead else "",
    )
    for part in parts:
        yield escape(part)
        yield "\n"
    yield _TAIL.format(footer=footer)


@cache
def _style() -> str:
    return _STYLE.read_text()


@cache
def _policy() -> str:
    # Whatever a mistake let into the page: no script of it runs, and nothing of it is sent anywhere.
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
