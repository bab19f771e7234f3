"""A second corpus with gold sets, unlike official reports: XQuAD, 240 paragraphs of Wikipedia, 1,190 questions.

    python benchmarks/second_corpus.py FOLDER OUT [--seed 20]

FOLDER holds XQuAD's Chinese and English files joined by question id (Artetxe et al. 2020, arXiv:1910.11856; CC BY-SA
4.0, and so is what is written), one JSON object a line:

    xquad_zh_contexts.jsonl    context_id, text
    xquad_zh_retrieval.jsonl   id, context_id, question_zh, question_en, answer_zh, answer_en

OUT is a folder outside the tree. The samples hold different questions, none of which is asked twice in the data:

    documents/                 one text file a paragraph
    retrieval_zh.jsonl, retrieval_en.jsonl    every question, for the evidence alone
    answers_zh.jsonl           100 in Chinese
    answers_en.jsonl           50 in English
    absent.jsonl               50 in Chinese, to ask of documents_without/: the documents without their paragraphs

The gold place is the sentence that holds the answer; where several do, the one nearest to the question's wording: the
others count as misses. What else counts as the same answer is decided by rules alone (:func:`alternatives`).

Judged by strings: a long answer in other words is wrong, a short one ("4") can be met by chance. In English the first
weighs more: the data has English answers, and either language counts, but a name that the paragraph spells in Chinese
characters has to be guessed back. An absent question's answer stands in no other paragraph in the same words; it might
in others. The reader's training can report marks on the same data (``--xquad``): another corpus, not an unseen one.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.evaluation.measures import compact
from rag.text.figures import find_figures
from rag.text.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.text.figures import Figure

ROOT = Path(__file__).resolve().parent.parent
N_ZH, N_EN, N_ABSENT = 100, 50, 50
MONTHS = "January February March April May June July August September October November December".split()

QUOTES = '“”"‘’《》〈〉「」『』'
EDGES = QUOTES + " \n\t,.;:，。；：、"
PARENTHESIS = re.compile(r"(?<=[\s\u4e00-\u9fff》”])\s*[(（][^()（）]*[)）]|\s*\[citation needed\]")
ARTICLE = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
# What may stand around a figure that is itself the answer: "over 3,000", "the 4 volumes".
BEFORE = re.compile(r"(?:超过|大约|约|近|高达|多达|至少|每|自|在|于|从|距今约?)?")
AFTER = re.compile(
    r"(?:个|名|位|人|次|件|份|座|所|支|种|层|幅|具|枚|台|家|间|项|条|只|张|片|组|队|本|部|首|场|世纪|年代?|月|日|天|周|小时|"
    r"分钟|秒|平方英里|平方公里|公里|英里|英尺|英寸|厘米|毫米|米|公斤|千克|吨|克|升|美元|英镑|欧元|元|分|岁|°[CEFNSW])?"
    r"(?:以上|左右|前|后|起)?"
)
BETWEEN = re.compile(r"\s*(?:[-–—~～至到和比]|to|and)\s*")
AND = ("和", "与", "、", "and")
RANGE = ("-", "–", "—", "~", "至", "到", "比", ":", "to", "和", "and")
CENTURY = re.compile(r"(?P<century>\d{1,2})\s*世纪\s*(?P<years>\d0)\s*年代|(?P<decade>\d{3}0)\s*年代")


class Item(NamedTuple):
    """A question of the data with what it is about: both answers, its document and the sentence that answers."""

    item_id: str
    questions: Mapping[str, str]
    answers: Mapping[str, str]
    source: str
    quote: str


def main(argv: Sequence[str] | None = None) -> int:
    """Write the corpus and the sets, and tell what to run next."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="holds the two files of the data")
    parser.add_argument("out", type=Path, metavar="OUT", help="where to write; outside the tree")
    parser.add_argument("--seed", type=int, default=20, help="of the samples (default: 20)")
    arguments = parser.parse_args(argv)
    out = arguments.out.resolve()
    if out.is_relative_to(ROOT):
        parser.error(f"{arguments.out} is inside the tree. Name a folder outside it: the data has a licence of its own")
    try:
        texts, items = read_corpus(arguments.folder)
    except (OSError, ValueError, KeyError) as error:
        parser.error(f"{arguments.folder} does not hold the data: {error!r}. What it must hold: --help")
    absent, chinese, english = samples(items, texts, seed=arguments.seed)
    left_out = {item.source for item in absent}
    write_documents(out / "documents", texts, set())
    write_documents(out / "documents_without", texts, left_out)
    sets = {
        "retrieval_zh": [gold(item, "zh") for item in items],
        "retrieval_en": [gold(item, "en") for item in items],
        "answers_zh": [gold(item, "zh") for item in chinese],
        "answers_en": [gold(item, "en") for item in english],
        "absent": [gold(item, "zh", answerable=False) for item in absent],
    }
    for name, records in sets.items():
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (out / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8", newline="\n")
    counts = [f"{len(texts)} documents", f"{len(texts) - len(left_out)} without those of the absent questions"]
    print(", ".join([*counts, *(f"{len(records)} {name}" for name, records in sets.items())]) + f": {arguments.out}")
    print("\nNext:\n" + "\n".join(f"  {command}" for command in next_commands(arguments.out)))
    return 0


def next_commands(out: Path) -> list[str]:
    """What to run on what was written."""
    return [
        f"youju index {out / 'documents'} --index {out / 'index'}",
        f"youju eval {out / 'retrieval_zh.jsonl'} --index {out / 'index'} --retrieval-only",
        f"youju eval {out / 'retrieval_en.jsonl'} --index {out / 'index'} --retrieval-only",
        f"youju eval {out / 'answers_zh.jsonl'} --index {out / 'index'}",
        f"youju eval {out / 'answers_en.jsonl'} --index {out / 'index'}",
        f"youju index {out / 'documents_without'} --index {out / 'index_without'}",
        f"youju eval {out / 'absent.jsonl'} --index {out / 'index_without'}",
    ]


def read_corpus(folder: Path) -> tuple[dict[str, str], list[Item]]:
    """Texts by file name, and the questions with the sentence that answers each.

    Raises:
        ValueError: An answer does not stand in its paragraph, or two paragraphs get one file name.
    """
    texts: dict[str, str] = {}
    sources: dict[str, str] = {}
    for context in _lines(folder / "xquad_zh_contexts.jsonl"):
        name = re.sub(r"[^\w.-]+", "_", context["context_id"]).strip(".") + ".txt"
        if name in texts:
            raise ValueError(f"two contexts would be called {name}")
        sources[context["context_id"]] = name
        texts[name] = context["text"].lstrip("\ufeff").strip() + "\n"
    items = []
    for record in _lines(folder / "xquad_zh_retrieval.jsonl"):
        source = sources[record["context_id"]]
        questions = {tag: record[f"question_{tag}"].strip() for tag in ("zh", "en")}
        answers = {tag: record[f"answer_{tag}"] for tag in ("zh", "en")}
        quote = answering_sentence(texts[source], answers["zh"], questions["zh"])
        items.append(Item(str(record["id"]), questions, answers, source, quote))
    return texts, items


def answering_sentence(text: str, answer: str, question: str) -> str:
    """The sentence that holds an answer, or the stretch of sentences where it spans several.

    Where it stands several times, the sentence that shares most pairs of characters with the question.

    Raises:
        ValueError: The answer does not stand in the text.
    """
    places = [match.start() for match in re.finditer(re.escape(answer), text)]
    if not places or not answer:
        raise ValueError(f"the answer {answer!r} does not stand in its paragraph")
    spans = split_sentences(text, 0, len(text))
    found = []
    for place in places:
        touched = [(start, end) for start, end in spans if start < place + len(answer) and place < end]
        found.append(text[touched[0][0] : touched[-1][1]])
    asked = _pairs(question)
    return max(found, key=lambda sentence: len(asked & _pairs(sentence)))  # the first of equals


def samples(items: Sequence[Item], texts: Mapping[str, str], *, seed: int) -> tuple[list[Item], list[Item], list[Item]]:
    """Questions for absence, in Chinese and in English, none of them in two samples."""
    asked = Counter(question for item in items for question in item.questions.values())
    once = [item for item in items if all(asked[question] == 1 for question in item.questions.values())]
    random.Random(seed).shuffle(once)
    plain = {source: compact(text) for source, text in texts.items()}

    def told_elsewhere(item: Item) -> bool:
        words = [compact(words) for words in alternatives(item.answers["zh"])]
        return any(word in text for word in words for source, text in plain.items() if source != item.source)

    absent: list[Item] = []
    rest: list[Item] = []
    for item in once:
        (absent if len(absent) < N_ABSENT and not told_elsewhere(item) else rest).append(item)
    return absent, rest[:N_ZH], rest[N_ZH : N_ZH + N_EN]


def gold(item: Item, lang: str, *, answerable: bool = True) -> dict[str, Any]:
    """One line of a gold set. To an English question the answer in either language is right."""
    kind = ("cross_lingual" if lang == "en" else "fact") if answerable else "unanswerable"
    right = alternatives(item.answers["zh"]) + (alternatives(item.answers["en"]) if lang == "en" else [])
    return {
        "id": item.item_id,
        "question": item.questions[lang],
        "lang": lang,
        "type": kind,
        "answerable": answerable,
        "answer": item.answers[lang] if answerable else "",
        "must_include": [list(dict.fromkeys(right))] if answerable else [],
        "must_not_include": [],
        "gold": [{"source": item.source, "quote": item.quote}] if answerable else [],
    }


def alternatives(answer: str) -> list[str]:
    """What a fair judge takes for the same answer, by general rules; the answer itself comes first.

    Without marks of quotation, an article, what stands in parentheses, or the middle dots of a foreign name; a figure
    without its measure word and in digits; dates and decades in both languages' forms; ranges with other signs.

    >>> alternatives("四个"), alternatives("the Harbour (north)")
    (['四个', '4'], ['the Harbour (north)', 'Harbour (north)', 'the Harbour', 'Harbour'])
    """
    bare = answer.strip(EDGES) or answer
    bare = bare.rstrip("（(") or bare  # a span cut in the middle
    forms = [bare, ARTICLE.sub("", bare, count=1) if ARTICLE.match(bare) else bare]
    forms += [shorter for form in forms if len(shorter := PARENTHESIS.sub("", form).strip(EDGES)) > 1]
    forms += [re.sub(f"[{QUOTES}]", "", form) for form in forms]
    forms += [re.sub(r"[·・•‧]", "", form) for form in forms]
    return [form for form in dict.fromkeys([*forms, *_figure_forms(bare), *_decade_forms(bare)]) if form]


def _figure_forms(answer: str) -> list[str]:
    """Other notations of an answer that is a figure or a range, with nothing around it but a measure word."""
    figures = find_figures(answer) or find_figures(answer + "个")  # one numeral alone is read before a measure word
    if not 1 <= len(figures) <= 2:
        return []
    first, last = figures[0], figures[-1]
    if not (BEFORE.fullmatch(answer[: first.start].strip()) and AFTER.fullmatch(answer[last.end :].strip())):
        return []
    if first is last:
        return _notations(first)
    gap = answer[first.end : last.start]
    if not BETWEEN.fullmatch(gap):
        return []
    plain = [re.sub(r"[^\d.]", "", figure.text.replace(",", "")) or figure.text for figure in figures]
    pairs = ((first.text, last.text), (plain[0], last.text), (plain[0], plain[1]))
    separators = AND if gap.strip() in AND else RANGE  # two years are no range of years
    return [f"{one}{separator}{other}" for one, other in pairs for separator in separators]


def _notations(figure: Figure) -> list[str]:
    if figure.kind == "date":
        return _date_forms(*figure.date_parts)
    digits = format(figure.value.normalize(), "f")
    if figure.kind == "ordinal":
        return [f"第{digits}", digits]
    if figure.kind != "number":  # a third has no end in digits, and "half" none that may go without its sign
        return [] if len(digits) > 8 else [digits if digits[0] in figure.text else f"{digits}%"]
    scales = ((10**4, "万"), (10**8, "亿"), (10**6, " million"), (10**9, " billion"))
    scaled = ((format((figure.value / scale).normalize(), "f"), scale, name) for scale, name in scales)
    return [digits, *(f"{text}{name}" for text, scale, name in scaled if figure.value >= scale and len(text) < 7)]


def _date_forms(year: int, month: int, day: int) -> list[str]:
    if not month:
        return [str(year)]
    name = MONTHS[month - 1]
    if not year:
        return [f"{month}月{day}日", f"{name} {day}", f"{day} {name}"] if day else [f"{month}月", name]
    if not day:
        return [f"{year}年{month}月", f"{name} {year}", f"{name}, {year}", f"{year}-{month:02}"]
    english = [f"{name} {day}, {year}", f"{day} {name} {year}", f"{name} {day} {year}"]
    return [f"{year}年{month}月{day}日", *english, f"{year}-{month:02}-{day:02}"]


def _decade_forms(answer: str) -> list[str]:
    match = CENTURY.fullmatch(answer)
    if match is None:
        return []
    decade = int(match["decade"] or f"{int(match['century']) - 1}{match['years']}")
    return [f"{decade // 100 + 1}世纪{decade % 100:02}年代", f"{decade}年代", f"{decade}s"]


def write_documents(folder: Path, texts: Mapping[str, str], left_out: Iterable[str]) -> None:
    """Write all documents but those left out, which go where an earlier run wrote them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        if name in left_out:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def _pairs(text: str) -> set[str]:
    plain = compact(text)
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


if __name__ == "__main__":
    sys.exit(main())
