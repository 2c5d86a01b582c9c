// A page of test images. The tiles are kept and painted anew, so that the focus stays where it was.
import { element, paint, pixels } from "../../../core/base.js";
import { probability } from "../../../core/numbers.js";
import { unpacked } from "../../../core/packed.js";

const views = new WeakMap();
const ACROSS = 4;
const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ACROSS, ArrowDown: ACROSS };

function makeTile() {
  const tile = element("button");
  tile.type = "button";
  tile.append(element("canvas"), ...["guess", "true", "more"].map((name) => element("span", name)));
  return tile;
}

function fill(view, tile, one, place) {
  const { sprite, shape, chosen } = view.data, size = shape[0] * shape[1] * shape[2];
  const [canvas, guess, label, more] = tile.children;
  paint(canvas, shape, pixels(sprite.subarray(place * size, (place + 1) * size), shape[2]));
  guess.textContent = `named ${one.guess}`;
  label.textContent = `true ${one.label}`;
  more.textContent = `${probability(one.probability)} #${one.index}`;
  tile.className = one.label === one.guess ? "tile" : "tile miss";
  tile.title = `Test image ${one.index}: true ${one.label}, named ${one.guess} with ${probability(one.probability)}`;
  tile.setAttribute("aria-label", tile.title);
  mark(tile, one.index === chosen);
  tile.onclick = () => {
    [...tile.parentElement.children].forEach((other) => mark(other, other === tile));
    view.setTriggerValue("image", one.index);
  };
}

function mark(tile, is) {
  tile.classList.toggle("chosen", is);
  tile.setAttribute("aria-pressed", is);
}

function turn(view, by) {
  const [page, pages] = view.data.page, to = page + by;
  if (to >= 1 && to <= pages) view.setTriggerValue("page", to);
}

function onKey(view, event) {
  event.stopPropagation(); // Streamlit has shortcuts of its own
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const tiles = [...view.tiles.children], here = tiles.indexOf(event.target.closest(".tile"));
  const to = tiles[here + MOVES[event.key]];
  if (here >= 0 && to) {
    tiles.forEach((tile) => (tile.tabIndex = tile === to ? 0 : -1));
    to.focus();
  } else if (event.key === "PageDown") turn(view, 1);
  else if (event.key === "PageUp") turn(view, -1);
  else if (!(event.key in MOVES)) return;
  event.preventDefault();
}

export function mount({ data: bytes, parentElement, setTriggerValue }) {
  const find = (name) => parentElement.querySelector(name);
  const view = views.get(parentElement) ?? { tiles: find(".tiles") };
  views.set(parentElement, view);
  const data = unpacked(bytes), [page, pages] = data.page;
  Object.assign(view, { data, setTriggerValue });
  find(".title").textContent = data.title;
  find(".pager").hidden = pages < 2;
  find(".page").textContent = `${page.toLocaleString("en")} of ${pages.toLocaleString("en")}`;
  find(".back").disabled = page === 1;
  find(".next").disabled = page === pages;
  find(".back").onclick = () => turn(view, -1);
  find(".next").onclick = () => turn(view, 1);
  while (view.tiles.childElementCount > data.tiles.length) view.tiles.lastChild.remove();
  while (view.tiles.childElementCount < data.tiles.length) view.tiles.append(makeTile());
  const tiles = [...view.tiles.children];
  tiles.forEach((tile, place) => fill(view, tile, data.tiles[place], place));
  const chosen = tiles.findIndex((tile) => tile.classList.contains("chosen"));
  tiles.forEach((tile, place) => (tile.tabIndex = place === Math.max(chosen, 0) ? 0 : -1));
  view.tiles.setAttribute("aria-label", `${data.title}. Arrow keys move, Enter looks at an image, page up and page down turn over.`);
  find(".gallery").onkeydown = (event) => onKey(view, event);
}
