// What a component is at, for whoever waits for it: `data-state` on the element around its markup. "loading" stands in
// the markup until its script has drawn first; it is "busy" from when it sends something until the answer is drawn,
// "ready" otherwise, and "failed" where its script threw.
const withState = (component) => {
  const PAUSE = 100; // milliseconds: so long after a run of the page's script no other has begun
  const UNSEEN = 1000; // a run may be so short that the page never shows it
  const stateOf = new WeakMap();

  // whether the page's script runs, or the server is out of reach
  function isUnderWay() {
    const { testScriptState, testConnectionState } = document.querySelector('[data-testid="stApp"]')?.dataset ?? {};
    return (testScriptState ?? "notRunning") !== "notRunning" || (testConnectionState ?? "CONNECTED") !== "CONNECTED";
  }

  function stateAt(parentElement) {
    const state = { element: parentElement.querySelector("[data-state]"), sent: false, timer: 0, waits: () => false };
    state.observer = new MutationObserver(() => look(state, PAUSE));
    stateOf.set(parentElement, state);
    return state;
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

  return (context) => {
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
};

export default withState(component);
