"""An answer to render, and the outline of what was rendered."""

from dataclasses import replace
from html.parser import HTMLParser

from rag.schema.answers import Answer, AnswerSentence, Citation, Timings
from rag.schema.search import Evidence

TITLE, HEADING = "某市2019年总结", ("一、回顾", "（一）条件")

FIRST = Evidence(1, "全市新增学位4.07万个。", "a.txt", TITLE, "某市", (2019,), HEADING, 100, 112, 1.0)

SECOND = replace(
    FIRST, number=2, text="录取率90.21%。", heading=("一、回顾", "（二）质量"), start=200, end=209, score=3.0
)

CITED = Citation(1, "a.txt", TITLE, ("一、回顾", "（二）质量"), 200, 209, "录取率90.21%。")


def answer(**changes):
    question, sentences = "录取率是多少？", (AnswerSentence("录取率是90.21%。", (1,)),)
    whole = Answer(
        question=question,
        query=question,
        sentences=sentences,
        citations=(CITED,),
        abstained=False,
        evidence=(FIRST, SECOND),
    )
    return replace(whole, **{"timings": Timings(0.1, 1.0, 3.2), **changes})


class Outline(HTMLParser):
    """Tags with their attributes, and all text, as a browser would see them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(str(html))  # Markup would escape what a parser puts in front of it
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)
