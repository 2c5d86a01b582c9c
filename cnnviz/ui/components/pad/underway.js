// Which pictures are under way to Python, and when the next may go: up to three at once, evenly apart, so that far away
// the server has the next one when it has read the last. Where they only wait for one another, in a server or a browser
// that is slow, one is under way for a while. An answer is one for all pictures before it, too: of those that wait for
// a server that still reads, Streamlit runs the page with the newest.

/** @typedef {{ version: number, at: number, alone: boolean }} Sent a picture; whether no other was under way */

/**
 * @typedef {object} Line
 * @property {Sent[]} sent without an answer so far, the oldest first
 * @property {number} last when one was sent last
 * @property {number} read the version that Python has read
 * @property {number} alone how long an answer takes to one that is under way alone; 0 before that is known
 * @property {number} together how long to one of several
 * @property {number} rest for so many answers one is under way
 * @property {number} lost how often in a row no answer came
 */

export const MOST = 3; // under way at once
// milliseconds
export const PAUSE = 60;
export const PATIENCE = 2000; // then the answer is taken for lost
const MOST_PATIENCE = 16_000; // a server that does not answer is asked ever more seldom

const IN_VAIN = 1.3; // times as long as alone an answer takes where pictures wait for one another
const REST = 20; // answers until it is tried again

/** @returns {Line} */
export const newLine = () => ({ sent: [], last: -PATIENCE, read: 0, alone: 0, together: 0, rest: 0, lost: 0 });

/** @param {Line} line the version that is read already, or will be if nothing is lost */
export const newest = ({ sent, read }) => Math.max(read, ...sent.map(({ version }) => version));

/** @param {Line} line */
const patience = ({ alone, lost }) => Math.min(Math.max(PATIENCE, 4 * alone) * 2 ** lost, MOST_PATIENCE);

// milliseconds until the next one may go
/** @param {Line} line @param {number} now */
export function waitFor(line, now) {
  const { sent, last, alone, together, rest } = line;
  const pace = Math.max(PAUSE, together / MOST);
  const gap = sent.length === 0 ? PAUSE : sent.length < MOST && alone && !rest ? pace : patience(line);
  return Math.max(0, last + gap - now);
}

// milliseconds until what is under way has to be taken for lost; Infinity where nothing is
/** @param {Line} line @param {number} now */
export const untilLost = (line, now) => (line.sent.length ? Math.max(0, line.last + patience(line) - now) : Infinity);

/** @param {Line} line @param {number} version @param {number} now */
export function send(line, version, now) {
  line.sent.push({ version, at: now, alone: !line.sent.length });
  line.last = now;
}

// Python has read this version
/** @param {Line} line @param {number} version @param {number} now */
export function answer(line, version, now) {
  const answered = line.sent.find((one) => one.version === version);
  line.read = Math.max(line.read, version);
  line.sent = line.sent.filter((one) => one.version > line.read);
  if (!answered) return;
  line.lost = 0;
  learn(line, now - answered.at, answered.alone);
}

/** @param {Line} line @param {number} took @param {boolean} alone */
function learn(line, took, alone) {
  if (alone) {
    line.alone += (took - line.alone) / (line.alone ? 4 : 1);
    line.rest = Math.max(0, line.rest - 1);
    if (line.rest || !line.together) line.together = line.alone;
  } else {
    line.together += (took - line.together) / 4;
    if (line.together > IN_VAIN * line.alone) line.rest = REST;
  }
}

// forgets what was under way: the newest has to be sent again
/** @param {Line} line */
export function lose(line) {
  line.sent = [];
  line.lost += 1;
}
