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
  const scrub = view.root.querySelector(".scrub");
  scrub.max = lastPosition(view);
  scrub.value = view.at;
  scrub.setAttribute("aria-valuetext", `Output cell ${view.at + 1} of ${lastPosition(view) + 1}`);
  view.root.querySelector(".position").textContent = `${view.at + 1} of ${lastPosition(view) + 1}`;
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

function play(view) {
  if (view.at >= lastPosition(view)) go(view, 0);
  view.walking = true;
  view.root.classList.add("playing");
  view.root.querySelector('[data-action="play"]').setAttribute("aria-label", "Pause");
  const tick = () => {
    if (!view.hover) go(view, view.at + 1);
    if (view.at >= lastPosition(view)) pause(view);
    else view.timer = setTimeout(tick, 1000 / Number(view.root.querySelector(".speed select").value));
  };
  clearTimeout(view.timer);
  shade(view);
  paint(view);
  view.timer = setTimeout(tick, 1000 / Number(view.root.querySelector(".speed select").value));
}

function pause(view) {
  clearTimeout(view.timer);
  view.timer = null;
  view.root.classList.remove("playing");
  view.root.querySelector('[data-action="play"]').setAttribute("aria-label", "Play");
}

const ACTIONS = {
  start: (view) => { pause(view); go(view, 0); },
  back: (view) => { pause(view); go(view, view.at - 1); },
  forward: (view) => { pause(view); go(view, view.at + 1); },
  end: (view) => { pause(view); go(view, lastPosition(view)); },
  play: (view) => (view.timer ? pause(view) : play(view)),
};

const KEYS = { " ": "play", ArrowRight: "forward", ArrowLeft: "back", Home: "start", End: "end" };
