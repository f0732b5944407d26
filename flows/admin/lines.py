"""What the timeline tells of a flow's steps: the reason that staff wrote, which the step keeps."""

from collections.abc import Sequence

from conversations.admin.timeline import Line, describers, state_line
from conversations.models import ConversationEvent
from flows.models import FlowTransition


def _states(rows: Sequence[ConversationEvent]) -> dict[int, Line]:
    steps = FlowTransition.objects.filter(
        run=rows[0].conversation_id, seq_to__in={row.payload.get("state_seq") for row in rows}
    )
    notes = {(seq, reason): note for seq, reason, note in steps.values_list("seq_to", "reason", "note")}
    return {
        row.seq: state_line(row.payload, notes.get((row.payload.get("state_seq"), row.payload.get("reason")), ""))
        for row in rows
    }


describers["state"] = _states
