// What a component is at, for whoever waits for it: `data-state` on the element around its markup. "loading" stands in
// the markup until its script has drawn first; it is "busy" from when it sends something until the answer is drawn,
// "ready" otherwise, and "failed" where its script threw.
const ANSWERED = 100; // milliseconds: so long after a run of the page's script no other has begun
const stateOf = new WeakMap();
const scriptRuns = () => (document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState ?? "notRunning") !== "notRunning";

function stateAt(parentElement) {
  const element = parentElement.querySelector("[data-state]");
  const state = { element, sent: false, timer: 0, waits: () => false };
  const look = () => {
    clearTimeout(state.timer);
    if (state.sent && !scriptRuns()) state.timer = setTimeout(() => { if (!scriptRuns() && !state.waits()) answered(state); }, ANSWERED);
  };
  state.look = look;
  state.observer = new MutationObserver(look);
  stateOf.set(parentElement, state);
  return state;
}

function asked(state) {
  if (!state.sent) {
    const app = document.querySelector('[data-testid="stApp"]');
    if (app) state.observer.observe(app, { attributeFilter: ["data-test-script-state"] });
  }
  clearTimeout(state.timer);
  state.sent = true;
  state.element.dataset.state = "busy";
}

function answered(state) {
  state.observer.disconnect();
  state.sent = false;
  state.element.dataset.state = "ready";
}

// it is drawn; where something was sent, by the answer or by an earlier run
function shown(state) {
  if (state.sent) state.look();
  else state.element.dataset.state = "ready";
}

export default (context) => {
  const { parentElement, setStateValue, setTriggerValue } = context;
  const state = stateOf.get(parentElement) ?? stateAt(parentElement);
  try {
    const leave = component({
      ...context,
      setStateValue: (...sent) => { asked(state); setStateValue(...sent); },
      setTriggerValue: (...sent) => { asked(state); setTriggerValue(...sent); },
      waitsWhile: (waits) => { state.waits = waits; }, // for one whose answers say what they answer
    });
    shown(state);
    return () => { clearTimeout(state.timer); state.observer.disconnect(); stateOf.delete(parentElement); leave?.(); };
  } catch (error) {
    state.element.dataset.state = "failed";
    parentElement.getRootNode().host.parentElement.dataset.state = "failed"; // for Streamlit puts its message in our place
    throw error;
  }
};
