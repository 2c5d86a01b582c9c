// The window slides: play, step, scrub and keys only choose its position.
import { showPosition } from "../../core/transport.js";
import { paint } from "./highlight.js";
import { lastPosition, outputSize } from "./position.js";

/** @import { View } from "./position.js" */

/** @param {View} view @param {number} at */
export function go(view, at, walking = true) {
  view.at = Math.max(0, Math.min(lastPosition(view), at));
  view.walking = walking;
  shade(view);
  paint(view);
  showPosition(view, "Output cell");
}

// while the window walks, the output cells ahead of it are faint: they are not computed yet
/** @param {View} view */
function shade(view) {
  view.data.frames.forEach((ids, frame) => {
    const isAhead = (/** @type {number} */ n) => view.walking && frame * outputSize(view) + n > view.at;
    for (const { plane, activated } of view.data.outputs.filter((one) => ids.includes(one.plane))) {
      for (const id of activated ? [plane, activated.plane] : [plane]) {
        view.cells[id].forEach((cell, n) => cell.classList.toggle("ahead", isAhead(n)));
      }
    }
  });
}
