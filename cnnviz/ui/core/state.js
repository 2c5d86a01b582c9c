// What a component is at, for whoever waits for it: `data-state` on the element around its markup. "loading" stands
// there until it has been drawn first; it is "busy" from when it sends something until the answer is drawn, "ready"
// otherwise, and "failed" where its script threw.
import { find, markTheme } from "./base.js";
import { connections, expects, expectsNothing, heard, whenCut } from "./connection.js";
import { inTurn } from "./turns.js";

/** @import { Context } from "./base.js" */

/** @typedef {(context: Context) => (() => void) | void} Mount draws; what it gives back ends it */

/**
 * @typedef {object} State
 * @property {HTMLElement} element around the markup
 * @property {Promise<void> | null} styles kept once the stylesheet is there; null from then on
 * @property {boolean} drawn
 * @property {number} calls
 * @property {(() => void) | void} leave
 * @property {boolean} sent whether something was sent that is not answered yet
 * @property {number} timer
 * @property {() => boolean} waits
 * @property {(() => void) | null} again sends once more what the server may have lost
 * @property {number} connections how many there had been when that was done last
 * @property {() => void} unhear
 * @property {MutationObserver} observer
 */

const PAUSE = 100; // milliseconds: so long after a run of the page's script no other has begun
const UNSEEN = 1000; // a run may be so short that the page never shows it

/** @type {WeakMap<ShadowRoot, State>} */
const states = new WeakMap();

/**
 * The function that Streamlit calls with every update, made of a component's `mount` and its markup. Streamlit does not
 * wait for the stylesheet: nothing is drawn before that is there, and of the updates until then the newest counts.
 * @param {Mount} mount
 * @param {string} markup
 * @returns {(context: Omit<Context, "waitsWhile">) => (() => void) | Promise<() => void>}
 */
export const withState = (mount, markup) => (context) => {
  const { parentElement } = context;
  const state = states.get(parentElement) ?? begin(parentElement);
  const call = ++state.calls;
  // Streamlit cleans up after a call that is overtaken by the next one, too: only with its element a component has
  // ended
  const leave = () => {
    if (!state.element.isConnected) end(parentElement, state);
  };
  const show = () => {
    if (call === state.calls && state.element.isConnected) render(state, mount, markup, context);
    return leave;
  };
  return state.styles ? state.styles.then(show) : show();
};

/** @param {ShadowRoot} parentElement */
function begin(parentElement) {
  /** @type {State} */
  const state = {
    element: find(parentElement, "[data-state]"),
    styles: null,
    drawn: false,
    calls: 0,
    leave: undefined,
    sent: false,
    timer: 0,
    waits: () => false,
    again: null,
    connections: connections(),
    unhear: () => {},
    observer: new MutationObserver(() => look(state, PAUSE)),
  };
  /** @type {HTMLLinkElement | null} */
  const link = parentElement.querySelector('link[rel="stylesheet"]');
  if (link && !link.sheet) {
    const there = () => {
      state.styles = null;
    };
    state.styles = loaded(link).then(there, (error) => fail(state, error));
  }
  states.set(parentElement, state);
  state.unhear = whenCut(() => {
    if (state.again && state.connections < connections()) asked(state);
  });
  return state;
}

/** @param {HTMLLinkElement} link */
function loaded(link) {
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new Error(`${link.href} did not load`)));
  });
}

/** @param {ShadowRoot} parentElement @param {State} state */
function end(parentElement, state) {
  if (states.get(parentElement) !== state) return; // it has ended before
  clearTimeout(state.timer);
  state.observer.disconnect();
  state.unhear();
  expectsNothing(state);
  states.delete(parentElement);
  state.leave?.();
}

/** @param {State} state @param {Mount} mount @param {string} markup @param {Omit<Context, "waitsWhile">} context */
function render(state, mount, markup, context) {
  const { setStateValue, setTriggerValue } = context;
  try {
    if (!state.drawn) state.element.replaceChildren(document.createRange().createContextualFragment(markup));
    state.drawn = true;
    markTheme(state.element);
    state.leave = mount({
      ...context,
      setStateValue: (...sent) => {
        asked(state);
        inTurn(state, () => setStateValue(...sent));
      },
      setTriggerValue: (...sent) => {
        asked(state);
        inTurn(state, () => setTriggerValue(...sent));
      },
      // for one whose answers say what they answer
      waitsWhile: (waits, again) => {
        Object.assign(state, { waits, again: again ?? null });
      },
    });
    heard();
    shown(state);
  } catch (error) {
    fail(state, error);
  }
}

/** @param {State} state @param {unknown} error */
function fail(state, error) {
  state.element.dataset.state = "failed";
  const root = state.element.getRootNode();
  const around = root instanceof ShadowRoot ? root.host.parentElement : null;
  if (around) around.dataset.state = "failed"; // for Streamlit puts its message in our place
  throw error;
}

/** @returns {HTMLElement | null} */
const app = () => document.querySelector('[data-testid="stApp"]');

// whether Streamlit has a connection to the server, as far as it knows
export const isConnected = () => (app()?.dataset.testConnectionState ?? "CONNECTED") === "CONNECTED";

// whether the page's script runs, or the server is out of reach
export const isUnderWay = () => (app()?.dataset.testScriptState ?? "notRunning") !== "notRunning" || !isConnected();

// looks again after a while, unless a run begins until then, at whose end it is called anew
/** @param {State} state @param {number} pause */
function look(state, pause) {
  clearTimeout(state.timer);
  if (!state.sent || isUnderWay()) return;
  state.timer = setTimeout(() => {
    if (isUnderWay()) return;
    if (state.again && state.connections < connections()) sendAgain(state, state.again);
    else if (!state.waits()) answered(state);
  }, pause);
}

/** @param {State} state */
function asked(state) {
  const page = app();
  if (!state.sent && page) {
    state.observer.observe(page, {
      attributeFilter: ["data-test-script-state", "data-test-connection-state"],
    });
  }
  state.sent = true;
  state.element.dataset.state = "busy";
  expects(state);
  look(state, UNSEEN);
}

// There is another connection, and the page has run since: what was sent by the one before may not have come, and a
// server that was started anew has nothing of it.
/** @param {State} state @param {() => void} again */
function sendAgain(state, again) {
  state.connections = connections();
  again();
  look(state, UNSEEN);
}

/** @param {State} state */
function answered(state) {
  state.observer.disconnect();
  expectsNothing(state);
  state.sent = false;
  state.element.dataset.state = "ready";
}

// it is drawn; where something was sent, by the answer or by an earlier run
/** @param {State} state */
function shown(state) {
  if (state.sent) look(state, PAUSE);
  else state.element.dataset.state = "ready";
}
