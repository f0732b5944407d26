/** What every story needs: sockets as the guides open them, an ear that keeps what they hear, REST. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterEach } from "node:test";
import { io } from "socket.io-client";

export const { servers, users, conversations, tokens, pid, transport } = JSON.parse(process.env.STORY);
export const { alice, bob, charlie, staff } = users;
export const lastServer = servers.length - 1;
export const uuid = randomUUID;

const TRANSPORTS = { websocket: { transports: ["websocket"] }, polling: { transports: ["polling"] }, upgrade: {} };
const PATIENCE_MS = 8_000;
const PAGE = 100;

/** What a client written by the guides listens to; whatever else it is sent, it does not hear. */
export const GUIDE_EVENTS = new Set([
  "authenticated", "auth_error", "chat:joined", "chat:error", "chat:ack", "chat:new", "chat:automated", "chat:read",
  "conversation_list_updated", "user_typing", "connect", "connect_error", "disconnect",
]);

export const MESSAGE_KEYS = ["id", "conversation_id", "sender_id", "receiver_id", "message", "created_at", "seen"];
export const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const opened = [];

afterEach(() => {
  for (const { socket } of opened.splice(0)) socket.disconnect();
});

/** A socket and all that it has heard since the last `forget()`, in order. */
export class Client {
  heard = [];
  #waiting = new Set();

  constructor(user, server, options) {
    this.user = user;
    this.server = server;
    this.socket = io(servers[server], { ...TRANSPORTS[transport], forceNew: true, reconnection: false, ...options });
    this.socket.onAny((name, payload) => this.#note(name, payload));
    this.socket.on("connect", () => this.#note("connect"));
    this.socket.on("connect_error", (error) => this.#note("connect_error", error));
    this.socket.on("disconnect", (reason) => this.#note("disconnect", reason));
    opened.push(this);
  }

  #note(name, payload) {
    this.heard.push({ name, payload });
    for (const check of [...this.#waiting]) check();
  }

  forget() {
    this.heard = [];
  }

  /** The payloads of one event. */
  of(name) {
    return this.heard.filter((event) => event.name === name).map((event) => event.payload);
  }

  /** The names of what was heard, as far as the guides know it. */
  order() {
    return this.heard.map(({ name }) => name).filter((name) => GUIDE_EVENTS.has(name));
  }

  /** Everything heard that mentions `text`, whatever the event. */
  about(text) {
    return this.heard.filter(({ payload }) => JSON.stringify(payload ?? null).includes(text));
  }

  /** The payload of the first such event, heard already or yet to come. */
  async hears(name, where = () => true) {
    const found = () => this.heard.find((event) => event.name === name && where(event.payload));
    return (await this.#until(found, name)).payload;
  }

  /** The payloads of the first `count` such events. */
  async hearsAll(count, name, where = () => true) {
    const found = () => this.of(name).filter(where);
    await this.#until(() => found().length >= count, `${count} × ${name}`);
    return found();
  }

  /** Wait for the event with this place in the log. */
  reaches(seq) {
    return this.#until(() => this.heard.some((event) => seqOf(event) === seq), `the event ${seq}`);
  }

  #until(check, what) {
    return new Promise((resolve, reject) => {
      const settle = (how, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        how(value);
      };
      const look = () => {
        const value = check();
        if (value) settle(resolve, value);
      };
      const giveUp = () => settle(reject, new Error(`${this.user.username} did not hear ${what}, only ${this}`));
      const timer = setTimeout(giveUp, PATIENCE_MS);
      this.#waiting.add(look);
      look();
    });
  }

  toString() {
    const last = this.heard.slice(-20);
    return `${this.heard.length} events: ${last.map(({ name, payload }) => `${name} ${brief(payload)}`).join(" · ")}`;
  }

  /** Emit, and return what the server answers to the acknowledgement callback. */
  ask(name, ...payload) {
    return this.socket.timeout(PATIENCE_MS).emitWithAck(name, ...payload);
  }

  async expectRefusal(code, name, ...payload) {
    const answer = await this.ask(name, ...payload);
    assert.equal(answer.ok, false, `${name} ${brief(payload[0])} was taken: ${brief(answer)}`);
    assert.equal(answer.error.code, code, brief(answer));
    assert.equal(typeof answer.error.message, "string");
    return answer.error;
  }

  /** Send a message as the guides do, and return what its acknowledgement brings. */
  async say(text, { conversationId = conversations.direct, ...rest } = {}) {
    const payload = { tempId: `temp_${uuid()}`, conversationId, text, clientNonce: uuid(), ...rest };
    const answer = await this.ask("chat:send", payload);
    assert.equal(answer.ok, true, brief(answer));
    return answer.message;
  }

  async join(conversationId = conversations.direct, rest = {}) {
    this.socket.emit("chat:join", { conversationId, ...rest });
    return this.hears("chat:joined", (joined) => joined.conversationId === conversationId);
  }
}

/** The place of an event in its conversation's log; of what is not logged, none. */
export function seqOf({ payload }) {
  return payload?.seq ?? payload?.message?.seq;
}

export function brief(value) {
  const text = JSON.stringify(value) ?? "";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** Connect without credentials. */
export function open(user, { server = 0, ...options } = {}) {
  return new Client(user, server, options);
}

/** Connect and authenticate by the event, as seeds 000 and 001 say. */
export async function signIn(user, options) {
  const client = open(user, options);
  client.socket.emit("authenticate", { token: user.token });
  await client.hears("authenticated");
  return client;
}

/** The same, and join a conversation. What led here is forgotten, `lastSeq` is how far its log is. */
export async function enter(user, options, conversationId = conversations.direct) {
  const client = await signIn(user, options);
  const joined = await client.join(conversationId);
  client.lastSeq = await lastSeq(conversationId, user);
  if (joined.lastSeq < client.lastSeq) await client.reaches(client.lastSeq); // another server's news may be on the way
  client.forget();
  return client;
}

/**
 * Have every server tell the client something else, so that whatever was on its way to it has arrived:
 * what one server sends reaches a socket in its order.
 */
export async function fence(...clients) {
  for (const client of clients) {
    for (const server of servers.keys()) {
      const payload = { receiver_id: client.user.id, message: "fence" };
      const { message } = await post(staff, "/api/messages", payload, { server });
      await client.hears("conversation_list_updated", (update) => update.message?.id === message.id);
    }
  }
}

/** Show that the clients hear nothing more of a conversation. */
export async function expectSilence(conversationId, ...clients) {
  await fence(...clients);
  for (const client of clients) assert.deepEqual(client.about(conversationId), []);
}

/** Call the REST API: `{status, body}`. */
export async function rest(user, method, path, body, { server = 0, headers = {} } = {}) {
  const response = await fetch(servers[server] + path, {
    method,
    headers: { Authorization: `Bearer ${user.token}`, "Content-Type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

export async function get(user, path, options) {
  const { status, body } = await rest(user, "GET", path, undefined, options);
  assert.equal(status, 200, brief(body));
  return body;
}

export async function post(user, path, payload, options) {
  const { status, body } = await rest(user, "POST", path, payload, options);
  assert.ok([200, 201].includes(status), brief(body));
  return body;
}

/** Every stored message of a conversation after a place in its log, oldest first. */
export async function messagesAfter(seq, { user = alice, conversationId = conversations.direct } = {}) {
  const found = [];
  for (let more = true; more; ) {
    const path = `/api/messages/conversations/${conversationId}/messages?after_seq=${seq}&limit=${PAGE}`;
    const { messages, pagination } = await get(user, path);
    found.push(...messages);
    seq = messages.at(-1)?.seq;
    more = pagination.has_more;
  }
  return found;
}

/** The number of the newest entry of a conversation's log. */
export async function lastSeq(conversationId = conversations.direct, user = alice) {
  const { context } = await get(user, `/api/messages/conversations/${conversationId}/context`);
  return context.state.last_seq;
}

export function assertHasKeys(object, keys) {
  for (const key of keys) assert.ok(key in object, `no ${key} in ${brief(object)}`);
}

/** Show that events follow one another in the log without a gap, the first right after `seq`. */
export function assertConsecutive(seqs, after = seqs[0] - 1) {
  assert.deepEqual(seqs, seqs.map((_, index) => after + 1 + index));
}
