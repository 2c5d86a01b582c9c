// The window slides: a position from 0 to the last output cell; play, step, scrub and keys only choose it.

const framesOf = (view) => view.data.frames.length;
const outputSize = (view) => view.data.taps.rows.length * view.data.taps.cols.length;
const lastPosition = (view) => framesOf(view) * outputSize(view) - 1;

function positionAt(view, at) {
  const size = outputSize(view), width = view.data.taps.cols.length;
  const cell = at % size;
  return { frame: Math.floor(at / size), i: Math.floor(cell / width), j: cell % width };
}

function go(view, at, walking = true) {
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
