// A stage that works by itself: from a file, without a network, in a learning management system.
import { closest, element, find } from "../../core/base.js";
import { mount as mountStage } from "../stage/stage.js";
import { begin, sentences, show, take } from "./desk.js";
import { addressOf } from "./link.js";
import { showStrip } from "./strip.js";

/** @import { Context } from "../../core/base.js" */
/** @import { Data } from "../stage/draw.js" */
/** @import { Edit } from "../stage/edit.js" */
/** @import { Control } from "./strip.js" */

/**
 * @typedef {object} Lab what stands around the stage
 * @property {Control[]} controls
 * @property {boolean} apart whether rows and columns are set apart
 * @property {Record<string, Data>} presets stages that are ready-made
 * @property {Record<string, { sentence: string, data: Data }>} challenges
 * @property {string} page address of the lesson in the app; "" where there is none
 * @property {string} index address of the page that lists the labs
 */

/** @param {Context<Data & { lab: Lab }>} context */
export function mount(context) {
  const { lab, ...data } = context.data;
  const root = find(context.parentElement, ".lab");
  const bench = { desk: begin(data), controls: lab.controls, apart: lab.apart, draw };
  const strip = find(root, ".strip");

  /** @type {Context["setStateValue"]} */
  const setStateValue = (name, sent) => {
    if (name === "edits") take(bench.desk, /** @type {Edit[]} */ (sent));
    draw();
  };

  function draw() {
    const { desk } = bench;
    mountStage({ ...context, data: desk.now, setStateValue });
    showStrip(strip, bench);
    find(root, ".said").replaceChildren(...sentences(desk).map((one) => element("p", "", one)));
    const open = root.querySelector("a.open");
    if (open instanceof HTMLAnchorElement) open.href = addressOf(lab.page, desk.now, lab.controls, bench.apart);
  }

  furnish(root, lab);
  root.addEventListener("click", (event) => {
    const label = closest(event, "[data-try]")?.dataset.try;
    const chosen = label && (lab.challenges[label]?.data ?? lab.presets[label]);
    if (!chosen) return;
    show(bench.desk, chosen);
    draw();
  });
  draw();
}

// the ready-made stages above, what is worth trying and the way into the app below
/** @param {HTMLElement} root @param {Lab} lab */
function furnish(root, lab) {
  const presets = Object.keys(lab.presets).map((label) => button(label, "preset"));
  if (presets.length) {
    const row = element("div", "presets");
    row.append(...presets);
    find(root, ".strip").before(row);
  }
  const tries = Object.entries(lab.challenges).map(([label, { sentence }]) => {
    const line = element("p", "try");
    line.append(button(label, ""), element("span", "", sentence));
    return line;
  });
  const further = find(root, ".further");
  if (tries.length) further.append(element("h2", "", "Try this"), ...tries);
  if (lab.page) further.append(element("a", "open", "Open what you see here in the app"));
  if (lab.index) further.append(Object.assign(element("a", "", "All labs"), { href: lab.index }));
}

/** @param {string} label @param {string} kind */
function button(label, kind) {
  const made = element("button", kind, label);
  made.type = "button";
  made.dataset.try = label;
  return made;
}
