// What a component is at, for whoever waits for it: `data-state` on the element around its markup. "loading" stands there
// until it has been drawn first; it is "busy" from when it sends something until the answer is drawn, "ready" otherwise,
// and "failed" where its script threw.
import { markTheme } from "./base.js";

const PAUSE = 100; // milliseconds: so long after a run of the page's script no other has begun
const UNSEEN = 1000; // a run may be so short that the page never shows it
const states = new WeakMap();

// The function that Streamlit calls with every update, made of a component's `mount` and its markup. Streamlit does not
// wait for the stylesheet: nothing is drawn before that is there, and of the updates until then the newest counts.
export const withState = (mount, markup) => (context) => {
  const { parentElement } = context;
  const state = states.get(parentElement) ?? begin(parentElement);
  const call = ++state.calls;
  const isNewest = () => call === state.calls;
  // Streamlit also cleans up after a call that was overtaken by another one while it waited: that ends nothing
  const leave = () => { if (isNewest()) end(parentElement, state); };
  const show = () => { if (isNewest() && state.element.isConnected) render(state, mount, markup, context); return leave; };
  return state.styles ? state.styles.then(show) : show();
};

function begin(parentElement) {
  const element = parentElement.querySelector("[data-state]"), link = parentElement.querySelector('link[rel="stylesheet"]');
  const state = { element, styles: null, drawn: false, calls: 0, leave: null, sent: false, timer: 0, waits: () => false };
  state.observer = new MutationObserver(() => look(state, PAUSE));
  if (link && !link.sheet) state.styles = loaded(link).then(() => { state.styles = null; }, (error) => fail(state, error));
  states.set(parentElement, state);
  return state;
}

function loaded(link) {
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new Error(`${link.href} did not load`)));
  });
}

function end(parentElement, state) {
  clearTimeout(state.timer);
  state.observer.disconnect();
  states.delete(parentElement);
  state.leave?.();
}

function render(state, mount, markup, context) {
  const { setStateValue, setTriggerValue } = context;
  try {
    if (!state.drawn) state.element.replaceChildren(document.createRange().createContextualFragment(markup));
    state.drawn = true;
    markTheme(state.element);
    state.leave = mount({
      ...context,
      setStateValue: (...sent) => { asked(state); setStateValue(...sent); },
      setTriggerValue: (...sent) => { asked(state); setTriggerValue(...sent); },
      waitsWhile: (waits) => { state.waits = waits; }, // for one whose answers say what they answer
    });
    shown(state);
  } catch (error) {
    fail(state, error);
  }
}

function fail(state, error) {
  state.element.dataset.state = "failed";
  const around = state.element.getRootNode().host?.parentElement;
  if (around) around.dataset.state = "failed"; // for Streamlit puts its message in our place
  throw error;
}

// whether the page's script runs, or the server is out of reach
function isUnderWay() {
  const { testScriptState, testConnectionState } = document.querySelector('[data-testid="stApp"]')?.dataset ?? {};
  return (testScriptState ?? "notRunning") !== "notRunning" || (testConnectionState ?? "CONNECTED") !== "CONNECTED";
}

// looks again after a while, unless a run begins until then, at whose end it is called anew
function look(state, pause) {
  clearTimeout(state.timer);
  if (state.sent && !isUnderWay()) state.timer = setTimeout(() => { if (!isUnderWay() && !state.waits()) answered(state); }, pause);
}

function asked(state) {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!state.sent && app) state.observer.observe(app, { attributeFilter: ["data-test-script-state", "data-test-connection-state"] });
  state.sent = true;
  state.element.dataset.state = "busy";
  look(state, UNSEEN);
}

function answered(state) {
  state.observer.disconnect();
  state.sent = false;
  state.element.dataset.state = "ready";
}

// it is drawn; where something was sent, by the answer or by an earlier run
function shown(state) {
  if (state.sent) look(state, PAUSE);
  else state.element.dataset.state = "ready";
}
