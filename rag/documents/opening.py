"""How a document opens: its lines before the text begins, and the title among them.

A title is broken over lines as often as it stands on one; it ends with the kind of document that it names. Around it
stand labels (发布日期：…), the words of a site's menu and buttons, and what a site adds to a page's title (X | 网站).

Not covered: titles told apart only by their typeface.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from pathlib import PurePath
from typing import Final

from rag.text.divisions import division_spans
from rag.text.numbering import Style, read_heading_number
from rag.text.sentences import BETWEEN_CELLS
from rag.text.unicode import is_chinese
from rag.text.years import find_years

__all__ = ["ORGANISATION", "ends_with_kind", "find_title", "opening_lines", "site_pieces"]

_OPENING_CHARS: Final = 1500
_LAST_WORDS_CHARS: Final = 10  # 的若干指导意见
MAX_TITLE_CHARS: Final = 90  # the longest of 60 titles of official documents, set in two lines and more, has 51

ORGANISATION: Final = re.compile(
    r"[\u4e00-\u9fff]{2,24}?(?:国务院|人民代表大会|委员会|政府|办公[厅室]|大学|学院|公司|协会|研究院|中心|医院|法院|检察院"
    r"|总[社局]|银行|[局厅署委部])|国务院(?:办公厅)?"
)
# The kinds of official documents (Regulations on the Handling of Official Documents, 2012, article 8), of rules
# (Legislation Law), and what public bodies write besides.
_KIND: Final = (
    r"(?:决议|决定|命令|公报|公告|通告|意见|通知|通报|报告|请示|批复|议案|函|纪要|条例|规定|办法|细则|章程|规则|规范"
    r"|总结|计划|要点|思路|规划|纲要|方案|预案|讲话|讲稿|简报|[记紀纪][录錄]|制度|指南|指引|须知|須知|问答|措施|答复|文件|手册"
    r"|预算|决算|[预决]算公开|名单|目录|清单|一览|[\u4e00-\u9fff]表|范文.{0,8}|\b(?:report|plan|policy|speech|minutes|act|rules))"
)
_ENDS_TITLE: Final = re.compile(rf"{_KIND}(?:[（(][^（）()]*[）)])*(?:\.\w{{2,4}})?$", re.IGNORECASE)
_NAMES_KIND: Final = re.compile(_KIND, re.IGNORECASE)
_METADATA: Final = re.compile(
    r"^[\u4e00-\u9fff ]{2,8}\s*[:：]|^[\u4e00-\u9fff]{3,6}\s+\S+|(?:发布|生成|公开|成文|印发)(?:日期|时间|机构)"
    r"|^[\[【<]|>"
)
_SENTENCE: Final = re.compile(r"[。；;!！?？]|[:：]$")
_MARKUP: Final = re.compile(r"^\\?#+\s*|\s*目\s*录$|\s+$")
_SITE: Final = re.compile(r"\s*[|｜_]\s*|\s+[-–—─]+\s+|——+")


def ends_with_kind(title: str) -> bool:
    """Whether a title ends with the kind of document that it is of.

    >>> ends_with_kind("海州市渔港管理条例"), ends_with_kind("海州市渔港")
    (True, False)
    """
    return _ENDS_TITLE.search(title) is not None


def opening_lines(text: str) -> list[str]:
    """The first lines of a text; a label and its value on the next line are one, and so is what a bracket holds."""
    lines: list[str] = []
    for line in filter(None, map(str.strip, text[:_OPENING_CHARS].split("\n"))):
        if lines and (_is_label(lines[-1], line) or lines[-1].count("（") > lines[-1].count("）")):
            lines[-1] += line
        else:
            lines.append(line)
    return lines[:24]


def _is_label(line: str, value: str) -> bool:
    return line.endswith((":", "：")) and len(line) <= 9 and len(value) <= 24 and "：" not in value


def find_title(lines: Sequence[str], source: str) -> str:
    """The title among a document's first lines, else in its file's name; empty where neither has one.

    A row of a table is no title.
    """
    head = [line for line in takewhile(lambda line: "。" not in line, lines) if BETWEEN_CELLS not in line]
    if own := next((line.partition(":")[2].strip() for line in head if line.startswith("title:")), ""):
        return own  # front matter of Markdown
    if head and len(site_pieces(head[0])) > 1 and (page := _bare(head[0])) in lines[1:]:
        return page  # a page's title without the site's name, and its heading
    for at in range(len(head)):
        if joined := _joined(head[at:]):
            return joined
    plain = [(line, _bare(line)) for line in head if _may_be_title(line)]
    named = PurePath(source).stem
    ranked = (
        *(_bare(line) for line in head if line.lstrip("\\").startswith("# ")),
        *([named] if _ENDS_TITLE.search(named) and is_chinese(named) else []),
        *(line for line in head[:1] if _is_headline(line)),
        *(bare for _, bare in plain),
    )
    return next(iter(ranked), "")


def _joined(lines: Sequence[str]) -> str:
    """The title that begins with the first line and ends, a few lines on, with a kind of document; else empty."""
    title = whole = ""
    for line in lines[:4]:
        if not _may_be_title(line) or len(title) + len(line) > MAX_TITLE_CHARS:
            break
        title += _bare(line)
        if _ENDS_TITLE.search(title):
            whole = title
            if "关于" not in title or "的" in title[-_LAST_WORDS_CHARS:]:
                break  # 关于X制度 goes on: 的意见
        elif "关于" not in title and (_NAMES_KIND.search(line) or (len(line) < 6 and not find_years(line))):
            break  # a title of its own, or 打印, 收藏: of a menu
    return whole


def _may_be_title(line: str) -> bool:
    bare = _bare(line)
    if division_spans(bare.partition("：")[0].partition(":")[0]):
        bare = re.sub("[:：]", " ", bare, count=1)  # 海州市：新建学校12所 is a headline, no label
        label = False
    else:
        label = _METADATA.search(bare) is not None
    return len(bare) <= MAX_TITLE_CHARS and not (label or _SENTENCE.search(bare) or _is_numbered(bare))


def _is_headline(line: str) -> bool:
    """Whether a first line that ends with a question mark or holds a colon is the title of an article, and no label."""
    value = re.split("[:：]", line)[-1]
    return (
        len(line) <= MAX_TITLE_CHARS and len(value) >= 10 and is_chinese(value, least=6) and len(site_pieces(line)) < 2
    )


def _is_numbered(line: str) -> bool:
    """Whether a line is a section's heading."""
    number = read_heading_number(line, 0, len(line))
    return number is not None and number.style is not Style.MARKDOWN


def _bare(line: str) -> str:
    """A line without markup and without what a site adds to a page's title."""
    pieces = site_pieces(line)
    return next((piece for piece in pieces if _ENDS_TITLE.search(piece)), pieces[0] if pieces else "")


def site_pieces(line: str) -> list[str]:
    """What a page's title is put together of: ``X公报 | X市人民政府``."""
    return [piece for piece in map(str.strip, _SITE.split(_MARKUP.sub("", line))) if piece]
