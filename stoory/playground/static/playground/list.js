/** A person's conversations, and the form that opens a new one. */

import { atEscape, freshId, h, keyed } from "./dom.js";
import { words } from "./thread.js";

const KINDS = { direct: "Direct", bid: "Bid", campaign: "Campaign", channel: "Channel" };

export class List {
  #kind = "";
  #isLoading = false;

  constructor(desk, people) {
    this.desk = desk;
    this.people = people.filter(({ id }) => id !== desk.person.id);
    this.items = h("ul", { class: "conversations" });
    this.more = h("button", { class: "more", hidden: true, onclick: () => this.#loadMore() }, "More conversations");
    this.fault = h("p", { class: "fault", role: "alert" });
    this.filter = h("select", { "aria-label": "Kind of conversations", onchange: () => this.#filter() },
      h("option", { value: "" }, "All kinds"),
      Object.entries(KINDS).map(([value, label]) => h("option", { value }, label)),
    );
    this.opener = h("button", { class: "secondary", "aria-expanded": "false", onclick: () => this.#toggle() }, "New conversation");
    this.form = this.#newForm();
    this.element = h("div", { class: "list" },
      h("div", { class: "bar" },
        this.filter,
        this.opener,
      ),
      this.form,
      h("div", { class: "shelf" }, this.items, this.more),
    );
  }

  draw() {
    const shown = this.desk.conversations.filter((item) => !this.#kind || item.conversation_type === this.#kind);
    keyed(this.items, shown, {
      key: ({ id }) => id,
      version: (item) => JSON.stringify([item.title, item.unread_count, item.last_message?.id, item.last_message?.edited_at, item.flow_state, item.other_user?.online]),
      make: (item) => h("li", {}, this.#entry(item)),
    });
    this.more.hidden = !this.desk.hasMore(this.#kind);
  }

  /** Show older ones, and go on at the first of them. */
  #loadMore() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    return this.desk.attempt(async () => {
      try {
        const [first] = await this.desk.loadList(this.#kind);
        if (first) this.focus(first.id);
      } finally {
        this.#isLoading = false;
      }
    });
  }

  #entry(item) {
    const kind = item.conversation_type;
    const { other_user: other, last_message: last, unread_count: unread } = item;
    const isOnline = kind !== "channel" && other?.online;
    return h("button", { class: "entry", onclick: () => this.desk.attempt(() => this.desk.enter(item.id)) },
      h("span", { class: `kind ${kind}` }, KINDS[kind]),
      h("span", { class: "title" }, kind === "direct" || !item.title ? (other?.name ?? "Nobody else") : item.title, isOnline && h("span", { class: "presence", title: "online" }, h("span", { class: "sr-only" }, "online"))),
      h("span", { class: "last" }, last ? last.message || "…" : "No messages yet"),
      item.flow_state && h("span", { class: "state" }, words(item.flow_state), item.awaiting_role === item.role && " · your move"),
      unread > 0 && h("span", { class: "unread", "aria-label": `${unread} unread` }, unread),
    );
  }

  #filter() {
    this.#kind = this.filter.value;
    this.draw();
  }

  /** Put the focus on a conversation. */
  focus(id) {
    this.items.querySelector(`[data-key="${CSS.escape(id)}"] button`)?.focus();
  }

  #toggle() {
    this.form.hidden = !this.form.hidden;
    this.opener.setAttribute("aria-expanded", String(!this.form.hidden));
    (this.form.hidden ? this.opener : this.form.querySelector("select")).focus();
  }

  #newForm() {
    const [kind, other, title, open] = ["kind", "other", "title", "open"].map(() => freshId("new"));
    const isPublic = h("input", { type: "checkbox", id: open, name: "is_public" });
    const publicRow = h("p", { class: "check", hidden: true }, isPublic, h("label", { for: open }, "Public: whoever joins becomes a member"));
    const select = h("select", { id: kind, name: "type", onchange: () => { publicRow.hidden = select.value !== "channel"; } },
      Object.entries(KINDS).map(([value, label]) => h("option", { value }, label)),
    );
    return h("form", { class: "new", hidden: true, onsubmit: (event) => this.#create(event), onkeydown: atEscape(() => this.#toggle()) },
      h("label", { for: kind }, "Kind"), select,
      h("label", { for: other }, "With"),
      h("select", { id: other, name: "other" }, this.people.map(({ id, name }) => h("option", { value: id }, name))),
      h("label", { for: title }, "Title"), h("input", { id: title, name: "title", maxlength: "200" }),
      publicRow,
      h("button", { class: "primary" }, "Open it"),
      this.fault,
    );
  }

  async #create(event) {
    event.preventDefault();
    const { type, other, title, is_public: isPublic } = Object.fromEntries(new FormData(event.target));
    const wanted = { type, participant_ids: [other], title };
    if (type === "channel") wanted.is_public = isPublic === "on";
    if (type === "bid" || type === "campaign") wanted.source_id = crypto.randomUUID();
    this.fault.textContent = "";
    try {
      await this.desk.create(wanted);
      this.form.reset();
      this.form.hidden = true;
      this.opener.setAttribute("aria-expanded", "false");
    } catch (error) {
      this.fault.textContent = error.message;
    }
  }
}
