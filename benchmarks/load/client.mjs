/** A Socket.IO client that is nothing but counters: it recognizes packets by their first bytes and parses none. */

import net from "node:net";
import { readFrames, textFrame } from "./frames.mjs";

const SOCKETS_AN_ADDRESS = 20_000; // fewer than the ports that one address has
const CONNECTED = Buffer.from("40");
const OK = Buffer.from('[{"ok":true');
const END_OF_HEAD = Buffer.from("\r\n\r\n");
const PONG = textFrame("3");

// A delivery is told by one character of its event's name, after `42["`.
const KINDS = {
  "chat:ack": "ack",
  "chat:new": "new",
  "chat:joined": "joined",
  "chat:read": "read",
  "chat:error": "error",
  conversation_list_updated: "list",
  user_typing: "typing",
  "presence:changed": "presence",
  authenticated: "authenticated",
};
const kindByName = new Map(Object.entries(KINDS));

// Each read is taken out before the next one: one buffer serves all sockets.
const shared = Buffer.allocUnsafe(65_536);

/** What all clients have heard. */
export class Tally {
  constructor() {
    this.heard = Object.fromEntries(Object.values(KINDS).map((kind) => [kind, 0]));
    this.other = 0;
    this.lastError = "";
    this.lost = 0; // connections that the server closed
  }
}

export class Client {
  constructor(number, { token, conversation }, { host, port, contracts }, tally) {
    Object.assign(this, { conversation, tally });
    this.auth = JSON.stringify({ token, contracts });
    this.rest = null;
    this.upgraded = false;
    this.closing = false;
    this.onAck = null;
    this.isTyping = false;
    const localAddress = host === "127.0.0.1" ? `127.0.0.${1 + Math.floor(number / SOCKETS_AN_ADDRESS)}` : undefined;
    this.ready = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.ready.catch(() => {}); // whoever waits for it is told; nobody may be any more
    const onread = { buffer: shared, callback: this.take };
    this.socket = net.connect({ host, port, localAddress, noDelay: true, onread });
    this.socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n` +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c3Rvb3J5IGJlbmNobWFyaw==\r\n\r\n",
    );
    this.socket.on("error", (error) => this.fail(error));
    this.socket.on("close", () => this.fail(new Error("The server closed a connection")));
  }

  /** Emit an event; `id` asks for an acknowledgement. */
  emit(id, name, json) {
    this.socket.write(textFrame(`42${id}["${name}",${json}]`));
  }

  /** Vanish, as a client does whose network goes. */
  close() {
    this.closing = true;
    this.socket.destroy();
  }

  fail(error) {
    if (!this.closing) this.tally.lost += 1;
    this.closing = true;
    this.reject(error);
  }

  take = (size) => {
    let bytes = shared;
    let from = 0;
    let to = size;
    if (this.rest) {
      bytes = Buffer.concat([this.rest, shared.subarray(0, size)]);
      to = bytes.length;
      this.rest = null;
    }
    if (!this.upgraded) from = this.takeHead(bytes, to);
    if (this.upgraded) from = readFrames(bytes, from, to, this.takePacket);
    if (from < to) this.rest = Buffer.from(bytes.subarray(from, to));
    return true;
  };

  takeHead(bytes, to) {
    const end = bytes.subarray(0, to).indexOf(END_OF_HEAD);
    if (end < 0) return 0;
    const status = bytes.latin1Slice(9, 12);
    if (status !== "101") {
      this.fail(new Error(`The upgrade was answered with ${status}`));
      return to;
    }
    this.upgraded = true;
    return end + END_OF_HEAD.length;
  }

  takePacket = (bytes, start, end) => {
    switch (bytes[start]) {
      case 0x34: // message
        this.takeMessage(bytes, start, end);
        break;
      case 0x32: // ping
        this.socket.write(PONG);
        break;
      case 0x30: // open
        this.socket.write(textFrame(`40${this.auth}`));
        this.auth = "";
        break;
    }
  };

  takeMessage(bytes, start, end) {
    switch (bytes[start + 1]) {
      case 0x32: // event
        this.count(bytes, start, end);
        break;
      case 0x33: // acknowledgement
        this.acknowledged(bytes, start + 2, end);
        break;
      case 0x34: // refused
        this.reject(new Error(bytes.utf8Slice(start, end)));
        break;
      default:
        if (CONNECTED.compare(bytes, start, start + 2) === 0) this.connected();
    }
  }

  connected() {
    if (this.conversation) this.emit(0, "chat:join", `{"conversationId":"${this.conversation}"}`);
    else this.resolve(this);
  }

  count(bytes, start, end) {
    const { heard } = this.tally;
    if (bytes[start + 4] === 0x63 && bytes[start + 5] === 0x68) {
      // The frequent ones without a string: chat:n… and chat:a…
      if (bytes[start + 9] === 0x6e) {
        heard.new += 1;
        return;
      }
      if (bytes[start + 9] === 0x61) {
        heard.ack += 1;
        return;
      }
    } else if (bytes[start + 4] === 0x63 && bytes[start + 5] === 0x6f && bytes[start + 17] === 0x6c) {
      heard.list += 1; // conversation_l…
      return;
    }
    const kind = kindByName.get(bytes.latin1Slice(start + 4, bytes.indexOf(0x22, start + 4)));
    if (kind === undefined) this.tally.other += 1;
    else heard[kind] += 1;
    if (kind === "error") this.tally.lastError = bytes.utf8Slice(start, end);
  }

  acknowledged(bytes, start, end) {
    let at = start;
    let id = 0;
    while (bytes[at] !== 0x5b) id = id * 10 + bytes[at++] - 0x30;
    const isOk = OK.compare(bytes, at, Math.min(end, at + OK.length)) === 0;
    if (!isOk) this.tally.lastError = bytes.utf8Slice(start, end);
    if (id > 0) this.onAck(id, isOk);
    else if (isOk) this.resolve(this);
    else this.reject(new Error(this.tally.lastError));
  }
}
