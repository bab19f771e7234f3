"""Pages in many layouts, of which every sentence, cell and item is known to be text of the page or not."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

SIZES = (1, 3, 6, 12)  # paragraphs
TOPICS = "学校 医院 渔港 公园 道路 图书馆 养老院 水库 桥梁 车站".split()
PLACES = "海州市 云岭市 白沙县 青河区 望江镇 石门县".split()


class Page(NamedTuple):
    """A page, and what of it is its text.

    Attributes:
        html: The page.
        wanted: Pieces of its text.
        unwanted: Pieces of what stands around it.
    """

    html: str
    wanted: Sequence[str]
    unwanted: Sequence[str]


class Maker:
    """Makes pieces of pages, each said once, and keeps account of them."""

    def __init__(self, seed: int, *, named: bool) -> None:
        self.random = random.Random(seed)
        self.named = named
        self.wanted: list[str] = []
        self.unwanted: list[str] = []
        self._number = 100 * seed + 100

    def number(self) -> int:
        """A number that was not used before."""
        self._number += 1
        return self._number

    def name(self, name: str) -> str:
        """A class, or what a program writes in its place."""
        return f'class="{name}"' if self.named else f'class="c{self.number()}x"'

    def want(self, text: str) -> str:
        """Note a piece as wanted."""
        self.wanted.append(text)
        return text

    def shun(self, text: str) -> str:
        """Note a piece as unwanted."""
        self.unwanted.append(text)
        return text

    def sentence(self) -> str:
        """A sentence of three figures."""
        place, topic = self.random.choice(PLACES), self.random.choice(TOPICS)
        return f"{place}全年新建{topic}{self.number()}座，比上年增加{self.number()}座，完成投资{self.number()}万元。"

    def prose(self, tag: str = "p", n: int = 1) -> str:
        """Paragraphs of two sentences."""
        return "".join(f"<{tag}>{self.want(self.sentence() + self.sentence())}</{tag}>" for _ in range(n))

    def links(self, n: int, tag: str = "li", dated: bool = False) -> str:
        """Titles of other pages, each a link."""
        rows = []
        for _ in range(n):
            text = self.shun(f"关于{self.random.choice(TOPICS)}建设的通知第{self.number()}号")
            date = f"<span>2030-0{self.random.randint(1, 9)}-11</span>" if dated else ""
            rows.append(f'<{tag}><a href="/art/{self.number()}.html">{text}</a>{date}</{tag}>')
        return "".join(rows)

    def menu(self) -> str:
        """A row of links."""
        items = [self.shun(f"{topic}频道{self.number()}") for topic in TOPICS[:6]]
        return "".join(f'<a href="/c/{n}/">{item}</a> ' for n, item in enumerate(items))

    def table(self, rows: int, head: str = "th") -> str:
        """A table of three columns."""
        heads = [self.want(f"{topic}（座）{self.number()}") for topic in TOPICS[:3]]
        lines = "".join(
            "<tr>" + "".join(f"<td>{self.want(text)}</td>" for text in self._row()) + "</tr>" for _ in range(rows)
        )
        return f"<table><tr>{''.join(f'<{head}>{each}</{head}>' for each in heads)}</tr>{lines}</table>"

    def _row(self) -> list[str]:
        return [f"{self.random.choice(PLACES)}{self.number()}", str(self.number()), str(self.number())]

    def footer(self) -> str:
        """Who runs the site."""
        return (
            f"<div {self.name('footer')}><p>"
            f"{self.shun(f'主办单位：海州市人民政府办公室 联系电话：0{self.number()}')}</p>"
            f"<p>{self.shun(f'Copyright © 2031 海州市人民政府 版权所有 海ICP备{self.number()}号')}</p></div>"
        )


def notice(m: Maker, n: int) -> str:
    """A notice of an office: breadcrumb, table of metadata, body, signature, attachments, related pages."""
    files = "".join(
        f'<p><a href="/files/{m.number()}.doc">{m.want(f"附件{k}：海州市{m.number()}年申报表.doc")}</a></p>'
        for k in (1, 2)
    )
    return (
        f"<div {m.name('header')}><h2>{m.shun(f'海州市人民政府门户{m.number()}')}</h2>{m.menu()}</div>"
        f"<div {m.name('crumb')}>当前位置：<a href='/'>首页</a> &gt; "
        f"<a href='/a/'>{m.shun(f'政务公开{m.number()}')}</a></div>"
        f"<div {m.name('detail')}><h1>关于做好建设工作的通知</h1>"
        f"<div {m.name('info')}>发布时间：2031-05-06 <span>{m.shun(f'浏览次数：{m.number()}')}</span></div>"
        f"<div {m.name('view')}><p>{m.want(f'各县（市、区）人民政府{m.number()}：')}</p>{m.prose(n=n)}"
        f"<p>{m.want(f'特此通知{m.number()}。')}</p><p align=right>"
        f"{m.want(f'海州市人民政府办公室{m.number()}')}</p>{files}</div>"
        f"<div {m.name('share')}>{m.shun(f'分享到微信{m.number()}')}</div></div>"
        f"<div {m.name('related')}><h3>{m.shun(f'相关文件{m.number()}')}</h3><ul>{m.links(5, dated=True)}</ul>"
        f"</div>{m.footer()}"
    )


def portal(m: Maker, n: int) -> str:
    """A news portal: three columns, teasers beside the article."""
    teasers = "".join(
        f"<div><h4><a href='/n/{m.number()}.html'>{m.shun(f'{topic}新闻{m.number()}')}</a></h4>"
        f"<p>{m.shun(f'本网讯，{topic}{m.number()}年有新的进展')}…</p></div>"
        for topic in TOPICS[:4]
    )
    return (
        f"<header><div>{m.menu()}</div></header><div {m.name('wrap')}><div {m.name('left sidebar')}>"
        f"<ul>{m.links(12)}</ul></div>"
        f"<div {m.name('main')}><h1>海州市建设进展</h1><p>2031年5月6日 来源：海州日报</p>{m.prose(n=n)}"
        f"<h3>{m.want(f'下一步打算{m.number()}')}</h3>{m.prose(n=1)}</div>"
        f"<div {m.name('right sidebar')}><h3>{m.shun(f'热点排行{m.number()}')}</h3>{teasers}</div></div>{m.footer()}"
    )


def blog(m: Maker, n: int) -> str:
    """A weblog: article element, tags, comments."""
    comments = "".join(
        f"<li><b>网友{m.number()}</b><p>{m.shun(f'写得好，顶{m.number()}楼')}</p></li>" for _ in range(4)
    )
    return (
        f"<nav>{m.menu()}</nav><main><article><h1>海州见闻</h1>{m.prose(n=n)}<h2>{m.want(f'小结{m.number()}')}</h2>"
        f"<ul><li>{m.want(m.sentence())}</li><li>{m.want(f'带伞{m.number()}把')}</li></ul>"
        f"<pre>{m.want(f'cd /srv && make {m.number()}')}</pre></article>"
        f"<div {m.name('tags')}><a href='/t/1/'>{m.shun(f'标签{m.number()}')}</a> "
        f"<a href='/t/2/'>{m.shun(f'旅行{m.number()}')}</a></div>"
        f"<section {m.name('comments')}><h3>{m.shun(f'评论{m.number()}')}</h3><ul>{comments}</ul></section>"
        f"</main>{m.footer()}"
    )


def wiki(m: Maker, n: int) -> str:
    """A page of a wiki: contents, infobox, sentences full of links, notes, a box of links at the end."""
    paragraphs = "".join(
        f"<p>{m.want(m.sentence()[:8])}<a href='/wiki/{m.number()}'>{m.want(m.sentence()[:12])}"
        f"</a>{m.want(m.sentence())}"
        f"<sup><a href='#n{m.number()}'>[1]</a></sup></p>"
        for _ in range(n)
    )
    return (
        f"<div {m.name('mw-navigation')}><ul>{m.links(10)}</ul></div><div {m.name('mw-body')}><h1>海州市</h1>"
        f"<div {m.name('toc')}><ul><li><a href='#a'>{m.shun(f'1 历史{m.number()}')}</a></li><li>"
        f"<a href='#b'>{m.shun(f'2 交通{m.number()}')}</a></li></ul></div>"
        f"{m.table(3)}<h2 id=a>{m.want(f'历史{m.number()}')}</h2>{paragraphs}<h2>{m.want(f'交通{m.number()}')}"
        f"</h2>{paragraphs and m.prose(n=1)}"
        f"<div {m.name('navbox')}><table><tr><td>{m.links(9, 'span')}</td></tr></table></div></div>{m.footer()}"
    )


def old_tables(m: Maker, n: int) -> str:
    """A page of 2003: tables in tables, lines ended by br, the text in fonts."""
    text = "<br><br>".join(f"　　{m.want(m.sentence() + m.sentence())}" for _ in range(n))
    return (
        f"<table width=100%><tr><td>{m.menu()}</td></tr></table><table><tr><td width=150><table>"
        f"{''.join(f'<tr><td>{row}</td></tr>' for row in m.links(8, 'span').split('</span>')[:-1])}</table></td>"
        f"<td><font size=5><b>海州市总结</b></font><hr><font>{text}</font><br>{m.table(3, 'td')}</td></tr></table>"
        f"<center><font size=1>{m.shun(f'版权所有：海州市人民政府{m.number()} 技术支持：信息中心')}</font></center>"
    )


def soup(m: Maker, n: int) -> str:
    """Boxes in boxes without meaning, every paragraph in a box of its own."""
    boxes = "".join(f"<div><div><span>{m.want(m.sentence() + m.sentence())}</span></div></div>" for _ in range(n))
    return (
        f"<div><div><div>{m.menu()}</div></div><div><div><div>建设情况</div>{boxes}<div>"
        f"<div>{m.want(f'海州市建设局{m.number()}')}</div>"
        f"</div></div><div><div>{m.links(8, 'div')}</div></div></div><div>{m.shun(f'不良信息举报电话：0{m.number()}')}"
        f"</div></div>"
    )


def only_table(m: Maker, n: int) -> str:
    """A table of figures and nothing else."""
    return f"<div {m.name('nav')}>{m.menu()}</div><h1>各县建设情况</h1><div>{m.table(3 * n)}</div>{m.footer()}"


def only_list(m: Maker, n: int) -> str:
    """A list of short items and nothing else."""
    items = "".join(f"<li>{m.want(f'{m.random.choice(PLACES)}第{m.number()}小学')}</li>" for _ in range(4 * n))
    return f"<div {m.name('nav')}>{m.menu()}</div><h1>学校名单</h1><ol>{items}</ol>{m.footer()}"


def short(m: Maker, n: int) -> str:  # noqa: ARG001 - of one size
    """Two short sentences among many links."""
    return (
        f"<div {m.name('top')}>{m.menu()}</div><div {m.name('box')}><h1>停水通知</h1>"
        f"<p>{m.want(f'明日{m.number()}时起停水。')}</p>"
        f"<p>{m.want(f'请储水{m.number()}升。')}</p></div>"
        f"<div {m.name('list')}><ul>{m.links(15)}</ul></div>{m.footer()}"
    )


def english(m: Maker, n: int) -> str:
    """An article in English with a sidebar, a cookie banner and a form."""
    lines = "".join(
        f"<p>{m.want(f'The council opened {m.number()} schools last year, and plans to open {m.number()} more.')}</p>"
        for _ in range(2 * n)
    )
    return (
        f"<div {m.name('cookie-banner')}>{m.shun(f'We use cookies on {m.number()} pages of this site.')}"
        f"<button>OK</button></div>"
        f"<header>{m.menu()}</header><main><h1>Annual report</h1>{lines}"
        f"<blockquote>{m.want(f'Item {m.number()} was quoted.')}</blockquote>"
        f"<form><label>{m.shun(f'Sign up for our newsletter {m.number()}')}</label><input></form></main>"
        f"<aside>{m.shun(f'Most read story number {m.number()}')}</aside>"
        f"<footer>{m.shun(f'© 2031 Haizhou Council {m.number()}')}</footer>"
    )


def traditional(m: Maker, n: int) -> str:
    """A page in traditional characters with a table."""
    lines = "".join(
        f"<p>{m.want(f'本年度共興建學校{m.number()}所，較去年增加{m.number()}所，開支為{m.number()}萬元。')}</p>"
        for _ in range(n)
    )
    return (
        f"<div {m.name('menu')}>{m.menu()}</div><div {m.name('content')}><h1>工作報告</h1>{lines}{m.table(3)}</div>"
        f"<div {m.name('foot')}><a href='/'>{m.shun(f'返回頁首{m.number()}')}</a> "
        f"{m.shun(f'版權所有 不得轉載{m.number()}')}</div>"
    )


def answers(m: Maker, n: int) -> str:
    """Questions and answers as terms and what they mean; a hidden answer of a template."""
    pairs = "".join(
        f"<dt>{m.want(f'怎样申请第{m.number()}类补贴？')}</dt><dd>{m.want(m.sentence())}</dd>" for _ in range(n)
    )
    return (
        f"<div {m.name('nav')}>{m.menu()}</div><div {m.name('guide')}><h1>办事指南</h1><dl>{pairs}</dl>"
        f"<div style='display:none'><p>{m.shun(m.sentence())}</p></div></div>{m.footer()}"
    )


def one_form(m: Maker, n: int) -> str:
    """A page of a framework that puts all into one form."""
    text = "<br/>".join(m.want(m.sentence()) for _ in range(2 * n))
    return (
        f"<form action='d.aspx'><input type=hidden value='x'><div id='top'>{m.menu()}</div><div>"
        f"<span id='lblTitle'>建设公告</span></div>"
        f"<div><span id='lblDate'>2031-05-06</span></div><div id='lblContent'>{text}</div><select>"
        f"<option>{m.shun(f'其他部门{m.number()}')}</option></select>"
        f"<div id='bottom'>{m.links(6, 'span')}</div></form>{m.footer()}"
    )


def sections(m: Maker, n: int) -> str:
    """A guide in steps: a small box for each, no prose longer than a line."""
    steps = "".join(
        f"<div {m.name('step')}><div><span>{k}</span> {m.want(f'第{m.number()}步办理')}</div><ul>"
        f"<li>{m.want(f'带身份证{m.number()}件')}</li>"
        f"<li>{m.want(f'缴费{m.number()}元')}</li></ul></div>"
        for k in range(1, n + 2)
    )
    return (
        f"<header><nav>{m.menu()}</nav></header><div {m.name('hero')}><h1>证件办理</h1></div>"
        f"<div {m.name('guide')}>{steps}</div>{m.footer()}"
    )


LAYOUTS: tuple[Callable[[Maker, int], str], ...] = (
    *(notice, portal, blog, wiki, old_tables, soup, only_table, only_list, short, english, traditional),
    *(answers, one_form, sections),
)


def pages() -> Iterator[tuple[str, Page]]:
    """All pages that are made, with the name of the layout."""
    for at, layout in enumerate(LAYOUTS):
        for k, size in enumerate(SIZES):
            maker = Maker(10 * at + k + 1, named=k % 2 == 0)
            body = layout(maker, size)
            html = (
                f"<!DOCTYPE html><html><head><meta charset=utf-8><title>页面_海州市</title></head><body>{body}</body>"
                f"</html>"
            )
            yield layout.__name__, Page(html, maker.wanted, maker.unwanted)
