"""What the page says, in Chinese and in English: each file of the page keeps its words in a table of this kind.

Both languages stand side by side where they are used and a missing one is a type error: gettext's catalogs would need a
build step and find neither; Babel does not read ``Accept-Language``. Knows nothing of the page.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

__all__ = ["LANGUAGES", "Lang", "Words", "preferred_language"]

Lang: TypeAlias = Literal["zh", "en"]
"""A language of the page."""
LANGUAGES: Final[tuple[Lang, ...]] = ("zh", "en")


class Words:
    """A table of words by key.

    >>> words = Words(send=("发送", "Send"), found=("找到 {n} 句", "{n} sentences found"))
    >>> words.say("send", "en"), words.say("found", "zh", n=3)
    ('Send', '找到 3 句')
    """

    def __init__(self, **pairs: tuple[str, str]) -> None:
        """Take each key's Chinese and English words."""
        self._pairs = pairs

    def say(self, key: str, lang: Lang, **values: object) -> str:
        """The words of a key as plain text; :func:`ui.text.templates.say_html` makes HTML of them.

        Raises:
            KeyError: There is no such key.
        """
        words = self._pairs[key][LANGUAGES.index(lang)]
        return words.format(**values) if values else words

    def keys(self) -> list[str]:
        """Every key, for tests."""
        return list(self._pairs)


def preferred_language(accepted: str) -> Lang:
    """The page's language for a browser.

    Args:
        accepted: Its ``Accept-Language`` header (RFC 9110, section 12.5.4).

    >>> [preferred_language(accepted) for accepted in ("en-US,en;q=0.9,zh;q=0.8", "fr, zh-TW;q=0.5", "en;q=0", "")]
    ['en', 'zh', 'zh', 'zh']
    """
    wishes = []
    for position, entry in enumerate(accepted.split(",")):
        name, _, quality = entry.partition(";")
        try:
            weight = float(quality.replace("q=", "").strip() or 1)
        except ValueError:
            weight = 0.001  # malformed: wanted least
        if weight > 0:  # 0 says "not this one"
            wishes.append((-weight, position, name.strip().lower().partition("-")[0]))
    known = [name for _, _, name in sorted(wishes) if name in LANGUAGES]
    return "en" if known and known[0] == "en" else "zh"
