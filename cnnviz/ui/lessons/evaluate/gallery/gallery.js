// A page of test images. The tiles are kept and painted anew, so that the focus stays where it was.
import { closest, element, find, paint, pixels } from "../../../core/base.js";
import { probability } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";

/** @import { Context } from "../../../core/base.js" */

/** @typedef {{ index: number, label: string, guess: string, probability: number }} Tile */

/**
 * @typedef {object} Data
 * @property {string} title
 * @property {Tile[]} tiles
 * @property {[rows: number, cols: number, channels: number]} shape of each picture
 * @property {[page: number, pages: number]} page
 * @property {number} chosen the index of a test image
 * @property {Uint8Array} sprite all pictures, one after the other
 */

/** @typedef {{ tiles: HTMLElement, data: Data, setTriggerValue: Context["setTriggerValue"] }} View */

const ACROSS = 4;

/** @type {Record<string, number>} */
const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ACROSS, ArrowDown: ACROSS };

function makeTile() {
  const tile = element("button");
  tile.type = "button";
  tile.append(element("canvas"), ...["guess", "true", "more"].map((name) => element("span", name)));
  return tile;
}

/** @param {View} view @param {HTMLElement} tile @param {Tile} one @param {number} place */
function fill(view, tile, one, place) {
  const { sprite, shape, chosen } = view.data;
  const size = shape[0] * shape[1] * shape[2];
  const [guess, label, more] = tile.querySelectorAll("span");
  paint(find(tile, "canvas"), shape, pixels(sprite.subarray(place * size, (place + 1) * size), shape[2]));
  guess.textContent = `named ${one.guess}`;
  label.textContent = `true ${one.label}`;
  more.textContent = `${probability(one.probability)} #${one.index}`;
  tile.className = one.label === one.guess ? "tile" : "tile miss";
  tile.title = `Test image ${one.index}: true ${one.label}, named ${one.guess} with ${probability(one.probability)}`;
  tile.setAttribute("aria-label", tile.title);
  mark(tile, one.index === chosen);
  tile.onclick = () => {
    tilesOf(view).forEach((other) => mark(other, other === tile));
    view.setTriggerValue("image", one.index);
  };
}

/** @param {View} view @returns {NodeListOf<HTMLElement>} */
const tilesOf = ({ tiles }) => tiles.querySelectorAll("button");

/** @param {HTMLElement} tile @param {boolean} is */
function mark(tile, is) {
  tile.classList.toggle("chosen", is);
  tile.setAttribute("aria-pressed", String(is));
}

/** @param {View} view @param {number} by */
function turn(view, by) {
  const [page, pages] = view.data.page;
  const to = page + by;
  if (to >= 1 && to <= pages) view.setTriggerValue("page", to);
}

/** @param {View} view @param {KeyboardEvent} event */
function onKey(view, event) {
  event.stopPropagation(); // Streamlit has shortcuts of its own
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const tiles = [...tilesOf(view)];
  const tile = closest(event, ".tile");
  const to = tile && tiles[tiles.indexOf(tile) + MOVES[event.key]];
  if (to) {
    letTabReach(tiles, to);
    to.focus();
  } else if (event.key === "PageDown") turn(view, 1);
  else if (event.key === "PageUp") turn(view, -1);
  else if (!(event.key in MOVES)) return;
  event.preventDefault();
}

// one tile takes part in the order of the tab key
/** @param {HTMLElement[]} tiles @param {HTMLElement} one */
function letTabReach(tiles, one) {
  for (const tile of tiles) tile.tabIndex = tile === one ? 0 : -1;
}

/** @param {Context<Uint8Array>} context */
export function mount({ data: bytes, parentElement, setTriggerValue }) {
  /** @type {Data} */
  const data = unpacked(bytes);
  const [page, pages] = data.page;
  const view = { data, setTriggerValue, tiles: find(parentElement, ".tiles") };
  find(parentElement, ".title").textContent = data.title;
  find(parentElement, ".pager").hidden = pages < 2;
  find(parentElement, ".page").textContent = `${page.toLocaleString("en")} of ${pages.toLocaleString("en")}`;
  for (const [name, by, last] of /** @type {const} */ ([
    [".back", -1, 1],
    [".next", 1, pages],
  ])) {
    /** @type {HTMLButtonElement} */
    const button = find(parentElement, name);
    button.disabled = page === last;
    button.onclick = () => turn(view, by);
  }
  while (view.tiles.childElementCount > data.tiles.length) view.tiles.lastElementChild?.remove();
  while (view.tiles.childElementCount < data.tiles.length) view.tiles.append(makeTile());
  const tiles = [...tilesOf(view)];
  tiles.forEach((tile, place) => fill(view, tile, data.tiles[place], place));
  const chosen = tiles.find((tile) => tile.classList.contains("chosen"));
  letTabReach(tiles, chosen ?? tiles[0]);
  const keys = "Arrow keys move, Enter looks at an image, page up and page down turn over.";
  view.tiles.setAttribute("aria-label", `${data.title}. ${keys}`);
  find(parentElement, ".gallery").onkeydown = (event) => onKey(view, event);
}
