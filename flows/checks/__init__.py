"""The checks that a definition passes before it is published: no conversation must ever get stuck, or lose money."""

from typing import NamedTuple

from flows.checks.assignment import assignment_findings
from flows.checks.exploration import explore
from flows.checks.findings import Finding, error
from flows.checks.ledger import ledger_findings
from flows.checks.liveness import liveness_findings
from flows.checks.names import name_findings
from flows.checks.references import reference_findings
from flows.checks.shape import shape_findings
from flows.decoding import Malformed, decode
from flows.schema import Definition
from stoory.payloads import JsonValue


class Report(NamedTuple):
    """What the checks found, in a definition that could be read at least."""

    definition: Definition | None
    findings: list[Finding]
    configurations: int = 0

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]


def check_document(document: JsonValue) -> Report:
    """Check a document of any shape."""
    try:
        return check(decode(document))
    except Malformed as malformed:
        return Report(None, [error(*fault) for fault in malformed.faults])


def check(definition: Definition) -> Report:
    """Check a definition: first what each part says, then how the parts fit, then all that can happen."""
    findings: list[Finding] = []
    for look in (name_findings, reference_findings, shape_findings, assignment_findings):
        findings += look(definition)
        if _has_errors(findings):
            return Report(definition, findings)
    exploration = explore(definition)
    findings += liveness_findings(definition, exploration)
    findings += ledger_findings(definition, exploration)
    return Report(definition, findings, len(exploration.moves))


def _has_errors(findings: list[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)
