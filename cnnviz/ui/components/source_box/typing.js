// What keys do in a text: each gives the stretch to replace, by what, and the selection afterwards.

/** @typedef {{ from: number, to: number, text: string, start: number, end: number }} Edit */

export const INDENT = "    ";

/** @param {string} text @param {number} at @returns {number} where the line begins in which `at` lies */
const lineStart = (text, at) => text.lastIndexOf("\n", at - 1) + 1;

/** @param {string} text @param {number} at @returns {number} where it ends */
const lineEnd = (text, at) => {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
};

// Tab: spaces to the next stop, or all lines of a selection further in.
/** @param {string} text @param {number} start @param {number} end @returns {Edit} */
export function indented(text, start, end) {
  if (!text.slice(start, end).includes("\n")) {
    const wide = INDENT.length - ((start - lineStart(text, start)) % INDENT.length);
    return { from: start, to: end, text: " ".repeat(wide), start: start + wide, end: start + wide };
  }
  const { from, to, lines } = selected(text, start, end);
  const made = lines.map((line) => (line ? INDENT + line : line));
  const first = made[0].length - lines[0].length;
  return {
    from,
    to,
    text: made.join("\n"),
    start: start + first,
    end: end + made.join("").length - lines.join("").length,
  };
}

// Shift and Tab: the lines of the selection further out, as far as there is anything to take away.
/** @param {string} text @param {number} start @param {number} end @returns {Edit} */
export function dedented(text, start, end) {
  const { from, to, lines } = selected(text, start, end);
  const made = lines.map((line) => line.replace(/^(?: {1,4}|\t)/, ""));
  const first = lines[0].length - made[0].length;
  const lost = lines.join("").length - made.join("").length;
  const begin = Math.max(from, start - first);
  return { from, to, text: made.join("\n"), start: begin, end: Math.max(begin, end - lost) };
}

// The lines that a selection touches; one that it ends before is none of them.
/** @param {string} text @param {number} start @param {number} end */
function selected(text, start, end) {
  const from = lineStart(text, start);
  const to = lineEnd(text, end > start && text[end - 1] === "\n" ? end - 1 : end);
  return { from, to, lines: text.slice(from, to).split("\n") };
}

// Enter: as far in as this line, and further where a bracket or a block has just been opened.
/** @param {string} text @param {number} start @param {number} end @returns {Edit} */
export function newLine(text, start, end) {
  const before = text.slice(lineStart(text, start), start);
  const [own] = before.match(/^[ \t]*/) ?? [""];
  const made = `\n${own}${/[([{:]\s*$/.test(before) ? INDENT : ""}`;
  return { from: start, to: end, text: made, start: start + made.length, end: start + made.length };
}

/** @param {string} text */
export function countLines(text) {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

// The line of that number, from 1, and where in the text it begins; null where there is none.
/** @param {string} text @param {number} number */
export function lineOf(text, number) {
  let from = 0;
  for (let line = 1; line < number; line++) {
    const end = text.indexOf("\n", from);
    if (end < 0) return null;
    from = end + 1;
  }
  return { from, line: text.slice(from, lineEnd(text, from)) };
}

// A line parted at a column as Python counts it, from 1 and in whole characters: what is before, and the one there.
/** @param {string} line @param {number} column @returns {[before: string, at: string]} */
export function partedAt(line, column) {
  const characters = Array.from(line);
  return [characters.slice(0, column - 1).join(""), characters[column - 1] ?? ""];
}
