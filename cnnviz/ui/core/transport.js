// Play, step and scrub, for whatever walks: a view with `root`, `at` (a position from 0), perhaps `hover`, which pauses the
// walk, lastPosition() and go(position, walking).

const secondsAStep = (view) => 1 / Number(view.root.querySelector(".speed select").value);

export function showPosition(view, what) {
  const scrub = view.root.querySelector(".scrub"), last = view.lastPosition();
  scrub.max = last;
  scrub.value = view.at;
  scrub.setAttribute("aria-valuetext", `${what} ${view.at + 1} of ${last + 1}`);
  view.root.querySelector(".position").textContent = `${view.at + 1} of ${last + 1}`;
}

export function play(view) {
  const tick = () => {
    if (!view.hover) view.go(view.at + 1, true);
    if (view.at >= view.lastPosition()) pause(view);
    else view.timer = setTimeout(tick, 1000 * secondsAStep(view));
  };
  clearTimeout(view.timer);
  speak(view, false);
  view.root.classList.add("playing");
  view.root.querySelector('[data-action="play"]').setAttribute("aria-label", "Pause");
  view.timer = setTimeout(tick, 1000 * secondsAStep(view));
  view.go(view.at >= view.lastPosition() ? 0 : view.at, true);
}

// a screen reader is told of steps that are taken by hand; a walk by itself would never let it finish
export const speak = (view, aloud) => view.root.querySelector("[aria-live]").setAttribute("aria-live", aloud ? "polite" : "off");

export function stepTo(view, at) {
  pause(view);
  speak(view, true);
  view.go(at, true);
}

export function pause(view) {
  clearTimeout(view.timer);
  view.timer = null;
  view.root.classList.remove("playing");
  view.root.querySelector('[data-action="play"]').setAttribute("aria-label", "Play");
}

export const ACTIONS = {
  start: (view) => stepTo(view, 0),
  back: (view) => stepTo(view, view.at - 1),
  forward: (view) => stepTo(view, view.at + 1),
  end: (view) => stepTo(view, view.lastPosition()),
  play: (view) => (view.timer ? pause(view) : play(view)),
};

const KEYS = { " ": "play", ArrowRight: "forward", ArrowLeft: "back", Home: "start", End: "end" };

// whether a key was one of ours
export function takeKey(view, event) {
  if (!KEYS[event.key] || event.ctrlKey || event.metaKey) return false;
  event.preventDefault();
  ACTIONS[KEYS[event.key]](view);
  return true;
}
