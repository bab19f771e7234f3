"""Templates: whatever they print is escaped, nothing in them or beside them can switch that off."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ui
from tests.support.hostile import HOSTILE
from ui.text.escape import escape
from ui.text.templates import NOTHING, Html, _environment, say_html
from ui.text.words import LANGUAGES, Words

UI = Path(__file__).parents[3] / "ui"
TEMPLATES = sorted((UI / "templates").rglob("*.html"))
# Strings with a tag in them, and why they are no template.
TAGS_IN_CODE = {
    "ui/text/escape.py": "the mark around a span, put between pieces that are escaped there",
    "ui/serving/server.py": "our own style sheets for Gradio's head, where escaping would break them; the page's icon",
}
WORDS = Words(greet=("你好，{name}", "Hello {name}"), braces=("{n}", "{n}"))


def code():
    for path in sorted(UI.rglob("*.py")):
        yield path.relative_to(UI.parent).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def docstrings(tree):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, kinds) and ast.get_docstring(node, clean=False)]
    inside = {id(node.body[0].value) for node in nodes}
    # A string that stands alone below an assignment documents it.
    return inside | {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def strings(tree):
    """The fixed parts of every string, those of an f-string together."""
    of_others = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "{}".join(part.value for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in of_others:
            yield node.value


def template(text):
    return _environment().from_string(text)


PARAGRAPH = template("<p>{{ text }}</p>")

# What stands in code


def test_no_html_is_written_in_code():
    found = {path for path, tree in code() for text in strings(tree) if re.search(r"<[/!]?[a-zA-Z]", text)}
    assert found == set(TAGS_IN_CODE)


def test_html_is_made_in_one_place_only():
    made = {
        path
        for path, tree in code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in {"Html", "Markup"}
    }
    assert made == {"ui/text/templates.py"}
    assert not any(getattr(node, "name", "") == "__html__" for _, tree in code() for node in ast.walk(tree))


def test_words_of_the_page_hold_no_sign_that_html_reads():
    tables = {}
    for found in pkgutil.walk_packages(ui.__path__, "ui."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            tables |= {id(table): table for table in vars(module).values() if isinstance(table, Words)}
    said = [table.say(key, lang) for table in tables.values() for key in table.keys() for lang in LANGUAGES]  # noqa: SIM118 - no mapping
    assert len(said) > 400
    assert [words for words in said if re.search(r'[<>&"]', words)] == []


# What stands in templates


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(UI).as_posix())
def test_a_template_cannot_leave_what_is_safe(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\bsafe\b|autoescape|Markup|Html", text)
    assert not re.search(r"\s[\w-]+=\s*[{]", re.sub(r"[{]%.*?%[}]", "", text)), "an attribute without quotes"
    assert not re.search(r"<(script|style|iframe|object|embed)\b|\s(on\w+|style|srcdoc|formaction)=", text)


def test_an_address_is_never_made_of_what_is_untrusted():
    addresses = {
        address
        for path in TEMPLATES
        for address in re.findall(r'\b(?:href|src|action)="([^"]*)"', path.read_text(encoding="utf-8"))
        if "{{" in address
    }
    assert addresses == {
        "#t{{ number }}-s{{ to.marker }}",
        "../export?conversation={{ info.id }}&amp;lang={{ lang }}",
        "../lang/{{ code }}",
        "data:image/{{ kind }};base64,{{ image|exact }}",  # bytes that we drew
        "{{ root }}/lang/{{ other }}",  # the prefix that a proxy of ours is configured with
        "{{ root }}/login",
        "{{ root }}/login.css",
    }


def test_every_template_is_used_and_compiles():
    named = {text for _, tree in code() for text in strings(tree) if text.endswith(".html")}
    for path in TEMPLATES:
        named |= set(re.findall(r'\{% from "([^"]+)"', path.read_text(encoding="utf-8")))
    assert named == {path.relative_to(UI / "templates").as_posix() for path in TEMPLATES}
    for name in named:
        _environment().get_template(name)


# What is printed


@given(st.text() | st.sampled_from([text for text in HOSTILE if len(text) < 5_000]))
def test_whatever_is_printed_is_escaped_as_everywhere(text):
    assert PARAGRAPH.render(text=text) == f"<p>{escape(text)}</p>"
    assert Html("<p>{}</p>").format(text) == f"<p>{escape(text)}</p>"
    assert Html("<br>").join([text, text]) == f"{escape(text)}<br>{escape(text)}"
    assert Html("<br>") + text == f"<br>{escape(text)}"
    assert say_html(WORDS, "en", "greet", name=text) == f"Hello {escape(text)}"


def test_a_very_long_text_is_cut_as_everywhere():
    text = "字" * 20_001
    assert PARAGRAPH.render(text=text) == f"<p>{escape(text)}</p>"
    assert len(PARAGRAPH.render(text=text)) < 20_050


def test_html_of_our_own_and_numbers_are_printed_as_they_are():
    assert template("{{ html }}{{ n }} {{ x }}").render(html=Html("<br>"), n=-3, x=0.5) == "<br>-3 0.5"
    assert template("{% macro bold(text) %}<b>{{ text }}</b>{% endmacro %}{{ bold('<') }}").render() == "<b>&lt;</b>"
    assert template("{{ nothing }}").render(nothing=NOTHING) == ""


@pytest.mark.parametrize("value", [None, True, ["<b>"], b"<b>", object()])
def test_what_is_neither_text_nor_number_is_not_printed(value):
    with pytest.raises(TypeError, match="A template prints text, numbers and its own HTML; this is"):
        template("{{ value }}").render(value=value)


def test_a_name_that_is_not_given_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="missing"):
        template("{{ missing }}").render()


@pytest.mark.parametrize("name", ["safe", "e", "forceescape", "urlize", "xmlattr", "tojson", "striptags"])
def test_no_filter_makes_or_unmakes_html(name):
    with pytest.raises(jinja2.TemplateAssertionError, match="No filter named"):
        template("{{ text|" + name + " }}")


def test_marks_and_exact_names_are_escaped_too():
    assert template("{{ text|marked(spans) }}").render(text="a<b", spans=[(1, 2)]) == "a<mark>&lt;</mark>b"
    assert template("{{ text|exact }}").render(text='\u202e"') == "&#8238;&quot;"
    assert template("{{ text|whole }}").render(text="<" * 20_001) == "&lt;" * 20_001


def test_words_that_are_given_no_values_keep_their_braces():
    assert say_html(WORDS, "zh", "braces") == "{n}"


# How templates are laid out


def test_a_line_break_is_nothing_between_tags_and_a_space_inside_one():
    text = '<p\n  id="a">\n  {{ a }}\n\n  {% if a > "" %}\n    <b>{{ " " }}c</b>\n  {% endif %}\n</p>\n'
    assert template(text).render(a="x\n  y") == '<p id="a">x\n  y<b> c</b></p>'


def test_an_error_names_the_line_of_the_template():
    with pytest.raises(jinja2.TemplateSyntaxError) as raised:
        template("<p>\n\n{{ a }}\n{% if %}\n</p>")
    assert raised.value.lineno == 4
