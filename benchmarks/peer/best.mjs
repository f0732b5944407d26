/** The best handler of a send that we know: all of it in one hand-written statement. */

import { randomUUID } from "node:crypto";

const SEND = {
  name: "send",
  text: `
    WITH c AS (
      UPDATE conversations SET last_seq = last_seq + 1, last_message_id = $2, updated_at = now()
      WHERE id = $1 AND chat_status = 'real_time' AND ($3 IN (a, b) OR (type = 'channel' AND EXISTS (
        SELECT FROM participants WHERE conversation_id = $1 AND user_id = $3)))
      RETURNING id, last_seq, CASE WHEN a = $3 THEN b ELSE a END AS receiver
    ), m AS (
      INSERT INTO messages (id, conversation_id, seq, sender_id, receiver_id, body, client_nonce)
      SELECT $2, c.id, c.last_seq, $3, c.receiver, $4, $5 FROM c RETURNING *
    ), p AS (
      UPDATE participants SET unread = unread + 1 FROM c
      WHERE participants.conversation_id = c.id AND participants.user_id = c.receiver
    )
    SELECT * FROM m`,
};

/** Return the stored row, or undefined where the sender may not write. */
export async function best(pool, sender, { conversationId, text, clientNonce }) {
  const values = [conversationId, randomUUID(), sender, text, clientNonce];
  return (await pool.query({ ...SEND, values })).rows[0];
}
