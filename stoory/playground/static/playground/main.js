/** The page: two people, the inspector, and on a narrow screen tabs between them. `?left=alice&right=bob` begins at once. */

import { h } from "./dom.js";
import { Frames } from "./frames.js";
import { Inspector } from "./inspector.js";
import { Pane } from "./pane.js";

async function begin() {
  const { people, campaign } = await (await fetch("/playground/people")).json();
  const wanted = new URLSearchParams(location.search);
  const frames = new Frames();
  const sides = [["left", "First person"], ["right", "Second person"]];
  const panes = sides.map(([name, label]) => new Pane({ name, label, people, frames, family: wanted.get(`${name}-family`) }));
  const inspector = new Inspector(frames, panes, campaign);
  const elements = [...panes.map(({ element }) => element), inspector.element];
  document.querySelector("#playground").replaceChildren(tabs(["Left", "Right", "Inspector"], elements, () => panes.forEach((pane) => pane.attend())), ...elements);
  for (const pane of panes) if (wanted.get(pane.name)) pane.be(wanted.get(pane.name));
}

/** On a narrow screen one part shows at a time; on a wide one all do, and the tabs are hidden. */
function tabs(names, elements, onChange) {
  const buttons = names.map((name, index) => h("button", { "aria-pressed": "false", onclick: () => choose(index) }, name));
  const choose = (chosen) => {
    elements.forEach((element, index) => element.classList.toggle("chosen", index === chosen));
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(index === chosen)));
    onChange();
  };
  choose(0);
  return h("nav", { class: "tabs", "aria-label": "Parts of the page" }, buttons);
}

begin();
