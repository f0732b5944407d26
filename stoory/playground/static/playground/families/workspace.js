/** Workspace (seed 004): a path of its own, every conversation is a channel, sends are told of in two steps. */

import { byRest } from "./common.js";

function message(m) {
  return {
    id: m.id,
    conversationId: m.channelId,
    seq: m.seq,
    senderId: m.userId,
    text: m.content,
    at: m.createdAt,
    replyTo: m.replyToId,
    edited: m.updatedAt === m.createdAt ? null : m.updatedAt,
  };
}

export const workspace = {
  ...byRest,
  name: "workspace",
  hearsReads: true,
  hearsReactions: true,

  connect: ({ token, id }) => ({
    address: "/",
    options: { path: "/api/socket.io", auth: { token: `Bearer ${token}`, userId: id } },
  }),

  join: ({ connection }, channelId) => connection.ask("channel:join", { channelId }),

  leave: ({ connection }, channelId) => connection.ask("channel:leave", { channelId }),

  send: async ({ connection }, { tempId, nonce, conversationId, text, replyTo }, how) => {
    const payload = { content: text, channelId: conversationId, tempId, clientNonce: nonce, replyToId: replyTo };
    const { messageId, seq } = await connection.ask("message:send", payload, { ...how, tempId });
    const at = new Date().toISOString();
    return { id: messageId, seq, conversationId, text, replyTo, senderId: connection.person.id, at };
  },

  read: ({ connection }, channelId, ids) =>
    Promise.all(ids.map((messageId) => connection.ask("message:read", { messageId }))),

  react: ({ connection }, messageId, type, isOn) =>
    connection.ask(isOn ? "reaction:add" : "reaction:remove", { messageId, type }),

  acknowledges: (name, payload) => (name.startsWith("message:") ? payload.tempId : undefined),

  *hear(name, payload) {
    switch (name) {
      case "message:created":
        yield { kind: "message", tempId: payload.tempId, message: message(payload.message), seq: payload.message.seq };
        yield { kind: "list", conversationId: payload.message.channelId };
        break;
      case "message:read":
        yield { kind: "read", messageIds: [payload.messageId], readerId: payload.userId };
        break;
      case "reaction:added":
        yield { ...reaction(payload.reaction), isOn: true, seq: payload.seq };
        break;
      case "reaction:removed":
        yield { ...reaction(payload), isOn: false, seq: payload.seq };
    }
  },
};

function reaction({ messageId, userId, type }) {
  return { kind: "reaction", messageId, userId, type };
}
