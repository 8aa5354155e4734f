"""What kind of quantity a question asks for, as units of figures."""

from __future__ import annotations

import re

from rag.types import Language

MONEY, SHARE, COUNT, AREA, LENGTH = ("CNY", "USD"), ("%", "pp"), ("count",), ("m2",), ("m",)
ENERGY, VOLUME = ("Wh",), ("m3",)
DATE, RANK, POWER, WEIGHT, TIMES = ("date",), ("ordinal",), ("W", "Wh", "kV"), ("t",), ("x",)

_MEASURES = "家|个|项|座|户|套|条|件|名|位|人|所|处|台|宗|起|场|头|只|棵|辆|次|册|份|种|批|村|栋|间|幢|对|粒|尾|艘|张|段|片|例|周年|年|个月|天|工作日|支|篇|门|类"
PEOPLE = ("人", "名", "位")  # measure words of people
_HOW_MANY = "(?:多少|几)"
_EN_CHANGE = (
    "(?<!to )(?:grow|rise|fall|increase|decrease|drop|decline|expand|climb|jump|surge|shrink|slip)"
    "|(?:go|gone|went|come|came|edge|be) (?:up|down)(?! to)"
)
# Not "when the plaza opened, what ...", which says of what time something else is asked.
_WHEN = r"\bwhen\b(?!,? (?:the|it|they|this|that|these|those|an?|its|their|(?-i:[A-Z])\w*)\b)"
_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (units, re.compile(pattern, re.IGNORECASE))
    for units, pattern in (
        (DATE, rf"哪一?天|几月几号|(?<!\d)几号(?=开|通车|竣工|完工|投用|启动|召开|挂牌|签约|建成|[?,。]|$)|什么时候|何时|哪一?年(?!(?:更|比较)?[高低多少大小快慢强](?:些|一点)?(?:[,?。]|$))|哪个月|几月|什么日期|{_WHEN}|\bwhat date\b|\bwhich (?:day|date|year|month)\b|\bwhat year\b"),
        (RANK, r"第几|排名|名次|排第|排在第|\bwhat rank|\branked?\b|\bwhich place did\b|\bwhat position\b|\bwhere (?:did|does) [\w' ]{1,40} (?:rank|(?<!take )place(?: it)?)(?=\s*(?:\?|$|in\b|within\b|among\b))"),
        (AREA, rf"{_HOW_MANY}(?:万)?(?:亩|公顷|平方|平米)|多大(?:的)?(?:面积|地方|地皮|一?块地)|面积(?:是|有|达|为|多)|^(?!.*(?:如何|怎|是否|有没有))[^?]*面积[?。]*$|\b(?:how many|in) (?:mu\b|hectares|square (?:m|k))|\bhow (?:large|big) (?:an area|is the area|was the area)|\b(?:floor|land|planting|sown|sowing|combined|total) area\b|\bwhat area\b|\(mu\)|(?:^|\bthe )(?:total |combined )?area of (?:[\w-]+ ){{0,4}}(?:land|farmland|wetlands?|forests?|green\w*|space|buildings?|housing)\b|\bhow much (?:\w+ )?(?:farm|crop|wet)?land\b(?![ -](?:\w+ )?(?:revenue|income|premium|sale|proceeds))"),
        (LENGTH, rf"{_HOW_MANY}(?:公里|千米|米)|多长(?!时间)|里程(?:是|有|为|达到?)?多[少长]|多少里程|\bhow many (?:kilomet|km|met)|\bhow long (?:is|was|are|were) the\b|\blength\b"),
        (POWER, rf"{_HOW_MANY}(?:兆瓦|千瓦|万千瓦|千伏)|装机|(?<!\d )(?<!\d)\b(?:megawatts?|MW)\b|\bhow much power|\bcapacity of the .*(?:solar|photovoltaic|wind|power)"),
        (WEIGHT, rf"{_HOW_MANY}(?:万)?吨|\btonnes?\b|\btons\b"),
        (ENERGY, rf"{_HOW_MANY}(?:万|亿)*(?:度电|千瓦时)|发电量(?:是|有|为|达到?)?多[少大]|\bhow much (?:power|electricity)\b.*\bgenerat|\b(?:annual|yearly) power generation\b(?!.*\b(?:growth|grow|rise|share|projects?)\b)|\bkilowatt hours?\b|\bkWh\b"),
        (VOLUME, rf"{_HOW_MANY}(?:万|亿)*(?:立方|方水|方气)|供[多几]少[气水]|供[气水](?:能力|规模|量)(?:是|有|为)?多[大少](?!吨)|\bcubic met(?:re|er)s?\b"),
        # of two figures, whatever they are of
        ((), r"的(?:几倍|多少倍)|\bhow many times (?:as|larger|bigger|more)"),
        (TIMES, r"几倍|多少倍"),
        # "how many firms exporting over 10 million dollars"
        (COUNT, r"\bhow many (?!(?:\w+ ){0,2}(?:yuan|dollars|[mb]illions?|percent\w*|points)\b)\w+(?!.*\b(?:percent\w*|share)\b)"),
        (MONEY, rf"{_HOW_MANY}(?:个)?(?:千|百|十)?(?:万|亿|万亿)?(?:元|美元|人民币|块)|多少钱|{_HOW_MANY}(?:个)?亿(?!{_MEASURES})|(?:花|投|投资|投入|造价|耗资|成本)(?:了|是|为)?多少(?!{_MEASURES})|多少(?:资金|投资|收入|税收|税费|税(?!务)|产值(?![超过达上])|经费|补贴(?!对象|项目)|金额)|(?:投资|金额|产值|收入|支出|贷款|额)(?:额|总额)?(?:是|有|为)?多大(?=[?,。了呢]|$)|\bhow much (?:money|funding|capital|cash)|\bhow (?:large|big|high|great) (?:was|is|were|are|did|does|will|would)\b(?!.*\b(?:growth|rise|increase|fall|drop|gap|share)\b).*\b(?:investment|revenue|income|tax|budget|spending|expenditure|turnover|exports?|imports?)\b(?! \w+\W*$)|\bhow much (?:did|does|do|will|would|was|were|is|are|has|have|had)\b.*\b(?:cost|invested|spen[dt]|paid|raised|earn)\b|\bin yuan\b|\b(?:billions|millions) of (?:yuan|dollars|RMB)|\bwhat (?:did|does|do|will|would|is|was|were) .*\bcosts?\b|\b(?:construction|building|project|overall) (?:costs?|bill|outlay)\b|\bprice tag\b|\bhow expensive\b|\b(?:what|the) sum\b(?! total)|\bamount (?:of (?:money|funding|investment|capital|tax|revenue)|invested|spent|raised|collected|paid)\b|\bhow much (?!(?:did|do|does|has|have|had|is|are|was|were|will|would|should|shall|could|can|must|may|might|of|more|less|higher|lower|faster)\b)(?:\w+[ -]){{0,5}}(?:investment|revenue|income|tax)\b|\b(?:million|billion) (?:yuan|dollars)|\bhow many (?:\w+ )?(?:yuan|dollars)|\bUS\$|\bdollars\b|\bwhat (?:was|is|were|will be) (?!.*\b(?:growth|rate|share|rise|increase)\b).*\b(?:output|production) value\b|\bworth in yuan\b|\bwhat (?:was|were|is|are) [^?]{{1,40}}\bworth\b(?=\s*(?:\?|$|in\b|altogether\b))|\bwhat did (?!.*\b(?:growth|rate|share)\b).*\b(?:GDP|product|revenue|output|income|exports?|imports?)\b.*\b(?:come|amount|add up) to\b"),
        (COUNT, r"(?:人|家|户)数(?:量|目)?(?:一共|总共)?(?:是|有|为|达到?)多少(?!万?元)|(?:企|企业|项目|人才|学校|公司)的?数量?[:,][^占率增]*多少[家个]?[?。]*$|多长时间|多久|(?:时间|时限|周期|工期)(?:缩短|压缩|减少)了?多少|\bhow much time\b|\bhow much .*\b(?:time|period|cycle|duration)\b.* (?:fall|shorten|cut|reduce|drop)"),
        (SHARE, rf"百分之{_HOW_MANY}|占.{{0,20}}?几(?:成|个点(?![位状]))|{_HOW_MANY}个?百分点|百分比|{_HOW_MANY}%|增速|增幅|增长率|增长目标|涨幅|降幅|跌幅|占比|比重|多大(?:的)?比例|比例(?:是|有|达|为|多)|覆盖率|率(?:是|达到?|为|有|提高到?)?{_HOW_MANY}"
                rf"|(?:增长|增加|提高|提升|下降|上升|减少|降低|(?<!新)增|涨|降|跌|(?<![数额积量])多)了?(?:幅度)?(?:是|有|为)?(?:多少|几成|{_HOW_MANY}个点(?![位状]))(?!{_MEASURES}|亩|公|万|亿|元|吨|平)"
                rf"|\bpercent|\bper cent|\bgrowth (?:rate|target|goal)|\bhow (?:fast|quickly)|\brate of\b|\bwhat (?:GDP |economic )?growth\b|\bby how much (?:is|are|was|were)\b.*\b(?:to (?:be )?(?:grow|rise|fall|drop|cut|reduced?|increased?|decline|shrink)|meant)\b|\bshare of\b|\bproportion|\bratio\b|\bwhat share|\bgrowth of\b|\bgrowth\?|\bgrowth (?:in|for|aimed|planned|target)|\b\w+ growth\b|\bhow much of (?:the|its|all|their|total)\b|\bas an? (?:share|proportion|percentage|fraction)\b|\bwhat (?:portion|fraction) of\b|\bwhat (?:rise|increase|fall|drop|decline) in\b(?! the number\b)|\bat what pace\b|\bwhat (?:is|was|were|are|did|will|would) (?!.*\bdoing\b).*(?<!-)(?<!interest )\brates?\b|\b(?:how much|to what (?:extent|degree)) (?:did|does|do|will|would|should|could|must|is|are|was|were|has|have|had)\b.*\b(?:{_EN_CHANGE})\b"),
        (MONEY, r"^(?!.*(?:目标|计划|打算|预期|力争|增(?!加值)|涨|降|占|比重|份额))[^?]*(?:生产总值|GDP|产值|增加值|收入|支出|总额|余额|(?:出口|进口|销售|成交|交易|营业|投资)额)(?:总量|规模)?(?:一共|总共|累计|分别|各)?(?:是|有|为|达到?|到)?(?:了)?多少(?:[?呢。]*$|,哪)"),
        (COUNT, rf"多少(?:名|位)?(?:大学生|高校毕业生|毕业生|学生|人才|残疾人|残障人士|工人|员工|职工|村民|居民|农民|老人|孩子|儿童|党员|干部|游客|患者)|{_HOW_MANY}(?:万|千|百)?(?:多)?(?:{_MEASURES})|\bhow many\b|\bwhat number of\b|\b(?:what|the) (?:count|tally|headcount)\b|人口(?:是|有|为|总数|数量|规模)?(?:有|是)?(?:多[少大]|\?|$)|多少(?:常住|户籍)?人口|\bpopulation\b|(?<!happened to )(?<!happened to the )\bnumber of\b"),
    )
)  # fmt: skip


_HOW_MUCH = re.compile(
    rf"{_WHEN}|多少|几(?!个?月份)|百分|第几|多大|多长|何时|哪一?[天年]|哪个?月|什么(?:时候|日期)|\b(?:how (?:many|much|large|big|long|fast)|percent\w*|which (?:day|date|year|month))\b",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"哪几|哪两|哪三|哪些|哪[一个项家条种类]|什么|原因|归因|因素|为什么|\b(?:why|who|what (?:factors?|reasons?|causes?))\b"
    # Not "the plant, which opened in 2018, ...".
    r"|\bwhich\b(?! (?:\w+ed|is|was|were|are|has|have|had|went|came|began|will)\b)"
    r"|(?<!, )\bwhich\b",
    re.IGNORECASE,
)


def asked_units(question: str) -> tuple[str, ...]:
    """The units an answer's figure must have: of `Figure.unit` (a count's without its measure
    word), or "date" or "ordinal"; empty if the question does not say."""
    without_which = re.sub("哪[几两]个?|[这那]几[份个篇]?", "", question)
    if _WHICH.search(question) and not _HOW_MUCH.search(without_which):
        return ()
    for units, pattern in _RULES:
        if pattern.search(without_which):
            return units
    return ()


_QUANTITY = re.compile(
    r"多少|几成|\bwhat(?:['’]s| is| was| are| were)\b[^?]{0,40}"
    r"\b(?:investment|growth|revenue|output|exports?|income|sales|spending) (?:target|goal)\b"
    r"|\bhow (?:much|many|large|big)\b(?! (?:of a |an? )(?:role|part|say))"
    r"|\bwhat (?:is|was|are|were|will) (?:the |[\w' -]{1,40}['’]s )(?:[\w-]+ ){0,3}"
    r"(?:output|number|price|cost|concentration|capacity|density)\b(?! (?:system|index|building))",
    re.IGNORECASE,
)


_AMOUNT = re.compile(
    r"\bhow much (?!(?:[\w-]+ ){0,2}(?:time|housing|parking|equipment)\b)", re.IGNORECASE
)


def asks_amount(question: str) -> bool:
    """Whether an English question asks for an amount of something that is not counted."""
    return bool(_AMOUNT.search(question))


def asks_how_much(question: str) -> bool:
    """Whether a question asks for a quantity, of whatever unit."""
    return bool(_QUANTITY.search(question))


_NAME = re.compile(
    r"哪(?!一?[天年])|什么(?!时候)|谁|叫|名称|名字|怎|如何|进展|为何|指的?是|指$|列出|列举|是否|有没有|对吗|对不对"
    r"|\b(?:which(?! (?:day|date|year|month))|who|whose|whom|where|why|names?|named|list|progress|status|happened|describe|called|how (?:did|does|do|is|are|was|were)|"
    r"what (?:is|are) the [\"“'‘]|what (?:kind|type|sort|product|event|else|status|award|awards|project|projects|measure|measures|happened|did|does|do)|is it true|right)\b",
    re.IGNORECASE,
)


_PEOPLE = re.compile(
    rf"{_HOW_MANY}(?:万|千|百)?(?:多)?(?:名(?![牌优校企师品特])|位(?!于)|(?:个)?人(?![才大次家均口工行民防居力]))"
    r"|人数(?:一共|总共)?(?:是|有|为|达到?)多少"
    r"|\bhow many (?:\w+ )?(?:people|persons|residents|workers|employees|pupils|students|farmers"
    r"|villagers|experts|graduates|job ?seekers|patients|children|(?:school )?leavers|teachers|doctors|nurses|visitors|tourists|candidates|officials)\b(?!['’])",
    re.IGNORECASE,
)


_EN_BEFORE = r"(?:(?!(?:did|do|does|have|has|had|were|was|are|is|will|for|of|to|by|in|at|from|with|work\w*)\b)[\w-]+ ){0,3}"
_FIRMS = re.compile(
    rf"\bhow many {_EN_BEFORE}(?:companies|firms|enterprises|businesses)\b(?!['\u2019])",
    re.IGNORECASE,
)
_COUNTED: dict[Language, re.Pattern[str]] = {
    "zh": re.compile(r"(?:(?<!哪)几|多少)[家个项座所条处台栋名位]([\u4e00-\u9fff]{2,10})"),
    "en": re.compile(
        r"\bhow many (?!people\b|percentage )((?:[\w-]+ ){0,4}?[\w-]+s)\b(?= (?:did|do|does|were|was|are|is|will"
        r"|would|has|have|had|should|can|in|on|at|by|to|run|operate|serve|work|got|opened)\b|[,?])",
        re.IGNORECASE,
    ),
}


def what_is_counted(question: str, language: Language) -> str:
    """The words for what a question counts (几座机场, how many bus routes); "" if none."""
    found = _COUNTED[language].search(question)
    return found[1] if found else ""


_THINGS = re.compile(rf"{_HOW_MANY}(?:多)?[家座套条栋幢间台宗处所](?!长|庭)")
_EVENTS = re.compile(rf"{_HOW_MANY}(?:万|千|百)?(?:多)?(?:人?次(?!分区)|场(?![所馆地]))")
_EVENT_WORDS = ("次", "场", "起")
# What is counted with measure words of its own.
_OWN_MEASURE: dict[tuple[str, ...], re.Pattern[str]] = {
    tuple(words): re.compile(
        rf"{_HOW_MANY}[千百万多]*{chinese}|\bhow many {_EN_BEFORE}(?:{english})\b",
        re.IGNORECASE,
    )
    for words, (chinese, english) in {
        "辆台部": ("[辆台部]", "buses|cars|vehicles|taxis|trucks"),
        "张": ("张", "beds"),
        "头只羽": ("[头只羽]", "pigs|sows|cattle|sheep|cows|chickens"),
        "棵株": ("[棵株]", "trees"),
        "艘": ("艘", "ships|boats|vessels"),
        "次场": ("[次场]", "performances|shows|concerts|screenings|times"),
        "户套": ("户(?:家庭|农户|居民|人家)", "households|families"),
        "起件宗例次": (
            r"[起宗例]\w{0,6}(?:事故|案|火灾)",
            "accidents|crimes|incidents|lawsuits|fires",
        ),
    }.items()
}
_TIME_SPANS = ("年", "周年", "个月", "天", "日", "小时", "个小时", "工作日", "个工作日", "分钟")
_TIME = re.compile(
    rf"{_HOW_MANY}个?(?:年|月|天|日|周|小时|工作日|分钟)|多久|时[间长限]|周期|工期|周年|连续|[几多][大年]"
    r"|\b(?:years?|months?|days?|weeks?|hours?|minutes?|long|time|anniversary)\b",
    re.IGNORECASE,
)


def may_count(measure: str, question: str) -> bool:
    """Whether what has a measure word ("" for a bare number) may be what a question counts: people
    are no flats, and neither is a number of times or years."""
    if _PEOPLE.search(question):
        return not measure or measure.startswith(PEOPLE)
    if _FIRMS.search(question):
        return not measure or measure.startswith(("家", "户"))
    if _EVENTS.search(question):
        return not measure or measure.endswith(_EVENT_WORDS)
    own = next((words for words, asked in _OWN_MEASURE.items() if asked.search(question)), ())
    if own:
        return not measure or measure.startswith(own)
    if measure in _TIME_SPANS and not _TIME.search(question):
        return False
    return not (_THINGS.search(question) and measure.startswith(PEOPLE))


_STOCK = re.compile(
    r"(?:一共|总共|目前|现有|现在|眼下|手[上头里])[^,?]{0,8}?(?:多少|几)[家个项座所条处台栋户名位]|底,?[^,?]{0,8}?有(?:多少|几)"
    r"|\b(?:in total|altogether|total number of|currently|at present)\b"
    r"|\bhow many [\w' -]{3,60} (?:does|do|did) [\w' -]{3,50} have\b(?! to\b)"
    r"|\bhow many [\w' -]{3,60} (?:are|were) there\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"哪一?年|\b(?:which|what) year\b", re.I)
_EXTREME_OR_NOT = re.compile(
    r"最|[没未不]|\b(?:highest|lowest|most|least|fastest|slowest|largest|biggest|best|not)\b", re.I
)
_TO_COME = re.compile(
    r"年底?[才就]?[能会将要]|计划|预计|打算|\b(?:will|expected|planned|due|going to)\b", re.I
)
_ADDED = re.compile(
    r"新增|新认定|新登记|新设|净增|新培育|新引进|\b(?:new|newly|add|adds|added|additional|more)\b",
    re.I,
)


def asks_stock(question: str) -> bool:
    """Whether a question asks how many there are, not how many came to be."""
    return bool(_STOCK.search(question)) and not tells_addition(question)


def tells_addition(words: str) -> bool:
    """Whether words speak of what has been added."""
    return bool(_ADDED.search(words))


def asks_year(question: str) -> bool:
    """Whether a question asks in which year something was, not when it is to be, was not, or was
    the most."""
    other = _TO_COME.search(question) or _EXTREME_OR_NOT.search(question)
    return bool(_YEAR.search(question)) and not other and asked_units(question) == DATE


def asks_name(question: str) -> bool:
    """Whether a question asks for names, reasons or a yes or no rather than for a quantity."""
    return bool(_NAME.search(question)) and not asked_units(question)


_CHANGE = re.compile(
    r"增长|增速|增幅|增加|提高|提升|上升|下降|减少|降低|回落|涨|降幅|跌|缩短|压缩|多了|少了"
    r"|\b(?:gr[eo]w\w*|ris(?:e|es|en|ing)|rose|increas\w+|decreas\w+|f[ae]ll\w*|climb\w*|declin\w+|drop\w*|reduc\w+|shr[aiu]nk\w*"
    r"|expan[ds]\w*|up|down)\b",
    re.IGNORECASE,
)
_LEVEL = re.compile(
    r"占|比重|比例|率|\b(?:share|slice|proportion|coverage|ratio|percentage of|per cent of|percent of|rate)\b",
    re.IGNORECASE,
)
_RATE_OF_CHANGE = re.compile(
    r"增长率|\b(?:growth rate|rate of (?:growth|increase))\b", re.IGNORECASE
)


def tells_change(words: str) -> bool | None:
    """Whether a percentage said of or asked for in these words is one by which something moved, or
    a share; None if they speak of both or neither."""
    words = _RATE_OF_CHANGE.sub("增长", words)
    change, level = bool(_CHANGE.search(words)), bool(_LEVEL.search(words))
    return change if change != level else None


_PER = {
    "head": re.compile(r"人均|\bper[- ](?:capita|head|person|inhabitant)\b", re.IGNORECASE),
    "mu": re.compile(r"亩均|每亩|\bper mu\b", re.IGNORECASE),
}


def per_what(words: str) -> frozenset[str]:
    """What a quantity is divided by: heads or mu of land."""
    return frozenset(what for what, pattern in _PER.items() if pattern.search(words))
