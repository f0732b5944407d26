/** Everything that goes over the lines of both panes, for the inspector to show. */

const KEPT = 500;

export class Frames extends EventTarget {
  #count = 0;
  all = [];

  /** Note a frame: `{pane, who, family, direction: "in" | "out" | "line", kind, name, payload}`. */
  add(frame) {
    this.#count += 1;
    const noted = { ...frame, id: this.#count, at: new Date(), version: 0, notes: frame.notes ?? [], seq: seqOf(frame.payload) };
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

function seqOf(payload) {
  return payload?.seq ?? payload?.message?.seq ?? payload?.lastSeq;
}
