"""What is noise in a text from the web: each rule finds spans to delete, and deletes nothing itself.

Two families: whole lines that belong to the page and not to the text (navigation, footers, upload-site
boilerplate), told by their vocabulary, shape and position; and damage inside running text (page-cut
markers, doubled characters, spliced domain names, stray spaces).

The vocabularies hold what Chinese government sites, document-sharing sites and their English likes print
on every page. They name kinds of lines, never a certain site, place or file.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.documents.cleaning.wrapped_lines import CLOSERS, END, WIDE, Line, Spans, lines_of
from rag.text.unicode import HAN

__all__ = ["OF_PROSE", "RULES", "is_chrome", "is_prose"]

# Enough on their own: nobody writes these inside a report.
STRONG = re.compile(
    r"ICP\s*备|公网安备|网站标识码|版权所有|All\s+Rights\s+Reserved|(?:©|\bCopyright\b)\s*(?:©|\d{4})|不良信息举报"
    r"|当前(?:所在)?位置\s*[:：]|您(?:现在|当前)?(?:所在)?的?位置\s*[:：]|扫一扫.{0,12}(?:手机|打开|关注|分享)|由会员(?:分享|上传)"
    r"|本站(?:只|仅|为|不|所有|提供)|点击查看更多|展开(?:阅读)?全文|_第\d+页$|^\s*第\s*\d+\s*页\s*[/／]\s*共\s*\d+\s*页\s*$"
    r"|上一[篇条页]\s*[:：]|下一[篇条页]\s*[:：]|Skip to (?:main )?content|Privacy Policy|Terms of (?:Use|Service)",
    re.IGNORECASE,
)
# Two of these make a line noise anywhere at the edge of a text; one does in a short line there.
WEAK = re.compile(
    r"上传人|上传时间|文档编号|文档格式|页数\s*[:：]|大小\s*[:：]|下载(?:次数|积分)|浏览次数|点击(?:数|率|次数)|访问量|今日访问"
    r"|主办单位|承办单位|技术支持|联系地址|联系电话|邮政编码|电子邮箱|举报电话|客服|经营许可证|备案号|欢迎(?:访问|光临|您)"
    r"|字体\s*[:：]|责任编辑\s*[:：]|分享到|Powered by|Follow us|Subscribe|Cookies?\b",
    re.IGNORECASE,
)
# A line made only of such words is a row of buttons.
BUTTONS = frozenset(
    """
    首页 网站首页 返回 返回首页 返回顶部 下载 相关 举报 分享 收藏 加入收藏 打印 打印此文 打印本页
    打印此页 关闭 关闭窗口 关闭本页 登录 注册 搜索 更多 繁体版 简体版 无障碍浏览 无障碍 智能问答
    网站地图 网站纠错 联系我们 关于我们 免责声明 隐私声明 设为首页 资源描述 相关资源 相关搜索 相关文档
    相关链接 友情链接 上一篇 下一篇 上一页 下一页 大 中 小 顶部 home login search share print close back
    next previous menu contact about sitemap
    """.split()
)
BULLET = re.compile(r"^\s*[•·▪◦●○*]\s*(?P<text>\S.*)$")
SEPARATORS = re.compile(r"[\s|｜丨\[\]【】()（）<>《》•·:：,，]+")
BREADCRUMB = re.compile(r"(?:\S{1,20}\s*[>›»＞]\s*){2,}\S{0,30}")
LABEL = re.compile(rf"^\s*(?P<label>[{HAN}]{{2,6}}\s*[:：]\s*|[{HAN}]{{2,6}}\s+)(?P<value>\S.*)$")


def is_prose(line: str) -> bool:
    """Whether a line reads like running text: long, with marks that sentences have."""
    return len(line) >= 40 and (bool(re.search(r"[。；;]", line)) or len(re.findall(r"[，,、. ]", line)) >= 2)


def is_chrome(line: str, *, at_edge: bool = True) -> bool:
    """Whether a line belongs to the web page and not to the text.

    Args:
        line: One line.
        at_edge: Whether it stands before the first or behind the last running text, where weak signs count.
    """
    words = [word for word in SEPARATORS.split(line.strip().lower()) if word]
    if words and all(word in BUTTONS for word in words):
        return at_edge or len(words) > 1
    if STRONG.search(line):
        return at_edge or len(line) < 80
    if not at_edge:
        return False
    n_weak = len({match.group().lower() for match in WEAK.finditer(line)})
    return n_weak >= 2 or (n_weak == 1 and len(line) < 60) or bool(BREADCRUMB.fullmatch(line.strip()))


def control_characters(text: str) -> Spans:
    """Find characters that show nothing: zero-width, soft hyphen, bidi controls, carriage returns, controls."""
    for match in re.finditer(
        "[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufffe]+|\r",
        text,
    ):
        yield match.span()


def chrome_lines(text: str) -> Spans:
    """Find whole lines of navigation, footers, buttons and upload-site boilerplate."""
    lines = lines_of(text)
    body = [i for i, line in enumerate(lines) if is_prose(line.text) and not is_chrome(line.text)]
    first, last = (body[0], body[-1]) if body else (len(lines), -1)
    menu = _menu_lines(lines, first, last)
    for i, line in enumerate(lines):
        edge = i < first or i > last
        if line.text.strip() and (i in menu or is_chrome(line.text, at_edge=edge)):
            yield line.start, min(line.end + 1, len(text))


def _menu_lines(lines: list[Line], first: int, last: int) -> set[int]:
    """Find bulleted menus at the edges: three or more short bullets in a row, none of them a sentence."""
    menu: set[int] = set()
    run: list[int] = []
    for i, line in enumerate([*lines, Line(0, 0, "end")]):
        bullet = BULLET.match(line.text)
        edge = i < first or i > last
        if bullet and edge and len(bullet["text"]) <= 12 and not re.search(r"[。；，,;]", bullet["text"]):
            run.append(i)
        elif line.text.strip():
            menu |= set(run) if len(run) >= 3 else set()
            run = []
    return menu


def repeated_lines(text: str) -> Spans:
    """Find head lines that only repeat: an abstract cut from the first paragraph, a title printed again.

    "Abstract: X" goes where one of the next lines begins with X; a bare line goes where the very same
    line stands above it. 20 lines of head are looked at: metadata tables are shorter than that.
    """
    lines = [line for line in lines_of(text) if line.text.strip()][:24]
    squeezed = [re.sub(r"\s", "", line.text) for line in lines]
    for i, line in enumerate(lines):
        label = LABEL.match(line.text)
        value = re.sub(r"\s", "", label["value"]) if label else ""
        later = squeezed[i + 1 :]
        repeated_below = len(value) >= 8 and any(other.startswith(value) for other in later)
        repeated_above = len(squeezed[i]) >= 6 and squeezed[i] in squeezed[:i]
        if repeated_below or repeated_above:
            yield line.start, min(line.end + 1, len(text))


SEGMENT = re.compile(r"(?:\A|(?<=\n\n))[ ]*(?P<n>\d{1,4})、")


def segment_markers(text: str) -> Spans:
    r"""Find ``\n\nN、`` markers that a converter put into running text where its pages ended.

    They count up by one through the whole text, and the text before most of them stops in mid-sentence;
    a numbered list that people wrote counts up too, but its items end. A chain of three or more with at
    least half of its members in mid-sentence is taken as markers, all of them.
    """
    chain: list[re.Match[str]] = []
    for match in SEGMENT.finditer(text):
        if chain and int(match["n"]) != int(chain[-1]["n"]) + 1:
            yield from _marker_spans(text, chain)
            chain = []
        chain.append(match)
    yield from _marker_spans(text, chain)


def _marker_spans(text: str, chain: list[re.Match[str]]) -> Spans:
    inner = chain[1:]
    cut = [m for m in inner if not text[: m.start()].rstrip("\n ").rstrip(CLOSERS).endswith(tuple(END))]
    if len(chain) < 3 or 2 * len(cut) < len(inner):
        return
    yield chain[0].span()
    for match in inner:  # the line breaks before the marker are the converter's too
        yield len(text[: match.start()].rstrip("\n ")), match.end()


UNIT = re.compile(r"(?P<once>[^\n]{1,40}?) ?(?P=once) ?")
DOUBLED_RUN = re.compile(r"(?:([^\n]{1,40}?) ?\1 ?)+")


def doubled_characters(text: str) -> Spans:
    """Find what a converter printed twice: ``2 20 01 19 9年年报报告告`` or ``年度报告范文年度报告范文``.

    A run of units that each stand twice counts where it is long and varied enough not to be language:
    six units or one of five characters, six different characters in all, half of them Chinese.
    """
    for line in lines_of(text):
        if not _may_double(line.text):
            continue
        for run in DOUBLED_RUN.finditer(line.text):
            units = list(UNIT.finditer(run.group()))
            once = "".join(unit["once"] for unit in units)
            varied = set(re.findall(r"\w", once))
            chinese = [ch for ch in varied if re.match(f"[{HAN}]", ch)]
            long_enough = len(units) >= 6 or max(len(unit["once"]) for unit in units) >= 5
            if long_enough and len(varied) >= 6 and 2 * len(chinese) >= len(varied):
                for unit in units:
                    base = line.start + run.start()
                    yield base + unit.end("once"), base + unit.end()


def _may_double(line: str) -> bool:
    """Cheap look before the costly pattern: three doubled characters in a row, or five repeated at once."""
    return bool(
        re.search(r"(\S) ?\1 ?(\S) ?\2 ?(\S) ?\3", line)
        or any(line[i : i + 5] in line[i + 5 : i + 45] for i in range(len(line)))
    )


DOMAIN = re.compile(
    rf"(?<=[{HAN}“”])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|cn|net|org|cc|top|xyz|vip|info|biz)(?![a-z0-9./@-])"
    rf"(?=[{HAN}“”])",
    re.IGNORECASE,
)
# A domain that the sentence speaks of: "登录 x.cn 查询", "x.cn 网站".
DOMAIN_BEFORE = re.compile(r"(?:登[录陆]|访问|浏览|打开|网址|网站|官网|平台|邮箱|域名|网页|进入|通过|在|到|至|为|是)$")
DOMAIN_AFTER = re.compile(r"(?:网|官|平台|邮箱|域名|查询|查看|注册|下载|上)")


def spliced_domains(text: str) -> Spans:
    """Find domain names spliced into a sentence by a hijacked page; what they displaced is not guessed at."""
    for match in DOMAIN.finditer(text):
        spoken_of = DOMAIN_BEFORE.search(text[max(0, match.start() - 4) : match.start()])
        if not spoken_of and not DOMAIN_AFTER.match(text, match.end()):
            yield match.span()


STRAY = re.compile(rf"(?<=[{WIDE}]) +(?=\S)|(?<=\S) +(?=[{WIDE}])|(?<=\d) +(?=[%％‰])|(?<=[\d万亿千百]) +(?=[,，][\d])")


def stray_spaces(text: str) -> Spans:
    """Find spaces that mean nothing: at line edges, inside Chinese prose and its numbers, and long runs.

    In short lines (tables of metadata, signatures) a space separates columns and stays.
    """
    for line in lines_of(text):
        stripped = line.text.strip(" ")
        lead = len(line.text) - len(line.text.lstrip(" "))
        yield line.start, line.start + lead
        yield line.start + lead + len(stripped), line.end
        pattern = STRAY if is_prose(line.text) and re.search(f"[{HAN}]", line.text) else re.compile(r"(?<= ) +")
        for match in pattern.finditer(stripped):
            yield line.start + lead + match.start(), line.start + lead + match.end()


def blank_lines(text: str) -> Spans:
    """Find line breaks beyond one blank line, and those at both ends."""
    for match in re.finditer(r"\A\n+|(?<=\n\n)\n+|\n+\Z", text):
        yield match.span()


RULES: tuple[Callable[[str], Spans], ...] = (
    control_characters,
    chrome_lines,
    repeated_lines,
    segment_markers,
    doubled_characters,
    spliced_domains,
    stray_spaces,
    blank_lines,
)
OF_PROSE = frozenset({chrome_lines, repeated_lines, segment_markers, doubled_characters, spliced_domains})
"""Rules that know running text alone: in the rows of a table they would find what is none."""
