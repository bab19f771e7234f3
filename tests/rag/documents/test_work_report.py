"""Work reports: what they tell of the year that is over, and of the year ahead."""

from __future__ import annotations

import pytest

from rag.documents.chunk import chunk_document
from rag.documents.work_report import report_years
from rag.schema.documents import Document

DONE = "\n".join(f"新建泊位{n}个，吞吐量增长{n}%。" for n in range(2, 30))
AHEAD = "新建泊位40个。\n吞吐量增长8%。\n"


def report(turn: str, *, title: str = "海州市2031年政府工作报告") -> str:
    return f"{title}\n各位代表：\n现在，我代表市人民政府作工作报告。\n{DONE}\n{turn}\n{AHEAD}"


@pytest.mark.parametrize(
    "turn",
    [
        "二、2031年工作安排",
        "今年经济社会发展的主要预期目标是：吞吐量增长8%。",
        "做好2031年工作的总体要求是：稳中求进。",
        "主要预期目标是：吞吐量增长8%。",
    ],
)
def test_what_stands_before_the_turn_is_of_the_year_before(turn: str) -> None:
    passages = chunk_document(Document("a.txt", report(turn), "", 1), passage_chars=60).passages
    told = {sentence.text: passage.years for passage in passages for sentence in passage.sentences}
    assert told["新建泊位3个，吞吐量增长3%。"] == (2030,)
    assert told["新建泊位40个。"] == (2031,)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            report("二、2031年工作安排", title="海州市2031年统计公报").replace("工作报告", "公报"),
            ("海州市2031年统计公报",),
        ),
        (report("二、下一步"), ("海州市2031年政府工作报告",)),  # does not turn
        (report("二、2031年工作安排"), ("海州市2030年和2031年工作报告",)),  # of which year?
        (report("二、2031年工作安排"), ("政府工作报告", "")),
    ],
)
def test_no_year_is_guessed(text: str, names: tuple[str, ...]) -> None:
    assert report_years(text, names) is None


def test_the_year_may_be_that_of_the_date() -> None:
    found = report_years(report("二、2031年工作安排"), ("政府工作报告", "a.txt", "2031年"))
    assert found is not None
    assert (found.at(0), found.at(found.turn)) == ((2030,), (2031,))
