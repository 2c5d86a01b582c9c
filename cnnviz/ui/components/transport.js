// Play, step and scrub, for whatever walks: a view with `root`, `at` and perhaps `hover`, which pauses the walk, and two
// functions of its component, lastPosition(view) and go(view, position, walking).

const secondsAStep = (view) => 1 / Number(view.root.querySelector(".speed select").value);

function showPosition(view, what) {
  const scrub = view.root.querySelector(".scrub"), last = lastPosition(view);
  scrub.max = last;
  scrub.value = view.at;
  scrub.setAttribute("aria-valuetext", `${what} ${view.at + 1} of ${last + 1}`);
  view.root.querySelector(".position").textContent = `${view.at + 1} of ${last + 1}`;
}

function play(view) {
  const tick = () => {
    if (!view.hover) go(view, view.at + 1, true);
    if (view.at >= lastPosition(view)) pause(view);
    else view.timer = setTimeout(tick, 1000 * secondsAStep(view));
  };
  clearTimeout(view.timer);
  speak(view, false);
  view.root.classList.add("playing");
  view.root.querySelector('[data-action="play"]').setAttribute("aria-label", "Pause");
  view.timer = setTimeout(tick, 1000 * secondsAStep(view));
  go(view, view.at >= lastPosition(view) ? 0 : view.at, true);
}

// a screen reader is told of steps that are taken by hand; a walk by itself would never let it finish
const speak = (view, aloud) => view.root.querySelector("[aria-live]").setAttribute("aria-live", aloud ? "polite" : "off");

function stepTo(view, at) {
  pause(view);
  speak(view, true);
  go(view, at, true);
}

function pause(view) {
  clearTimeout(view.timer);
  view.timer = null;
  view.root.classList.remove("playing");
  view.root.querySelector('[data-action="play"]').setAttribute("aria-label", "Play");
}

const ACTIONS = {
  start: (view) => stepTo(view, 0),
  back: (view) => stepTo(view, view.at - 1),
  forward: (view) => stepTo(view, view.at + 1),
  end: (view) => stepTo(view, lastPosition(view)),
  play: (view) => (view.timer ? pause(view) : play(view)),
};

const KEYS = { " ": "play", ArrowRight: "forward", ArrowLeft: "back", Home: "start", End: "end" };

// whether a key was one of ours
function takeKey(view, event) {
  if (!KEYS[event.key] || event.ctrlKey || event.metaKey) return false;
  event.preventDefault();
  ACTIONS[KEYS[event.key]](view);
  return true;
}
