// Messages to Python, one at a time: the next goes when the last was heard, and one that was not heard goes again.

/** @typedef {Record<string, unknown> & { kind: string }} Message */

const AGAIN = 4000; // milliseconds after which a message that was not heard is sent again

/** @param {(message: Message & { seq: number }) => void} send */
export function outbox(send) {
  /** @type {(Message & { seq: number })[]} */
  const waiting = [];
  let next = 1;
  let timer = 0;

  function push() {
    clearTimeout(timer);
    if (!waiting.length) return;
    send(waiting[0]);
    timer = window.setTimeout(push, AGAIN);
  }

  return {
    /** Send it when its turn comes; a frame takes the place of one that has not gone yet. @param {Message} message */
    post(message) {
      const last = waiting.at(-1);
      if (message.kind === "frame" && waiting.length > 1 && last?.kind === "frame") waiting.pop();
      waiting.push({ ...message, seq: next++ });
      if (waiting.length === 1) push();
    },
    /** Python has taken the message of that number. @param {number} seq */
    heard(seq) {
      if (next <= seq) next = seq + 1; // another component sent before, and is gone
      if (waiting[0]?.seq !== seq) return;
      waiting.shift();
      push();
    },
    busy: () => waiting.length > 0,
    has: (/** @type {string} */ kind) => waiting.some((message) => message.kind === kind),
    end: () => clearTimeout(timer),
  };
}
