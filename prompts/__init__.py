"""One Markdown file a prompt; `$placeholders` are filled by name and checked."""

from functools import cache
from importlib.resources import files
from string import Template


@cache
def _read(name: str) -> str:
    return files("prompts").joinpath(f"{name}.md").read_text(encoding="utf-8").strip()


def render(name: str, **values: str) -> str:
    """The prompt `prompts/<name>.md` with its placeholders filled.

    Raises FileNotFoundError if there is no such prompt, ValueError if `values` are not exactly
    its placeholders.
    """
    template = Template(_read(name))
    wanted = set(template.get_identifiers())
    if wanted != set(values):
        raise ValueError(
            f"prompt {name!r} has the placeholders {sorted(wanted)}, not {sorted(values)}"
        )
    return template.substitute(values)
