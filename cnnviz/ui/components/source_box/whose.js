// Whose text counts, the reader's or the page's: what is sent names what it was typed into, and what comes says what it
// answers.

/**
 * @typedef {object} Text
 * @property {string} origin the session's box that the text came from, "" before there is any
 * @property {number} revision how often the page had put another text into it
 * @property {boolean} edited whether the reader has changed it since
 * @property {string} sent the text that was sent last, or put into the box; the page's errors are about that
 * @property {string} id of what was sent last, "" before anything was
 */

/** @typedef {{ origin: string, revision: number, ack: string | null }} Answer */

/** @returns {Text} */
export const noText = () => ({ origin: "", revision: 0, edited: false, sent: "", id: "" });

// Another session has not heard of what was typed while the server was away: it is sent again. Any other change of the
// text is the page's.
/** @param {Text} text @param {Answer} answer @returns {"show" | "keep" | "send"} */
export function turnOf(text, { origin, revision }) {
  if (!text.origin) return "show";
  if (text.origin !== origin) return text.edited ? "send" : "show";
  return text.revision === revision ? "keep" : "show";
}

// whether an answer is about the text that was sent last
/** @param {Text} text @param {Answer} answer */
export const isAnswer = (text, { ack }) => !text.id || text.id === ack;
