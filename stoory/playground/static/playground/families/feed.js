/** Feed (seed 002): the token in the handshake, sends by REST, hears `new_message` with its context. */

import { byRest, message, moved, presence, typing } from "./common.js";

export const feed = {
  ...byRest,
  name: "feed",
  hearsTyping: true,

  connect: ({ token }) => ({ address: "/", options: { auth: { token } } }),

  join: ({ connection }, conversationId) => connection.ask("join_conversation", { conversationId }),

  leave: ({ connection }, conversationId) => connection.ask("leave_conversation", { conversationId }),

  type: ({ connection }, conversationId, isTyping) =>
    connection.ask(isTyping ? "typing_start" : "typing_stop", { conversationId }),

  *hear(name, payload) {
    yield* presence(name, payload);
    yield* typing(name, payload);
    switch (name) {
      case "new_message":
        if (payload.conversation_id) yield { kind: "message", message: message(payload.message), seq: payload.message.seq };
        break;
      case "conversation_state_changed":
        yield moved(payload);
        break;
      case "conversation_updated":
        yield { kind: "list", conversationId: payload.conversation_id };
        yield card(payload);
    }
  },
};

function card({ conversation_id: conversationId, chat_status: status, conversation_context: context }) {
  return { kind: "card", conversationId, card: context.current_action_data, status };
}
