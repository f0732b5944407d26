/** A message as the wire shows it: every key that ours has, so that both encode and carry the same. */

export function messageBody(row) {
  return {
    id: row.id,
    conversation_id: row.conversation_id,
    sender_id: row.sender_id,
    receiver_id: row.receiver_id,
    message: row.body,
    created_at: row.created_at.toISOString(),
    seen: row.seen,
    message_type: row.message_type,
    attachment_metadata: null,
    metadata: null,
    media_url: null,
    reply_to_id: null,
    edited_at: null,
    deleted_at: null,
    is_automated: row.message_type === "automated",
    action_required: false,
    action_data: null,
    seq: row.seq,
  };
}
