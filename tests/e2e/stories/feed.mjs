/** Seed 002, in its own classes: SocketService, MessageListener, RoomManager, and the chat component without React. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ISO, alice, assertHasKeys, bob, charlie, conversations, expectSilence, fence, lastServer, open, post, servers,
  transport, uuid,
} from "./client.mjs";
import { expectFailure, freshChannel, postNotice, setChatStatus } from "./families.mjs";

const conversationId = conversations.direct;
const away = { server: lastServer };

const MESSAGE = [
  "id", "conversation_id", "sender_id", "receiver_id", "message", "media_url", "message_type", "is_automated",
  "action_required", "action_data", "created_at", "seq",
];
const CONTEXT = [
  "id", "chat_status", "flow_state", "awaiting_role", "conversation_type", "automation_enabled", "current_action_data",
];
const NOTIFICATION = [
  "id", "title", "body", "created_at", "conversation_context", "payload", "conversation_id", "message", "sender_id",
  "receiver_id",
];
const UPDATE = [
  "conversation_id", "flow_state", "awaiting_role", "chat_status", "conversation_type", "conversation_context",
];

/** The guide's own, each for one user; `io` opens a client of ours, so that the story can look over its shoulder. */
class SocketService {
  constructor(user, server) {
    this.user = user;
    this.server = server;
    this.socket = null;
    this.isConnected = false;
  }

  io(url, { auth, transports }) {
    this.client = open(this.user, { server: this.server, auth, ...(transport === "websocket" && { transports }) });
    return this.client.socket;
  }

  connect(token) {
    this.socket = this.io(servers[this.server], { auth: { token: token }, transports: ["websocket", "polling"] });
    this.socket.on("connect", () => {
      this.isConnected = true;
    });
    this.socket.on("disconnect", () => {
      this.isConnected = false;
    });
    this.socket.on("connect_error", (error) => {
      this.error = error;
    });
    return this.socket;
  }

  disconnect() {
    if (this.socket) {
      this.socket.disconnect();
      this.socket = null;
      this.isConnected = false;
    }
  }

  getSocket() {
    return this.socket;
  }
}

class MessageListener {
  constructor(socketService) {
    this.socketService = socketService;
    this.messageCallbacks = new Map();
    this.notificationCallbacks = new Map();
    this.typing = [];
    this.states = [];
    this.updates = [];
  }

  initialize() {
    this.socket = this.socketService.getSocket();
    this.setupMessageListeners();
  }

  setupMessageListeners() {
    this.socket.on("new_message", (data) => {
      this.messageCallbacks.forEach((callback) => {
        callback(data);
      });
    });
    this.socket.on("notification", (data) => {
      if (data.type === "message") {
        this.notificationCallbacks.forEach((callback) => {
          callback(data);
        });
      }
    });
    this.socket.on("user_typing", (data) => this.typing.push(data));
    this.socket.on("conversation_state_changed", (data) => this.states.push(data));
    this.socket.on("conversation_updated", (data) => this.updates.push(data));
  }

  onMessage(callback) {
    this.messageCallbacks.set(callback, callback);
  }

  onNotification(callback) {
    this.notificationCallbacks.set(callback, callback);
  }
}

class RoomManager {
  constructor(socketService) {
    this.socketService = socketService;
    this.joinedRooms = new Set();
  }

  initialize() {
    this.socket = this.socketService.getSocket();
  }

  joinConversation(conversationId) {
    if (this.socket && !this.joinedRooms.has(`conversation_${conversationId}`)) {
      this.socket.emit("join_conversation", { conversationId });
      this.joinedRooms.add(`conversation_${conversationId}`);
    }
  }

  leaveConversation(conversationId) {
    if (this.socket && this.joinedRooms.has(`conversation_${conversationId}`)) {
      this.socket.emit("leave_conversation", { conversationId });
      this.joinedRooms.delete(`conversation_${conversationId}`);
    }
  }

  joinUserRoom(userId) {
    if (this.socket && !this.joinedRooms.has(`user_${userId}`)) {
      this.socket.emit("join_user_room", { userId });
      this.joinedRooms.add(`user_${userId}`);
    }
  }

  leaveUserRoom(userId) {
    if (this.socket && this.joinedRooms.has(`user_${userId}`)) {
      this.socket.emit("leave_user_room", { userId });
      this.joinedRooms.delete(`user_${userId}`);
    }
  }
}

/** The chat component: what its effects do when it is mounted, and what it shows. */
async function mount(user, { server = 0 } = {}, conversationId = conversations.direct) {
  const socketService = new SocketService(user, server);
  const messageListener = new MessageListener(socketService);
  const rooms = new RoomManager(socketService);
  socketService.connect(user.token);
  messageListener.initialize();
  rooms.initialize();
  rooms.joinUserRoom(user.id);
  rooms.joinConversation(conversationId); // before it is connected, as the component does

  const shown = { messages: [], notifications: [], updates: messageListener.updates, states: messageListener.states };
  messageListener.onMessage((data) => {
    if (data.conversation_id === conversationId) shown.messages.push(data);
  });
  messageListener.onNotification((data) => {
    if (data.data.conversation_id === conversationId) shown.notifications.push(data);
  });

  const sendMessage = async (messageText) => {
    const response = await fetch(`${servers[server]}/api/messages`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${user.token}` },
      body: JSON.stringify({ conversation_id: conversationId, message: messageText }),
    });
    return response.json();
  };

  const { client } = socketService;
  await client.hears("authenticated");
  await client.ask("join_conversation", { conversationId }); // twice is once; its answer tells that all is done
  assert.equal(socketService.isConnected, true);
  client.forget();
  return { socketService, messageListener, rooms, shown, sendMessage, client, typing: messageListener.typing };
}

test("the component shows what is sent by fetch, and its receiver is notified", async () => {
  const [sender, receiver] = [await mount(alice), await mount(bob, away)];
  const text = `Hello, Bob ${uuid()}`;
  const result = await sender.sendMessage(text);
  assert.equal(result.success, true);
  assert.equal(result.conversation_id, conversationId);

  for (const { client } of [sender, receiver]) await client.hears("conversation_updated");
  await receiver.client.hears("notification");
  const [[mine], [theirs]] = [sender.shown.messages, receiver.shown.messages];
  assert.deepEqual(mine, theirs);
  assertHasKeys(theirs.message, MESSAGE);
  assertHasKeys(theirs.conversation_context, CONTEXT);
  assert.deepEqual(Object.keys(theirs).sort(), ["conversation_context", "conversation_id", "message"]);
  const { message } = theirs;
  assert.equal(message.id, result.message.id);
  assert.equal(message.seq, result.message.seq);
  assert.match(message.created_at, ISO);
  assert.deepEqual(
    [message.sender_id, message.receiver_id, message.message, message.message_type, message.is_automated],
    [alice.id, bob.id, text, "user_input", false],
  );
  assert.equal(theirs.conversation_context.conversation_type, "direct");

  const [{ type, data }] = receiver.shown.notifications;
  assert.equal(type, "message");
  assertHasKeys(data, NOTIFICATION);
  assert.deepEqual(data.payload, { conversation_id: conversationId, message_id: message.id, sender_id: alice.id });
  assert.deepEqual([data.title, data.body, data.sender_id, data.receiver_id], ["New message", text, alice.id, bob.id]);
  assert.deepEqual(data.message, message);
  for (const { shown } of [sender, receiver]) {
    assertHasKeys(shown.updates[0], UPDATE);
    assert.equal(shown.updates[0].conversation_id, conversationId);
  }

  await fence(sender.client, receiver.client);
  const counts = ({ shown }) => [shown.messages.length, shown.notifications.length];
  assert.deepEqual([counts(sender), counts(receiver)], [[1, 0], [1, 1]]);
});

test("an image is a media_url", async () => {
  const receiver = await mount(bob, away);
  const media_url = "https://files.example/cat.png";
  await post(alice, "/api/messages", { conversation_id: conversationId, media_url });
  assert.equal((await receiver.client.hears("new_message")).message.media_url, media_url);
});

test("typing is seen by the other", async () => {
  const [typist, partner] = [await mount(alice), await mount(bob, away)];
  for (const isTyping of [true, false]) {
    typist.socketService.getSocket().emit(isTyping ? "typing_start" : "typing_stop", { conversationId });
    await partner.client.hears("user_typing", (data) => data.isTyping === isTyping);
  }
  assert.deepEqual(partner.typing, [true, false].map((isTyping) => ({ conversationId, userId: alice.id, isTyping })));
  await fence(typist.client);
  assert.deepEqual(typist.typing, []);
});

test("who leaves the conversation is still notified; who leaves the user's room is not", async () => {
  const { rooms, shown, client } = await mount(bob, away);
  const say = async (message) => {
    return (await post(alice, "/api/messages", { conversation_id: conversationId, message })).message;
  };

  rooms.leaveConversation(conversationId);
  await client.ask("leave_conversation", { conversationId }); // twice is once
  await say("the chat is closed");
  await client.hears("notification");
  assert.deepEqual(shown.messages, []);

  rooms.leaveUserRoom(bob.id);
  rooms.joinConversation(conversationId);
  await client.ask("join_conversation", { conversationId });
  const { id } = await say("no notification of this");
  await client.hears("new_message", ({ message }) => message.id === id);
  rooms.joinUserRoom(bob.id);
  await client.ask("join_user_room", { userId: bob.id });
  await say("but of this");
  await client.hears("notification", ({ data }) => data.body === "but of this");
  assert.deepEqual(shown.notifications.map(({ data }) => data.body), ["the chat is closed", "but of this"]);
});

test("staff speaks, closes the conversation and opens it again, and the component is told", async () => {
  const id = await freshChannel(alice);
  const [owner, member] = [await mount(alice, {}, id), await mount(bob, away, id)];
  const noticeId = await postNotice(id, "Mind the rules");
  for (const { client } of [owner, member]) {
    const { message } = await client.hears("new_message");
    assert.deepEqual([message.id, message.message_type, message.is_automated], [noticeId, "system", true]);
    assert.equal((await client.hears("notification")).data.id, noticeId);
  }

  await setChatStatus(id, "closed", "spam");
  for (const { client, shown } of [owner, member]) {
    const state = await client.hears("conversation_state_changed");
    assertHasKeys(state, ["previous_state", "new_state", "flow_state", "awaiting_role"]);
    assert.deepEqual([state.conversation_id, state.reason, state.chat_status], [id, "spam", "closed"]);
    assert.match(state.timestamp, ISO);
    const update = await client.hears("conversation_updated", ({ chat_status }) => chat_status === "closed");
    assertHasKeys(update, UPDATE);
    assert.equal(update.conversation_context.chat_status, "closed");
    assert.equal(shown.states.length, 1);
  }
  const refused = await owner.sendMessage("too late");
  assert.deepEqual([refused.success, refused.code], [false, "conversation_closed"]);

  await setChatStatus(id, "real_time", "sorry");
  await member.client.hears("conversation_state_changed", ({ chat_status }) => chat_status === "real_time");
  assert.equal((await owner.sendMessage("at last")).success, true);
  await member.client.hears("new_message", ({ message }) => message.message === "at last");
});

test("a token that is none is refused with the reason", async () => {
  const socketService = new SocketService(alice, 0);
  socketService.connect("test-token");
  await socketService.client.hears("connect_error");
  assert.match(socketService.error.message, /^Authentication error: /);
  assert.equal(socketService.error.data.code, "invalid_token");
  assert.equal(socketService.isConnected, false);
  socketService.disconnect();
});

test("charlie hears and sends nothing", async () => {
  const { shown, client, sendMessage } = await mount(charlie, away);
  for (const conversationIdOf of [conversationId, uuid()]) {
    client.forget();
    await client.expectRefusal("not_found", "join_conversation", { conversationId: conversationIdOf });
    const fault = { message: "Conversation not found", code: "not_found", event: "join_conversation" };
    assert.deepEqual(await client.hears("error"), fault);
  }
  for (const event of ["join_user_room", "leave_user_room"]) {
    await client.expectRefusal("forbidden", event, { userId: alice.id });
    assert.equal((await client.hears("error", (error) => error.event === event)).code, "forbidden");
  }
  const refused = await sendMessage("let me in");
  assert.deepEqual(refused, { success: false, message: "Conversation not found", code: "not_found" });
  await expectFailure(403, "forbidden", charlie, "POST", "/api/messages", {
    conversation_id: conversationId, message: "as alice", senderId: alice.id,
  });
  client.forget();
  await post(alice, "/api/messages", { conversation_id: conversationId, message: "a secret" });
  await expectSilence(conversationId, client);
  assert.deepEqual([shown.messages, shown.notifications], [[], []]);
});
