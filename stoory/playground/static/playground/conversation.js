/** What one person knows of one conversation: messages, who has read them, reactions, who types, and their own card. */

const TYPING_MS = 7_000;

export class Conversation extends EventTarget {
  messages = new Map();
  moves = [];
  reactions = new Map();
  typists = new Map();
  card = null;
  hasMore = false;
  lastSeq = 0;
  isJoined = false;

  constructor(item, me) {
    super();
    this.id = item.id;
    this.item = item;
    this.me = me;
    this.status = item.chat_status;
  }

  get isGuided() {
    return ["bid", "campaign"].includes(this.item.conversation_type);
  }

  get isFree() {
    return !this.isGuided || this.status === "real_time" || this.item.flow_state === "real_time";
  }

  /** Messages and changes of state, in the order of the log. */
  get timeline() {
    return [...this.messages.values(), ...this.moves].sort((one, other) => one.seq - other.seq);
  }

  get firstSeq() {
    return Math.min(...[...this.messages.values()].map(({ seq }) => seq), Infinity);
  }

  /** The messages that this person has not written and not marked as read, oldest first. */
  get unread() {
    const theirs = [...this.messages.values()].filter((message) => message.senderId !== this.me && !message.seen);
    return theirs.sort((one, other) => one.seq - other.seq);
  }

  addHistory({ messages, hasMore }) {
    for (const message of messages) this.messages.set(message.id, message);
    this.hasMore = hasMore;
    this.#changed();
  }

  /** Take what the context says of this reader's buttons, title and place. */
  take(context) {
    this.guide = context.prompts;
    this.people = context.participants;
    this.status = context.conversation.chat_status;
    this.item.flow_state = context.conversation.flow_state;
    this.item.awaiting_role = context.conversation.awaiting_role;
    this.card = context.conversation.current_action_data;
    this.#changed();
  }

  /**
   * Take a happening of this conversation; known ones change nothing. Its place counts only while nothing can be
   * missed: before the conversation is joined, the answer to a send of one's own would hide what came before it.
   */
  hear(happening) {
    if (this.isJoined && happening.seq > this.lastSeq) this.lastSeq = happening.seq;
    HOW[happening.kind]?.(this, happening);
    this.#changed();
  }

  name(userId) {
    return this.people?.find(({ id }) => id === userId)?.name ?? "";
  }

  /** Type → who reacted so. */
  reactionsTo(messageId) {
    return this.reactions.get(messageId) ?? new Map();
  }

  startTyping(userId) {
    clearTimeout(this.typists.get(userId));
    this.typists.set(userId, setTimeout(() => this.stopTyping(userId), TYPING_MS));
  }

  stopTyping(userId) {
    clearTimeout(this.typists.get(userId));
    if (this.typists.delete(userId)) this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

const HOW = {
  message(here, { message }) {
    const known = here.messages.get(message.id);
    here.messages.set(message.id, { ...known, ...message, seen: message.seen || known?.seen });
    here.stopTyping(message.senderId);
  },
  revised(here, { message }) {
    const known = here.messages.get(message.id);
    if (known) here.messages.set(message.id, { ...known, ...message });
  },
  deleted(here, { messageId, at }) {
    const known = here.messages.get(messageId);
    if (known) here.messages.set(messageId, { ...known, text: "", attachments: null, deleted: at });
  },
  read(here, { messageIds, readerId }) {
    for (const id of messageIds) {
      const known = here.messages.get(id);
      if (known && readerId !== known.senderId) here.messages.set(id, { ...known, seen: true });
    }
  },
  reaction(here, { messageId, type, userId, isOn }) {
    const types = here.reactions.get(messageId) ?? new Map();
    const people = types.get(type) ?? new Set();
    people[isOn ? "add" : "delete"](userId);
    here.reactions.set(messageId, types.set(type, people));
  },
  typing(here, { userId, isTyping }) {
    if (isTyping) here.startTyping(userId);
    else here.stopTyping(userId);
  },
  card(here, { card, status }) {
    here.card = card;
    here.status = status;
  },
  moved(here, { seq, from, to, reason, at, status }) {
    if (!here.moves.some((move) => move.seq === seq)) here.moves.push({ seq, from, to, reason, at });
    here.item.flow_state = to;
    here.status = status;
  },
};
