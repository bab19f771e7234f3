"""The fields that restrict a question: documents, years, places, mode; and the chips that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from ui.chat.scope_choices import FIELDS, chosen_scope, render_chips, without
from ui.components.base import AT_ONCE, ChooseMany, Updates, html_place
from ui.components.clicks import parse_click
from ui.text.words import Words

if TYPE_CHECKING:
    from ui.chat.scope_choices import Choices
    from ui.text.words import Lang

__all__ = ["ScopeRow"]

Chosen = list[str] | None
"""What a field holds."""
_WORDS = Words(
    scope=("限定范围 · 回答方式", "Limit the scope · How to answer"),
    sources=("资料", "Documents"),
    years=("年份", "Years"),
    places=("地区", "Places"),
    mode=("回答方式", "How to answer"),
    answer=("写成回答", "Written answer"),
    quotes=("只摘原文（更快）", "Quotes only (faster)"),
)


class ScopeRow:
    """Three fields, a choice and the chips.

    Attributes:
        inputs: The fields and the mode, in the order in which ``chosen_scope`` takes them.
        fields: The fields alone.
    """

    def __init__(self, lang: Lang) -> None:
        """Lay them out in the current place of the page."""
        self._lang = lang
        self._chips = html_place("yj-chips", acts=True)
        with gr.Accordion(_WORDS.say("scope", lang), open=False, elem_id="yj-scope"), gr.Row():
            by_name = {
                name: ChooseMany([], label=_WORDS.say(name, lang), multiselect=True, elem_id=f"yj-{name}")
                for name in FIELDS
            }
            modes = [(_WORDS.say(mode, lang), mode) for mode in ("answer", "quotes")]
            mode = gr.Radio(modes, value="answer", label=_WORDS.say("mode", lang), elem_id="yj-mode")
        self._by_name = by_name
        self.fields: list[Any] = list(by_name.values())
        self.inputs: list[Any] = [*self.fields, mode]

    def connect(self) -> None:
        """Tie the chips to the fields."""
        gr.on([part.change for part in self.inputs], self.show, self.inputs, self._chips, **AT_ONCE)
        self._chips.click(self.take_away, self.fields, self.fields, **AT_ONCE)

    def offer(self, choices: Choices) -> Updates:
        """The fields with what there is to choose from."""
        years = [str(year) for year in choices.years]
        offered: tuple[list[Any], ...] = (list(choices.sources), years, list(choices.places))
        return {field: gr.Dropdown(choices=values) for field, values in zip(self.fields, offered, strict=True)}

    def show(self, sources: Chosen, years: Chosen, places: Chosen, mode: str) -> str:
        """The chips of what is in force."""
        return render_chips(chosen_scope(sources, years, places), self._lang, quotes=mode == "quotes")

    def take_away(self, sources: Chosen, years: Chosen, places: Chosen, event: gr.EventData) -> list[Any]:
        """Take one restriction away."""
        act = parse_click(event._data)  # noqa: SLF001 - its attributes would raise for what was not sent
        chosen = dict(zip(FIELDS, (sources, years, places), strict=True))
        return [without(values, act.text) if name == act.target else gr.skip() for name, values in chosen.items()]
