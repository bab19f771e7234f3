import pytest

from rag.evaluation.exam.figures_zh import clauses_of, figure_forms


def forms_of(sentence):
    return [(made.forms, sentence[made.start : made.end], made.period) for made in figure_forms(sentence)]


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("全市新增公办幼儿园12所。", "全市新增公办幼儿园多少所", "12所"),
        ("全市新建12所公办幼儿园。", "全市新建多少所公办幼儿园", "12所"),
        ("建成渔港码头3.2万平方米。", "建成渔港码头多少平方米", "3.2万平方米"),
        ("港口货物吞吐量增长8.2%。", "港口货物吞吐量增长百分之多少", "8.2%"),
        ("城镇调查失业率5.5%左右。", "城镇调查失业率是百分之多少左右", "5.5%"),
        ("渔民平均年龄提高1.5个百分点。", "渔民平均年龄提高多少个百分点", "1.5个百分点"),
        ("渔业产值居全省第3位。", "渔业产值居全省第几位", "第3位"),
        ("（三）培训渔民200余人。", "培训渔民多少人", "200余人"),
        ("登记机关应当自受理之日起30日内，作出登记决定。", "登记机关应当自受理之日起多少日内，作出登记决定", "30日"),
        ("主管部门自受理申请之日起45日内进行审核。", "主管部门自受理申请之日起多少日内进行审核", "45日"),
        ("休假时间不得少于5日。", "休假时间不得少于多少日", "5日"),
    ],
)
def test_a_figure_is_asked_for_in_the_words_of_its_clause(sentence, question, answer):
    ((forms, found, _),) = forms_of(sentence)
    assert (forms[0], found) == (question, answer)


def test_a_clause_without_subject_takes_the_one_before():
    assert [forms[0] for forms, _, _ in forms_of("渔业总产值达到120亿元，同比增长9.1%。")] == [
        "渔业总产值达到多少元",
        "渔业总产值同比增长百分之多少",
    ]


def test_a_limit_takes_the_case_that_it_is_set_for():
    ((forms, answer, _),) = forms_of("渔业企业变更法人名称的，应当在15个工作日内，办理变更手续。")
    assert (forms[0], answer) == ("渔业企业变更法人名称的，应当在多少个工作日内，办理变更手续", "15个工作日")


def test_the_period_of_a_sentence_is_kept_apart():
    assert [(forms[0], period) for forms, _, period in forms_of("2031年，全市新增公办幼儿园12所。")] == [
        ("全市新增公办幼儿园多少所", "2031年")
    ]
    assert [(forms[0], period) for forms, _, period in forms_of("今年计划修建公路20公里。")] == [
        ("计划修建公路多少公里", "今年")
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "其中，女教师30人。",  # a part of what is not named again
        "同比增长5%。",
        "应当在15日内办理。",
        "渔船由640艘减少到612艘。",
        "深入贯彻中央八项规定精神。",
        "实施渔业发展十年规划。",
        "打造“10分钟生活圈”。",
        "近3年渔船数量稳定。",
        "情况复杂的，不超过两年。",
        "连续作业满5年的。",
        "2031年3月1日召开渔业大会。",
    ],
)
def test_what_cannot_stand_alone_makes_no_question(sentence):
    assert forms_of(sentence) == []


def test_clauses_are_cut_outside_brackets_and_not_within_numbers():
    assert [clause.text for clause in clauses_of("一是新增座位1,200个，改造（含扩建，新建）校舍，完工。")] == [
        "新增座位1,200个",
        "改造（含扩建，新建）校舍",
        "完工",
    ]
