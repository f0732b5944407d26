/**
 * What was written and is not known to be stored. Each message has a nonce, made once: it is sent again after a lost
 * answer or a lost connection, and the server stores it once all the same.
 */

import { Refused } from "./faults.js";

const AGAIN_MS = 800;

export class Outbox extends EventTarget {
  pending = [];

  constructor(desk) {
    super();
    this.desk = desk;
  }

  /** Send `{conversationId, text, attachments?, replyTo?}`; it shows as pending at once. */
  put(message) {
    const entry = { ...message, tempId: `temp-${crypto.randomUUID()}`, nonce: crypto.randomUUID() };
    this.pending.push(Object.assign(entry, { at: new Date().toISOString(), attempts: 0, state: "pending" }));
    this.#send(entry);
  }

  retry(entry) {
    entry.state = "pending";
    this.#send(entry);
  }

  drop(entry) {
    this.pending = this.pending.filter((other) => other !== entry);
    this.#changed();
  }

  of(conversationId) {
    return this.pending.filter((entry) => entry.conversationId === conversationId);
  }

  /** Return whether a message is one of ours whose answer is still to come: its entry here stands for it. */
  awaits(message, tempId) {
    if (message.senderId !== this.desk.person.id) return false;
    return this.of(message.conversationId).some((entry) => entry.tempId === tempId || entry.text === message.text);
  }

  async #send(entry) {
    if (entry.isUnderWay || this.desk.isClosed) return;
    entry.isUnderWay = true;
    entry.attempts += 1;
    const note = entry.attempts > 1 ? "sent again, same nonce" : undefined;
    const how = { loses: this.desk.connection.takeLoss(), note };
    this.#changed();
    try {
      const message = await this.desk.family.send(this.desk, entry, how);
      this.drop(entry);
      this.dispatchEvent(new CustomEvent("sent", { detail: { message, tempId: entry.tempId } }));
    } catch (error) {
      this.#fail(entry, error);
    } finally {
      entry.isUnderWay = false;
    }
  }

  #fail(entry, error) {
    if (error instanceof Refused) {
      entry.state = "failed";
      entry.error = error.message;
    } else if (this.desk.connection.state === "online") {
      setTimeout(() => this.#send(entry), AGAIN_MS);
    }
    this.#changed();
  }

  /** Send what waits; after a reconnection, when what was missed is known. */
  sendAll() {
    for (const entry of this.pending) if (entry.state === "pending") this.#send(entry);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
