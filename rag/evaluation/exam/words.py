"""Chinese clauses as the maker of questions reads them: their words by part of speech, what may begin or end a subject.

The only file of the exam with lists of words. All of them are function words of Chinese, none is of any document.
Not covered: grammar beyond parts of speech.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rag.text.words import simplify, tag_words

__all__ = [
    "CLOSES_SUBJECT",
    "RELATIVE_PERIODS",
    "SELF",
    "Word",
    "balanced",
    "content_key",
    "depends",
    "has_noun",
    "has_verb",
    "is_nominal",
    "is_period",
    "may_begin",
    "noun_chars",
    "noun_phrase",
    "points_elsewhere",
    "whole_areas",
    "words_of",
]

SELF: Final = (
    "本条例",
    "本办法",
    "本规定",
    "本细则",
    "本规则",
    "本法",
    "本方案",
    "本意见",
    "本通知",
    "本章程",
    "本制度",
)
"""What a document calls itself."""
RELATIVE_PERIODS: Final = tuple(
    """今年 去年 明年 上年 当年 目前 全年 上半年 下半年 年初 年底 年末 本年 本年度 近年来 五年来 过去一年 过去五年
    一年来""".split()
)
"""Periods that only a document's own date makes one."""
CLOSES_SUBJECT: Final = frozenset(
    "达到 达 为 是 有 完成 实现 共有 共 约 近 超过 突破 至 到 约为 均 已 累计 总计 合计".split()
)
"""Words between a subject and its figure."""
_NOUN_TAGS: Final = ("n", "j", "l", "i", "eng", "vn", "an", "x")
_NOT_FIRST: Final = frozenset(
    "其 其中 这 该 此 他 她 它 我们 你们 他们 并 并且 而 而且 但 同时 另 另外 分别 各 上述 以上 以下 这些 那".split()
)
_DEPENDS: Final = frozenset(
    """应当 应 应该 可 可以 须 必须 需 不得 给予 予以 处 处以 并处 可处 按 按照 统一 每 作用 达 占 增长 下降 提高 同比
    环比 共 累计 分别 最高 最低 最多 至少 不超过 不少于 未 不 已 将 再 只 就 均 都 惠及 覆盖 涉及 超过 突破 排名 位居 居
    位列 增幅 降幅 增速 比重 占比 总投资 面积 期限 有效期 落实 用于 其余 平均""".split()
)
_DEPENDS_ON: Final = ("比上", "较上", "与上", "比去年", "较去年")
_WHOLE: Final = (
    "全省",
    "全市",
    "全县",
    "全区",
    "全州",
    "全盟",
    "全旗",
    "全国",
    "我省",
    "我市",
    "我县",
    "我区",
    "我州",
    "我国",
    "本省",
    "本市",
    "本县",
    "本区",
)
_ELSEWHERE: Final = (
    "上述",
    "前款",
    "前条",
    "前项",
    "本款",
    "下图",
    "下表",
    "上图",
    "上表",
    "该",
    "其他",
    "此",
    "下列",
    "以下简称",
)
_PAIRS: Final = ("“”", "（）", "()", "《》", "‘’", "「」", "【】", "[]")


class Word(NamedTuple):
    """A word with its part of speech and where it begins."""

    text: str
    tag: str
    start: int


def words_of(text: str) -> list[Word]:
    """Words of a text, tagged by their simplified form."""
    simple = simplify(text)
    at, words = 0, []
    for word, tag in tag_words(simple if len(simple) == len(text) else text):
        words.append(Word(text[at : at + len(word)], tag, at))
        at += len(word)
    return words


def is_nominal(word: Word) -> bool:
    """Whether a word is a noun or stands for one; single characters are mostly none."""
    return (
        len(word.text) > 1
        and word.text not in _DEPENDS
        and word.tag.startswith(_NOUN_TAGS)
        and any(char.isalnum() for char in word.text)
    )


def has_noun(text: str) -> bool:
    """Whether a text names a thing: has a noun that is no time."""
    return any(is_nominal(word) for word in words_of(text))


def may_begin(text: str, *, adverbs: bool = False) -> bool:
    """Whether a clause can be understood by its own beginning: no pronoun, preposition or conjunction comes first."""
    first = next(iter(words_of(text)), None)
    if first is None or first.text in _NOT_FIRST or not first.text[0].isalnum():
        return False
    if first.text in _WHOLE:
        return True
    return first.tag[:1] not in tuple("rcpuyfmqkg") and (adverbs or first.tag[:1] != "d")


def noun_phrase(text: str) -> str:
    """The subject at the end of a text before a figure: without verbs and adverbs behind it.

    >>> noun_phrase("全区地区生产总值完成"), noun_phrase("新增")
    ('全区地区生产总值', '')
    """
    words = words_of(text)
    while words and (words[-1].text in CLOSES_SUBJECT or words[-1].tag[:1] in tuple("dpucy")):
        words.pop()
    if not words or words[-1].tag == "v":
        return ""
    kept = text[: words[-1].start + len(words[-1].text)]
    return kept if has_noun(kept) else ""


def depends(text: str) -> bool:
    """Whether a clause begins with what goes on from the clause before: 应当, 给予, 处 and the like."""
    first = next(iter(words_of(text)), None)
    return first is not None and (first.text in _DEPENDS or text.startswith(_DEPENDS_ON))


def points_elsewhere(text: str) -> bool:
    """Whether a text cannot be understood without what stands around it: 上述, 前款, 本条例第九条."""
    return any(word in text for word in _ELSEWHERE) or any(f"{own}第" in text for own in SELF)


def noun_chars(text: str) -> int:
    """How many characters of a text are of nouns."""
    return sum(len(word.text) for word in words_of(text) if is_nominal(word))


def has_verb(text: str) -> bool:
    """Whether a text has a verb."""
    return any(word.tag in ("v", "vd") and len(word.text) > 1 for word in words_of(text))


def is_period(text: str) -> bool:
    """Whether a clause only names a time."""
    words = words_of(text)
    return text in RELATIVE_PERIODS or (
        bool(words)
        and len(text) <= 12
        and all(word.tag in ("t", "m", "q") or word.text in "年月日至到-—" for word in words)
    )


def whole_areas(text: str, place: str) -> str:
    """The text with the place's name for "the whole province" and the like.

    >>> whole_areas("全市新增公办幼儿园", "海州市")
    '海州市新增公办幼儿园'
    """
    head = text[:2]
    fits = head in _WHOLE and (head[1] == "国" or place[-1:] == head[1])
    return place + text[2:] if place and fits and head[1] != "国" else text


def balanced(text: str) -> bool:
    """Whether every bracket and quotation mark of a text is closed."""
    return all(text.count(pair[0]) == text.count(pair[1]) for pair in _PAIRS) and '"' not in text


def content_key(text: str) -> str:
    """What a statement is about: its words without adverbs, time and "the whole province", in simplified characters."""
    kept = []
    for word in words_of(simplify(text)):
        drop = word.tag[:1] in tuple("dtpucymqx") or word.text in CLOSES_SUBJECT or word.text in _WHOLE
        if not drop:
            kept.append(word.text)
    return "".join(kept)
