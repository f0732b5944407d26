/** The usual handler of a send: one statement a step, each committed by itself. */

import { randomUUID } from "node:crypto";

const CONVERSATION = { name: "conversation", text: "SELECT * FROM conversations WHERE id = $1" };
const MEMBER = {
  name: "member",
  text: "SELECT role FROM participants WHERE conversation_id = $1 AND user_id = $2",
};
const INSERT = {
  name: "insert",
  text: `INSERT INTO messages (id, conversation_id, seq, sender_id, receiver_id, body, client_nonce)
    VALUES ($1, $2, nextval('message_seq'), $3, $4, $5, $6) RETURNING *`,
};
const TOUCH = {
  name: "touch",
  text: "UPDATE conversations SET last_seq = $3, last_message_id = $2, updated_at = now() WHERE id = $1",
};
const COUNT = {
  name: "count",
  text: "UPDATE participants SET unread = unread + 1 WHERE conversation_id = $1 AND user_id = $2",
};

/** Return the stored row, or undefined where the sender may not write. */
export async function usual(pool, sender, { conversationId, text, clientNonce }) {
  const query = async (statement, ...values) => (await pool.query({ ...statement, values })).rows[0];
  const conversation = await query(CONVERSATION, conversationId);
  if (conversation?.chat_status !== "real_time") return undefined;
  const { a, b, type } = conversation;
  const isMember = type === "channel" ? await query(MEMBER, conversationId, sender) : a === sender || b === sender;
  if (!isMember) return undefined;
  const receiver = a === sender ? b : a;
  const message = await query(INSERT, randomUUID(), conversationId, sender, receiver, text, clientNonce);
  await query(TOUCH, conversationId, message.id, message.seq);
  if (receiver) await query(COUNT, conversationId, receiver);
  return message;
}
