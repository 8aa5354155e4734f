"""What the bot is told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class AllowList:
    """Who may ask; an empty set allows everyone. Direct messages are in no channel."""

    workspaces: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()

    def permits(self, workspace: str, channel: str, user: str) -> bool:
        """Whether a user of a workspace may ask in a channel or direct message."""
        in_channel = bool(channel) and not channel.startswith("D")
        return (
            (not self.workspaces or workspace in self.workspaces)
            and (not self.channels or not in_channel or channel in self.channels)
            and (not self.users or user in self.users)
        )


@dataclass(frozen=True)
class Tokens:
    """The credentials; they are in no representation."""

    bot: str = field(repr=False)
    app: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class BotConfig:
    """`page` is the address of the web page or "". `deadline` is the seconds an answer may take,
    `at_once` how many are written at the same time, `waiting` how many questions may wait,
    `a_minute` how many a user may ask within a minute."""

    tokens: Tokens
    allow: AllowList = AllowList()
    page: str = ""
    api_url: str = "https://slack.com/api/"
    deadline: float = 300.0
    at_once: int = 2
    waiting: int = 200
    a_minute: int = 10
