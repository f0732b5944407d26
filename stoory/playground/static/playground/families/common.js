/**
 * What the families share. REST, for what a family's sockets have no event for; and one shape of a message, whichever
 * way it came: `{id, conversationId, seq, senderId, text, at, automated, card, attachments, replyTo, edited, deleted, seen}`.
 */

const CONVERSATIONS = "/api/messages/conversations";

/** The message of seed 000, which REST speaks too, and of seed 002, which leaves some of it out. */
export function message(m) {
  return {
    id: m.id,
    conversationId: m.conversation_id,
    seq: m.seq,
    senderId: m.sender_id,
    text: m.message,
    at: m.created_at,
    automated: m.is_automated,
    card: m.action_data,
    attachments: m.attachment_metadata ?? null,
    replyTo: m.reply_to_id ?? null,
    edited: m.edited_at ?? null,
    deleted: m.deleted_at ?? null,
    seen: m.seen ?? false,
  };
}

/** What every family's client can do by REST. `desk` holds a person's `connection` and `rest`. */
export const byRest = {
  /** A page of one's conversations, the most recent first; `kind` is one of theirs, or all where it is empty. */
  list: async ({ rest }, { kind, page }) => {
    const { conversations, pagination } = await rest.get(`${CONVERSATIONS}?type=${kind}&page=${page}&limit=50`);
    return { conversations, hasMore: pagination.has_more };
  },

  create: async ({ rest }, conversation) => (await rest.post(CONVERSATIONS, conversation)).conversation,

  /** What opening a conversation needs, but its messages. */
  context: async ({ rest }, id) => (await rest.get(`${CONVERSATIONS}/${id}/context`)).context,

  /** A page of messages before a place in the log, oldest first. */
  history: async ({ rest }, id, before, limit) => {
    const place = before === undefined ? "" : `&before_seq=${before}`;
    const { messages, pagination } = await rest.get(`${CONVERSATIONS}/${id}/messages?limit=${limit}${place}`);
    return { messages: messages.map(message), hasMore: pagination.has_more };
  },

  /** The log after a place, as the chat family hears it, and whether that is all of it. */
  log: async ({ rest }, id, after) => {
    const { events, gap, has_more: hasMore } = await rest.get(`${CONVERSATIONS}/${id}/events?after_seq=${after}&limit=500`);
    return { events, isWhole: !gap && !hasMore };
  },

  send: async ({ rest }, { nonce, conversationId, text, attachments, replyTo }, how) => {
    const body = { conversation_id: conversationId, message: text, attachments, reply_to_id: replyTo };
    const answer = await rest.post("/api/messages", body, { headers: { "Idempotency-Key": nonce }, ...how });
    return message(answer.message);
  },

  /** Tell that these messages, oldest first, were read. */
  read: ({ rest }, id, ids) => rest.put(`${CONVERSATIONS}/${id}/seen`, { up_to_message_id: ids.at(-1) }),

  react: ({ rest }, messageId, type, isOn) =>
    rest[isOn ? "post" : "delete"](`/api/messages/messages/${messageId}/reactions`, { type }),

  edit: async ({ rest }, messageId, text) => message((await rest.patch(`/api/messages/messages/${messageId}`, { message: text })).message),

  remove: async ({ rest }, messageId) => message((await rest.delete(`/api/messages/messages/${messageId}`)).message),

  act: ({ rest }, { conversationId, action, data, stateSeq, nonce }) => {
    const body = { action, data, state_seq: stateSeq, client_nonce: nonce };
    return rest.post(`${CONVERSATIONS}/${conversationId}/actions`, body);
  },

  /** Whether a rejoining client is told what it missed; where it is not, it reads the log. */
  replays: false,
};

/** A user's presence, of which all but the workspace family hear. */
export function* presence(name, payload) {
  if (name === "presence:changed") yield { kind: "presence", userId: payload.userId, isOnline: payload.online };
}

/** `user_typing`, which chat and feed spell alike. */
export function* typing(name, payload) {
  if (name !== "user_typing") return;
  const { conversationId, userId, isTyping } = payload;
  yield { kind: "typing", conversationId, userId, isTyping };
}

export function moved(payload) {
  return {
    kind: "moved",
    conversationId: payload.conversation_id,
    seq: payload.seq,
    from: payload.previous_state,
    to: payload.new_state,
    reason: payload.reason,
    at: payload.timestamp,
    status: payload.chat_status,
  };
}
