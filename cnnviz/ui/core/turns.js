// Components send one after the other. What several send in one tick Streamlit (1.67) puts into one message, which runs
// the fragment of the first alone: what belongs to another's would stay unanswered.

/** @typedef {{ who: object, sends: (() => void)[] }} Turn */

/** @type {Turn[]} whose turn it is, and who waits */
const turns = [];

/**
 * Sends at once where nobody else has sent in this tick, and in a later one otherwise; all that one sends in its own
 * tick goes together.
 * @param {object} who
 * @param {() => void} send
 */
export function inTurn(who, send) {
  const own = turns.find((turn) => turn.who === who);
  if (own && own === turns[0]) send();
  else if (own) own.sends.push(send);
  else if (turns.push({ who, sends: [send] }) === 1) take();
}

// Streamlit's message goes out before the next turn: its timer was set before this one
function take() {
  try {
    for (const send of turns[0].sends) send();
  } finally {
    setTimeout(() => {
      turns.shift();
      if (turns.length) take();
    });
  }
}
