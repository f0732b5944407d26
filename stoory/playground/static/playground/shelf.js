/** Conversations as far as they were asked for, page by page, the most recent first. */

const NOTHING = { page: 0, hasMore: true };

export class Shelf {
  items = [];
  #turned = new Map(); // the last page of each kind that one has turned to

  /** Whether there may be more of a kind than is here. */
  hasMore(kind) {
    const all = this.#turned.get("") ?? NOTHING;
    return all.hasMore && (this.#turned.get(kind) ?? all).hasMore;
  }

  /** The page of a kind to ask for next. */
  next(kind) {
    return (this.#turned.get(kind) ?? NOTHING).page + 1;
  }

  /** Take in the first page anew. What was here stays if it is older than all of it: what has moved is on the page. */
  renew({ conversations, hasMore }) {
    const oldest = conversations.at(-1)?.updated_at ?? "";
    const older = hasMore ? this.items.filter(({ updated_at: at }) => at <= oldest) : [];
    if (!hasMore || this.next("") <= 2) this.#turned.set("", { page: 1, hasMore });
    this.#put([...conversations, ...older]);
  }

  /** Take in the next page of a kind; return those of it that were not here. */
  add(kind, { conversations, hasMore }) {
    const known = new Set(this.items.map(({ id }) => id));
    const fresh = conversations.filter(({ id }) => !known.has(id));
    this.#turned.set(kind, { page: this.next(kind), hasMore });
    this.#put([...conversations, ...this.items]);
    return fresh;
  }

  /** The first of two that are one conversation counts. */
  #put(items) {
    const known = new Map();
    for (const item of items) if (!known.has(item.id)) known.set(item.id, item);
    this.items = [...known.values()].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
  }
}
