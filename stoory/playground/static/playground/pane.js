/** One of the two chats: who one is, in which family's words, and how the line is. */

import { Card } from "./cards.js";
import { Composer } from "./composer.js";
import { Desk } from "./desk.js";
import { atEscape, h } from "./dom.js";
import { FAMILIES } from "./families/all.js";
import { List } from "./list.js";
import { Thread, words } from "./thread.js";

export class Pane extends EventTarget {
  desk = null;
  #left;

  constructor({ name, label, people, frames, family }) {
    super();
    Object.assign(this, { name, people, frames });
    this.who = h("select", { "aria-label": `${label}: person`, onchange: () => this.#start() },
      h("option", { value: "" }, "Be …"),
      people.map(({ username, name: called }) => h("option", { value: username }, called)),
    );
    this.family = h("select", { "aria-label": `${label}: family`, onchange: () => this.#start() },
      FAMILIES.map((each) => h("option", { value: each.name, selected: each.name === family }, each.name)),
    );
    this.line = h("div", { class: "controls" });
    this.place = h("div", { class: "place", onkeydown: atEscape(() => this.desk?.open && this.desk.leave()) });
    this.notice = h("p", { class: "notice", role: "alert" });
    this.element = h("section", { class: `pane ${name}`, id: `pane-${name}`, "aria-label": label },
      h("header", {}, this.who, this.family, this.line),
      this.notice,
      this.place,
    );
    window.addEventListener("focus", () => this.attend());
    this.#welcome();
  }

  be(username) {
    this.who.value = username;
    this.#start();
  }

  /** Mark as read what can be seen now. */
  attend() {
    const isSeen = this.element.offsetParent && document.hasFocus();
    if (isSeen && this.desk) this.desk.attempt(() => this.desk.markRead());
  }

  #welcome() {
    this.line.replaceChildren();
    this.place.replaceChildren(
      h("div", { class: "welcome" },
        h("h2", {}, "Who are you here?"),
        this.people.map(({ username, name, role }) => h("button", { onclick: () => this.be(username) }, h("strong", {}, name), h("span", {}, words(role)))),
      ),
    );
  }

  #start() {
    const wasOpen = this.desk?.open?.id;
    this.desk?.close();
    this.desk = null;
    this.notice.replaceChildren();
    const person = this.people.find(({ username }) => username === this.who.value);
    if (person) this.#begin(person, wasOpen);
    else this.#welcome();
    this.dispatchEvent(new Event("change"));
  }

  #begin(person, conversationId) {
    const family = FAMILIES.find(({ name }) => name === this.family.value);
    const desk = new Desk({ family, person, frames: this.frames, pane: this.name });
    this.desk = desk;
    this.list = new List(desk, this.people);
    this.composer = new Composer(desk);
    this.thread = new Thread(desk, { onReply: (message) => this.composer.reply(message) });
    this.card = new Card(desk);
    this.head = h("div", { class: "head" });
    this.chat = h("div", { class: "chat" }, this.head, this.thread.element, this.thread.typing, this.card.element, this.composer.element);
    this.place.replaceChildren(this.list.element, this.chat);
    this.#listen(desk, conversationId);
    this.#drawLine();
    this.#drawOpen();
  }

  #listen(desk, conversationId) {
    desk.addEventListener("line", () => this.#drawLine());
    desk.addEventListener("list", () => this.#drawList());
    desk.addEventListener("open", () => this.#drawOpen());
    desk.addEventListener("change", () => this.#drawChat());
    desk.addEventListener("notice", () => this.#drawNotice(desk.notice));
    const returnTo = () => desk.conversations.some(({ id }) => id === conversationId) && desk.attempt(() => desk.enter(conversationId));
    desk.addEventListener("list", returnTo, { once: true });
  }

  #drawLine() {
    const { connection } = this.desk;
    const isOffline = connection.isOffline;
    const press = (label, title, onclick, options = {}) => h("button", { class: "small", title, onclick, ...options }, label);
    this.line.replaceChildren(
      h("span", { class: `status ${connection.state}`, role: "status" }, connection.state),
      press("Cut", "Break the connection; it comes back by itself", () => connection.cut(), { disabled: connection.state !== "online" }),
      isOffline
        ? press("Go online", "Connect again", () => connection.comeBack())
        : press("Go offline", "Disconnect until you go online", () => connection.goOffline()),
      press("Lose next ack", "The answer to the next message gets lost on its way", (event) => this.#lose(event.target), { "aria-pressed": String(connection.losesNext) }),
    );
  }

  #lose(button) {
    const { connection } = this.desk;
    connection.losesNext = !connection.losesNext;
    button.setAttribute("aria-pressed", String(connection.losesNext));
  }

  #drawList() {
    this.list.draw();
    if (this.desk.open) this.#drawHead();
  }

  #drawOpen() {
    const { open } = this.desk;
    const hadFocus = this.place.contains(document.activeElement);
    this.chat.hidden = !open;
    this.list.element.hidden = Boolean(open);
    this.thread.clear();
    if (open) this.#drawChat();
    if (hadFocus && open) this.#goOn();
    else if (hadFocus && this.#left) this.list.focus(this.#left);
    this.#left = open?.id;
  }

  /** Put the focus where one writes or answers; not into a field on a phone, whose keyboard would cover the page. */
  #goOn() {
    const { isFree } = this.desk.open;
    const free = matchMedia("(hover: hover)").matches ? this.composer.field : this.thread.element;
    (isFree ? free : this.card.element).focus();
  }

  #drawChat() {
    if (!this.desk.open) return;
    const wasAnswering = this.card.element.contains(document.activeElement);
    this.#drawHead();
    this.card.draw();
    this.composer.draw();
    if (wasAnswering && !this.card.element.contains(document.activeElement)) this.#goOn();
    this.thread.draw();
    this.attend();
  }

  #drawNotice(text) {
    const close = h("button", { class: "small", onclick: () => this.notice.replaceChildren() }, "Dismiss");
    this.notice.replaceChildren(text, " ", close);
  }

  #drawHead() {
    const { item } = this.desk.open;
    const other = item.other_user;
    const title = item.conversation_type === "direct" ? other?.name : item.title || other?.name;
    const isOnline = item.conversation_type !== "channel" && other?.online;
    const version = JSON.stringify([title, isOnline, item.flow_state]);
    if (this.head.dataset.version === version) return;
    this.head.dataset.version = version;
    this.head.replaceChildren(
      h("button", { class: "back", "aria-label": "Back to the conversations", onclick: () => this.desk.leave() }, "‹"),
      h("div", {}, h("h2", {}, title ?? item.conversation_type), h("p", { class: "quiet" }, subtitle(item, isOnline))),
    );
  }
}

function subtitle(item, isOnline) {
  const presence = isOnline ? "online" : "offline";
  return [item.conversation_type, item.flow_state ? words(item.flow_state) : null, item.conversation_type === "channel" ? null : presence].filter(Boolean).join(" · ");
}
