r"""HTML by templates: the one place where text becomes HTML of our own making.

Templates lie in ``ui/templates/``, in folders named as those of ``ui/`` that use them. Whatever a template prints is
escaped by :func:`ui.text.escape.escape`, invisible characters and very long texts included; only :class:`Html` is
printed as it is, and only this file makes it. There is no ``safe`` filter: a template cannot switch escaping off.
Words of the page are ours and hold no sign that HTML reads; a test sees to that.

A line break in a template, with the white space around it, is nothing on the page; inside a tag it is one space. So
templates can be laid out for reading while the page holds no white space that nobody meant.

Does not know what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any, Final, Self

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined
from jinja2.ext import Extension
from markupsafe import Markup

from ui.text.escape import escape, escape_whole, exact, mark_spans
from ui.text.invisible import seen_text
from ui.text.words import Lang, Words

__all__ = ["NOTHING", "Html", "render", "say_html"]

_JINJA: Final = r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}"
_PIECES: Final = re.compile(rf"({_JINJA})|(<[a-zA-Z/!])|(>)|(\s*\n\s*)", re.DOTALL)


class Html(Markup):
    r"""HTML of our own making; what it takes in by ``format``, ``join`` or ``+`` is escaped as on the page.

    >>> Html("<p>{}</p>").format("<b>\u202e")
    Html('<p>&lt;b&gt;</p>')
    """

    __slots__ = ()

    @classmethod
    def escape(cls, s: Any, /) -> Self:  # noqa: ANN401 - as Markup declares it
        """Escape a text or a number; HTML of our own making stays as it is.

        Raises:
            TypeError: It is neither: nothing else is printed, so that no ``None`` or ``True`` reaches the page.
        """
        if isinstance(s, Markup):
            return cls(s)
        if isinstance(s, str):
            return str.__new__(cls, escape(s))  # as Markup would, in half the time: a page prints a thousand of them
        if isinstance(s, int | float) and not isinstance(s, bool):
            return str.__new__(cls, s)
        raise TypeError(f"A template prints text, numbers and its own HTML; this is {type(s).__name__}: {s!r}")


NOTHING: Final = Html()
"""What is shown where there is nothing to show."""


def render(template: str, words: Words, lang: Lang, /, **values: object) -> Html:
    """Render a template.

    Args:
        template: Its path in ``ui/templates/``.
        words: What its ``say("key", name=value)`` looks up.
        lang: Language of the page; a template knows it as ``lang``.
        values: What it prints, by name; untrusted.

    Raises:
        jinja2.UndefinedError: It names a value that is not given.
    """
    say = partial(say_html, words, lang)
    return Html(_environment().get_template(template).render(values, say=say, lang=lang))


def say_html(words: Words, lang: Lang, key: str, /, **values: object) -> Html:
    """Words of the page as HTML; the words are ours, the values put into them are escaped.

    >>> say_html(Words(name=("名称：{name}", "Name: {name}")), "en", "name", name="<b>")
    Html('Name: &lt;b&gt;')
    """
    said = Html(words.say(key, lang))
    return said.format(**values) if values else said


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """The environment; a template is compiled when it is first used, and kept."""
    environment = Environment(
        loader=PackageLoader("ui", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        extensions=[_NoLineBreaks],
        auto_reload=False,
        cache_size=-1,
    )
    # Of Jinja's own filters none that makes or unmakes HTML.
    environment.filters = {"exact": _exact, "length": len, "marked": _marked, "seen": seen_text, "whole": _whole}
    environment.globals = {"range": range}
    return environment


def _printed(value: object) -> object:
    if isinstance(value, Markup):
        return value
    return str(value) if isinstance(value, Undefined) else Html.escape(value)  # the former raises and names it


def _exact(text: str) -> Html:
    return Html(exact(text))


def _marked(text: str, spans: Iterable[tuple[int, int]]) -> Html:
    return Html(mark_spans(text, spans))


def _whole(text: str) -> Html:
    return Html(escape_whole(text))


class _NoLineBreaks(Extension):
    """Takes line breaks out of a template, so that Jinja still counts its lines: they become comments."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's own
        """The template without white space that is only there for whoever reads it."""
        inside_tag = False

        def taken_out(match: re.Match[str]) -> str:
            nonlocal inside_tag
            jinja, begins, ends, line_break = match.groups()
            if jinja is not None:
                return match[0]
            if line_break is None:
                inside_tag = begins is not None and ends is None
                return match[0]
            return (" " if inside_tag else "") + "{#" + "\n" * line_break.count("\n") + "#}"

        return _PIECES.sub(taken_out, source)
