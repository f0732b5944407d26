/** Everything that goes over the lines of both panes, for the inspector to show. */

const KEPT = 500;

export class Frames extends EventTarget {
  #count = 0;
  all = [];

  /** Note a frame: `{pane, who, family, direction: "in" | "out" | "line", kind, name, payload}`. */
  add(frame) {
    this.#count += 1;
    const payload = asSent(frame.payload);
    const noted = { notes: [], ...frame, payload, id: this.#count, at: new Date(), version: 0, seq: seqOf(payload) };
    this.all.push(noted);
    if (this.all.length > KEPT) this.all.shift();
    this.#tell();
    return noted;
  }

  /** Add what is known of a frame only later: its answer, a note. */
  amend(frame, { note, ...more }) {
    Object.assign(frame, more);
    if (note) frame.notes = [...frame.notes, note];
    frame.version += 1;
    this.#tell();
  }

  clear() {
    this.all = [];
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** A copy that nobody changes, without what JSON leaves out. */
function asSent(payload) {
  return payload === undefined ? undefined : JSON.parse(JSON.stringify(payload));
}

function seqOf(payload) {
  return payload?.seq ?? payload?.message?.seq ?? payload?.lastSeq;
}
