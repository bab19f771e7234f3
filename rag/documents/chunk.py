"""Documents -> parts and passages with heading paths and raw offsets. Loads no model.

A passage never crosses a heading: headings cut first, then langchain-text-splitters cuts long sections,
at sentence ends where it can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rag.documents.cleaning.clean import CleanText, clean_document
from rag.documents.part_facts import describe_part
from rag.documents.rows import Rows
from rag.documents.structure import PartSpan, Section, split_document, split_sections
from rag.documents.styles import styles_of
from rag.documents.work_report import report_years
from rag.schema.documents import Document, Part, Passage, Sentence
from rag.text.dates import relative_years
from rag.text.sentences import split_sentences
from rag.text.years import find_years

if TYPE_CHECKING:
    from langchain_text_splitters import TextSplitter

__all__ = ["ChunkedDocument", "chunk_document", "chunking_fingerprint", "searchable_text"]

# Raised whenever cleaning or chunking gives other passages: an index made before must be rebuilt.
CHUNKING_VERSION = 2
# Each mark stays at the end of the piece before it. Sentences are kept whole (a figure cut from its
# subject cannot be found) unless one is longer than LONGEST_SENTENCE; then it is cut at commas.
SENTENCE_MARKS = (r"\n+", r"(?<=[。！？!?])", r"(?<=[；;])", r"(?<=[.])\s")
CLAUSE_MARKS = (*SENTENCE_MARKS, r"(?<=[｜])", r"(?<=[，,、])", r"\s", "")
LONGEST_SENTENCE = 240


@dataclass(frozen=True, slots=True)
class ChunkedDocument:
    """A document made ready for the index."""

    document: Document
    parts: tuple[Part, ...]
    passages: tuple[Passage, ...]


def chunking_fingerprint(passage_chars: int) -> str:
    """Name the way passages were made, so that an index made another way is noticed."""
    return f"v{CHUNKING_VERSION}-{passage_chars}"


def searchable_text(passage: Passage) -> str:
    """What is embedded and indexed for a passage: place, title and headings before its text.

    A sentence like "增长8.22%" means something only under its headings; a title that lacks the place
    ("工作总结") gets it from what the text tells.
    """
    place = passage.place if passage.place and passage.place not in passage.title else ""
    return " ".join(filter(None, [place, passage.title, *passage.heading, passage.text]))


def chunk_document(document: Document, *, passage_chars: int) -> ChunkedDocument:
    """Clean a document and cut it into parts and passages.

    Args:
        document: The raw document.
        passage_chars: Sentences of a section are put together up to this length.

    Returns:
        The parts and passages in document order. Every visible character of the cleaned text stands in
        exactly one passage.
    """
    clean = clean_document(document)
    styles = styles_of(document, clean)
    rows = Rows(document, clean, most_chars=LONGEST_SENTENCE)
    parts: list[Part] = []
    passages: list[Passage] = []
    n_sections = 0
    spans = split_document(document, clean)
    for span in spans:
        sections = split_sections(clean.text, span.start, span.end, styles=styles)
        own_title = styles.title_in(clean.text, span.start, span.end)
        part = _part(document, clean, span, sections, alone=len(spans) == 1, own_title=own_title)
        if part is None:
            continue
        parts.append(part)
        told = report_years(clean.text[span.start : span.end], _names(part, span.name or document.source))
        for section in sections:
            for start, end in rows.put_together(_pieces(clean.text, section, passage_chars)):
                whole = rows.put_together(split_sentences(clean.text, start, end, breaks=section.breaks))
                sentences = tuple(Sentence(clean.text[s:e], *clean.raw_span(s, e)) for s, e in whole)
                passages.append(
                    _passage(
                        document,
                        part,
                        section,
                        sentences,
                        clean.text[start:end],
                        n_sections,
                        len(passages),
                        told=told.at(start - span.start) if told else part.years,
                    )
                )
            n_sections += 1
    return ChunkedDocument(document, tuple(parts), tuple(passages))


def _part(
    document: Document, clean: CleanText, span: PartSpan, sections: Sequence[Section], *, alone: bool, own_title: str
) -> Part | None:
    text = clean.text[span.start : span.end]
    if not text.strip():
        return None
    headings = [section.heading[-1] for section in sections if section.heading]
    around = document.text if alone else ""
    source = span.name or document.source
    facts = describe_part(text, title=span.title, headings=headings, around=around, source=source, own_title=own_title)
    start, end = clean.raw_span(*_strip(clean.text, span.start, span.end))
    return Part(facts.title, facts.issuer, facts.place, facts.years, facts.date, start, end)


def _passage(
    document: Document,
    part: Part,
    section: Section,
    sentences: tuple[Sentence, ...],
    text: str,
    n_section: int,
    n: int,
    *,
    told: tuple[int, ...],
) -> Passage:
    return Passage(
        passage_id=-1,
        source=document.source,
        title=part.title,
        place=part.place,
        years=_years_of_section(" ".join(section.heading), part, told),
        heading=section.heading,
        section=n_section,
        ordinal=n,
        text=text,
        start=sentences[0].start,
        end=sentences[-1].end,
        sentences=sentences,
    )


def _names(part: Part, name: str) -> tuple[str, ...]:
    """What may name the year of a part: its title, its file's name, its date."""
    return (part.title, name, f"{part.date[:4]}年" if part.date else "")


def _years_of_section(headings: str, part: Part, otherwise: tuple[int, ...]) -> tuple[int, ...]:
    """Years that the headings name, or tell by the part's last one (过去一年); else the ones given."""
    told = {year for _, year in relative_years(headings, part.years[-1])} if part.years else set()
    return find_years(headings) or tuple(sorted(told)) or otherwise


def _pieces(text: str, section: Section, passage_chars: int) -> list[tuple[int, int]]:
    """Cut a section into spans of about ``passage_chars``, at sentence ends where possible."""
    start, end = _strip(text, section.start, section.end)
    if end - start <= passage_chars:
        return [(start, end)]
    pieces: list[str] = []
    for piece in _splitter(SENTENCE_MARKS, passage_chars).split_text(text[start:end]):
        whole = len(piece) <= max(passage_chars, LONGEST_SENTENCE)
        pieces += [piece] if whole else _splitter(CLAUSE_MARKS, passage_chars).split_text(piece)
    spans, position = [], start
    for piece in pieces:
        stop = position + len(piece)
        if piece.strip():
            spans.append(_strip(text, position, stop))
        position = stop
    return spans


@cache
def _splitter(marks_key: tuple[str, ...], passage_chars: int) -> TextSplitter:
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415 - slow to import

    return RecursiveCharacterTextSplitter(
        separators=list(marks_key),
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=passage_chars,
        chunk_overlap=0,
        strip_whitespace=False,
    )


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
