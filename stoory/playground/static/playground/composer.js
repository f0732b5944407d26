/** Where one writes: text, what an attachment is, what it answers; tells the others that one types. */

import { atEscape, h } from "./dom.js";

const SAY_AGAIN_MS = 3_000;
const STOP_AFTER_MS = 4_000;

export class Composer {
  #saidAt = -Infinity;
  #stopping;
  #files = null;
  #replyTo = null;

  constructor(desk) {
    this.desk = desk;
    this.field = h("textarea", { rows: "1", "aria-label": "Message", placeholder: "Write a message", oninput: () => this.#type(), onkeydown: (event) => this.#key(event) });
    this.file = h("input", { type: "file", multiple: true, class: "sr-only", tabindex: "-1", "aria-label": "Files", onchange: () => this.#attach() });
    this.extra = h("p", { class: "extra", "aria-live": "polite" });
    this.attach = h("button", { type: "button", class: "icon", "aria-label": "Attach files", title: "Attach files: only their names and sizes are sent", onclick: () => this.file.click() }, "+");
    this.send = h("button", { class: "primary" }, "Send");
    this.element = h("form", { class: "composer", onsubmit: (event) => this.#submit(event), onkeydown: atEscape(() => this.#forget()) }, this.extra, this.attach, this.file, this.field, this.send);
  }

  draw() {
    const { open } = this.desk;
    if (!open) return;
    this.element.hidden = !open.isFree;
  }

  reply(message) {
    this.#replyTo = message;
    this.#drawExtra();
    this.field.focus();
  }

  #attach() {
    this.#files = [...this.file.files].map(({ name, type, size }) => ({ name, type, size }));
    this.file.value = "";
    this.#drawExtra();
  }

  #drawExtra() {
    const parts = [
      this.#replyTo && `Answering “${this.#replyTo.text.slice(0, 60)}”`,
      this.#files && `📎 ${this.#files.map(({ name }) => name).join(", ")}`,
    ].filter(Boolean);
    this.extra.replaceChildren(...parts, parts.length ? h("button", { type: "button", onclick: () => this.#clearExtra() }, "Remove") : "");
  }

  /** Leave what was attached or is answered; false where there is no such thing. */
  #forget() {
    if (!this.#files && !this.#replyTo) return false;
    this.#clearExtra();
    this.field.focus();
    return true;
  }

  #clearExtra() {
    this.#files = this.#replyTo = null;
    this.#drawExtra();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!this.desk.open || (!text && !this.#files)) return;
    this.desk.outbox.put({ conversationId: this.desk.open.id, text, attachments: this.#files ?? undefined, replyTo: this.#replyTo?.id });
    this.field.value = "";
    this.#clearExtra();
    this.#stop();
  }

  #type() {
    clearTimeout(this.#stopping);
    this.#stopping = setTimeout(() => this.#stop(), STOP_AFTER_MS);
    if (performance.now() - this.#saidAt < SAY_AGAIN_MS) return;
    this.#saidAt = performance.now();
    this.#tell(true);
  }

  #stop() {
    clearTimeout(this.#stopping);
    if (this.#saidAt > 0) this.#tell(false);
    this.#saidAt = -Infinity;
  }

  #tell(isTyping) {
    const { desk } = this;
    if (desk.open && desk.connection.state === "online") desk.family.type?.(desk, desk.open.id, isTyping).catch(() => {});
  }
}
