/** A payload as a tree that opens and closes. */

import { h } from "./dom.js";

const OPEN_DEPTH = 2;

export function tree(value, name, depth = 0) {
  if (value === null || typeof value !== "object") return leaf(value, name);
  const entries = Object.entries(value);
  const isList = Array.isArray(value);
  if (!entries.length) return h("div", { class: "leaf" }, label(name), isList ? "[]" : "{}");
  return h("details", { class: "branch", open: depth < OPEN_DEPTH },
    h("summary", {}, label(name), h("span", { class: "size" }, isList ? `[${entries.length}]` : `{${entries.length}}`)),
    entries.map(([key, child]) => tree(child, key, depth + 1)),
  );
}

function leaf(value, name) {
  const kind = value === null ? "null" : typeof value;
  return h("div", { class: "leaf" }, label(name), h("span", { class: `value ${kind}` }, kind === "undefined" ? "nothing" : JSON.stringify(value)));
}

function label(name) {
  return name === undefined ? null : h("span", { class: "key" }, `${name}: `);
}
