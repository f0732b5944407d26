/** Messenger (seed 003): joins by a bare id, sends by `/api/v1`, hears bare messages in camel case. */

import { byRest, presence } from "./common.js";

function message(m) {
  return {
    id: m.id,
    conversationId: m.conversationId,
    seq: m.seq,
    senderId: m.senderId,
    text: m.content,
    at: m.createdAt,
    automated: m.messageType === "automated",
    edited: m.isEdited ? m.updatedAt : null,
    seen: m.isRead,
  };
}

export const messenger = {
  ...byRest,
  name: "messenger",

  connect: ({ token }) => ({ address: "/", options: { auth: { token } } }),

  join: ({ connection }, conversationId) => connection.ask("join_conversation", conversationId),

  leave: ({ connection }, conversationId) => connection.ask("leave_conversation", conversationId),

  send: async ({ rest }, { nonce, conversationId, text }, how) => {
    const path = `/api/v1/conversations/${conversationId}/messages`;
    const { data } = await rest.post(path, { content: text }, { headers: { "Idempotency-Key": nonce }, ...how });
    return message(data);
  },

  read: ({ rest }, conversationId) => rest.put(`/api/v1/conversations/${conversationId}/read`),

  *hear(name, payload) {
    yield* presence(name, payload);
    switch (name) {
      case "new_message":
        if (payload.conversationId) yield { kind: "message", message: message(payload), seq: payload.seq };
        break;
      case "conversation_updated": {
        const { conversationId, chat_status: status, conversation_context: context } = payload;
        yield { kind: "list", conversationId };
        yield { kind: "card", conversationId, card: context.current_action_data, status };
      }
    }
  },
};
