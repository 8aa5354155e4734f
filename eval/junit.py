"""Results as JUnit XML, which CI systems show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from eval.gate import Gate
from eval.results import Result

# What XML 1.0 allows in a text (section 2.2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Sequence[Result], gate: Gate) -> str:
    """One suite of questions, by kind, and one of what the gate checked."""
    root = Xml.Element("testsuites")
    questions = Xml.SubElement(root, "testsuite", name="golden", tests=str(len(results)))
    for result in results:
        _question(questions, result)
    wrong = [result for result in results if result.status != "failed" and not result.is_correct]
    failed = [result for result in results if result.status == "failed"]
    questions.set("failures", str(len(wrong)))
    questions.set("errors", str(len(failed)))
    checks = Xml.SubElement(root, "testsuite", name="gate", tests=str(len(gate.checks)))
    checks.set("failures", str(len(gate.failures)))
    for check in gate.checks:
        case = Xml.SubElement(checks, "testcase", classname="gate", name=check.name)
        if not check.passed:
            Xml.SubElement(case, "failure", message=_clean(check.said))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode")


def _question(suite: Xml.Element, result: Result) -> None:
    seconds = f"{result.timings.total_ms / 1000:.3f}"
    case = Xml.SubElement(
        suite, "testcase", classname=f"golden.{result.kind}", name=result.id, time=seconds
    )
    if result.status == "failed":
        Xml.SubElement(case, "error", message=_clean("; ".join(result.problems)))
    elif not result.is_correct:
        failure = Xml.SubElement(case, "failure", message=_clean(what_is_wrong(result)))
        failure.text = _clean(f"{result.question}\n\n{result.answer}")


def what_is_wrong(result: Result) -> str:
    """Why a result is not correct, in plain words; "" if it is."""
    if result.status == "failed":
        return "; ".join(result.problems)
    said = []
    if result.scores.get("status") == 0.0:
        said.append(f"status is {result.status}, expected {result.expected.status}")
    elif result.scores.get("facts", 1.0) < 1.0:
        wanted = " and ".join(" or ".join(ways[:3]) for ways in result.expected.facts)
        said.append(f"facts {result.scores['facts']:.2f}, expected {wanted}")
    if result.scores.get("forbidden"):
        said.append(f"says one of {', '.join(result.expected.must_not)}")
    if count := result.scores.get("figures_unsupported"):
        said.append(f"{count:g} figures without support")
    return "; ".join(said)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
