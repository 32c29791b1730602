"""Policy instruments: own sentences for each type and each exclusion, properties of spans, labels of real reports."""

from __future__ import annotations

import csv
import itertools
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.reading.instrument_words import KINDS, words
from foreland.data.reading.instruments import find
from foreland.data.reading.model import INSTRUMENTS, Instrument, Mention
from foreland.data.taxonomy.tagger import Tagger

TAGGER = Tagger("iotf")
TUNING = {"江西省", "湖南省", "河南省", "陕西省", "福建省", "内蒙古自治区"}


def mentions(sentence: str) -> list[Mention]:
    return [Mention(s.start, s.end, s.text, s.field_id.split(":")[1], s.term) for s in TAGGER.tag(sentence)]


def read(sentence: str, language: str = "zh") -> list[Instrument]:
    return find(sentence, mentions(sentence), language)


def pairs(sentence: str, language: str = "zh") -> list[tuple[str, str]]:
    return [(found.text, found.type) for found in read(sentence, language)]


CHINESE = [
    ("设立总规模百亿元的青岚量子产业基金。", [("青岚量子产业基金", "fund")]),
    ("做强风险投资，鼓励长期资本、耐心资本。",
     [("风险投资", "fund"), ("长期资本", "fund"), ("耐心资本", "fund")]),
    ("安排制造业专项资金，兑现研发奖补。", [("制造业专项资金", "fiscal"), ("研发奖补", "fiscal")]),
    ("落实研发费用加计扣除和增值税留抵退税。", [("研发费用加计扣除", "tax"), ("增值税留抵退税", "tax")]),
    ("推广知识产权质押融资，发行科创债券。", [("知识产权质押融资", "credit"), ("科创债券", "credit")]),
    ("扩大创新产品政府采购，推行首购首用。", [("创新产品政府采购", "procurement"), ("首购首用", "procurement")]),
    ("实施“人工智能+”行动，开放一批低空应用场景。", [("“人工智能+”行动", "scenario"), ("低空应用场景", "scenario")]),
    ("创建云泽未来产业先导区，建设3个绿氢产业园。",
     [("云泽未来产业先导区", "pilot_zone"), ("绿氢产业园", "pilot_zone")]),
    ("新建全国重点实验室2家、概念验证中心5家。", [("全国重点实验室", "platform"), ("概念验证中心", "platform")]),
    ("引进高层次人才，培养卓越工程师。", [("高层次人才", "talent"), ("卓越工程师", "talent")]),
    ("参与制定脑机接口国际标准，健全检验检测体系。", [("脑机接口国际标准", "standard"), ("检验检测体系", "standard")]),
    ("新增专精特新“小巨人”企业12家、智能工厂8家。",
     [("专精特新“小巨人”企业", "enterprise"), ("智能工厂", "enterprise")]),
    ("壮大生物制造产业集群，开展强链补链。", [("生物制造产业集群", "cluster"), ("强链补链", "cluster")]),
    ("建成智算中心1座、5G基站3000个、充电桩2万个。",
     [("智算中心", "infrastructure"), ("5G基站", "infrastructure"), ("充电桩", "infrastructure")]),
    ("出台数据条例，深化国资国企改革。", [("数据条例", "regulation"), ("国资国企改革", "regulation")]),
    ("高质量共建“一带一路”，开行中欧班列。", [("共建“一带一路”", "international"), ("中欧班列", "international")]),
    ("落实链长制，组建工作专班，深化产学研合作。",
     [("链长制", "coordination"), ("工作专班", "coordination"), ("产学研合作", "coordination")]),
    ("推行“揭榜挂帅”，开展关键核心技术攻关。", [("“揭榜挂帅”", "project"), ("关键核心技术攻关", "project")]),
]  # fmt: skip

ENGLISH = [
    ("We will set up a future industry guidance fund.", [("future industry guidance fund", "fund")]),
    ("The city will offer R&D subsidies.", [("R&D subsidies", "fiscal")]),
    ("The additional tax deduction was raised.", [("additional tax deduction", "tax")]),
    ("Banks were told to extend special-purpose bonds.", [("special-purpose bonds", "credit")]),
    ("We will use government procurement.", [("government procurement", "procurement")]),
    ("We will open low-altitude application scenarios.", [("low-altitude application scenarios", "scenario")]),
    ("We will create national pilot zones.", [("national pilot zones", "pilot_zone")]),
    ("The province will build key laboratories.", [("key laboratories", "platform")]),
    ("We will improve our talent training.", [("talent training", "talent")]),
    ("It took part in international standards.", [("international standards", "standard")]),
    ("We will foster unicorns and little giants.", [("unicorns", "enterprise"), ("little giants", "enterprise")]),
    ("We will develop advanced manufacturing clusters.", [("advanced manufacturing clusters", "cluster")]),
    ("We will build data centers and charging stations.",
     [("data centers", "infrastructure"), ("charging stations", "infrastructure")]),
    ("The state will test a regulatory sandbox.", [("regulatory sandbox", "regulation")]),
    ("We will pursue the Belt and Road Initiative.", [("Belt and Road Initiative", "international")]),
    ("A high-level leading group was formed.", [("high-level leading group", "coordination")]),
    ("We will launch major science and technology programs.", [("major science and technology programs", "project")]),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), CHINESE)
def test_chinese(sentence, expected):
    assert pairs(sentence) == expected


@pytest.mark.parametrize(("sentence", "expected"), ENGLISH)
def test_english(sentence, expected):
    assert pairs(sentence, "en") == expected


def test_each_type_has_an_example_in_both_languages():
    for examples in (CHINESE, ENGLISH):
        assert {type_ for _, expected in examples for _, type_ in expected} == set(INSTRUMENTS)


@pytest.mark.parametrize(
    "sentence",
    [
        "强化医保基金监管，推进养老服务体系建设。",  # social funds and services
        "实施文化惠民工程，开展非遗传承保护计划。",  # culture
        "推进湿地生态修复工程，开展蓝天保卫行动。",  # ecology
        "开展党风廉政建设专项行动。",  # the Party
        "建成口袋公园20个、社区食堂5个。",
        "提高低保标准，落实生活补贴。",
        "公立医院改革试点稳步推进。",
        "建设区域医疗中心和国家医学中心。",
        "人民币贷款余额增长9%。",
        "基础研究经费占比提高到8%。",
        "建设高标准农田30万亩。",
        "实施稳岗就业行动，实施青年就业见习计划。",
        "推动卫星互联网、物联网等产业发展。",  # names of industries, not of networks that are built
        "工业技改投资增长12%。",
        "支持龙头企业牵头制定规划。",  # an enterprise that acts is not acted upon
        "打造国际科技创新中心。",  # positioning of a city
        "规上工业企业利润增长5%。",
        "跨境电商交易额增长21%。",  # trade that is counted
        "服务贸易总额突破千亿元。",
        "支持工业设计、数据中心、中试平台等领域发展。",  # topics
        "甲江都市圈经济总量突破万亿元。",  # a region that is counted
        "推动先进制造业向世界级集群迈进。",  # what something is to become
        "形成产业与创新协同发展新格局。",
        "坚持深层次改革。",
        "加强项目谋划储备，优化投资结构。",  # what is done with projects
        "实施黑土地保护工程。",
        "健全联农带农机制。",
        "健全医保费用评价机制。",
        "补齐基础设施短板。",
        "积极发展跨境电商和服务贸易。",  # trade as a kind of business
        "对共建“一带一路”国家进出口增长9%。",
        "提供融资、法律、知识产权等全方位服务保障。",
        "推动金融靠前服务。",  # “服务” as a verb
        "促进法律服务高质量发展。",
        "打造一流营商环境。",
        "抢抓云泽自贸港封关机遇。",  # a zone that others profit from
        "乡村产业全产业链总产值突破百亿元。",
        "守住粮食、产业链供应链、生产安全底线。",
        "促进产业集聚的良好势头。",
        "优先保障优质企业用地需求。",
        "开展化工企业生态环境问题整治行动。",  # what firms are made to do for others
        "建设国际教育创新试验区。",
        "甲江高新区入选百强名单。",  # a zone that is put on a list
        "在经开区综合考核评价中居首。",
        "对共建“一带一路”国家直接投资增长9%。",
        "规范收入分配制度。",
        "投放深水网箱80个。",  # letters that only look like a network of water
        "打造国际产业合作支点。",
        "我们要坚定信心、真抓实干。",
        "",
    ],
)
def test_chinese_exclusions(sentence):
    assert pairs(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Basic medical insurance covers everyone.",
        "National parks were opened to families.",
        "We must act on this in accordance with the law.",
        "Living standards rose and pensions grew.",
        "Judicial reform was carried out.",
        "The fundamental portfolio supports actors.",  # words that only begin like those of the list
        "",
    ],
)
def test_english_exclusions(sentence):
    assert pairs(sentence, "en") == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        # one span per head noun of a list, which a word for all of them does not add to
        ("建设甲江实验室、乙湖实验室等创新平台。", [("甲江实验室", "platform"), ("乙湖实验室", "platform")]),
        ("建设甲江实验室和15家创新平台。", [("甲江实验室", "platform"), ("创新平台", "platform")]),
        ("建设概念验证、中试熟化、样品试制等孵化平台。", [("概念验证、中试熟化、样品试制等孵化平台", "platform")]),
        # but projects are one list
        ("加快甲江动力电池、乙湖储能基地等一批重大项目建设。",
         [("甲江动力电池、乙湖储能基地等一批重大项目", "project")]),
        # a named action takes the type of its object
        ("实施人才引育行动。", [("人才引育行动", "talent")]),
        ("开展产业链提升行动。", [("产业链提升行动", "cluster")]),
        ("实施外贸主体培育工程。", [("外贸主体培育工程", "international")]),
        ("实施经营主体提质行动。", [("经营主体提质行动", "enterprise")]),
        # a general word keeps its own type whomever it is for
        ("扩大科技企业融资。", [("科技企业融资", "credit")]),
        ("深化港口合作。", [("港口合作", "coordination")]),
        ("深化产业合作。", [("产业合作", "coordination")]),
        ("深化与东盟的产业合作。", [("产业合作", "international")]),
        ("开拓东盟和中东市场。", [("开拓东盟和中东市场", "international")]),
        # rules that government makes, by what they are for
        ("出台支持甲江产业发展的若干措施。", [("若干措施", "regulation")]),
        ("健全人才培养长效机制。", [("人才培养长效机制", "talent")]),
        ("实施高新技术企业倍增计划。", [("高新技术企业倍增计划", "enterprise")]),
        ("实施制造业提质行动。", [("制造业提质行动", "project")]),
        ("实施“数据要素×”行动。", [("“数据要素×”行动", "project")]),
        # but what is of projects, chains in a slogan or firms in quotes is read with its head
        ("完善民企参与重大项目建设长效机制。", [("重大项目建设长效机制", "regulation")]),
        ("实施高新技术企业“量质双升”行动。", [("高新技术企业“量质双升”行动", "enterprise")]),
        ("实施跨境电商高质量发展行动。", [("跨境电商高质量发展行动", "international")]),
        ("实施优化营商环境专项行动。", [("优化营商环境专项行动", "regulation")]),
        # what is done to a zone names the zone
        ("深化开发区管理制度改革。", [("开发区管理制度改革", "pilot_zone")]),
        ("财税、金融等重点领域改革持续推进。", [("财税、金融等重点领域改革", "regulation")]),
        # lists that are one: talents, and works called as the head
        ("壮大青年科学家、卓越工程师等各类人才队伍。", [("青年科学家、卓越工程师等各类人才队伍", "talent")]),
        ("甲江高铁、乙湖高铁等3条高铁建成。", [("甲江高铁、乙湖高铁等3条高铁", "infrastructure")]),
        # cooperation that no head noun tells
        ("推动川渝一体化。", [("川渝一体化", "coordination")]),
        ("加强与长三角对接。", [("与长三角对接", "coordination")]),
        ("促进三个片区联动发展。", [("片区联动发展", "coordination")]),
        ("推进长株潭一体化。", [("长株潭一体化", "coordination")]),
        ("深化与中亚国家合作交流。", [("与中亚国家合作交流", "international")]),
        ("稳定欧美传统市场。", [("稳定欧美传统市场", "international")]),
        # works
        ("推进绿电入湘。", [("绿电入湘", "infrastructure")]),
        ("甲高速乙江段通车。", [("高速乙江段", "infrastructure")]),
        ("继续推进承包到期后再延长30年试点。", [("承包到期后再延长30年试点", "pilot_zone")]),
        ("建成甲水至乙水等公路。", [("公路", "infrastructure")]),
        # bases: by what they are for
        ("建设装备产业基地。", [("装备产业基地", "pilot_zone")]),
        ("建设中试基地。", [("中试基地", "platform")]),
        ("建设中试示范基地。", [("中试示范基地", "platform")]),
        ("建设大型风电光伏基地。", [("大型风电光伏基地", "infrastructure")]),
        # projects, computing centres excepted
        ("推进光伏制造项目建设。", [("光伏制造项目", "project")]),
        ("建成甲江智算中心。", [("甲江智算中心", "infrastructure")]),
        ("推进甲江数据中心重点项目。", [("甲江数据中心重点项目", "infrastructure")]),
        ("推广首台（套）装备。", [("首台（套）", "scenario")]),
        ("深化矿业权出让制度改革。", [("矿业权出让制度改革", "regulation")]),
        ("实施“青岚远航”，发展数字产业。", [("“青岚远航”", "project")]),
        ("落实民营经济“31条”。", [("“31条”", "regulation")]),
        # reforms of a list are one reform
        ("深化农垦、供销社等改革。", [("农垦、供销社等改革", "regulation")]),
        ("深化零基预算、水权交易等5项改革。", [("零基预算、水权交易等5项改革", "regulation")]),
        ("推进甲江电厂、乙湖高铁等12个新建续建项目。", [("甲江电厂、乙湖高铁等12个新建续建项目", "project")]),
        ("推进甲江等3个高铁项目和乙湖等4个在建铁路项目。",
         [("甲江等3个高铁项目", "project"), ("乙湖等4个在建铁路项目", "project")]),
        ("国家级人才计划入选者增加。", [("国家级人才计划", "talent")]),
        ("抓好甲乙通道改造升级项目。", [("甲乙通道改造升级项目", "project")]),
        ("推进5批次9组战略性重组。", [("战略性重组", "regulation")]),
        # an action for firms is of firms
        ("实施企业创新能力提升行动。", [("企业创新能力提升行动", "enterprise")]),
        ("实施规上工业企业研发扶持计划。", [("规上工业企业研发扶持计划", "enterprise")]),
        # uses in a list, of which one is of industry
        ("拓展文化旅游、低空物流等应用场景。", [("文化旅游、低空物流等应用场景", "scenario")]),
        ("推进5G-A网络深度覆盖。", [("5G-A网络", "infrastructure")]),
        ("新建22个750千伏电网工程。", [("电网工程", "infrastructure")]),
        ("甲州主动对接大湾区。", [("对接大湾区", "coordination")]),
        ("推进甲州与乙州工业协同。", [("乙州工业协同", "coordination")]),
        ("支持龙头企业兼并重组，加强宅基地管理。", [("龙头企业兼并重组", "regulation"), ("宅基地管理", "regulation")]),
        ("深化中非创新合作。", [("中非创新合作", "international")]),
        ("发行专项债券资金9亿元支持项目建设。", [("专项债券", "credit")]),
    ],
)  # fmt: skip
def test_rulings(sentence, expected):
    assert pairs(sentence) == expected


def test_what_is_named_twice_in_a_sentence_is_read_once():
    assert pairs("推进自贸试验区建设，优化自贸试验区布局。") == [("自贸试验区", "pilot_zone")]
    counted = [("沙戈荒大基地", "infrastructure")] * 2
    assert pairs("建设6个沙戈荒大基地，再争取3个沙戈荒大基地。") == counted


def test_the_nearest_subject_decides_on_general_words():
    assert pairs("实施工业提质工程。") == [("工业提质工程", "project")]
    assert pairs("实施养老提质工程。") == []
    assert pairs("实施养老服务工程，实施工业提质工程。") == [("工业提质工程", "project")]


def test_the_rule_tells_the_word_and_why():
    assert read("实施工业提质工程。")[0].rule == "工程 (soft: 工业)"
    assert read("设立产业基金。")[0].rule == "产业基金 (head)"


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="fr"):
        find("Bonjour", [], "fr")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_lists_are_sound(language):
    listed = words(language)
    assert len({word.text for word in listed}) == len(listed)
    assert {word.kind for word in listed} <= set(KINDS)
    assert {word.type for word in listed if word.kind == "head"} == set(INSTRUMENTS)
    assert all(word.text == word.text.strip() for word in listed)


def _pieces(language: str) -> list[str]:
    listed = [word.text for word in words(language)]
    marks = (
        list("，、。；“”（）的和等12个") if language == "zh" else [", ", ". ", " and ", " of ", '"', "“", "”", " 3 "]
    )
    return [*listed[::7], *marks]


@pytest.mark.parametrize("language", ["zh", "en"])
@given(data=st.data())
def test_spans_are_sound(language, data):
    sentence = ("" if language == "zh" else " ").join(
        data.draw(st.lists(st.sampled_from(_pieces(language)), max_size=14))
    )
    _sound(sentence, read(sentence, language))


@given(st.text(max_size=60), st.sampled_from(["zh", "en"]))
def test_any_text_is_read(text, language):
    _sound(text, read(text, language))


def _sound(sentence: str, found: list[Instrument]) -> None:
    for one in found:
        assert one.text == sentence[one.start : one.end]
        assert one.text.strip() == one.text != ""
        assert one.type in INSTRUMENTS
    for before, after in itertools.pairwise(found):
        assert before.end <= after.start


@given(st.lists(st.sampled_from([sentence for sentence, _ in CHINESE]), min_size=2, max_size=4))
def test_sentences_do_not_touch_each_other(sentences):
    """Heads are read within their clause, so that strung sentences give what each gives."""
    together = [pair for sentence in sentences for pair in pairs(sentence)]
    assert pairs("".join(sentences)) == together


# ---------------------------------------------------------------- labels of real reports


def _dev(shared: Path) -> list[tuple[dict, list[dict]]]:
    folder = shared / "gold"
    if not (folder / "dev.gold.jsonl").is_file():
        pytest.skip("needs the labelled sentences of the shared folder")
    sentences = [json.loads(line) for line in (folder / "dev.sentences.jsonl").open(encoding="utf-8")]
    labels = {
        row["id"]: row["instruments"] for row in map(json.loads, (folder / "dev.gold.jsonl").open(encoding="utf-8"))
    }
    return [(row, labels[row["id"]]) for row in sentences]


def _f1(rows, change=lambda sentence: sentence, fields=mentions) -> float:
    hits = labelled = predicted = 0
    for row, gold in rows:
        sentence = change(row["sentence"])
        free = find(sentence, fields(sentence), "zh")
        labelled, predicted = labelled + len(gold), predicted + len(free)
        for label in gold:
            match = [f for f in free if f.type == label["type"] and f.start < label["end"] and label["start"] < f.end]
            if match:
                free.remove(max(match, key=lambda f: min(f.end, label["end"]) - max(f.start, label["start"])))
                hits += 1
    return 2 * hits / (labelled + predicted)


def test_labels_of_twelve_provinces(shared):
    rows = _dev(shared)
    tuning = _f1([row for row in rows if row[0]["province"] in TUNING])
    checking = _f1([row for row in rows if row[0]["province"] not in TUNING])
    assert tuning > 0.90
    assert checking > 0.90
    assert abs(tuning - checking) < 0.04


def test_labels_do_not_hang_on_years_places_or_the_tagger(shared):
    rows = _dev(shared)
    plain = _f1(rows)
    with (Path(__file__).parents[3] / "src/foreland/data/taxonomy/region_names.csv").open(encoding="utf-8") as lines:
        names = {n for r in csv.DictReader(lines) for n in r.values() if n and re.fullmatch(r"[\u4e00-\u9fff]{2,4}", n)}
    places = re.compile("|".join(sorted(names, key=len, reverse=True)))
    assert plain - _f1(rows, lambda s: re.sub(r"20\d\d", "2091", s)) < 0.01
    assert plain - _f1(rows, lambda s: places.sub(lambda m: "某" * len(m[0]), s)) < 0.02
    assert plain - _f1(rows, fields=lambda _: []) < 0.01


@pytest.mark.parametrize(
    ("unit", "language"),
    [
        ("建设甲江工业项目、", "zh"),
        ("设立产业基金、等项目和", "zh"),
        ("“甲”行动", "zh"),
        ("industrial project and ", "en"),
    ],
)
def test_text_without_sentences_takes_time_in_proportion(unit, language):
    """Sixteen times the text may take a hundred times as long on a busy machine, not the 256 of squares."""
    find(unit, [], language)

    def seconds(times: int) -> float:
        start = time.process_time()
        find(unit * times, [], language)
        return time.process_time() - start

    assert min(seconds(8000) for _ in range(2)) < 100 * max(min(seconds(500) for _ in range(3)), 0.002)
