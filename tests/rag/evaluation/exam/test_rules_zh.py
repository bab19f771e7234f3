import pytest

from rag.evaluation.exam.foreign import english_forms, japanese_forms
from rag.evaluation.exam.rules_zh import announces_list, other_forms


@pytest.mark.parametrize(
    ("sentence", "kind", "question", "answer"),
    [
        (
            "本条例所称渔港，是指供渔船停泊、避风和装卸的港口。",
            "definition",
            "什么是渔港",
            "供渔船停泊、避风和装卸的港口",
        ),
        ("渔港日常维护由县渔业主管部门负责。", "who", "渔港日常维护由谁负责", "县渔业主管部门"),
        ("本条例自2031年3月1日起施行。", "date", "本条例自什么时候起施行", "2031年3月1日"),
        (
            "擅自占用渔港水域的，由渔业主管部门责令改正，处一万元以上三万元以下的罚款。",
            "penalty",
            "擅自占用渔港水域的，处多少罚款",
            "一万元以上三万元以下",
        ),
    ],
)
def test_each_rule_takes_its_form(sentence, kind, question, answer):
    found = {made.type: (made.forms[0], sentence[made.start : made.end]) for made in other_forms(sentence)}
    assert found[kind] == (question, answer)


@pytest.mark.parametrize(
    "sentence",
    ["各县要加强督查，指导渔民恢复生产。", "对渔船由其负责。", "由县渔业主管部门负责。", "他自2031年3月1日起施行。"],
)
def test_other_forms_are_passed_over(sentence):
    assert list(other_forms(sentence)) == []


def test_a_list_is_asked_for_by_what_announces_it():
    assert announces_list("第五条设立渔业公司应当具备下列条件：")[0] == "设立渔业公司应当具备哪些条件"
    assert announces_list("渔业公司有下列情形之一的，不予登记：")[1] == "渔业公司哪些情形下不予登记"
    assert announces_list("设立渔业公司应当具备条件：") == ()


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("The number of visitors rose by 12 per cent.", "By how much did the number of visitors rise", "12 per cent"),
        ("Total port revenue was $612 million.", "What was total port revenue", "$612 million"),
        ("Amid rain, exports of fish fell by 4.7 per cent.", "By how much did exports of fish fall", "4.7 per cent"),
        ("12.The fee for a berth is $180.", "What is the fee for a berth", "$180"),
        ("There are 28 public piers in Haizhou.", "How many public piers in Haizhou are there", "28"),
        ("The Bureau will provide 900 berths for boats.", "How many berths for boats will the Bureau provide", "900"),
        ("The Bureau will allocate $5 million to piers.", "How much will the Bureau allocate to piers", "$5 million"),
    ],
)
def test_english_figures_are_asked_for(sentence, question, answer):
    ((made),) = english_forms(sentence)
    assert (made.forms[0], sentence[made.start : made.end]) == (question, answer)


def test_an_english_sentence_that_points_back_is_passed_over():
    assert list(english_forms("This will reduce revenue by $340 million.")) == []
    assert list(english_forms("They increased by 12 per cent.")) == []


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("海州市の人口は23万人です。", "海州市の人口は何人ですか", "23万人"),
        ("満足度の平均は81.5%である。", "満足度の平均は何パーセントですか", "81.5%"),
    ],
)
def test_japanese_figures_are_asked_for(sentence, question, answer):
    ((made),) = japanese_forms(sentence)
    assert (made.forms[0], sentence[made.start : made.end]) == (question, answer)
