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
 * @property {number} turn how long an answer takes
 * @property {number} alone how long to one that is under way alone; 0 before that is known
 * @property {number} gap from one answer to the next while several are under way
 * @property {number} since when there was an answer while others were under way; 0 where none was
 * @property {number} rest for so many answers one is under way alone
 * @property {number} vain how often in a row several were under way in vain
 * @property {number} lost how often in a row no answer came
 */

export const MOST = 3; // under way at once
// milliseconds
export const PAUSE = 60;
export const PATIENCE = 2000; // then the answer is taken for lost
const MOST_PATIENCE = 16_000; // a server that does not answer is asked ever more seldom

// of `alone`, the gap between answers: in vain several are under way that are read no more often than one would be
const [WORTH, BEGIN, IN_VAIN] = [0.5, 0.6, 0.8];
const STALL = 1.5; // a longer gap counts as this: what stops once says nothing of the line
const REST = 10; // answers until it is tried again, and twice as many each time that it was in vain
const MOST_VAIN = 4;

/** @returns {Line} */
export const newLine = () => ({
  ...{ sent: [], last: -PATIENCE, read: 0, lost: 0 },
  ...{ turn: 0, alone: 0, gap: 0, since: 0, rest: 0, vain: 0 },
});

/** @param {Line} line the version that is read already, or will be if nothing is lost */
export const newest = ({ sent, read }) => Math.max(read, ...sent.map(({ version }) => version));

/** @param {Line} line */
const patience = ({ alone, lost }) => Math.min(Math.max(PATIENCE, 4 * alone) * 2 ** lost, MOST_PATIENCE);

// milliseconds until the next one may go
/** @param {Line} line @param {number} now */
export function waitFor(line, now) {
  const { sent, last, turn, alone, rest } = line;
  const pace = Math.max(PAUSE, turn / (MOST + 1)); // closer than even, so that none is missing where one is late
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
  const took = now - answered.at;
  line.turn += (took - line.turn) / (line.turn ? 4 : 1);
  if (answered.alone) learnAlone(line, took);
  else if (line.since) learnTogether(line, now - line.since);
  line.since = line.sent.length ? now : 0;
}

/** @param {Line} line @param {number} took */
function learnAlone(line, took) {
  line.alone += (took - line.alone) / (line.alone ? 4 : 1);
  line.rest = Math.max(0, line.rest - 1);
  if (line.rest || !line.gap) line.gap = BEGIN * line.alone;
}

/** @param {Line} line @param {number} gap */
function learnTogether(line, gap) {
  line.gap += (Math.min(gap, STALL * line.alone) - line.gap) / 8;
  if (line.gap < WORTH * line.alone) line.vain = 0;
  if (line.gap < IN_VAIN * line.alone || line.rest) return;
  line.rest = REST * 2 ** line.vain;
  line.vain = Math.min(line.vain + 1, MOST_VAIN);
}

// forgets what was under way: the newest has to be sent again
/** @param {Line} line */
export function lose(line) {
  line.sent = [];
  line.since = 0;
  line.lost += 1;
}
