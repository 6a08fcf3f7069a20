"""One page of the viewer for many tests: as it was when it was opened, but for what nobody sees.

Opening the viewer takes four times the processor time of what most tests then do with it.
"""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Page, ViewportSize

from .waiting import started, until

MOST_CALLS = 50
"""Calls in the page's table, which keeps a hundred, from which on the page is loaded again."""

MARK = """() => {
  const isOwn = (each) => !each.closest('#save, #files-list') && each.id !== 'scrub';
  const controls = [...document.querySelectorAll('select, input:not([type=file])')].filter(isOwn);
  window.atFirst = {
    controls: controls.map((each) => [each, each.value, each.checked]),
    open: [...document.querySelectorAll('details')].map((each) => [each, each.open]),
  };
}"""

RENEW = """() => {
  const click = (selector) => document.querySelector(selector).click();
  const change = (each) => {
    for (const type of ['input', 'change']) each.dispatchEvent(new Event(type, { bubbles: true }));
  };
  for (const each of document.querySelectorAll('dialog[open]')) each.close();
  if (document.querySelector('#inspect').ariaPressed === 'true') click('#inspect');
  for (const selector of ['#batch-cancel', '#busy-cancel']) click(selector);
  // What was chosen of a format is kept while another one is chosen.
  const format = document.querySelector('#save-format');
  const kept = JSON.parse(localStorage.getItem('eitherside:viewer:convert') ?? 'null');
  for (const name of [...Object.keys(kept?.byFormat ?? {}), kept && 'jxl']) {
    if (![...format.options].some((each) => each.value === name)) continue;
    format.value = name;
    change(format);
    click('#save-reset');
  }
  for (const id of ['files-close', 'taken-close']) click(`#${id}`);
  for (const [each, value, isChecked] of window.atFirst.controls) {
    if (each.value === value && each.checked === isChecked) continue;
    each.value = value;
    each.checked = isChecked;
    // Of radio buttons, the one that is chosen tells.
    if (each.type !== 'radio' || isChecked) change(each);
  }
  for (const [each, isOpen] of window.atFirst.open) each.open = isOpen;
  if (location.hash !== '') location.hash = '';
  localStorage.clear();
  document.activeElement.blur();
  scrollTo(0, 0);
  click('#where-forget');
}"""

FORGET = """() => {
  // All that is still there of files that were closed, unseen until it is written anew.
  const texts = ['announce', 'alert', 'file-name', 'batch-text'];
  const lists = ['facts', 'metadata-parts', 'histogram-plots'];
  for (const id of [...texts, ...lists]) document.getElementById(id).replaceChildren();
  for (const id of ['where-call-facts', 'batch']) document.getElementById(id).hidden = true;
}"""


def mark(page: Page) -> None:
    """Notes how the viewer is when it was opened, for `renew`."""
    page.evaluate(MARK)


def renew(page: Page, size: ViewportSize, motion: Literal["no-preference", "reduce"]) -> None:
    """Closes all files, takes every choice back, forgets what was learned: the viewer as it was opened.

    Of earlier tests it has the table of calls and the marks in the plot still, and whether there are lines
    between pixels.

    Args:
        page: the viewer, as `mark` has seen it.
        size: the page's.
        motion: what the browser says that the user prefers.
    """
    page.unroute_all()
    page.context.unroute_all()
    page.context.set_offline(False)
    page.set_viewport_size(size)
    page.emulate_media(color_scheme="light", reduced_motion=motion)
    page.mouse.move(0, 0)
    if page.locator("#calls tr").count() > MOST_CALLS:
        page.evaluate("localStorage.clear()")
        page.reload()
        started(page)
        mark(page)
    page.evaluate(RENEW)
    until(page, "document.querySelector('#announce').textContent === 'What was learned is forgotten'")
    until(page, "!document.querySelector('#empty').hidden && document.querySelector('#work').hidden")
    page.evaluate(FORGET)
