// What of the reader's the server keeps for as long as it knows the session, by words for it. A page that is answered
// by another session than before has lost it.

/** @type {Map<object, string[]>} by who told of it */
const held = new Map();
/** @type {Set<string>} */
const lost = new Set();
/** @type {Set<(names: string[]) => void>} */
const listeners = new Set();
let known = "";

/** @param {object} who @param {string} session that answers now @param {string[]} names of what it holds */
export function hold(who, session, names) {
  if (known && known !== session) {
    for (const name of [...held.values()].flat()) lost.add(name);
    held.clear();
    tell();
  }
  known = session;
  held.set(who, names);
}

/** The reader has read it. */
export function forget() {
  lost.clear();
  tell();
}

/**
 * Calls `hear` with what is lost, now and whenever that is something else; gives back what ends that.
 * @param {(names: string[]) => void} hear
 */
export function whenLost(hear) {
  listeners.add(hear);
  hear([...lost]);
  return () => listeners.delete(hear);
}

function tell() {
  for (const hear of listeners) hear([...lost]);
}
