"""What a report is made of: facts, tables, pictures."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

SHOWN = ("image/png", "image/apng", "image/jpeg", "image/gif", "image/webp", "image/avif")
"""Media types that every browser shows."""

MOST_PICTURES = 6
"""Pictures that can be looked at one by one in one place; style.css has a rule for each."""


@dataclass(frozen=True)
class Picture:
    """A picture of a report.

    Attributes:
        caption: what it is.
        data: the file; None where there is none to show.
        media_type: of the file, one of `SHOWN`.
        note: more about it, or why there is none.
        size: width and height to show it at, in pixels of the page; its own where None.
        mark: a place to point at, in percent from the left and from the top.
        enlarged: show it as wide as there is room.
    """

    caption: str
    data: bytes | bytearray | memoryview | None = None
    media_type: str = "image/png"
    note: str = ""
    size: tuple[int, int] | None = None
    mark: tuple[float, float] | None = None
    enlarged: bool = False


def data_url(data: bytes | bytearray | memoryview, media_type: str) -> str:
    """Returns an address that holds a picture itself.

    Raises:
        ValueError: it is of no type that every browser shows.
    """
    if media_type not in SHOWN:
        raise ValueError(f"browsers do not all show {media_type}")
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def section(title: str, *parts: Markup, anchor: str = "") -> Markup:
    """Returns a part of the page with a heading of its own.

    Args:
        title: the heading.
        parts: what it holds.
        anchor: its name for `contents`, letters, digits and hyphens.
    """
    named = Markup(' id="{}"').format(anchor) if anchor else Markup("")
    return Markup("<section{}>\n<h2 dir=auto>{}</h2>\n{}\n</section>").format(
        named, title, Markup("\n").join(parts)
    )


def contents(rows: Iterable[tuple[str, str, str]], *, name: str) -> Markup:
    """Returns links to sections.

    Args:
        rows: of each its anchor, its title, and what else there is to say of it.
        name: what the sections are.
    """
    items = Markup("\n").join(
        Markup('<li><a href="#{}" dir=auto>{}</a> <small dir=auto>{}</small></li>').format(*row)
        for row in rows
    )
    return Markup('<nav aria-label="{}"><ul>\n{}\n</ul></nav>').format(name, items)


def heading(text: str) -> Markup:
    """Returns a heading within a section."""
    return Markup("<h3 dir=auto>{}</h3>").format(text)


def note(text: str) -> Markup:
    """Returns a paragraph."""
    return Markup("<p dir=auto>{}</p>").format(text)


def faults(texts: Iterable[str]) -> Markup:
    """Returns a list of what is wrong, which stands out."""
    items = Markup("\n").join(Markup("<li dir=auto>{}</li>").format(text) for text in texts)
    return Markup('<ul class="faults">\n{}\n</ul>').format(items)


def facts(rows: Iterable[tuple[str, str, str]], *, long: bool = False) -> Markup:
    """Returns a list of names, values and units; `long` values have a line each."""
    items = Markup("\n").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, f"{value} {unit}".strip())
        for name, value, unit in rows
    )
    return Markup("<dl{}>\n{}\n</dl>").format(Markup(' class="long"') if long else Markup(""), items)


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "", marked: Collection[int] = ()
) -> Markup:
    """Returns a table; the first column names the rows.

    Args:
        header: titles of the columns.
        rows: the texts.
        caption: what it is of.
        marked: numbers of rows that stand out, from 0.
    """
    titles = Markup("").join(Markup("<th scope=col>{}</th>").format(name) for name in header)
    body = Markup("\n").join(_row(row, index in marked) for index, row in enumerate(rows))
    about = Markup("<caption>{}</caption>").format(caption) if caption else Markup("")
    # It scrolls by itself where it is too wide, and so must be reached by keyboard.
    return Markup(
        '<div class="scrolled" tabindex="0" role="group" aria-label="{}"><table>{}<thead><tr>{}</tr></thead>'
        "<tbody>\n{}\n</tbody></table></div>"
    ).format(caption or "Table", about, titles, body)


def _row(row: Sequence[str], marked: bool) -> Markup:
    first, *others = row
    cells = Markup("").join(Markup("<td dir=auto>{}</td>").format(text) for text in others)
    kind = Markup(' class="marked"') if marked else Markup("")
    return Markup("<tr{}><th scope=row dir=auto>{}</th>{}</tr>").format(kind, first, cells)


def pictures(items: Sequence[Picture], *, name: str) -> Markup:
    """Returns pictures side by side, to be looked at one by one in the same place, too.

    Args:
        items: the pictures, `MOST_PICTURES` at most.
        name: tells them from others on the page.

    Raises:
        ValueError: there are more, or one is of no type that every browser shows.
    """
    if len(items) > MOST_PICTURES:
        raise ValueError(f"{len(items)} pictures are more than {MOST_PICTURES}")
    choices = ["Side by side", *(item.caption for item in items)]
    inputs = Markup("").join(
        Markup('<input type="radio" name="{0}" id="{0}-{1}"{2}>').format(
            name, index, Markup("") if index else Markup(" checked")
        )
        for index in range(len(choices))
    )
    labels = Markup("").join(
        Markup('<label for="{}-{}" dir=auto>{}</label>').format(name, index, text)
        for index, text in enumerate(choices)
    )
    large = Markup('<input type="checkbox" id="{0}-large"><label for="{0}-large">Enlarge</label>').format(
        name
    )
    frames = Markup("\n").join(_figure(item) for item in items)
    return Markup(
        '<div class="pictures">{}<div class="choice" role="group" aria-label="Shown">{}</div>{}'
        '<div class="frames">\n{}\n</div></div>'
    ).format(inputs, labels, large, frames)


def _figure(item: Picture) -> Markup:
    if item.data is None:
        shown = Markup('<p class="none">{}</p>').format(item.note or "No picture")
    else:
        size = Markup(' width="{}" height="{}"').format(*item.size) if item.size else Markup("")
        shown = Markup(
            '<div class="ground"><span class="placed"><img src="{}"{} alt="{}">{}</span></div>'
        ).format(data_url(item.data, item.media_type), size, item.caption, _mark(item))
    more = (
        Markup("<small>{}</small>").format(item.note) if item.note and item.data is not None else escape("")
    )
    kind = Markup(' class="enlarged"') if item.enlarged else Markup("")
    return Markup("<figure{}>{}<figcaption dir=auto>{} {}</figcaption></figure>").format(
        kind, shown, item.caption, more
    )


def _mark(item: Picture) -> Markup:
    # A drawing, as the page's policy lets no element have a style of its own.
    if item.mark is None:
        return Markup("")
    return Markup('<svg aria-hidden="true"><circle cx="{:.3f}%" cy="{:.3f}%" r="12"/></svg>').format(
        *item.mark
    )
