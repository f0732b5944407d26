/** Elements without markup: `h("button", { onclick: press }, "Send")`. What people wrote is only ever text. */

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/**
 * Make the children of `parent` those of `items`, in order. An element is made anew only where its version has
 * changed, so that what somebody is about to press or select stays where it is.
 */
export function keyed(parent, items, { key, version, make }) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const state = String(version(item));
    const element = known.get(name);
    known.delete(name);
    const isSame = element?.dataset.version === state;
    if (element && element === place) place = place.nextElementSibling;
    if (isSame && element.nextElementSibling === place) continue;
    const shown = isSame ? element : make(item);
    shown.dataset.key = name;
    shown.dataset.version = state;
    parent.insertBefore(shown, place);
    if (element && !isSame) replace(element, shown);
  }
  for (const gone of known.values()) gone.remove();
}

/** What had the focus in the old element has it in the new one. */
function replace(old, made) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const name = focused?.getAttribute("aria-label");
  old.remove();
  if (name) made.querySelector(`[aria-label="${CSS.escape(name)}"]`)?.focus();
}

/** A listener that does something at Escape, unless something inside has been meant by it. */
export function atEscape(leave) {
  return (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (leave() !== false) event.preventDefault();
  };
}

let counted = 0;

/** An id that no other element has. */
export function freshId(name = "id") {
  counted += 1;
  return `${name}-${counted}`;
}

export function time(iso) {
  return new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
