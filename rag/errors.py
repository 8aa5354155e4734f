"""Everything that can go wrong, as one small tree; a surface catches only `ReportQAError`.

Each message is one sentence for a reader that says what to do. "Not found" and "unsupported
figure" are data, not errors.
"""


class ReportQAError(Exception):
    """Root of all errors that a user can act on."""


class QuestionError(ReportQAError):
    """The question itself cannot be answered (empty, far too long)."""


class CorpusError(ReportQAError):
    """A report file, a catalogue or a folder of reports cannot be read."""


class IndexingError(ReportQAError):
    """The index is missing, cannot be written, or was made by other parts."""


class DamagedIndexError(IndexingError):
    """Files of the index are missing or broken."""

    def __init__(self, where: object) -> None:
        super().__init__(f"The index at {where} is damaged; run: report-qa ingest --rebuild")


class ModelError(ReportQAError):
    """Model weights are missing, broken or could not be fetched."""


class EndpointError(ReportQAError):
    """The language-model endpoint did not give a complete answer."""


class PromptError(ReportQAError):
    """A prompt file is missing or its placeholders do not match."""


class ServerError(ReportQAError):
    """A page or API cannot be served (port in use, address not allowed)."""
