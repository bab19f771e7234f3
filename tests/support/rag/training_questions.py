"""Questions to train on, and a maker of examples from them."""

from typing import Any

from training.data import Question
from training.examples import ExampleMaker
from training.recipe import Recipe

PARAGRAPHS = {
    "library": (
        "云岭图书馆由建筑师林川主持修建。1987年9月，新馆对读者开放。馆舍面积为5600平方米，藏书32万册。"
        "后来又在城南设立分馆，每天接待读者2400人。馆内最有名的藏品是《云岭旧志》，全书共18卷。"
    ),
    "bridge": (
        "石渡桥是一座公路桥，全长640米。桥梁于2003年动工，共有7个桥墩。工程由青禾建设公司承建；"
        "通车典礼上宣读了“平安渡”命名书。大桥通车以后，两岸往来的时间缩短了35分钟。"
    ),
}

ASKED = (
    ("library", "云岭图书馆是谁主持修建的？", ("林川", "建筑师林川")),
    ("library", "新馆是什么时候对读者开放的？", ("1987年9月", "1987年")),
    ("library", "馆舍面积是多少平方米？", ("5600平方米", "5600")),
    ("library", "《云岭旧志》共有多少卷？", ("18卷",)),
    ("bridge", "石渡桥全长多少米？", ("640米",)),
    ("bridge", "2003年动工的石渡桥有几个桥墩？", ("7个",)),
    ("bridge", "石渡桥是由哪家公司承建的？", ("青禾建设公司",)),
    ("bridge", "通车后往来时间缩短了多少分钟？", ("35分钟",)),
)

PLACES = ["青石", "安西市", "临水县", "东陵"]


def question(context_id: str, text: str, answers: tuple[str, ...]) -> Question:
    context = PARAGRAPHS[context_id]
    found = tuple((answer, context.index(answer)) for answer in answers)
    return Question(f"{context_id}/{text}", text, context, context_id, found, "invented", "CC0")


QUESTIONS = [question(*asked) for asked in ASKED]


def a_maker(
    counts: dict[str, float],
    *,
    of: list[Question] = QUESTIONS,
    seed: int = 7,
    translations: dict[str, tuple[str, str]] | None = None,
    **form: Any,
) -> ExampleMaker:
    known = {"places": PLACES, "retrieved": {q.id: [*PARAGRAPHS.values()] for q in of}}
    return ExampleMaker(of, recipe=Recipe(counts=counts, **form), translations=translations or {}, seed=seed, **known)
