// Play, step and scrub, for whatever walks.
import { find } from "./base.js";

/**
 * @typedef {object} Walk what a view needs to have to be walked through
 * @property {HTMLElement} root
 * @property {number} at a position from 0
 * @property {unknown} [hover] what is pointed at, which pauses the walk
 * @property {number | null} [timer]
 * @property {number} [pace] positions a second at the speed of 1, where that is not one
 * @property {() => number} lastPosition
 * @property {(position: number, walking?: boolean) => void} go
 */

/** @param {Walk} view */
function secondsAStep(view) {
  /** @type {HTMLSelectElement} */
  const speed = find(view.root, ".speed select");
  return 1 / (Number(speed.value) * (view.pace ?? 1));
}

/** @param {Walk} view @param {string} what a position is called @param {string} [words] in place of its number */
export function showPosition(view, what, words) {
  const last = view.lastPosition();
  const said = `${view.at + 1} of ${last + 1}`;
  /** @type {HTMLInputElement} */
  const scrub = find(view.root, ".scrub");
  scrub.max = String(last);
  scrub.value = String(view.at);
  scrub.setAttribute("aria-valuetext", words ?? `${what} ${said}`);
  find(view.root, ".position").textContent = words ?? said;
}

/** @param {Walk} view */
export function play(view) {
  const tick = () => {
    if (!view.hover) view.go(view.at + 1, true);
    if (view.at >= view.lastPosition()) pause(view);
    else view.timer = setTimeout(tick, 1000 * secondsAStep(view));
  };
  clearTimeout(view.timer ?? undefined);
  speak(view, false);
  view.root.classList.add("playing");
  find(view.root, '[data-action="play"]').setAttribute("aria-label", "Pause");
  view.timer = setTimeout(tick, 1000 * secondsAStep(view));
  view.go(view.at >= view.lastPosition() ? 0 : view.at, true);
}

// a screen reader is told of steps that are taken by hand; a walk by itself would never let it finish
/** @param {{ root: HTMLElement }} view @param {boolean} aloud */
export const speak = ({ root }, aloud) => find(root, "[aria-live]").setAttribute("aria-live", aloud ? "polite" : "off");

/** @param {Walk} view @param {number} at */
export function stepTo(view, at) {
  pause(view);
  speak(view, true);
  view.go(at, true);
}

/** @param {Walk} view */
export function pause(view) {
  clearTimeout(view.timer ?? undefined);
  view.timer = null;
  view.root.classList.remove("playing");
  find(view.root, '[data-action="play"]').setAttribute("aria-label", "Play");
}

/** @type {Record<string, (view: Walk) => void>} */
const ACTIONS = {
  start: (view) => stepTo(view, 0),
  back: (view) => stepTo(view, view.at - 1),
  forward: (view) => stepTo(view, view.at + 1),
  end: (view) => stepTo(view, view.lastPosition()),
  play: (view) => (view.timer ? pause(view) : play(view)),
};

/** @type {Record<string, string>} */
const KEYS = {
  " ": "play",
  ArrowRight: "forward",
  ArrowLeft: "back",
  Home: "start",
  End: "end",
};

// whether a key was one of ours
/** @param {Walk} view @param {KeyboardEvent} event */
export function takeKey(view, event) {
  const action = KEYS[event.key];
  if (!action || event.ctrlKey || event.metaKey) return false;
  event.preventDefault();
  ACTIONS[action](view);
  return true;
}

// the buttons, the scrub, and keys where the whole is in focus
/** @param {Walk} view */
export function listen(view) {
  const { root } = view;
  root.onclick = (event) => {
    if (event.target instanceof Element) takeButton(view, event.target.closest("button"));
  };
  root.onkeydown = (event) => {
    event.stopPropagation(); // Streamlit has shortcuts on single letters
    if (event.target === root) takeKey(view, event);
  };
  find(root, ".scrub").oninput = (event) => {
    pause(view);
    view.go(Number(/** @type {HTMLInputElement} */ (event.target).value));
  };
}

// whether a button was one of ours
/** @param {Walk} view @param {HTMLElement | null} button */
export function takeButton(view, button) {
  const action = button?.dataset.action;
  if (action) ACTIONS[action](view);
  return Boolean(action);
}
