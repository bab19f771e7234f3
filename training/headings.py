"""Titles and heading paths in the manner of official papers, and questions that name their place and year.

The reading data has paragraphs without a heading; the reader will be used on sentences that have one. Headings are
put together by rule, from places and years: that a right sentence under another place's or year's heading does not
answer the question is what the reader must learn, and no data teaches it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pypinyin import lazy_pinyin

from rag.reading.model.tokens import heading_line, normalise
from rag.text.places import place_names, place_stem
from rag.text.unicode import HAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

__all__ = ["Setting", "ask_within", "draw_setting", "exchange", "find_places", "heading_of"]

_ORGANS: Final = (
    "教育局 卫生健康委员会 交通运输局 水利局 统计局 人民政府 财政局 农业农村局 民政局 文化和旅游局 公安局 "
    "住房和城乡建设局 人力资源和社会保障局 生态环境局 科学技术局 应急管理局 图书馆 大学 医院 中学 集团有限公司 "
    "供电公司 档案馆 体育局"
).split()
_TITLES: Final = (
    "{who}{year}年工作总结",
    "{year}年{who}工作报告",
    "{who}{year}年工作总结及{next}年工作计划",
    "关于印发{who}{year}年工作要点的通知",
    "{place}{year}年国民经济和社会发展统计公报",
    "{who}关于{year}年度工作情况的报告",
    "{who}年度报告（{year}）",
    "{who}{year}年上半年工作总结和下半年工作思路",
    "{place}志",
    "{who}工作总结范文",
)
_SECTIONS: Final = (
    "主要工作 工作回顾 工作情况 存在的问题 下一步打算 工作计划 基本情况 主要成效 组织保障 重点任务 指导思想 财务状况 "
    "基础设施建设 队伍建设 安全管理 项目推进 民生保障 宣传工作 历史沿革 地理环境 人物介绍 改革创新 督查考核"
).split()
_ORDINALS: Final = "一二三四五六七八九"
_HAN_COMMON: Final = (
    "安宝昌成城川春东恩丰福古广海汉和河衡红洪华淮黄吉江金津靖康兰乐丽林龙隆庐洛梅民南宁平清庆泉荣瑞山石顺泰天通铜万文武西溪"
    "仙祥襄孝新兴秀徐延盐阳义宜银永玉远云张昭镇忠舟州"
)
_SUFFIXES: Final = "市市市县县区区省州"
_ENGLISH_NAMES: Final = (
    ("Ash", "Bre", "Cold", "Dun", "East", "Fair", "Glen", "Hart", "King", "Lang", "Mill", "New", "Oak", "Pem", "Rock"),
    (
        "bourne",
        "bridge",
        "bury",
        "dale",
        "field",
        "ford",
        "ham",
        "haven",
        "ley",
        "mouth",
        "port",
        "stead",
        "ton",
        "wick",
    ),
    ("", "", "", " County", " City", " District"),
)
_ENGLISH_ORGANS: Final = (
    "Council,Board of Education,Department of Transport,Public Library,University,Water Authority,Housing Office,"
    "Health Board,Port Authority,Statistics Office"
).split(",")
_ENGLISH_TITLES: Final = (
    "{who} Annual Report {year}",
    "{place} in {year}: Statistical Review",
    "Report of the {who} for {year}",
    "{who}: Budget {year}",
    "{year} Work Plan of the {who}",
    "A History of {place}",
)
_ENGLISH_SECTIONS: Final = (
    "Summary,Results,Finance,Background,Infrastructure,Services,Staff,Outlook,Plan,Risks,History,Geography,Objectives"
).split(",")
_JAPANESE_ORGANS: Final = "役所 教育委員会 水道局 図書館 大学 病院 交通局 観光課 統計課 消防本部".split()
_JAPANESE_TITLES: Final = (
    "{who}{year}年度事業報告",
    "{year}年{place}統計年報",
    "{place}の概要（{year}年）",
    "{who}{year}年度予算について",
    "{place}史",
)
_JAPANESE_SECTIONS: Final = "概要 実績 財政 沿革 地理 課題 今後の計画 施設整備 人事 重点施策".split()
_LEAST_MENTIONS: Final = 3
_MOST_PLACES: Final = 1500
# Question forms by language; {q} is the question. What names only a place or only a year is needed as well.
_ASK: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "zh": {
        "both": (
            "{year}年{place}{q}",
            "{place}{year}年{q}",
            "{place}在{year}年，{q}",
            "{year}年，{place}的{q}",
            "据{who}{year}年的报告，{q}",
        ),
        "place": ("{place}{q}", "{place}的{q}", "在{place}，{q}", "据{who}介绍，{q}", "{who}：{q}"),
        "year": ("{year}年{q}", "{year}年，{q}", "在{year}年的报告里，{q}"),
    },
    "en": {
        "both": ("In {year}, in {place}: {q}", "{q} ({place}, {year})", "According to {place}'s {year} report, {q}"),
        "place": ("In {place}, {q}", "{q} ({place})", "According to {place}'s report, {q}"),
        "year": ("In {year}, {q}", "{q} ({year})", "According to the {year} report, {q}"),
    },
    "ja": {"both": ("{year}年の{place}について、{q}",), "place": ("{place}について、{q}",), "year": ("{year}年、{q}",)},
    "other": {
        "both": ("{place}, {year}: {q}", "{q} ({place}, {year})"),
        "place": ("{place}: {q}",),
        "year": ("{year}: {q}",),
    },
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Who reports on which year.

    Attributes:
        place: The place, with its suffix.
        organ: The kind of body.
        year: The year reported on.
        lang: Language of the paper: "zh", "en" or "ja".
    """

    place: str
    organ: str
    year: int
    lang: str = "zh"

    @property
    def who(self) -> str:
        """The body's whole name."""
        return f"{self.place} {self.organ}" if self.lang == "en" else self.place + self.organ


def find_places(texts: Iterable[str]) -> list[str]:
    """Chinese places that the texts mention, the commonest first."""
    counts = Counter(
        name for text in texts for name in place_names(normalise(text)) if re.fullmatch(f"[{HAN}]{{2,6}}", name)
    )
    return [name for name, n in counts.most_common(_MOST_PLACES) if n >= _LEAST_MENTIONS]


def draw_setting(rng: Random, places: list[str], lang: str = "zh") -> Setting:
    """A place (in Chinese one of those given, or an invented one), a body, a year."""
    if lang == "en":
        place = "".join(rng.choice(part) for part in _ENGLISH_NAMES)
        return Setting(place, rng.choice(_ENGLISH_ORGANS), rng.randint(1995, 2026), lang)
    if lang == "ja":
        place = "".join(rng.sample(_HAN_COMMON, 2)) + rng.choice("市市町村県区")
        return Setting(place, rng.choice(_JAPANESE_ORGANS), rng.randint(1995, 2026), lang)
    if rng.random() < 0.5 and places:
        place = rng.choice(places)
        if place[-1] not in _SUFFIXES and rng.random() < 0.7:
            place += rng.choice(_SUFFIXES)
    else:
        place = "".join(rng.sample(_HAN_COMMON, 2)) + rng.choice(_SUFFIXES)
    if rng.random() < 0.15:
        place = "".join(rng.sample(_HAN_COMMON, 2)) + "市" + place_stem(place) + "区"
    return Setting(place, rng.choice(_ORGANS), rng.randint(1995, 2026))


def heading_of(setting: Setting, rng: Random, *, year_in_section: bool = False) -> str:
    """A heading line for text of this setting, as :func:`rag.reading.model.tokens.heading_line` writes it.

    Args:
        setting: Whose text it is.
        rng: Draws the form.
        year_in_section: Whether the title names another year, and only the section the setting's own, as in a paper
            that reports on one year and plans the next.
    """
    values = {"who": setting.who, "place": setting.place, "year": setting.year, "next": setting.year + 1}
    titles, sections = _form(setting, rng, year_in_section=year_in_section)
    if year_in_section:
        other = setting.year + rng.choice((-1, -1, 1))
        values |= {"year": other, "next": max(other, setting.year)}
    title = rng.choice(titles).format(**values)
    # The place and the years that youju found in a part stand before the title; of some parts it knows neither.
    place = setting.place if rng.random() < 0.6 or setting.place not in title else ""
    years = (setting.year,) if rng.random() < 0.6 or str(setting.year) not in title + "".join(sections) else ()
    return heading_line(place, years, title, sections)


def _form(setting: Setting, rng: Random, *, year_in_section: bool) -> tuple[Sequence[str], list[str]]:
    """The titles of a setting's language, and a heading path of none to two headings."""
    named = f"{setting.year}年" if year_in_section else ""
    if setting.lang == "en":
        named = f" {setting.year}" if year_in_section else ""
        begin = rng.choice(("", f"{rng.randint(1, 9)}. "))
        sections = [f"{begin}{rng.choice(_ENGLISH_SECTIONS)}{named}"] if named or rng.random() < 0.7 else []
        return _ENGLISH_TITLES, sections
    if setting.lang == "ja":
        begin = rng.choice(("", f"{rng.randint(1, 9)}. ", f"第{rng.randint(1, 9)}章 "))
        sections = [f"{begin}{named}{rng.choice(_JAPANESE_SECTIONS)}"] if named or rng.random() < 0.7 else []
        return _JAPANESE_TITLES, sections
    sections = []
    if named or rng.random() < 0.7:
        sections.append(f"{rng.choice(_ORDINALS)}、{named}{rng.choice(_SECTIONS)}")
        if rng.random() < 0.4:
            sections.append(f"（{rng.choice(_ORDINALS)}）{rng.choice(_SECTIONS)}")
    return _TITLES, sections


def ask_within(question: str, lang: str, setting: Setting, naming: str, rng: Random) -> str:
    """The question, naming place (``naming`` = "place"), year ("year") or both ("both") of a setting."""
    forms = _ASK[lang if lang in _ASK else "other"][naming]
    chinese = lang in ("zh", "ja")
    short = rng.random() < 0.4 and len(setting.place) > 2
    place = place_stem(setting.place) if short else setting.place
    if not chinese and not place.isascii():
        place = "".join(lazy_pinyin(place_stem(setting.place))).capitalize()
    form: str = rng.choice(forms)
    return form.format(q=question, place=place, year=setting.year, who=setting.who)


def exchange(setting: Setting, naming: str, rng: Random, places: list[str]) -> Setting:
    """Another setting: of what the question names, one thing is another's."""
    what = rng.choice(("place", "year")) if naming == "both" else naming
    if what == "year":
        return replace(setting, year=setting.year + rng.choice((-5, -3, -2, -1, -1, -1, 1, 1, 1, 2, 4)))
    while True:
        other = draw_setting(rng, places, setting.lang)
        if place_stem(other.place) not in setting.place and place_stem(setting.place) not in other.place:
            return replace(setting, place=other.place, organ=rng.choice((setting.organ, other.organ)))
