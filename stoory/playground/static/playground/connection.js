/**
 * One socket of one person in one family: `ask` emits and waits for the acknowledgement, `happening` events tell what
 * was heard, in the words that all families share. The line can be cut, and an acknowledgement lost, to see what a
 * client does then.
 */

import { io } from "../socket.io-client/socket.io.esm.min.js";
import { Refused, Unanswered } from "./faults.js";

const PATIENCE_MS = 5_000;

export class Connection extends EventTarget {
  state = "connecting";
  losesNext = false;
  #lost = new Set();

  constructor({ family, person, frames, pane }) {
    super();
    Object.assign(this, { family, person, frames, pane });
    const { address, options } = family.connect(person);
    this.socket = io(address, { forceNew: true, reconnectionDelay: 500, reconnectionDelayMax: 3_000, ...options });
    this.socket.on("connect", () => this.#enter());
    this.socket.on("disconnect", (reason) => this.#become("offline", `disconnected: ${reason}`));
    this.socket.on("connect_error", (error) => this.#become("offline", `connect_error: ${error.message}`));
    this.socket.onAny((name, payload) => this.#hear(name, payload));
  }

  get isOffline() {
    return !this.socket.active;
  }

  /** What the frames of this connection are noted with. */
  names = () => ({ pane: this.pane, who: this.person.username, family: this.family.name });

  /** Emit an event and return its acknowledgement. Throws `Refused` or `Unanswered`. */
  async ask(name, payload, { tempId, note, loses } = {}) {
    if (!this.socket.connected) throw new Unanswered("Not connected");
    if (loses) this.#lost.add(tempId);
    const notes = note ? [note] : [];
    const frame = this.frames.add({ ...this.names(), direction: "out", kind: "socket", name, payload, notes });
    const start = performance.now();
    const answer = await this.#emit(name, payload);
    const ms = performance.now() - start;
    if (loses || !answer) {
      this.frames.amend(frame, loses ? { answer, ms, note: "acknowledgement lost" } : { note: "not acknowledged" });
      throw new Unanswered("No acknowledgement");
    }
    this.#lost.delete(tempId);
    this.frames.amend(frame, { answer, ms, note: answer.duplicate && "known already" });
    if (!answer.ok) throw new Refused(answer.error);
    return answer;
  }

  /** Return whether the answer to this send is to be lost; the one after it is not. */
  takeLoss() {
    const loses = this.losesNext;
    this.losesNext = false;
    if (loses) this.#tell("line");
    return loses;
  }

  /** Break the connection under the client's feet; it comes back by itself. */
  cut() {
    this.socket.io.engine.close();
  }

  goOffline() {
    this.socket.disconnect();
  }

  comeBack() {
    this.#become("connecting", "connecting");
    this.socket.connect();
  }

  close() {
    this.socket.removeAllListeners();
    this.socket.offAny();
    this.socket.disconnect();
  }

  #emit(name, payload) {
    const args = payload === undefined ? [] : [payload];
    return this.socket.timeout(PATIENCE_MS).emitWithAck(name, ...args).catch(() => undefined);
  }

  async #enter() {
    this.frames.add({ ...this.names(), direction: "line", kind: "socket", name: `connected ${this.socket.id}` });
    try {
      await this.family.enter?.(this);
    } catch (error) {
      this.#become("offline", error.message);
      return;
    }
    this.state = "online";
    this.#tell("line");
    this.#tell("ready");
  }

  #become(state, name) {
    this.state = state;
    this.frames.add({ ...this.names(), direction: "line", kind: "socket", name });
    this.#tell("line");
  }

  #hear(name, payload) {
    const isLost = this.#lost.has(this.family.acknowledges?.(name, payload));
    const notes = isLost ? ["lost"] : [];
    this.frames.add({ ...this.names(), direction: "in", kind: "socket", name, payload, notes });
    if (isLost) return;
    for (const happening of this.family.hear(name, payload)) {
      this.dispatchEvent(new CustomEvent("happening", { detail: happening }));
    }
  }

  #tell(what) {
    this.dispatchEvent(new Event(what));
  }
}
