// Which pictures are under way to Python, and when the next may go. Far away, two or three are at once, so that the
// server has the next one when it has answered the last; a server that is slower than that is not sent more than it
// reads. An answer is one for all pictures before it, too: Streamlit runs the page with the newest of those that wait.

/** @typedef {{ version: number, at: number, alone: boolean }} Sent a picture; whether no other was under way */

/**
 * @typedef {object} Line
 * @property {Sent[]} sent without an answer so far, the oldest first
 * @property {number} last when one was sent last
 * @property {number} read the version that Python has read
 * @property {number} turn from sending one to its answer, where no other is in its way; 0 before that is known
 * @property {number} pace from one to the next while others are under way
 * @property {number} lost how often in a row no answer came
 */

export const MOST = 3; // under way at once
// milliseconds
export const PAUSE = 60;
export const PATIENCE = 2000; // then the answer is taken for lost
const MOST_PATIENCE = 16_000; // a server that does not answer is asked ever more seldom

const LATE = 1.3; // of `turn`: so late an answer comes when pictures wait for one another
const [SLOWER, FASTER] = [1.25, 0.9];

/** @returns {Line} */
export const newLine = () => ({ sent: [], last: -PATIENCE, read: 0, turn: 0, pace: PAUSE, lost: 0 });

/** @param {Line} line the version that is read already, or will be if nothing is lost */
export const newest = ({ sent, read }) => Math.max(read, ...sent.map(({ version }) => version));

/** @param {Line} line */
const patience = ({ turn, lost }) => Math.min(Math.max(PATIENCE, 4 * turn) * 2 ** lost, MOST_PATIENCE);

// milliseconds until the next one may go
/** @param {Line} line @param {number} now */
export function waitFor(line, now) {
  const { sent, last, pace, turn } = line;
  const gap = sent.length === 0 ? PAUSE : sent.length < MOST && turn ? pace : patience(line);
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
  const took = now - answered.at;
  line.lost = 0;
  if (answered.alone) {
    line.turn = line.turn ? (line.turn + took) / 2 : took;
    line.pace = Math.max(PAUSE, line.pace, line.turn / MOST);
  } else {
    line.pace = took > LATE * line.turn ? line.pace * SLOWER : Math.max(PAUSE, line.pace * FASTER);
    line.turn = Math.min(line.turn, took);
  }
}

// forgets what was under way: the newest has to be sent again
/** @param {Line} line */
export function lose(line) {
  line.sent = [];
  line.lost += 1;
}
