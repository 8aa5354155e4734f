"""What a message to a user must be like."""

from __future__ import annotations


def assert_sentence(message: object, *says: str) -> None:
    """One line, a whole sentence or one that ends with the command to run, saying all of `says`."""
    text = str(message).strip()
    assert text
    assert "\n" not in text
    assert "Traceback" not in text
    assert text.endswith(".") or "report-qa" in text.rsplit(": ", 1)[-1], text
    for words in says:
        assert words in text, text
