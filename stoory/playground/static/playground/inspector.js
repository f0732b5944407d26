/** Every frame of both panes, in and out, to filter, open and copy; and a form to send any event by hand. */

import { h, keyed } from "./dom.js";
import { Forms } from "./forms.js";
import { LANGUAGES } from "./snippets.js";
import { tree } from "./tree.js";

const LONG_ID = /([0-9a-f]{8})-[0-9a-f-]{27}/g;
const LONG_PATH = /\/api\/(messages\/)?/;
const ARROWS = { in: "←", out: "→", line: "•" };
const MEANINGS = { in: "heard", out: "sent", line: "connection" };

export class Inspector {
  #isDue = false;
  #shown = { in: true, out: true, rest: true, line: true };

  constructor(frames, panes, campaign) {
    this.frames = frames;
    this.filter = h("input", { type: "search", placeholder: "Filter: name, person, text", "aria-label": "Filter frames", oninput: () => this.#drawSoon() });
    this.items = h("ol", { class: "frames" });
    this.count = h("span", { class: "quiet", role: "status" });
    this.forms = new Forms(panes, campaign);
    this.element = h("section", { class: "pane inspector", id: "pane-inspector", "aria-label": "Event inspector" },
      h("header", {}, h("h2", {}, "Inspector"), this.count, h("button", { class: "small", onclick: () => frames.clear() }, "Clear")),
      this.forms.element,
      h("div", { class: "bar" }, this.filter, this.#switches()),
      h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "Frames" }, this.items),
    );
    frames.addEventListener("change", () => this.#drawSoon());
    this.#draw();
  }

  #switches() {
    const names = { in: "← in", out: "→ out", rest: "REST", line: "line" };
    return h("div", { class: "switches", role: "group", "aria-label": "Which frames" },
      Object.entries(names).map(([kind, label]) => h("button", { class: "small", "aria-pressed": "true", onclick: (event) => this.#switch(kind, event.target) }, label)),
    );
  }

  #switch(kind, button) {
    this.#shown[kind] = !this.#shown[kind];
    button.setAttribute("aria-pressed", String(this.#shown[kind]));
    this.#draw();
  }

  /** Frames come in bursts; the list is drawn once for each. */
  #drawSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw() {
    const wanted = this.filter.value.trim().toLowerCase();
    const found = this.frames.all.filter((frame) => this.#shown[frame.kind === "rest" ? "rest" : frame.direction] && matches(frame, wanted));
    this.count.textContent = `${found.length} of ${this.frames.all.length}`;
    keyed(this.items, found.reverse(), { key: ({ id }) => id, version: ({ version }) => version, make: frameItem });
  }
}

function matches(frame, wanted) {
  if (!wanted) return true;
  frame.text ??= new Map();
  if (!frame.text.has(frame.version)) {
    frame.text.set(frame.version, JSON.stringify([frame.name, frame.who, frame.family, frame.notes, frame.payload, frame.answer]).toLowerCase());
  }
  return frame.text.get(frame.version).includes(wanted);
}

function frameItem(frame) {
  const { direction, kind, name, pane, who, family, seq, ms, notes, at } = frame;
  const details = h("details", { ontoggle: (event) => event.target.open && open(frame, event.target) },
    h("summary", {},
      h("time", { datetime: at.toISOString() }, at.toTimeString().slice(0, 8)),
      h("span", { class: `arrow ${direction === "line" ? "between" : direction}` }, ARROWS[direction], h("span", { class: "sr-only" }, MEANINGS[direction])),
      h("span", { class: `who ${pane}` }, who),
      h("span", { class: "what" },
        h("strong", { title: name }, name.replace(LONG_ID, "$1…").replace(LONG_PATH, "…/")),
        seq !== undefined && h("span", { class: "tag" }, `seq ${seq}`),
        ms !== undefined && h("span", { class: "tag" }, kind === "rest" ? `${frame.status ?? ""} ${ms.toFixed(0)} ms` : `ack ${ms.toFixed(0)} ms`),
        frame.answer?.ok === false && h("span", { class: "tag bad" }, frame.answer.error.code),
        notes.map((note) => h("span", { class: "tag note" }, note)),
      ),
      h("span", { class: "tag family" }, family),
    ),
  );
  return h("li", {}, details);
}

/** What is inside is only built when somebody looks. */
function open(frame, details) {
  if (details.childElementCount > 1) return;
  details.append(h("div", { class: "inside" },
    frame.payload !== undefined && tree(frame.payload, "payload"),
    frame.answer !== undefined && tree(frame.answer, frame.kind === "rest" ? "answer" : "acknowledgement"),
    frame.direction === "out" && copyButtons(frame),
  ));
}

function copyButtons(frame) {
  const code = h("pre", { tabindex: "0", "aria-label": "Program", hidden: true });
  const said = h("span", { class: "quiet", role: "status" });
  const buttons = Object.entries(LANGUAGES[frame.kind]).map(([language, write]) => {
    const press = async () => {
      code.textContent = write(frame);
      code.hidden = false;
      said.textContent = await copy(code.textContent);
    };
    return h("button", { class: "small", onclick: press }, `Copy as ${language}`);
  });
  return h("div", { class: "copy" }, buttons, said, code);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    return "select and copy it";
  }
}
