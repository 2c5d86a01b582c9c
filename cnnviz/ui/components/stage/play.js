// The window slides: play, step, scrub and keys only choose its position.
import { showPosition } from "../../core/transport.js";
import { paint } from "./highlight.js";
import { lastPosition, outputSize } from "./position.js";

export function go(view, at, walking = true) {
  view.at = Math.max(0, Math.min(lastPosition(view), at));
  view.walking = walking;
  shade(view);
  paint(view);
  showPosition(view, "Output cell");
}

// while the window walks, the output cells ahead of it are faint: they are not computed yet
function shade(view) {
  view.data.frames.forEach((ids, frame) => {
    for (const id of ids) {
      const output = view.data.outputs.find((one) => one.plane === id);
      for (const plane of [id, output.then?.plane].filter(Boolean)) {
        view.cells[plane].forEach((cell, n) => cell.classList.toggle("ahead", view.walking && frame * outputSize(view) + n > view.at));
      }
    }
  });
}
