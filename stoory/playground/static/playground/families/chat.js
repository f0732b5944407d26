/** Chat (seeds 000 and 001): authenticate by an event, `chat:*`, replay by `afterSeq`. */

import { byRest, message, moved, presence, typing } from "./common.js";

export const chat = {
  ...byRest,
  name: "chat",
  replays: true,
  hearsTyping: true,
  hearsReads: true,
  hearsReactions: true,

  connect: () => ({ address: "/", options: {} }),

  enter: (connection) => connection.ask("authenticate", { token: connection.person.token }),

  join: ({ connection }, conversationId, afterSeq) => connection.ask("chat:join", { conversationId, afterSeq }),

  leave: ({ connection }, conversationId) => connection.ask("chat:leave", { conversationId }),

  send: async ({ connection }, { tempId, nonce, conversationId, text, attachments, replyTo }, how) => {
    const payload = { tempId, clientNonce: nonce, conversationId, text, attachments, replyToId: replyTo };
    return message((await connection.ask("chat:send", payload, { ...how, tempId })).message);
  },

  type: ({ connection }, conversationId, isTyping) =>
    connection.ask(isTyping ? "typing_start" : "typing_stop", { conversationId }),

  read: ({ connection }, conversationId, ids) =>
    connection.ask("chat:read", { conversationId, upToMessageId: ids.at(-1) }),

  act: ({ connection }, { conversationId, action, data, stateSeq, nonce }) =>
    connection.ask("chat:action", { conversationId, action, data, stateSeq, clientNonce: nonce }),

  acknowledges: (name, payload) => (name === "chat:ack" ? payload.tempId : undefined),

  *hear(name, payload) {
    yield* presence(name, payload);
    yield* typing(name, payload);
    switch (name) {
      case "chat:ack":
        yield { kind: "message", tempId: payload.tempId, message: message(payload.message), seq: payload.message.seq };
        break;
      case "conversation_list_updated":
        yield { kind: "list", conversationId: payload.conversation_id };
        if (payload.action === "state_changed") yield card(payload);
        break;
      default:
        yield* logged(name, payload);
    }
  },
};

function card(payload) {
  const { conversation_id: conversationId, current_action_data: current, chat_status: status } = payload;
  return { kind: "card", conversationId, card: current, status };
}

/** What the log numbers. Other families read it in these words when they come back. */
export function* logged(name, payload) {
  const { seq, conversationId } = payload ?? {};
  switch (name) {
    case "chat:new":
    case "chat:automated":
      yield { kind: "message", message: message(payload.message), seq: payload.message.seq };
      break;
    case "chat:edited":
      yield { kind: "revised", message: message(payload.message), conversationId: payload.message.conversation_id, seq };
      break;
    case "chat:deleted":
      yield { kind: "deleted", conversationId, messageId: payload.messageId, at: payload.deletedAt, seq };
      break;
    case "chat:read":
      yield { kind: "read", conversationId, messageIds: payload.messageIds, readerId: payload.readerId, seq };
      break;
    case "chat:reaction_added":
    case "chat:reaction_removed": {
      const { messageId, userId, type } = payload;
      yield { kind: "reaction", conversationId, messageId, userId, type, isOn: name === "chat:reaction_added", seq };
      break;
    }
    case "conversation_state_changed":
      yield moved(payload);
      break;
    case "chat:action_done":
    case "chat:actions_renewed":
    case "chat:member_added":
      yield { kind: "passed", conversationId: conversationId ?? payload.conversation_id, seq };
  }
}
