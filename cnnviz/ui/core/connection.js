// Whether the line to the server is there. It is noticed as cut by the first of: the browser says that it is offline;
// Streamlit says that it is not connected; something that was sent is not answered for a while, and the server cannot be
// asked whether it is well. While everything is answered nobody asks.
//
// Streamlit's own socket hears nothing of a line that swallows what is sent, and its own attempts to come back hang on
// one. So once the server can be reached again, Streamlit is told to leave its connection and to begin another one, by
// the messages that it takes from whoever embeds it (ui/shell/delivery.py lets it take them from the page itself): all
// values of all components go out with that, and where the server knows the session, it goes on.

/**
 * @typedef {object} World what the line needs of a browser
 * @property {() => boolean} isConnected what Streamlit says
 * @property {(limit: number) => Promise<boolean>} reaches whether the server answers within so many milliseconds
 * @property {(type: Message, more?: object) => void} ask Streamlit for something
 * @property {(call: () => void, after: number) => number} later
 * @property {(timer: number) => void} never
 * @property {() => void} changed the line was cut, or is there again
 */
/** @typedef {"TERMINATE_WEBSOCKET_CONNECTION" | "RESTART_WEBSOCKET_CONNECTION" | "SEND_APP_HEARTBEAT"} Message */
/** @typedef {ReturnType<typeof lineOf>} Line */

// milliseconds
const PATIENCE = 2000; // with an answer, and with the server that is asked whether it is well
const MOST_PATIENCE = 30_000; // where a line is that slow that it was taken for cut
const RHYTHM = 10_000; // the server is well, and still there is no answer
const PAUSES = [500, 1000, 2000, 4000]; // between two attempts to reach it
const CONNECTS = 10_000; // Streamlit, once it was told to
const GRACE = 5000; // a server that can be asked again may be slow, and no more: its answer is worth waiting for

/** @param {World} world */
export function lineOf(world) {
  let isCut = false;
  let isClosed = false; // Streamlit says so, too
  let isDoubted = false; // nobody says so: there was no answer
  let begun = false; // it was told to begin another connection
  let isStuck = false; // and did not listen
  let attempts = 0;
  let patience = PATIENCE;
  let news = 0; // how often something was heard
  let timer = 0;
  /** @type {Set<object>} */
  const waiting = new Set();
  const line = {
    isCut: () => isCut,
    isStuck: () => isStuck,
    times: 0, // it was there again, by another connection

    /** `who` has sent something. @param {object} who */
    expects(who) {
      waiting.add(who);
      if (waiting.size === 1 && !isCut) watch(patience);
    },

    /** The server has been heard of: the line is there, or no better known to be cut. */
    heard() {
      news += 1;
      if (isCut && !begun && !isClosed) found();
      else if (waiting.size && !isCut) watch(patience);
    },

    /** `who` waits for nothing more. @param {object} who */
    answered(who) {
      if (!waiting.delete(who)) return;
      if (!isCut) patience = PATIENCE;
      if (!isCut && !waiting.size) world.never(timer);
    },

    /** The browser has lost its network. */
    lost() {
      if (isCut) return;
      isCut = true;
      attempts = 0;
      world.changed();
      watch(0, attempt);
    },

    /** The browser has its network again. */
    isBack() {
      if (isCut && !begun) watch(0, attempt);
    },

    /** Streamlit says something else than before. */
    looked() {
      if (world.isConnected()) {
        if (isClosed) found();
        return;
      }
      isClosed = true;
      line.lost();
    },

    end: () => world.never(timer),
  };

  /** @param {number} after @param {() => void} call */
  function watch(after, call = check) {
    world.never(timer);
    timer = world.later(call, after);
  }

  // something waits for an answer: is it the server that takes its time, or the line?
  async function check() {
    const before = news;
    const isThere = await world.reaches(patience);
    if (isCut || !waiting.size || news > before) return;
    if (!isThere) {
      isDoubted = true;
      line.lost();
      return;
    }
    world.ask("SEND_APP_HEARTBEAT", { ackTimeoutMilliseconds: MOST_PATIENCE }); // the socket may have died by itself
    watch(RHYTHM);
  }

  async function attempt() {
    if (isClosed) world.ask("TERMINATE_WEBSOCKET_CONNECTION"); // it need not try by itself
    if (begun && !isClosed && !isStuck) {
      isStuck = true;
      world.changed();
    }
    begun = false;
    const isThere = await world.reaches(patience);
    if (!isCut) return;
    if (!isThere) {
      watch(PAUSES[Math.min(attempts, PAUSES.length - 1)], attempt);
      attempts += 1;
      return;
    }
    if (isDoubted && !isClosed) {
      isDoubted = false;
      watch(GRACE, attempt);
      return;
    }
    if (!isClosed) patience = Math.min(2 * patience, MOST_PATIENCE); // it may have been slow, and no more
    begun = true;
    world.ask("TERMINATE_WEBSOCKET_CONNECTION");
    world.ask("RESTART_WEBSOCKET_CONNECTION");
    watch(CONNECTS, attempt);
  }

  function found() {
    world.never(timer);
    if (isClosed) line.times += 1;
    isCut = isClosed = isDoubted = begun = isStuck = false;
    world.changed();
    if (waiting.size) watch(patience);
  }

  return line;
}

// --- the line of this page

/** @type {Line | null} */
let line = null; // while something on the page shows it (shell/connection)
/** @type {Set<(isCut: boolean, isStuck: boolean) => void>} */
const listeners = new Set();

/** @param {object} who */
export const expects = (who) => line?.expects(who);
export const heard = () => line?.heard();
/** @param {object} who */
export const expectsNothing = (who) => line?.answered(who);

// how often the page had to begin another connection: what was sent before may have been lost with the one before
export const connections = () => line?.times ?? 0;

/**
 * Calls `hear` whenever the line is cut or there again, or Streamlit is found not to listen; gives back what ends that.
 * @param {(isCut: boolean, isStuck: boolean) => void} hear
 */
export function whenCut(hear) {
  listeners.add(hear);
  hear(line?.isCut() ?? false, line?.isStuck() ?? false);
  return () => listeners.delete(hear);
}

/** The line of this page from now on; gives back what ends that. @param {Line} own */
export function follow(own) {
  line = own;
  return () => {
    own.end();
    if (line === own) line = null;
  };
}

/** For a line that was cut, or is there again. */
export function tell() {
  for (const hear of listeners) hear(line?.isCut() ?? false, line?.isStuck() ?? false);
}
