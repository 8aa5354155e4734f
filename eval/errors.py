"""What can go wrong in an evaluation; part of the project's tree of errors."""

from __future__ import annotations

from rag.errors import ReportQAError


class EvalError(ReportQAError):
    """An evaluation cannot be run or its files cannot be read."""


class GoldenError(EvalError):
    """A file of golden questions is wrong, or does not fit the reports."""


class ReplayError(EvalError):
    """A recording cannot be used, or does not hold what was asked."""
