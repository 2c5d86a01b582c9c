// A file that is dropped on the box or chosen: read here, and nothing of it but its text goes on.

/** @typedef {{ letters: number, bytes: number }} Bounds */

const KINDS = /\.(py|ipynb|txt)$/i;

/** @param {number} count */
const counted = (count) => count.toLocaleString("en");

// The code of a notebook, cell after cell. Throws where it is none.
/** @param {string} json */
export function fromNotebook(json) {
  const { cells } = JSON.parse(json);
  const code = cells.filter((/** @type {any} */ cell) => cell.cell_type === "code");
  return code.map((/** @type {any} */ { source }) => [source].flat().join("").trimEnd()).join("\n\n");
}

/**
 * The text of a file. Throws an Error with a sentence for the reader where there is none.
 * @param {File} file
 * @param {Bounds} bounds
 */
export async function textOf(file, { letters, bytes }) {
  const name = `“${file.name.slice(0, 60)}”`;
  if (!KINDS.test(file.name)) throw new Error(`${name} was not opened: a .py, .ipynb or .txt file is wanted.`);
  if (file.size > bytes) {
    throw new Error(`${name} was not opened: it has ${counted(file.size)} bytes, and ${counted(bytes)} are the most.`);
  }
  const text = await contentOf(file, name);
  if (!text.trim()) throw new Error(`${name} was not opened: there is no code in it.`);
  if (text.length > letters) {
    const most = `${counted(letters)} are the most`;
    throw new Error(`${name} was not opened: its text has ${counted(text.length)} characters, and ${most}.`);
  }
  return text;
}

/** @param {File} file @param {string} name */
async function contentOf(file, name) {
  /** @type {string} */
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()).replace(/\r\n?/g, "\n");
  } catch {
    throw new Error(`${name} was not opened: it is no text in UTF-8; save it as UTF-8.`);
  }
  if (!/\.ipynb$/i.test(file.name)) return text;
  try {
    return fromNotebook(text);
  } catch {
    throw new Error(`${name} was not opened: it is no notebook of Jupyter's; save it again from Jupyter.`);
  }
}
