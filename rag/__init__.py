"""Ask Chinese local-government work reports: `from rag import build_assistant`."""

from typing import Any


def build_assistant(**settings: Any) -> Any:
    """An `rag.assistant.Assistant` over the corpus in `data_dir` (see `rag.settings`).

    >>> build_assistant().answer("瑞安2018年的生产总值是多少?").text  # doctest: +SKIP
    """
    from rag.app import build_assistant as build

    return build(**settings)
