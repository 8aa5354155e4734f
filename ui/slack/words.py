"""What the bot says, in both languages."""

from __future__ import annotations

from rag.types import Language

_WORDS: dict[str, tuple[str, str]] = {
    "working": ("正在查阅报告…", "Looking in the reports…"),
    "queued": (
        "前面还有 {n} 个问题\uff0c轮到后在这里回答。",
        "{n} questions are ahead of yours; the answer will appear here.",
    ),
    "open": ("查看段落", "Open"),
    "helpful": ("有帮助", "Helpful"),
    "not_helpful": ("没有帮助", "Not helpful"),
    "again": ("重新回答", "Ask again"),
    "other_language": ("Show in English", "用中文回答"),
    "share": ("分享到这里", "Share here"),
    "shared": ("已分享。", "Shared."),
    "shared_before": ("这个回答已经分享过了。", "This answer has been shared already."),
    "being_shown": ("已经在用另一种语言回答。", "That is already on its way."),
    "thanks": ("谢谢\uff0c已记下。", "Thank you, noted."),
    "noted_before": (
        "您已经评价过这个回答。",
        "You have rated this answer already.",
    ),
    "reason_title": ("哪里不对\uff1f", "What was wrong?"),
    "reason_label": ("原因\uff08可不填\uff09", "Reason (optional)"),
    "reason_hint": (
        "例如\uff1a数字不对、段落不对、没有回答问题",
        "For instance: wrong figure, wrong paragraph, beside the point",
    ),
    "send": ("提交", "Send"),
    "cancel": ("取消", "Cancel"),
    "close": ("关闭", "Close"),
    "source": ("来源 {marker}", "Source {marker}"),
    "previous": ("上一个", "Previous"),
    "next": ("下一个", "Next"),
    "page": ("在网页中打开", "Open the page"),
    "checked": ("已与原文核对", "Checked against the source"),
    "unsupported": ("原文中没有", "Not in the source"),
    "converted": ("换算自", "converted from"),
    "calculated": ("计算", "calculated"),
    "part": ("第 {n}/{of} 部分", "Part {n} of {of}"),
    "gone": (
        "这个回答已不再保存\uff1b请重新提问。",
        "This answer is no longer kept; please ask again.",
    ),
    "maybe_twice": (
        "发送时重启过\uff0c您可能已经看过这个回答。",
        "The bot restarted while it was sending; you may have seen this answer already.",
    ),
    "too_many": (
        "您一分钟内已提了 {n} 个问题\uff0c请过一会儿再问。",
        "You have asked {n} questions within a minute; please wait a little and ask again.",
    ),
    "full": (
        "等待回答的问题太多\uff0c请几分钟后再问。",
        "Too many questions are waiting; please ask again in a few minutes.",
    ),
    "not_allowed": (
        "这里不能使用本机器人\uff1b请联系管理它的人。",
        "This bot may not be used here; please ask whoever runs it.",
    ),
    "invite": (
        "我不在 <#{channel}> 中\uff0c无法回答\uff1b请先在频道里输入 /invite 邀请我\uff0c再问一次。",
        "I am not a member of <#{channel}> and cannot answer there; "
        "type /invite in the channel to add me, then ask again.",
    ),
    "late": (
        "{seconds} 秒内没有得到回答\uff1b请重新提问。",
        "There was no answer within {seconds} seconds; please ask again.",
    ),
    "missed": (
        "提问时机器人没有运行\uff0c抱歉\uff1b请重新提问。",
        "Sorry, the bot was not running when you asked; please ask again.",
    ),
    "crashed": (
        "回答这个问题时机器人中断了\uff0c抱歉\uff1b请换个问法。",
        "Sorry, the bot broke off while it was answering this; please put it another way.",
    ),
    "broken": (
        "出了意外的错误\uff0c抱歉\uff1b请告诉管理机器人的人\uff08编号 {id}\uff09。",
        "Sorry, something unexpected went wrong; please tell whoever runs the bot (number {id}).",
    ),
    "not_shareable": (
        "无法分享到这里\uff1b请先邀请我加入频道。",
        "It cannot be shared here; invite me to the channel first.",
    ),
    "cut": (
        "回答太长\uff0c这里无法全部显示\uff1b请分享后查看全文。",
        "The answer is too long to be shown here in full; share it to see the rest.",
    ),
    "help": (
        "用中文或英文问政府工作报告\uff0c每个数字都有出处。\n"
        "• 在频道里 @ 我\uff0c或直接给我发消息\uff1b在消息列里追问不用再 @\n"
        "• /report 问题\uff1a只有您能看到回答\uff0c可以再分享\n"
        "• /report reports\uff1a有哪些报告\n"
        "• /report help\uff1a这段说明",
        "Ask government work reports in Chinese or English; every figure leads to its paragraph.\n"
        "• Mention me in a channel or write to me; in the thread, follow up without a mention\n"
        "• /report QUESTION: only you see the answer, and you can share it\n"
        "• /report reports: which reports there are\n"
        "• /report help: this text",
    ),
    "home_title": ("向政府工作报告提问", "Ask government work reports"),
    "coverage": ("现有报告", "What the reports cover"),
    "starters": ("试一试", "Try one"),
    "question": ("问题", "Question"),
    "press_again": (
        "没来得及打开\uff0c请再按一次。",
        "That took too long; please press the button again.",
    ),
    "no_reports": ("还没有报告。", "There are no reports yet."),
}


def say(name: str, language: Language, **values: object) -> str:
    """A sentence or a label."""
    return _WORDS[name][0 if language == "zh" else 1].format(**values)


def say_both(name: str) -> str:
    """The same in both languages, where the reader's is not known."""
    return " · ".join(_WORDS[name])
