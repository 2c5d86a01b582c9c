// What one component's data say to others of the page: a move of the pen runs a small fragment again, and its answer
// brings values to components that stand elsewhere and keep what they are made of. Whoever hears later hears what was
// said last.

/** @typedef {(news: any) => void} Listener */

/** @type {Map<string, unknown>} */
const said = new Map();
/** @type {Map<string, Map<object, Listener>>} */
const listeners = new Map();

/** @param {string} name @param {unknown} news */
export function tell(name, news) {
  said.set(name, news);
  for (const listen of listeners.get(name)?.values() ?? []) listen(news);
}

/** @param {string} name whose teller has left the page */
export const forget = (name) => said.delete(name);

/**
 * Calls `listen` with what was said last, if anything was, and with all that is said from now on; one for each `who`.
 * @param {string} name
 * @param {object} who
 * @param {Listener} listen
 * @returns {() => void} ends it
 */
export function hear(name, who, listen) {
  const heard = listeners.get(name) ?? new Map();
  listeners.set(name, heard.set(who, listen));
  if (said.has(name)) listen(said.get(name));
  return () => {
    heard.delete(who);
  };
}
