"""What stands around the name of an instrument: words that show it is only spoken of, and where its phrase begins.

The search for the names themselves is in :mod:`foreland.data.reading.instruments`.
"""

from __future__ import annotations

import re

COUNTED = re.compile(
    r".*(?:[0-9０-９〇一二三四五六七八九十百千万亿两几多余零]+(?:个|家|项|条|件|座|台|辆|户|支|只|类|种|批次?|组(?![合团件织建])|大|所|处|名|人次|人|年|"
    r"月|对|套|款|场(?!景)|次|亿元|万元|公里|万千瓦|千瓦|千伏|平方公里)级?(?:以上|左右|多|余)?|(?:新一?|更|多|第)?[一几两]批|各类|全国(?=国家|首)|全球)"
)
"""A number that counts what follows."""
_COUNTED_EN = re.compile(r"(?i).*?\b(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|dozens of|more)\s+")
_LEADING = re.compile(r"^(?:建设|发展|开发|提质|增效|好|至少|以上|左右|[0-9.%％—-]+(?![0-9A-Za-z.]))+(?![链区园])")
_LISTED = re.compile(r"[^，；。]{0,40}?等[^，；。、“]{0,8}(?:产业|领域|方面|环节)")
"""Behind a name in a list of industries."""
_TOPIC = re.compile(
    r"(?:[、和与及][^，；。]{0,40})?等[^，；。、“]{0,6}(?:领域|行业|赛道|服务业|业态|服务保障|经营主体)(?!改革|合作|项目|试点|场景|攻关|制度|机制)"
)
"""Behind any name in a list of fields something is done in."""
_TRADED = re.compile(
    r"(?:交易|贸易|进出口|进口|出口|投资)?(?:总额|额|总值|总量|规模|占比|比重)|进出口|成为|占|交汇点|国家(?:进出口|出口|贸易|货物|直接投资|投资)|[^，。；、]{0,4}支点"
)
"""Behind a kind of trade that is counted, not furthered."""
_RANKED = re.compile(
    r"(?:经济)?(?:总量|人口|入选|获批|获评|跻身|实现|增长|占|主?引擎|警示片|支点|[^，。；、]{0,8}会议)"
)
"""Behind a region that is counted or does something."""
_CHANCE = re.compile(r"[^，；。、]{0,6}机遇|综合考核|考核评价|综合排名")
"""Behind a zone that others profit from, or that is ranked."""
_LISTED_ITSELF = re.compile(r"(?:[、和与][^，；。、]{2,14})*(?:入选|跻身|入围|荣获|成为国家)")
"""Behind what is itself put on a list, of which the name tells the instrument."""
_EFFECT = re.compile(
    r"(?<=链)(?:总?产值|(?:、[^，；。]{0,30})?安全(?:底线|稳定|水平)?)|(?<=集聚)(?:[的、]|发展新格局|效应|度|成势|成链|成群)"
)
"""Behind a chain that is counted, and behind the verb “集聚”."""
_COVERED = re.compile(r"[^，；。、]{0,2}覆盖")
"""Behind places that a network covers."""
_TOWARDS = re.compile(r"[向着][^，；。、]{0,8}$")
"""Before what something is to become, as in “向世界级集群迈进”."""
_MERELY = re.compile(
    r"产业|经济|支出|投入|投资(?!项目|基金|计划)|经费|装机|发电|产量|出货|大会|论坛|指数|增加值|总量|总规模|规模(?!化)|企业|设备|装备|地位|领域|(?:通车|运营)?总?里程|优势|通过能力|"
    r"年?(?:货邮|旅客|货物|集装箱)?吞吐|客运|货运|旅客|客货|沿线|走廊|通行(?:效率|能力|费)"
)
"""Behind a name that only says of which industry or figure it speaks."""
_COUNTED_TALENT = re.compile(r"入选(?!者|人数)|总量|支撑|资源|优势|占比|数量|总数")
_ACTS = re.compile(r"(?:等)?(?:牵头|承担|参与|主导|组建|开展|联合|牵引|带动|出海|加快|加大|投资|通过|积极|主动|深度)")
"""Behind an enterprise that does something itself."""
_NEEDS = re.compile(r"(?:的)?(?:用地|用工|用能|融资|资金|发展)?(?:需求|诉求|困难|负担|增资扩产)")
"""Behind enterprises for whom something else is done."""
_FOREIGN = re.compile(
    r"国际(?!竞争|一流|消费|化)|中外|中非|中阿|中拉|渝欧|(?<!其)中新(?![增能型建兴材开])|境外|海外|国外|跨国|外国|全球|友城|东盟|东南亚|南亚|中亚|东北亚|欧盟|欧洲|非洲|拉美|俄罗斯|对俄|中俄|蒙古国|中蒙|日韩|新加坡|"
    r"印尼|泰国|越南|老挝|缅甸|柬埔寨|马来西亚|日本|韩国|德国|法国|阿联酋|沙特|"
    r"澜湄|上合|金砖|一带一路|RCEP|外资|驻华|共建国家|中国—"
)
_PROGRAMME = re.compile(r"(?:实施|启动|开展|推进)(“[^”“]{2,16}”)(?=[，、；。])")
_CLAUSES = re.compile(r"“[0-9]+条”")
_MARKETS = re.compile(
    r"((?:开拓|拓展|深耕|做大|稳定|稳住|巩固)[^，。；“”]{0,12}?"
    r"(?:东盟|东南亚|中亚|中东|欧美|美欧|欧盟|欧洲|拉美|非洲|东北亚|日韩|俄罗斯|港澳)[^，。；“”]{0,12}?市场)"
)
_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼川渝黔滇贵云藏陕甘青宁新成深港澳"
_REGIONS = re.compile(rf"[{_PROVINCES}]{{2,4}}(?:地区)?(?:一体化|产业协作|协作|合作(?!.?[园区])|协同|联动|毗邻)")
_ALONGSIDE = re.compile(
    r"[与同][^，。；、“”]{2,20}(?:联动|相向|一体化|协同)发展(?![先示试新])|(?<=[推深加强][进动化强快])[与同][^，。；“”]{2,28}产业一体化发展"
)
_CLUSTERS_OF_CITIES = re.compile(
    r"[与同][^，。；]{0,20}(?:京津冀|长三角|大湾区|珠三角|成渝|环渤海|长江经济带)[^，。；]{0,10}(?:对接|合作|联动|协作|协同)"
)
_COUNTRIES = re.compile(
    r"[与同][^，。；]{0,16}(?:国家|东盟|中亚|东南亚|欧洲|非洲|拉美|中东)[^，。；]{0,8}(?:合作交流|交流合作|合作|交往)"
)
_PARTS = re.compile(r"(?:区域|片区|[区带圈疆]”?)(?:协调|协同)?联动(?:发展)?")
_CITY_GROUPS = re.compile(
    "(?:长株潭|西咸|成德眉资|广佛|沈抚|厦漳泉|宁镇扬|苏锡常|锡常泰|郑开|杭绍甬?|甬舟|嘉湖|昌九|昌抚|武鄂黄黄?|宜荆荆恩?|襄十随神|太忻|呼包鄂乌?|"
    "兰白|兰西|乌昌石?|滇中|黔中|北部湾|哈大齐|长吉|深汕|深莞惠|珠江口|汕潮揭|南北疆|粤东粤西粤北|环渤海|胶东|苏南苏北|陕甘宁|晋陕豫)"
    "[^，。；]{0,8}(?:一体化|同城化|融合发展|协同发展|协调联动|联动|协作)(?!.?[园区])"
)
_HIGHWAY = re.compile(
    r"((?:开工|改扩建(?!、)|建成|通车|推进|建设|加快|续建|投用)[^，。；“”]{0,16}?高速|高速[^，。；、]{2,4}段)(?!公路|增长|发展|铁路|网|列车|光|[路的])"
)
_FIELDS_OF_REFORM = re.compile(r"[^，。；“”]{2,20}等(?:重点)?领域改革")
_TOWARDS_REGIONS = re.compile(
    r"对接[^，。；、“”]{0,4}(?:粤港澳大湾区|大湾区|长三角|京津冀|成渝)(?!.?[^，。；、]{0,10}(?:通道|高铁|铁路|公路|园区?))"
)
_POWER = re.compile(rf"(?:清洁|绿|外|[疆陇{_PROVINCES[:-4]}西])电力?入[{_PROVINCES[:-4]}]")
NAMED = (
    (_PROGRAMME, "project", "named programme"),
    (_CLAUSES, "regulation", "measures"),
    (_MARKETS, "international", "markets abroad"),
    (_REGIONS, "coordination", "provinces"),
    (_ALONGSIDE, "coordination", "regions"),
    (_CITY_GROUPS, "coordination", "city groups"),
    (_PARTS, "coordination", "parts of a region"),
    (_CLUSTERS_OF_CITIES, "coordination", "regions"),
    (_COUNTRIES, "international", "countries"),
    (_HIGHWAY, "infrastructure", "highways"),
    (_FIELDS_OF_REFORM, "regulation", "reform of fields"),
    (_TOWARDS_REGIONS, "coordination", "regions"),
    (_POWER, "infrastructure", "power lines"),
)
"""Instruments that no head noun tells, each with its type and what a person reads of the rule."""
CUES = re.compile(r"“|市场|电力?入|一体化|协作|合作|协同|联动|毗邻|相向发展|高速|领域改革|对接|交往|同城化|融合发展")
"""Without one of which a sentence holds none of them."""
_BEFORE = 12
"""Characters looked at in front of a name."""


_HANDLING = frozenset(
    [
        "加强",
        "谋划",
        "推介",
        "引进",
        "招引",
        "推动",
        "储备",
        "落实",
        "参与",
        "实施",
        "推进",
        "加快",
        "申报",
        "争取",
        "抓好",
        "布局",
    ]
)
"""Verbs before “项目” that say what is done with projects, and belong to no name."""
_INSIDE = frozenset(["利用", "运用", "运营", "改造", "提升", "整合", "调整"])
"""Verbs before “试点” that belong to its name."""
DOUBLING = frozenset(["升级", "提升", "改造", "扩建", "扩容", "促进"])
"""Verbs that follow another in a name, as in “改造升级项目”."""
_COMPUTING = re.compile(r"(?:[智超云]算|算力|数据|计算)中心")


def names(verb: str, head: str) -> bool:
    """Whether `verb` belongs to the name that ends with `head`, “项目” or “试点”."""
    return verb in _INSIDE if head == "试点" else verb not in _HANDLING


_OF_FIRMS = re.compile(r"(?<![央国外民拖])企业(?!年金|债)[^，；。、“”]{0,10}(?:行动|计划|工程)$")
"""An action whose object is firms."""


def retyped(phrase: str, type_: str, about: str) -> str:
    """The type of `phrase`, for which its head says `type_`: projects of computing centres, reforms of zones."""
    if type_ == "project" and "、" not in phrase and _COMPUTING.search(phrase):
        return "infrastructure"  # projects are projects, computing centres excepted
    if type_ == "project" and about in ("", "enterprise") and _OF_FIRMS.search(phrase):
        return "enterprise"  # an action takes the type of its object
    if type_ == "regulation" and about == "pilot_zone" and phrase.endswith("改革"):
        return "pilot_zone"  # what is done to a zone names the zone
    return type_


def mere(text: str, start: int, end: int, word: tuple[str, str, str]) -> bool:
    """Whether what stands around `word` (text, type, kind) shows that an industry, a figure or an actor is meant."""
    name, type_, kind = word
    if name != "新型基础设施" and _TOPIC.match(text, end):
        return True
    if type_ == "pilot_zone":
        return bool(_CHANCE.match(text, end) or _LISTED_ITSELF.match(text, end))
    if type_ == "scenario":
        return bool(_COVERED.match(text, end))
    if type_ == "infrastructure" and _LISTED_ITSELF.match(text, end):
        return True
    if type_ == "infrastructure" or name.endswith("研究"):
        return bool(_MERELY.match(text, end) or _LISTED.match(text, end))
    if type_ == "international":
        return bool(_TRADED.match(text, end))
    if type_ == "coordination":
        return bool(_RANKED.match(text, end))
    if type_ == "cluster":
        return bool(_EFFECT.match(text, end)) or bool(_TOWARDS.search(text, max(0, start - _BEFORE), start))
    if type_ == "talent":
        return bool(_COUNTED_TALENT.match(text, end))
    if type_ == "enterprise" and _NEEDS.match(text, end):
        return True
    return type_ == "enterprise" and kind == "acted" and bool(_ACTS.match(text, end))


def abroad(text: str, start: int, end: int) -> bool:
    """Whether other countries are named between `start` and `end`, so that cooperation is international."""
    return bool(_FOREIGN.search(text, start, end))


def trim(text: str, span: tuple[int, int, int], whole: bool, language: str) -> tuple[int, int]:
    """The shortest phrase: numbers and leading verbs left out, quotation marks whole."""
    begin, head, end = span
    lead = text[begin:head].partition("“")[0]
    counted = (COUNTED if language == "zh" else _COUNTED_EN).match(lead)
    if counted and not whole:
        begin += counted.end()
    if language == "zh" and not whole:
        leading = _LEADING.match(text[begin:head])
        if leading:
            begin += leading.end()
    opened, closed = text.count("“", begin, end), text.count("”", begin, end)
    if opened > closed:
        if end < len(text) and text[end] == "”":
            end += 1
        else:
            begin = text.rfind("“", begin, end) + 1
    elif closed > opened:
        begin = min(text.find("”", begin, end) + 1, head)
    while begin < head and text[begin] in " \t-–·，、,”’":
        begin += 1
    return begin, end
