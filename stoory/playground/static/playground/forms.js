/** Any event by hand: the form of each is made of the schema and the example in the server's AsyncAPI document. */

import { freshId, h } from "./dom.js";

const DOCUMENT = "/api/events.json";
const ALSO = { chat: ["work"] };

export class Forms {
  constructor(panes, campaign) {
    this.panes = panes;
    this.campaign = campaign;
    const [who, event] = [freshId("form"), freshId("form")];
    this.who = h("select", { id: who, onchange: () => this.#drawEvents() });
    this.event = h("select", { id: event, onchange: () => this.#drawForm() });
    this.place = h("div", { class: "form-place" });
    this.element = h("details", { class: "forms", ontoggle: (toggled) => toggled.target.open && this.#load() },
      h("summary", {}, "Send an event by hand"),
      h("div", { class: "row" }, h("label", { for: who }, "As"), this.who, h("label", { for: event }, "Event"), this.event),
      this.place,
    );
    for (const pane of panes) pane.addEventListener("change", () => this.#drawPeople());
  }

  async #load() {
    if (this.document) return;
    const response = await fetch(DOCUMENT);
    if (!response.ok) {
      this.place.replaceChildren(h("p", { class: "fault" }, `${DOCUMENT} is not served here.`));
      return;
    }
    this.document = await response.json();
    this.#drawPeople();
  }

  get #desk() {
    return this.panes.find(({ name }) => name === this.who.value)?.desk;
  }

  #drawPeople() {
    if (!this.document) return;
    const { value } = this.who;
    const seated = this.panes.filter(({ desk }) => desk);
    this.who.replaceChildren(...seated.map(({ name, desk }) => h("option", { value: name, selected: name === value }, `${desk.person.name} (${desk.family.name})`)));
    this.#drawEvents();
  }

  #drawEvents() {
    const family = this.#desk?.family.name;
    this.events = family ? [family, ...(ALSO[family] ?? [])].flatMap((name) => emitted(this.document.channels[name])) : [];
    this.event.replaceChildren(...this.events.map(({ name }) => h("option", {}, name)));
    this.#drawForm();
  }

  #drawForm() {
    const event = this.events.find(({ name }) => name === this.event.value);
    this.place.replaceChildren(event ? this.#form(event) : h("p", { class: "quiet" }, "Be somebody first."));
  }

  #form(event) {
    const schema = resolve(event.payload, this.document);
    const example = this.#fitting(event.examples[0].payload);
    const input = schema.type === "object" && schema.properties ? new ObjectInput(schema, example, this.document) : new JsonInput(example);
    const answer = h("pre", { class: "answer", tabindex: "0", role: "status", "aria-label": "Acknowledgement", hidden: true });
    const send = async (submitted) => {
      submitted.preventDefault();
      const told = await this.#send(event.name, input);
      answer.hidden = false;
      answer.textContent = told;
      answer.scrollIntoView({ block: "nearest" });
    };
    return h("form", { novalidate: true, onsubmit: send }, h("p", { class: "quiet" }, event.summary), input.element, h("button", { class: "primary" }, "Emit"), answer);
  }

  async #send(name, input) {
    try {
      return JSON.stringify(await this.#desk.connection.ask(name, input.value), null, 2);
    } catch (error) {
      return error.code ? `${error.code}: ${error.message}` : error.message;
    }
  }

  /** The example, with the ids of what is open in the pane in place of its made-up ones. */
  #fitting(example) {
    const { open, person } = this.#desk;
    const newest = open && [...open.messages.values()].at(-1)?.id;
    const known = { conversationId: open?.id, channelId: open?.id, campaignId: open?.item.campaign_id ?? this.campaign, messageId: newest, upToMessageId: newest, userId: person.id, token: person.token };
    const fresh = { clientNonce: () => crypto.randomUUID(), tempId: () => `temp-${crypto.randomUUID()}`, replyToId: () => null, messageIds: () => (newest ? [newest] : []) };
    if (typeof example === "string") return open?.id ?? example;
    return Object.fromEntries(Object.entries(example).map(([key, value]) => [key, fresh[key]?.() ?? known[key] ?? (key in fresh ? null : value)]));
  }
}

function emitted(channel) {
  return Object.values(channel.messages).filter((message) => message["x-direction"] === "emit");
}

function resolve(schema, document) {
  if (!schema.$ref) return schema;
  return schema.$ref.slice(2).split("/").reduce((place, key) => place[key], document);
}

/** A field for each property; what is left empty is not sent. */
class ObjectInput {
  constructor(schema, example, document) {
    this.fields = Object.entries(schema.properties).map(([name, property]) => {
      const isNeeded = schema.required?.includes(name);
      return new PropertyInput(name, resolve(property, document), example[name], isNeeded);
    });
    this.element = h("div", { class: "properties" }, this.fields.map(({ element }) => element));
  }

  get value() {
    return Object.fromEntries(this.fields.map(({ name, value }) => [name, value]).filter(([, value]) => value !== undefined));
  }
}

class PropertyInput {
  constructor(name, schema, example, isNeeded) {
    this.name = name;
    this.types = [schema, ...(schema.anyOf ?? [])].flatMap(({ type }) => type ?? []);
    const id = freshId("property");
    this.control = this.types.includes("boolean")
      ? h("select", { id }, ["", "true", "false"].map((value) => h("option", {}, value)))
      : h("input", { id, autocomplete: "off" });
    this.control.value = this.#text(example);
    this.element = h("div", { class: "property" },
      h("label", { for: id }, name, isNeeded && " *"), this.control, schema.description && h("p", { class: "hint" }, schema.description),
    );
  }

  #text(value) {
    if (value === undefined || value === null) return "";
    return typeof value === "string" ? value : JSON.stringify(value);
  }

  /** A text is sent as it stands; everything else is written as JSON, and sent as a text where it is none. */
  get value() {
    const text = this.control.value;
    if (text === "") return undefined;
    if (this.types.includes("string")) return text;
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
}

/** A payload that is no object: messenger's bare ids. */
class JsonInput {
  constructor(example) {
    const id = freshId("payload");
    this.control = h("input", { id, autocomplete: "off" });
    this.control.value = example;
    this.element = h("div", { class: "property" }, h("label", { for: id }, "payload"), this.control);
  }

  get value() {
    return this.control.value;
  }
}
