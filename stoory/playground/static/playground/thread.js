/** The timeline of the open conversation: messages with their marks, changes of state, and what is under way. */

import { atEscape, h, keyed, time } from "./dom.js";

const NEAR_PX = 120;
const EMOJI = ["❤", "😀", "✌"];

export class Thread {
  #top = 0;

  constructor(desk, { onReply }) {
    this.desk = desk;
    this.onReply = onReply;
    this.items = h("ol", { class: "messages" });
    this.typing = h("p", { class: "typing", "aria-live": "polite" });
    this.element = h("div", { class: "thread", tabindex: "0", role: "log", "aria-label": "Messages", onscroll: () => this.#scrolled() }, this.items);
    new ResizeObserver(() => this.#isAtEnd() && this.#goToEnd()).observe(this.element);
  }

  clear() {
    this.items.replaceChildren();
    this.#top = 0;
  }

  draw() {
    const { open, outbox } = this.desk;
    if (!open) return;
    const wasAtEnd = this.#isAtEnd();
    const height = this.element.scrollHeight;
    const pending = outbox.of(open.id).map((entry) => ({ ...entry, isPending: true, entry }));
    keyed(this.items, [...open.timeline, ...pending], {
      key: (item) => item.tempId ?? item.id ?? `move-${item.seq}`,
      version: (item) => this.#version(item),
      make: (item) => this.#make(item),
    });
    this.typing.textContent = typingText(open);
    if (wasAtEnd) this.#goToEnd();
    else if (this.element.scrollTop < NEAR_PX) this.#shift(this.element.scrollHeight - height);
  }

  #version(item) {
    if (item.isPending) return `${item.state} ${item.attempts} ${item.error}`;
    const reactions = [...this.desk.open.reactionsTo(item.id)].map(([type, people]) => `${type}${[...people]}`);
    const name = this.desk.open.name(item.senderId);
    return [item.edited, item.deleted, item.seen, item.text, isLive(item, this.desk.open), name, ...reactions].join("|");
  }

  #make(item) {
    if (item.isPending) return this.#pending(item);
    return item.id ? this.#message(item) : moveLine(item);
  }

  #message(message) {
    const { open, person } = this.desk;
    const isMine = message.senderId === person.id;
    const who = message.automated ? "Automation" : isMine ? "You" : open.name(message.senderId);
    const kind = message.automated ? "automated" : isMine ? "mine" : "theirs";
    return h("li", { class: `message ${kind}` },
      h("div", { class: "bubble" },
        h("p", { class: "by" }, who, " ", h("time", { datetime: message.at }, time(message.at))),
        message.replyTo && this.#quote(message.replyTo),
        message.deleted ? h("p", { class: "gone" }, "taken back") : h("p", { class: "text" }, message.text),
        attachments(message.attachments),
        message.card && cardNote(message, open),
        this.#reactions(message),
        isMine && !message.deleted && this.#mark(message),
      ),
      !message.deleted && !message.automated && this.#tools(message, isMine),
    );
  }

  #pending({ entry, text, state, error, attempts, attachments: files }) {
    const isFailed = state === "failed";
    const told = isFailed ? `not sent: ${error}` : attempts > 1 ? `pending, tried ${attempts} times` : "pending";
    return h("li", { class: `message mine ${state}` },
      h("div", { class: "bubble" },
        h("p", { class: "by" }, "You"),
        h("p", { class: "text" }, text),
        attachments(files),
        h("p", { class: "mark" }, isFailed ? "⚠ " : "◌ ", told),
      ),
      isFailed && h("div", { class: "tools" },
        h("button", { onclick: () => this.desk.outbox.retry(entry) }, "Try again"),
        h("button", { onclick: () => this.desk.outbox.drop(entry) }, "Discard"),
      ),
    );
  }

  #quote(id) {
    const quoted = this.desk.open.messages.get(id);
    return h("p", { class: "quote" }, quoted ? quoted.text.slice(0, 80) : "an earlier message");
  }

  #mark(message) {
    const knows = this.desk.family.hearsReads || message.seen;
    return h("p", { class: "mark" }, message.seen ? "✓✓ read" : "✓ sent", !knows && " (this family hears of no reads)", message.edited && " · edited");
  }

  #reactions(message) {
    const shown = [...this.desk.open.reactionsTo(message.id)].filter(([, people]) => people.size);
    if (!shown.length) return null;
    return h("div", { class: "reactions" }, shown.map(([type, people]) => this.#reaction(message, type, people)));
  }

  #reaction(message, type, people) {
    const isOn = people.has(this.desk.person.id);
    const label = `${type} ${people.size}, ${isOn ? "take back" : "react too"}`;
    return h("button", { "aria-pressed": String(isOn), "aria-label": label, onclick: () => this.#react(message, type, !isOn) }, type, " ", people.size);
  }

  #react(message, type, isOn) {
    const { desk } = this;
    return desk.attempt(async () => {
      await desk.family.react(desk, message.id, type, isOn);
      if (!desk.family.hearsReactions) desk.open.hear({ kind: "reaction", messageId: message.id, type, userId: desk.person.id, isOn });
    });
  }

  #tools(message, isMine) {
    const act = (name, label, press) => h("button", { onclick: press, "aria-label": label }, name);
    return h("div", { class: "tools" },
      EMOJI.map((type) => act(type, `React ${type}`, () => this.#react(message, type, true))),
      act("Reply", "Reply", () => this.onReply(message)),
      isMine && act("Edit", "Edit", (event) => this.#edit(event.target.closest("li"), message)),
      isMine && act("Delete", "Delete", () => this.#remove(message)),
    );
  }

  #edit(item, message) {
    const field = h("textarea", { "aria-label": "New text", rows: "2", onkeydown: atEscape(() => back()) });
    field.value = message.text;
    const save = () =>
      this.desk.attempt(async () => {
        const revised = await this.desk.family.edit(this.desk, message.id, field.value);
        this.desk.open.hear({ kind: "revised", message: revised });
      });
    const back = () => {
      item.dataset.version = "";
      item.querySelector('[aria-label="Edit"]').focus();
      this.draw();
    };
    item.querySelector(".text").replaceChildren(field, h("button", { onclick: save }, "Save"), h("button", { onclick: back }, "Cancel"));
    field.focus();
  }

  #remove(message) {
    return this.desk.attempt(async () => {
      const removed = await this.desk.family.remove(this.desk, message.id);
      this.desk.open.hear({ kind: "deleted", messageId: message.id, at: removed.deleted });
    });
  }

  /** Who reads the end goes on to do so while messages come and the room shrinks; who has scrolled up stays there. */
  #isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    return scrollTop >= this.#top || scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #goToEnd() {
    this.element.scrollTop = this.element.scrollHeight;
    this.#top = this.element.scrollTop;
  }

  /** Keep what is read in its place when older messages come above it. */
  #shift(pixels) {
    this.element.scrollTop += pixels;
    this.#top += pixels;
  }

  #scrolled() {
    if (this.element.scrollTop < NEAR_PX) this.desk.attempt(() => this.desk.loadMore());
  }
}

function moveLine({ from, to, reason, at }) {
  return h("li", { class: "move" }, h("span", {}, words(from), " → ", h("strong", {}, words(to))), " ", h("time", { datetime: at, title: reason }, time(at)));
}

/** A card in the past says that it can't be used; the present one is below the messages. */
function cardNote(message, open) {
  const live = isLive(message, open);
  const buttons = message.card.buttons ?? [];
  return h("div", { class: `card-note ${live ? "live" : "stale"}` },
    h("strong", {}, message.card.title),
    buttons.length ? h("ul", { class: "chips" }, buttons.map(({ text }) => h("li", {}, text))) : null,
    h("p", {}, live ? "Answer below." : "Locked: the conversation has moved on"),
  );
}

function isLive(message, open) {
  return Boolean(message.card && open.card && message.card.state_seq === open.card.state_seq);
}

function attachments(found) {
  if (!found) return null;
  const files = Array.isArray(found) ? found : [found];
  return h("ul", { class: "attachments" }, files.map((file) => h("li", {}, "📎 ", file.name ?? "file", " ", h("span", {}, describe(file)))));
}

function describe({ type, size }) {
  return [type, size !== undefined && `${Math.ceil(size / 1024)} KB`].filter(Boolean).join(", ");
}

function typingText(open) {
  const names = [...open.typists.keys()].map((id) => open.name(id));
  return names.length ? `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing…` : "";
}

export function words(state) {
  return state ? state.replaceAll("_", " ") : "the start";
}
