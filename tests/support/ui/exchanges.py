"""Exchanges to keep, and a clock that a test sets."""

from dataclasses import replace

from rag.schema.answers import Answer, AnswerSentence, Citation, Timings
from rag.schema.search import Evidence
from ui.exchange import Exchange

READ = Evidence(1, "海州市新建学校12所。", "a.txt", "总结", "海州市", (2031,), ("一、建设",), 23, 35, 0.5)

CITED = Citation.of(1, READ)


def answer(text="新建学校12所。", **changes):
    sentences = (AnswerSentence(text, (1,), spans=((4, 7),)),)
    whole = Answer(
        question="建了几所？",
        query="海州市建了几所学校？",
        sentences=sentences,
        citations=(CITED,),
        abstained=False,
        evidence=(READ,),
    )
    return replace(whole, timings=Timings(0.1, 1.0, 3.25, 0.5), confidence=0.9, **changes)


def done(number=1, question="建了几所？", text="新建学校12所。"):
    said = answer(text)
    return Exchange(
        number, question, "done", seconds=3.25, query=said.query, evidence=(READ,), quoted=said, answer=said
    )


STOPPED = Exchange(2, "为什么？", "stopped", seconds=1.5, waited_seconds=7.25, evidence=(READ,), streamed="因为[1]资")

FAILED = Exchange(3, "谁？", "failed", seconds=0.5, error="The generator failed.")


class Clock:
    """Tells a minute later each time."""

    now = 1_900_000_000.0

    def __call__(self):
        self.now += 60
        return self.now
