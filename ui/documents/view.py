"""What the documents tab shows: the list, the files on their way in with what kept them out, as HTML.

File names, titles and places are untrusted: the templates escape them. Knows nothing of Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from rag.documents.load import known_suffixes
from ui.documents.file_steps import FileStep
from ui.documents.rows import DocumentRow
from ui.settings import PageConfig
from ui.text.templates import Html, render
from ui.text.words import Lang, Words

__all__ = [
    "document_words",
    "render_confirmation",
    "render_documents",
    "render_note",
    "render_rules",
    "render_steps",
]

N_TITLES: Final = 3  # shown at once; the others are one click away

_KINDS: Final = MappingProxyType(
    {
        "word": ".doc .docm .docx .dot .dotm .dotx .odt .ott .rtf .wps .wpt",
        "sheets": ".csv .et .ods .tsv .xls .xlsm .xlsx",
        "slides": ".dps .odp .otp .potx .pps .ppsm .ppsx .ppt .pptm .pptx",
        "pdf": ".pdf",
        "picture": ".bmp .jpeg .jpg .png .tif .tiff .webp",
        "web": ".htm .html .mht .mhtml .xhtml",
        "mail": ".eml .msg",
        "book": ".epub",
        "text": ".log .markdown .md .text .txt",
        "archive": ".zip",
    }
)
"""Endings of files, by the key of the words for their kind."""

_WORDS = Words(
    list=("资料", "Documents"),
    none=("还没有资料。把文件拖到上面，或从上面选择。", "No documents yet. Drop files above, or choose them there."),
    count=("共 {n} 份资料，{passages} 段", "Documents: {n}, passages: {passages}"),
    name=("文件", "File"),
    titles=("标题", "Titles"),
    place=("地区", "Place"),
    years=("年份", "Years"),
    date=("发布日期", "Published"),
    passages=("段数", "Passages"),
    size=("字数", "Characters"),
    added_at=("收录时间（UTC）", "Added (UTC)"),
    own=("我上传的", "yours"),
    more_titles=("另有 {n} 个", "{n} more"),
    unknown=("—", "—"),
    rules=(
        "可以添加：{kinds}。每个文件不超过 {size}，一次最多 {n} 个。",
        "You can add {kinds}; each up to {size}, at most {n} at once.",
    ),
    endings=("全部文件后缀", "All file endings"),
    word=("Word、WPS 文字和 RTF 文档", "Word, WPS Writer and RTF documents"),
    sheets=("Excel、WPS 表格和 CSV", "Excel, WPS and CSV tables"),
    slides=("PowerPoint、WPS 演示文稿", "PowerPoint and WPS slides"),
    pdf=("PDF", "PDF"),
    picture=("图片和扫描件（须装有文字识别）", "pictures and scans (where text recognition is installed)"),
    web=("网页", "web pages"),
    mail=("邮件", "messages"),
    book=("EPUB 电子书", "EPUB books"),
    text=("纯文本和 Markdown", "plain text and Markdown"),
    archive=("装有这些文件的 ZIP 压缩包", "ZIP archives of these"),
    between=("，", ", "),
    left_out=("读取说明（{n}）", "Notes on reading ({n})"),
    private=("你上传的资料只有你自己能检索和看到。", "What you upload can be searched and seen by you alone."),
    shared=("添加的资料，能打开本页的人都能检索和看到。", "Everyone who can open this page can search and see them."),
    steps=("上传进度", "Progress of the upload"),
    tally=("{done} / {n} 个文件已处理，{failed} 个未收录", "{done} of {n} files done, {failed} not added"),
    waiting=("正在处理另一批上传，请稍候", "Another upload is being worked on; waiting"),
    checking=("正在检查", "Checking"),
    reading=("正在读取", "Reading"),
    embedding=("正在编制索引：第 {done} / {total} 段", "Indexing: {done} of {total} passages"),
    storing=("正在存入索引：{total} 段", "Storing {total} passages"),
    added=("已收录，{total} 段", "Added, {total} passages"),
    replaced=(
        "已更新，替换了原来的同名资料，{total} 段",
        "Updated in place of your earlier one, {total} passages",
    ),
    unchanged=("内容没有变化，已在资料中", "Already there with the same content"),
    rebuilt=("索引已重新建立，{total} 份资料", "The index was made anew, documents: {total}"),
    stopped=("已停止，未收录", "Stopped, not added"),
    failed=("未收录：", "Not added: "),
    kept_as=("收录为 {name}", "added as {name}"),
    rebuild=("重建索引", "Re-indexing"),
    failed_kind=(
        "不能读取这种文件（{detail}），可以添加的种类写在本页上方",
        "Files of this kind ({detail}) cannot be read; what can be added is said above",
    ),
    failed_name=("文件名不能用（隐藏文件，或没有名字）", "The name cannot be used (a hidden file, or none at all)"),
    failed_size=("文件太大，上限为 {detail}", "The file is too large; the limit is {detail}"),
    failed_too_many=("一次最多添加 {detail} 个文件，请分批添加", "At most {detail} files at once; add the others next"),
    failed_twice=(
        "这一批里有同名的文件，只收录了第一个",
        "A file of the same name came first in this upload",
    ),
    failed_gone=("上传的文件已不在，请重新添加", "The uploaded file is gone; please add it again"),
    failed_name_taken=("这个文件名已被占用，请改名后再添加", "This name is taken. Rename the file and add it again"),
    failed_name_alike=(
        "已有一份名字几乎相同的资料：{detail}，请改名后再添加",
        "A document has nearly the same name: {detail}. Rename the file and add it again",
    ),
    failed_name_shared=(
        "已有一份同名的公共资料，内容不同；请改名后再添加",
        "A shared document has this name and other content. Rename the file and add it again",
    ),
    failed_name_exists=(
        "已有一份同名资料，内容不同；请先移除它，或改名后再添加",
        "A document has this name and other content. Remove it first, or rename the file",
    ),
    failed_format=("读不出文字", "No text can be read from it"),
    failed_encoding=("无法识别文字编码，请另存为 UTF-8", "Its text encoding is not known. Save it as UTF-8"),
    failed_passage=("有一段文字太长，无法编制索引", "A passage is too long to be indexed"),
    failed_locked=("索引正被另一个程序写入，请稍后再试", "Another program is writing the index. Try again later"),
    failed_read_only=("索引所在的文件夹不能写入", "The folder of the index cannot be written"),
    failed_disk=("磁盘空间不足", "The disk is full"),
    failed_other=("没有完成，详情见服务器的终端", "Not finished; see the server's terminal"),
    failed_not_yours=("只有管理员可以重建索引", "Only an admin can re-index"),
    failed_nothing=("还没有资料，无需重建", "There are no documents to re-index"),
    said=("读取时的原文提示", "What the reader said"),
    label_drop=("添加文件或文件夹", "Add files or folders"),
    label_folder=("选择文件夹", "Choose a folder"),
    label_stop=("停止", "Stop"),
    label_remove=("移除…", "Remove…"),
    label_chosen=("选择要移除的资料", "Documents to remove"),
    label_confirm=("确认移除", "Remove them"),
    label_cancel=("取消", "Cancel"),
    label_rebuild=("重建索引", "Re-index everything"),
    confirm=(
        "移除这 {n} 份资料？回答将不再引用它们。",
        "Remove what is listed here ({n})? Answers will cite it no more.",
    ),
    removed=("已移除 {n} 份资料。", "Removed documents: {n}."),
    not_removed=("{n} 份没有移除：已不在，或不归你管。", "Not removed: {n}, gone already or not yours."),
    not_now=("现在不能移除，请稍后再试。", "Nothing can be removed now. Try again later."),
    no_list=("资料列表暂时无法读取。", "The list of documents cannot be read now."),
)


def document_words(key: str, lang: Lang, **values: object) -> str:
    """The words of the tab's own buttons and notes."""
    return _WORDS.say(key, lang, **values)


def render_rules(config: PageConfig, lang: Lang, *, private: bool) -> Html:
    """Render what can be uploaded and who will see it."""
    size, n_files = f"{config.max_file_bytes / 1e6:,.6g} MB", _grouped(config.max_upload_files)
    values = {"config": config, "size": size, "n_files": n_files, "private": private}
    kinds, endings = _WORDS.say("between", lang).join(_kinds(lang)), " ".join(known_suffixes())
    return render("documents/rules.html", _WORDS, lang, **values, kinds=kinds, endings=endings)


def render_documents(rows: Sequence[DocumentRow], lang: Lang) -> Html:
    """Render the list as a table; where the screen is narrow, each row is a card with its own labels."""
    n_passages = _grouped(sum(row.n_passages for row in rows))
    shown = [_row(row) for row in rows]
    return render(
        "documents/list.html", _WORDS, lang, rows=shown, n_documents=_grouped(len(rows)), n_passages=n_passages
    )


def render_steps(steps: Sequence[FileStep], lang: Lang, *, n_files: int = 0) -> Html:
    """Render every file that is on its way or has arrived.

    Args:
        steps: The latest step of each.
        lang: Language of the page.
        n_files: How many there are in all; none said where it is 0.
    """
    n_failed = sum(step.stage in ("failed", "stopped") for step in steps)
    tally = {"n_files": n_files, "n_over": sum(step.over for step in steps), "n_failed": n_failed}
    return render("documents/steps.html", _WORDS, lang, steps=steps, grouped=_grouped, **tally)


def render_confirmation(names: Sequence[str], lang: Lang) -> Html:
    """Render what is about to be removed."""
    return render("documents/confirmation.html", _WORDS, lang, names=names, n_names=_grouped(len(names)))


def render_note(words: str) -> Html:
    """Render a word of our own on what was done."""
    return render("documents/note.html", _WORDS, "zh", note=words)


def _kinds(lang: Lang) -> list[str]:
    """The kinds of files that are read, in words; an ending that another package brings speaks for itself."""
    known = known_suffixes()
    told = [key for key, endings in _KINDS.items() if not set(known).isdisjoint(endings.split())]
    named = set(" ".join(_KINDS.values()).split())
    return [*(_WORDS.say(key, lang) for key in told), *(ending for ending in known if ending not in named)]


def _row(row: DocumentRow) -> dict[str, object]:
    years = f"{row.years[0]}–{row.years[-1]}" if len(row.years) > 3 else ", ".join(map(str, row.years))
    cells = (
        ("place", "、".join(row.places)),
        ("years", years),
        ("date", row.date),
        ("passages", _grouped(row.n_passages)),
        ("size", _grouped(row.n_chars)),
        ("added_at", _minute(row.added_at)),
    )
    first, more = row.titles[:N_TITLES], row.titles[N_TITLES:]
    return {
        "source": row.source,
        "notes": row.notes,
        "own": row.own,
        "first_titles": [title for title in first if title],
        "more_titles": [title for title in more if title],
        "cells": cells,
    }


def _grouped(number: int) -> str:
    """A number with its thousands apart: 12,345."""
    return f"{number:,}"


def _minute(added_at: str) -> str:
    """``2031-05-06T07:08:09+00:00`` -> ``2031-05-06 07:08``; what is no date stays as it is."""
    try:
        return datetime.fromisoformat(added_at).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return added_at
