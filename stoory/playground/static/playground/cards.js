/**
 * The card of a flow: what one may do now. Its buttons, inputs and their rules come from the server, and the server
 * alone judges what is answered; what it says of a field is shown at the field.
 */

import { Refused } from "./faults.js";
import { atEscape, freshId, h } from "./dom.js";
import { words } from "./thread.js";

export class Card {
  #drawn;

  constructor(desk) {
    this.desk = desk;
    this.element = h("section", { class: "card", tabindex: "-1", "aria-label": "Your move" });
  }

  draw() {
    const { open } = this.desk;
    const card = open?.card;
    const version = JSON.stringify([open?.id, card, open?.guide?.title, open?.isFree]);
    if (version === this.#drawn) return;
    this.#drawn = version;
    this.element.hidden = !open?.isGuided || open.isFree;
    if (this.element.hidden) return;
    this.element.replaceChildren(...this.#contents(open, card));
  }

  #contents(open, card) {
    const title = card?.title ?? open.guide?.title ?? words(open.item.flow_state);
    const subtitle = card?.subtitle ?? open.guide?.subtitle;
    const buttons = card?.buttons ?? [];
    this.sheet = h("div", { class: "sheet" });
    return [
      h("h3", {}, title),
      subtitle && h("p", { class: "subtitle" }, subtitle),
      card?.expires_at && h("p", { class: "quiet" }, "Until ", new Date(card.expires_at).toLocaleString()),
      buttons.length
        ? h("div", { class: "buttons" }, buttons.map((button) => this.#button(button)))
        : h("p", { class: "quiet" }, open.status === "closed" ? "This conversation is closed." : "Nothing to press for you now."),
      this.sheet,
    ].filter(Boolean);
  }

  #button(button) {
    return h("button", { class: button.style, "data-action": button.action, onclick: () => this.#press(button) }, button.text);
  }

  #press(button) {
    if (button.inputs.length || button.confirm) this.#ask(button);
    else this.#act(button, {}, this.#status());
  }

  /** Show a form: the inputs of a button, and what it wants confirmed. */
  #ask(button) {
    const fields = button.inputs.map((input) => new Field(input));
    const status = this.#status();
    const leave = () => this.#leave(button);
    const send = (event) => {
      event.preventDefault();
      for (const field of fields) field.complain("");
      const data = Object.fromEntries(fields.map(({ id, value }) => [id, value]).filter(([, value]) => value !== undefined));
      this.#act(button, data, status, fields);
    };
    const form = h("form", { novalidate: true, onsubmit: send, onkeydown: atEscape(leave), "aria-label": button.text },
      button.confirm && h("p", { class: "confirm" }, h("strong", {}, button.confirm.title), " ", button.confirm.text ?? ""),
      fields.map(({ element }) => element),
      h("div", { class: "buttons" },
        h("button", { class: button.style }, button.confirm ? `Yes: ${button.text}` : button.text),
        h("button", { type: "button", class: "secondary", onclick: leave }, "Not now"),
      ),
      status,
    );
    this.sheet.replaceChildren(form);
    form.querySelector("input, select, textarea, button").focus();
  }

  #leave({ action }) {
    this.sheet.replaceChildren();
    this.element.querySelector(`[data-action="${CSS.escape(action)}"]`)?.focus();
  }

  #status() {
    const status = h("p", { class: "fault", role: "alert" });
    this.sheet.replaceChildren(status);
    return status;
  }

  async #act(button, data, status, fields = []) {
    status.textContent = "";
    try {
      await this.desk.act(button.action, data);
    } catch (error) {
      const wrong = error instanceof Refused ? (error.details.fields ?? {}) : {};
      for (const field of fields) field.complain(wrong[field.id] ?? "");
      const others = Object.entries(wrong).filter(([id]) => !fields.some((field) => field.id === id));
      status.textContent = [error.message, ...others.map(([id, text]) => `${id} ${text}`)].join(" · ");
      if (error.code === "stale_action" || error.code === "expired") this.desk.attempt(() => this.desk.refreshCard());
    }
  }
}

/** One input of a card, its label, its rules and what is wrong with it. */
class Field {
  constructor(input) {
    this.input = input;
    this.id = input.id;
    const id = freshId("field");
    this.control = CONTROLS[input.type](input, id);
    const rules = rulesOf(input);
    this.fault = h("p", { class: "fault", id: `${id}-fault` });
    this.hint = h("p", { class: "hint", id: `${id}-hint` }, [input.help, rules].filter(Boolean).join(" "));
    this.control.setAttribute("aria-describedby", `${id}-hint ${id}-fault`);
    const label = h("label", { for: id }, input.label, !input.required && h("span", { class: "quiet" }, " (optional)"));
    this.element = h("div", { class: `field ${input.type}` }, label, this.control, this.hint, this.fault);
  }

  /** What the server is to get; nothing where nothing was answered. */
  get value() {
    const { type, multiple } = this.input;
    if (type === "bool") return this.control.checked;
    if (multiple) return [...this.control.selectedOptions].map((option) => option.value);
    const text = this.control.value.trim();
    if (text === "") return undefined;
    if (type === "number") return Number(text);
    if (type === "file") return text.split(/\s*,\s*/);
    return text;
  }

  complain(text) {
    this.fault.textContent = text;
    this.control.setAttribute("aria-invalid", String(Boolean(text)));
  }
}

const CONTROLS = {
  text: ({ multiline, max_length, format, placeholder }, id) =>
    multiline
      ? h("textarea", { id, rows: "3", maxlength: max_length, placeholder })
      : h("input", { id, type: { url: "url", email: "email" }[format] ?? "text", maxlength: max_length, placeholder }),
  money: ({ placeholder }, id) => h("input", { id, inputmode: "decimal", placeholder }),
  number: ({ min, max, placeholder }, id) => h("input", { id, type: "number", min, max, placeholder }),
  date: ({ min, max }, id) => h("input", { id, type: "date", min, max }),
  choice: ({ options, multiple, required }, id) =>
    h("select", { id, multiple },
      !multiple && h("option", { value: "" }, required ? "Choose…" : "None"),
      options.map(({ value, label }) => h("option", { value }, label)),
    ),
  bool: (input, id) => h("input", { id, type: "checkbox" }),
  file: ({ placeholder }, id) => h("input", { id, placeholder: placeholder ?? "ids of uploaded files, separated by commas" }),
};

function rulesOf({ type, min, max, min_length, max_length, max_count, must_be_true, accept }) {
  if (type === "text") return `${min_length > 1 ? `${min_length} to ` : "Up to "}${max_length} characters.`;
  if (type === "file") return `At most ${max_count}${accept?.length ? `, ${accept.join(", ")}` : ""}.`;
  if (must_be_true) return "Must be accepted.";
  return min !== undefined ? `From ${min} to ${max}.` : "";
}
