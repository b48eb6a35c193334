"""A settings file on disk → the nodes of one YAML document, or the one fault that prevents it.

Whoever sends a file can be careless or hostile. So the size is bounded before anything is parsed,
the nesting before anything recursive walks it, and a syntax error comes with its place.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from generator.errors import Fault, SettingsError

LARGEST_FILE = 256 * 1024
DEEPEST_NESTING = 16
WHOLE_FILE = "(file)"

# libyaml parses ten times as fast; the pure parser understands the same language.
LOADER: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(path: Path) -> str:
    """The text of a settings file, which has to be a UTF-8 file of a sensible size."""
    name = path.as_posix()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise whole(name, "there is no such file", _names_nearby(path)) from None
    except IsADirectoryError:
        raise whole(name, "this is a directory", _names_nearby(path / "_")) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise whole(name, f"it cannot be read: {reason}", "Name a file you may read.") from None
    if len(content) > LARGEST_FILE:
        found, most = len(content) // 1024, LARGEST_FILE // 1024
        raise whole(name, f"the file has {found} KiB", f"At most {most} KiB are read.")
    return _decoded(content, name)


def document(text: str, name: str) -> yaml.Node:
    """The root node of the only document in `text`."""
    _refuse_unprintable(text, name)
    try:
        _refuse_shape(text, name)
        root = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text, name) from None
    except yaml.YAMLError as error:  # what has no place in the text
        raise whole(name, f"not YAML: {error}", "Write the settings as YAML.") from None
    if root is None:
        raise whole(name, "the file is empty", "Start from a copy of parameters/dev.yaml.")
    return root


def whole(name: str, problem: str, remedy: str, line: int = 1, column: int = 1) -> SettingsError:
    """The one fault that hides all others."""
    return SettingsError([Fault(name, line, column, WHOLE_FILE, problem, remedy)])


def _names_nearby(path: Path) -> str:
    from difflib import get_close_matches

    try:
        present = sorted(file.stem for file in path.parent.glob("*.yaml"))
    except OSError:
        present = []
    if near := get_close_matches(path.stem, present, 1):
        return f"Did you mean {path.with_name(near[0] + '.yaml').as_posix()}?"
    if present:
        return f"Environments there: {', '.join(present[:20])}."
    return f"No settings file is in {path.parent.as_posix()}; parameters/ has examples."


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8-sig", "replace")) + 1
        problem = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise whole(name, problem, "Save the file as UTF-8.", line, column) from None


def _refuse_unprintable(text: str, name: str) -> None:
    if match := _UNPRINTABLE.search(text):
        before = text[: match.start()]
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        problem = f"character U+{ord(match[0]):04X} is not allowed in YAML"
        remedy = "Delete it; editors show it as a blank or not at all."
        raise whole(name, problem, remedy, line, column)


def _refuse_shape(text: str, name: str) -> None:
    """Refuse a second document and deep nesting: the parser is a loop, what follows recurses."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if documents > 1:
            remedy = "Keep one environment a file, without `---` in the middle."
            raise whole(name, "a second YAML document starts here", remedy, line, column)
        if depth > DEEPEST_NESTING:
            remedy = "Settings are at most four levels deep; look for a stray bracket."
            problem = f"more than {DEEPEST_NESTING} levels of nesting"
            raise whole(name, problem, remedy, line, column)


def _syntax(error: yaml.MarkedYAMLError, text: str, name: str) -> SettingsError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    written = "".join(text.split("\n")[line - 1 : line])
    problem = "not YAML: " + ", ".join(filter(None, (error.context, error.problem)))
    return whole(name, problem, _syntax_remedy(str(error.problem), written), line, column)


def _syntax_remedy(problem: str, written: str) -> str:
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "Indent with spaces; YAML does not allow tabs."
    if "cannot start any token" in problem:
        return "Put text that begins with a sign of YAML's own, such as @ or %, in quotes."
    if "alias" in problem:
        return "Define the anchor (&name) before the alias (*name) uses it."
    if "mapping values are not allowed" in problem:
        return "Put text that has a colon in quotes, or mend the indentation."
    return "Look at this line and the one above: indentation, quotes, brackets and colons."
