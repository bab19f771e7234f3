"""What kind of answer a question asks for: a section, a count, yes or no, arithmetic, several things, small talk.

The one home of the words by which this is told. Does not search and reads no document.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from rag.text.numbering import counted
from rag.text.places import SUFFIXES
from rag.text.sentences import split_clauses
from rag.text.unicode import HAN
from rag.text.words import simplify

__all__ = [
    "Operation",
    "asked_operation",
    "asking_span",
    "asks_for_section",
    "asks_of_each",
    "asks_order",
    "asks_several",
    "asks_something",
    "asks_to_infer",
    "asks_what_about",
    "asks_whether",
    "compares",
    "count_asked",
    "is_small_talk",
    "split_at_request",
    "strip_asking",
    "strip_claim",
]

Operation: TypeAlias = Literal["difference", "sum", "ratio"]


_MORE: Final = r"(?:多|少|高|低|增|减|增加|减少|增长|下降|提高|降低|大|小|长|短|升|降|涨|跌|快|慢)"


_ASKED: Final[dict[Operation, re.Pattern[str]]] = {
    "ratio": re.compile(r"[几多]少?倍|how many times|combien de fois|cuántas veces|何倍|몇 배", re.IGNORECASE),
    "difference": re.compile(
        rf"相差|差(?:距|额|值|了)?(?:是|为)?[多几]|(?:比|较|相比).*{_MORE}(?:出|了)?(?:多少|几|百分之几)"
        rf"|(?:比|较|相比).*(?:多|少)[{HAN}]{{1,4}}?(?:多少|几)|从.*到.*{_MORE}了?(?:多少|几)"  # 多建多少所
        r"|how (?:many|much) (?:\w+ )?(?:more|fewer|less|higher|lower|larger|smaller)\b|\bdifference\b"
        r"|différence|\bde (?:plus|moins) que|diferencia|\b(?:más|menos)\b.*\bque\b|の差|どれだけ(?:多|少)|차이",
        re.IGNORECASE,
    ),
    "sum": re.compile(
        r"(?:一|总)共|合计|共计|总计|总和|加起来|加在一起|\b(?:in total|altogether|combined|together|the sum)\b"
        r"|au total|en total|合わせて|합계|모두",
        re.IGNORECASE,
    ),
}


def asked_operation(question: str) -> Operation | None:
    """The arithmetic that a question asks for.

    >>> asked_operation("2020年比2019年多几所？"), asked_operation("2019年有几所？")
    ('difference', None)
    """
    return next((operation for operation, pattern in _ASKED.items() if pattern.search(question)), None)


_ORDER: Final = re.compile(
    rf"(?:谁|哪(?:一?[个年家座边{SUFFIXES}])?)(?:的[{HAN}]{{1,8}})?[更较最]?(?:比较)?[高低多少大小快慢长短]|{_MORE}了?还是(?:变)?{_MORE}|是增是减"
    r"|\bwhich\b.*\b(?:higher|lower|more|fewer|less|larger|smaller|faster|slower)\b",
    re.IGNORECASE,
)


def asks_order(question: str) -> bool:
    """Whether a question asks which of two is more.

    >>> asks_order("A县和B县谁的桥多？"), asks_order("A县有多少座桥？")
    (True, False)
    """
    return _ORDER.search(simplify(question)) is not None


SECTION_WORDS = re.compile(
    r"概括|归纳|概述|简述|总结一下|综述|梳理|介绍|主要内容|哪些|哪几|哪(?:[二两三四五六七八九十]|\d{1,2}[个项类大点条方种])|分别|要点|措施|做法|打算|举措|怎样|如何|怎么"
    r"|summar|overview|outline|list |which (?:\w+ )?(?:measures|steps|areas)|what (?:are|were) the|how does|how will",
    re.IGNORECASE,
)


def asks_for_section(question: str) -> bool:
    """Whether a question asks for a list or for what a whole section says, and not for one fact."""
    return bool(SECTION_WORDS.search(simplify(question)))


def count_asked(question: str) -> int:
    """How many things a question asks for ("哪三方面", "五项", "哪十二项"); 0 where it does not say."""
    return counted(simplify(question))


_WHETHER: Final = re.compile(
    r"吗\s*[？?]*\s*$|是不是|是否|有没有|对不对|对吗|属实|^(?:is|are|was|were|did|does|do|has|have|had|will|isn't|didn't)\b"
    r"|ですか[？?]?$|ましたか|습니까|나요\??$|^est-ce que",
    re.IGNORECASE,
)


_ASKING_WORD: Final = re.compile(
    r"百分之[几多]|多少|多[大长高久远重深宽快](?!的)|(?<![这那十好前近第])几(?![乎何年])|第几|几年|[什甚]么(?:时候|地方|人)?|[啥谁誰]"
    r"|哪(?:一?[年天个座家]|些|里|儿)?|怎[么样]|如何|为何|何[时時地人校名個件]"
    r"|いくら|いつ|どこ|なぜ|\bhow\b|\bwhat\b|\bwhich\b|\bwho\b|\bwhen\b|\bwhere\b|\bwhy\b",
    re.IGNORECASE,
)


def asking_span(text: str) -> tuple[int, int]:
    """Where the first word stands that asks for something, or whether something is so; the text's end if none does."""
    found = (pattern.search(text) for pattern in (_ASKING_WORD, _WHETHER))
    return min((match.span() for match in found if match), default=(len(text), len(text)))


def asks_something(text: str) -> bool:
    """Whether a text holds a word that asks."""
    return asking_span(text)[0] < len(text)


def asks_whether(question: str) -> bool:
    """Whether a question wants a yes or a no.

    >>> asks_whether("是2019年的计划吗？"), asks_whether("新建多少所？")
    (True, False)
    """
    text = simplify(question).strip()
    return bool(_WHETHER.search(text)) and not _ASKING_WORD.search(text)


_SEVERAL: Final = re.compile(
    r"分别|各(?:是|为|有|多少|几|自)|以及|哪些|哪几|哪[二两三四五六七八九十]|[几多][^？?]{0,16}[几多]少?|和[^，？?]{1,16}(?:分别|各)"
    r"|\bboth\b|\brespectively\b|\beach\b|\bwhich\b.*\b(?:are|were)\b",
    re.IGNORECASE,
)


def asks_several(query: str) -> bool:
    """Whether a question wants more than one thing: several clauses, a list, or each of some."""
    return len(split_clauses(query)) > 1 or asks_for_section(query) or bool(_SEVERAL.search(query))


# The words by which one asks for a section, and what stands around them; set on dev questions.
_REQUEST: Final = re.compile(
    r"请问|请|概括|归纳|概述|简述|总结|综述|梳理|介绍|一下|简要|简单|主要|内容|工作|情况|方面|有哪些|哪些|几项|打算|措施|做法|举措|要点|计划"
    rf"|怎样|怎么样|如何|怎么|什么|采取|开展|做了|进行|在|的|了|是|有|[{SUFFIXES}]|[\W\da-zA-Z]+"
)


def split_at_request(question: str) -> list[str]:
    """What a question for a section says beside the words that ask for it, in pieces; some are empty."""
    return _REQUEST.split(question)


# What asks and says nothing of the thing; chosen on 500 questions of XQuAD, for the features of wording.
_ASKING: Final = re.compile(
    r"多少|什么|哪[一二三四五六七八九十几]?[座个名位所些年里]?|几|谁|怎么样?|如何|为何|为什么|是否|[吗呢的了是在有为]"
)


def strip_asking(question: str) -> str:
    """A question with a space for each word that asks and no more."""
    return _ASKING.sub(" ", question)


_CLAIM: Final = re.compile(rf"是不是|是否|有没有|对不对|对吗|是吗|属实|已经|计划|打算|[吗了呢有是就在的{SUFFIXES}]")


def strip_claim(question: str) -> str:
    """A yes-or-no question with a space for each word by which it claims something or asks whether it is so."""
    return _CLAIM.sub(" ", question)


_COMPARES: Final = re.compile(
    r"分别|各[是为有多少几自新建]|比|相差|差距|(?:谁|哪(?:个|一?年|里)?)更?[多高低快慢大小强]|不同|区别|倍"
    r"|\b(?:than|each|both|respectively|compared|difference)\b",
    re.IGNORECASE,
)


def compares(question: str) -> bool:
    """Whether a question sets things against each other, or asks for each of them."""
    return _COMPARES.search(question) is not None


# "By how much did each grow over the year before": the growth of each is asked for, not their difference.
_EACH: Final = re.compile(
    r"分别|各(?:自|[是为有增新])|[比较](?:上年|去年|上一年|前一年|同期)|同比|\b(?:each|respectively)\b", re.IGNORECASE
)


def asks_of_each(question: str) -> bool:
    """Whether a question asks for a figure of each of its sides, not for one of both together."""
    return _EACH.search(question) is not None


_INFERS: Final = re.compile(
    r"推算|推断|倒推|测算|算(?:出|一算|下来)|计算|infer|deduce|calculate|work out", re.IGNORECASE
)


def asks_to_infer(question: str) -> bool:
    """Whether a question wants a figure that the text does not give but that follows from it."""
    return _INFERS.search(question) is not None


_WHAT_ABOUT: Final = re.compile(
    r"(?:讲|说|写|介绍|总结|关于|属于|出自|来自|针对|反映|是)(?:的)?(?:其实)?(?:是|的是)?[^，。？?]{0,6}?(?:哪|什么|何)|\babout\b",
    re.IGNORECASE,
)


def asks_what_about(question: str) -> bool:
    """Whether a question asks what something speaks of."""
    return _WHAT_ABOUT.search(question) is not None


_SMALL_TALK: Final = re.compile(
    r"(?:您好|你好|大家好|嗨|哈喽|早上好|下午好|晚上好|早安|晚安|再见|拜拜|谢谢|多谢|感谢|辛苦了|在吗|在不在|好的|收到|明白了?|哈+|呵+"
    r"|ok|okay|hi|hello|hey|thanks?|thank you(?: very much)?"
    r"|good (?:morning|afternoon|evening|night)|bye|goodbye"
    r"|こんにちは|ありがとう(?:ございます)?|안녕(?:하세요)?|감사합니다|bonjour|merci|hola|gracias|hallo|danke)"
    r"(?: ?(?:[啊呀吗呢吧了哦]|你|您|大家|there))*",
    re.IGNORECASE,
)
# Asked of the assistant itself: nothing but words for it, for what it is and for who made it.
_OF_ASSISTANT: Final = re.compile(
    r"(?=.*[你您])(?:[你您]们?|是不是|[是叫有由被的吗呢啊呀了会能干做]|可以|来自|什么|谁|哪[个家里]|多大|几岁|名字|真?人|机器人|ai|大?模型|人工智能"
    r"|软件|程序|公司|机构|开发|训练|创造|设计|制造|研发|做出来|造出来|[些]|基于| )+"
    r"|who (?:are|made|built|created|trained) you|how are you|what (?:can you do|are you|is your name|model are you)"
    r"|are you (?:an? )?(?:ai|bot|robot|human|real person|chatgpt)",
    re.IGNORECASE,
)
# Something is to be made or done that no document can answer.
_ERRAND: Final = re.compile(
    r"(?:请|麻烦|你|您|能不能|可以|能|帮我|给我|替我|为我| )*"
    r"(?:(?:写|作|编|画|唱|讲|说|来|创作|生成)(?:一?[首篇个段幅封支则].{0,12})?"
    r"(?:诗|诗歌|歌|歌词|小说|作文|故事|笑话|段子|代码|程序|画|情书|邮件|对联|谜语|剧本|散文|日记)"
    r"|(?<=[帮给替]我)(?:订|买|播放|打开|关闭|发送?|打个?电话|叫个?车|导航|下单|转账|放一?首).{0,12})[吧吗呢啊 ]*"
    r"|(?:please |can you |could you )*(?:write|compose|tell|sing|draw|make up|generate)(?: me)?"
    r"(?: an?| some)?(?: \w+){0,2} (?:poem|song|joke|story|novel|essay|code|program|picture|haiku|email)\b.*",
    re.IGNORECASE,
)


def is_small_talk(question: str) -> bool:
    """Whether a message asks nothing of documents: a greeting, a question on the assistant itself, an errand.

    >>> is_small_talk("你好！"), is_small_talk("你是谁做的？"), is_small_talk("你好，2019年录取率是多少？")
    (True, True, False)
    """
    plain = re.sub(r"[\s,，.。!！?？~～、]+", " ", simplify(question)).strip().lower()
    return any(pattern.fullmatch(plain) for pattern in (_SMALL_TALK, _OF_ASSISTANT, _ERRAND))
