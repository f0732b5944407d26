/** The chat family's events, as a good Node developer would serve them. */

import { messageBody } from "./messages.mjs";
import { userOf } from "./tokens.mjs";

const PLACE = {
  name: "place",
  text: `SELECT c.last_seq FROM participants p JOIN conversations c ON c.id = p.conversation_id
    WHERE p.conversation_id = $1 AND p.user_id = $2`,
};
const READ = {
  name: "read",
  text: `
    WITH p AS (UPDATE participants SET unread = 0 WHERE conversation_id = $1 AND user_id = $2 AND unread > 0)
    UPDATE messages SET seen = true WHERE conversation_id = $1 AND sender_id <> $2 AND NOT seen RETURNING id`,
};

const room = (conversationId) => `room:${conversationId}`;
const userRoom = (userId) => `user_${userId}`;

/** Serve `io`; `store(pool, sender, payload)` stores a message. */
export function serve(io, pool, store) {
  io.use((socket, next) => {
    try {
      socket.data.userId = userOf(socket.handshake.auth.token);
      next();
    } catch {
      next(new Error("Authentication error"));
    }
  });
  io.on("connection", (socket) => {
    const { userId } = socket.data;
    socket.join(userRoom(userId));
    socket.emit("authenticated", { userId });
    const handle = (name, handler) => {
      socket.on(name, (payload, acknowledge) => {
        handler(payload, acknowledge).catch((error) => acknowledge?.({ ok: false, error: { message: error.message } }));
      });
    };
    handle("chat:join", async ({ conversationId }, acknowledge) => {
      const place = (await pool.query({ ...PLACE, values: [conversationId, userId] })).rows[0];
      if (!place) throw new Error("Conversation not found");
      socket.join(room(conversationId));
      socket.emit("chat:joined", { conversationId, lastSeq: place.last_seq });
      acknowledge?.({ ok: true, lastSeq: place.last_seq });
    });
    handle("chat:send", async (payload, acknowledge) => {
      const row = await store(pool, userId, payload);
      if (!row) throw new Error("Conversation not found");
      tell(io, socket, row, payload.tempId, acknowledge);
    });
    handle("chat:read", async ({ conversationId }, acknowledge) => {
      const { rows } = await pool.query({ ...READ, values: [conversationId, userId] });
      const messageIds = rows.map((row) => row.id);
      const readAt = new Date().toISOString();
      const news = { conversationId, messageIds, readerId: userId, readAt };
      if (rows.length) io.to(room(conversationId)).emit("chat:read", news);
      acknowledge?.({ ok: true, messageIds, unreadCount: 0 });
    });
    for (const [name, isTyping] of [["typing_start", true], ["typing_stop", false]]) {
      handle(name, async ({ conversationId }, acknowledge) => {
        if (!socket.rooms.has(room(conversationId))) throw new Error("Conversation not found");
        socket.to(room(conversationId)).emit("user_typing", { conversationId, userId, isTyping });
        acknowledge?.({ ok: true });
      });
    }
  });
}

/** Say what was stored, in the order of ours: the acknowledgements, then everybody. */
function tell(io, socket, row, tempId, acknowledge) {
  const message = messageBody(row);
  const listed = { conversation_id: row.conversation_id, message };
  socket.emit("chat:ack", { tempId, message });
  acknowledge?.({ ok: true, message });
  io.to(room(row.conversation_id)).emit("chat:new", { message });
  io.to(userRoom(row.sender_id)).emit("conversation_list_updated", { ...listed, action: "message_sent" });
  // In a channel, those who have joined stand for its members: one broadcast, which is the cheapest that it can be.
  const others = row.receiver_id
    ? io.to(userRoom(row.receiver_id))
    : io.to(room(row.conversation_id)).except(userRoom(row.sender_id));
  others.emit("conversation_list_updated", { ...listed, action: "message_received" });
}
