/**
 * One person at work in one family: the connection, REST, the outbox, the list of conversations and the open one.
 * It knows what to do after a reconnection; it shows nothing.
 */

import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { logged } from "./families/chat.js";
import { Outbox } from "./outbox.js";
import { Rest } from "./rest.js";
import { Shelf } from "./shelf.js";

const PAGE = 30;
const LIST_PAUSE_MS = 300;

export class Desk extends EventTarget {
  open = null;
  isClosed = false;
  #shelf = new Shelf();
  #listing;

  constructor({ family, person, frames, pane }) {
    super();
    Object.assign(this, { family, person });
    this.connection = new Connection({ family, person, frames, pane });
    this.rest = new Rest(person.token, frames, this.connection);
    this.outbox = new Outbox(this);
    this.connection.addEventListener("ready", () => this.attempt(() => this.#comeIn()));
    this.connection.addEventListener("line", () => this.#noteLine());
    this.connection.addEventListener("happening", ({ detail }) => this.#hear(detail));
    this.outbox.addEventListener("change", () => this.#tell("change"));
    this.outbox.addEventListener("sent", ({ detail }) => this.#hear({ kind: "message", seq: detail.message.seq, ...detail }));
  }

  get conversations() {
    return this.#shelf.items;
  }

  close() {
    this.isClosed = true;
    this.connection.close();
  }

  /** Do something that may fail, and tell of it where it does. */
  async attempt(work) {
    try {
      await work();
    } catch (error) {
      if (this.isClosed) return;
      this.notice = error.message;
      this.#tell("notice");
    }
  }

  async refresh() {
    this.#shelf.renew(await this.family.list(this, { kind: "", page: 1 }));
    if (this.open) Object.assign(this.open.item, this.conversations.find(({ id }) => id === this.open.id));
    this.#tell("list");
  }

  /** Whether there are more conversations of a kind, or of all, than were asked for. */
  hasMore(kind) {
    return this.#shelf.hasMore(kind);
  }

  /** Ask for older conversations, of a kind or of all, until some come that were not known; return those. */
  async loadList(kind) {
    let fresh = [];
    while (!fresh.length && this.#shelf.hasMore(kind)) {
      const page = this.#shelf.next(kind);
      fresh = this.#shelf.add(kind, await this.family.list(this, { kind, page }));
    }
    this.#tell("list");
    return fresh;
  }

  async create(wanted) {
    const { id } = await this.family.create(this, wanted);
    await this.refresh();
    await this.enter(id);
  }

  /** Open a conversation: what it is, its newest messages, and from now on what happens in it. */
  async enter(id) {
    this.leave();
    const item = this.conversations.find((each) => each.id === id);
    const conversation = new Conversation({ ...item }, this.person.id);
    this.open = conversation;
    conversation.addEventListener("change", () => this.#tell("change"));
    this.#tell("open");
    const [context, page] = await Promise.all([this.family.context(this, id), this.family.history(this, id, undefined, PAGE)]);
    conversation.lastSeq = page.messages.at(-1)?.seq ?? 0;
    conversation.addHistory(page);
    conversation.take(context);
    await this.#catchUp(conversation, Math.min(conversation.firstSeq, conversation.lastSeq + 1) - 1); // its reactions
    await this.#join(conversation);
  }

  leave() {
    if (!this.open) return;
    this.family.leave(this, this.open.id).catch(() => {});
    this.open = null;
    this.#tell("open");
  }

  /** Load the page before the oldest message shown. */
  async loadMore() {
    const { open } = this;
    if (!open?.hasMore || this.isLoading) return;
    this.isLoading = true;
    try {
      open.addHistory(await this.family.history(this, open.id, open.firstSeq, PAGE));
    } finally {
      this.isLoading = false;
    }
  }

  /** Tell the others that what is shown was read. */
  async markRead() {
    const unread = this.open?.unread ?? [];
    if (!unread.length || this.connection.state !== "online") return;
    for (const message of unread) message.seen = true;
    const item = this.conversations.find(({ id }) => id === this.open.id);
    if (item) item.unread_count = 0;
    await this.family.read(this, this.open.id, unread.map(({ id }) => id));
  }

  async act(action, data) {
    const { id: conversationId, card } = this.open;
    const nonce = crypto.randomUUID();
    await this.family.act(this, { conversationId, action, data, stateSeq: card.state_seq, nonce });
    await this.refreshCard();
  }

  /** Ask anew for the buttons of this moment. */
  async refreshCard() {
    const { open } = this;
    if (open) open.take(await this.family.context(this, open.id));
  }

  async #comeIn() {
    await this.refresh();
    if (this.open) await this.#join(this.open);
    this.outbox.sendAll();
  }

  #noteLine() {
    if (this.open && this.connection.state !== "online") this.open.isJoined = false;
    this.#tell("line");
  }

  /** Hear a conversation; a family that replays tells first what was missed, for the others the log is read. */
  async #join(conversation) {
    if (this.connection.state !== "online") return;
    const known = conversation.lastSeq;
    const { lastSeq, gap } = await this.family.join(this, conversation.id, known);
    const isWhole = this.family.replays ? !gap : await this.#catchUp(conversation, known);
    if (!isWhole) conversation.addHistory(await this.family.history(this, conversation.id, undefined, PAGE));
    conversation.isJoined = true;
    conversation.lastSeq = Math.max(conversation.lastSeq, lastSeq);
    await this.refreshCard();
  }

  /** Hear of the log after a place; return whether that was all of it. */
  async #catchUp(conversation, after) {
    const { events, isWhole } = await this.family.log(this, conversation.id, after);
    for (const { event, payload } of events) {
      for (const happening of logged(event, payload)) conversation.hear(happening);
    }
    return isWhole;
  }

  #hear(happening) {
    if (happening.kind === "presence") this.#notePresence(happening);
    if (happening.kind === "list" || happening.kind === "presence") this.#refreshSoon();
    if (happening.kind === "message" && this.outbox.awaits(happening.message, happening.tempId)) return;
    if (!this.open || !this.#isOfOpen(happening)) return;
    this.open.hear(happening);
    const carriesNoCards = !this.family.replays && happening.kind === "message" && this.open.isGuided;
    if (carriesNoCards) this.attempt(() => this.refreshCard());
  }

  #isOfOpen({ conversationId, message, messageId, messageIds }) {
    const { open } = this;
    const about = conversationId ?? message?.conversationId;
    return about ? about === open.id : [messageId, ...(messageIds ?? [])].some((id) => open.messages.has(id));
  }

  #notePresence({ userId, isOnline }) {
    for (const { other_user: other } of this.conversations) if (other?.id === userId) other.online = isOnline;
    this.#tell("list");
  }

  /** The list is asked for once, however many events say that it has changed. */
  #refreshSoon() {
    clearTimeout(this.#listing);
    this.#listing = setTimeout(() => this.isClosed || this.attempt(() => this.refresh()), LIST_PAUSE_MS);
  }

  #tell(what) {
    this.dispatchEvent(new Event(what));
  }
}
