// A wall of all images of a data set, and one of them with its numbers. Only rows in sight are drawn, each on a canvas of
// its own that is drawn once, so that scrolling is the browser's own.
import { brush, clamp, element, find, markTheme } from "../../../core/base.js";
import { sheets } from "./fetched.js";
import { cornerOf, GAP, grid, inSight, LABEL, MOVES, placeAt } from "./rows.js";
import { drawSpecimen, fetched } from "./specimen.js";

/** @import { Context } from "../../../core/base.js" */
/** @import { Grid } from "./rows.js" */
/** @import { Seen } from "./specimen.js" */

/**
 * @typedef {object} Data
 * @property {string} wall
 * @property {string} image
 * @property {number} count
 * @property {number} at_once
 * @property {number} columns
 * @property {[number, number]} tile
 * @property {[number, number, number]} size
 * @property {string[]} classes
 * @property {string} named
 * @property {number} chosen
 * @property {number} at
 * @property {Seen} seen
 */

/**
 * @typedef {object} View what one component is at
 * @property {ShadowRoot} root
 * @property {Data} data
 * @property {Grid} grid
 * @property {ReturnType<typeof sheets>} sheets
 * @property {Map<number, HTMLCanvasElement>} rows those that are drawn
 * @property {HTMLCanvasElement[]} spare
 * @property {number} at the place of the chosen image
 * @property {number} scale
 * @property {ReturnType<typeof drawSpecimen>} [specimen] the image that is looked at
 * @property {Context["setTriggerValue"]} setTriggerValue
 * @property {number} asked counts the images that were asked for
 * @property {number} [width] of the wall, as it was drawn last
 */

/** @type {WeakMap<ShadowRoot, View>} */
const views = new WeakMap();

/** @param {View} view */
const wallOf = ({ root }) => find(root, ".wall");

/** @param {View} view */
function layOut(view) {
  const { data, root } = view;
  const wall = wallOf(view);
  view.grid = grid(data.count, data.tile, view.scale, wall.clientWidth);
  const space = find(root, ".space");
  space.style.height = `${view.grid.rows * view.grid.row + GAP}px`;
  for (const canvas of view.rows.values()) recycle(view, canvas);
  view.rows.clear();
  find(root, ".empty").hidden = data.count > 0;
  space.hidden = data.count === 0;
}

/** @param {View} view @param {HTMLCanvasElement} canvas */
function recycle(view, canvas) {
  canvas.remove();
  view.spare.push(canvas);
}

/** Draw the rows that are in sight, and let go of others. @param {View} view */
function drawRows(view) {
  const wall = wallOf(view);
  const [first, last] = inSight(view.grid, wall.scrollTop, wall.clientHeight);
  for (const [row, canvas] of view.rows) {
    if (row < first || row > last) {
      recycle(view, canvas);
      view.rows.delete(row);
    }
  }
  const space = find(view.root, ".space");
  for (let row = first; row <= last; row++) {
    if (view.rows.has(row)) continue;
    const canvas = view.spare.pop() ?? element("canvas");
    canvas.style.transform = `translateY(${GAP + row * view.grid.row}px)`;
    view.rows.set(row, canvas);
    space.append(canvas);
    drawRow(view, row, canvas);
  }
  const { columns } = view.grid;
  const numbers = new Set();
  const middle = Math.floor((first + last) / 2);
  for (let away = 0; away <= last - first; away++) {
    for (const row of [middle + away, middle - away]) {
      if (row < first || row > last) continue;
      numbers.add(Math.floor((row * columns) / view.data.at_once));
      numbers.add(Math.floor((Math.min(view.data.count, (row + 1) * columns) - 1) / view.data.at_once));
    }
  }
  view.sheets.want([...numbers].filter((number) => number >= 0));
}

/** @param {View} view @param {number} row @param {HTMLCanvasElement} canvas */
function drawRow(view, row, canvas) {
  const { data, grid: one } = view;
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const width = one.columns * one.step + GAP;
  const height = one.tile[0] + LABEL;
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const draw = brush(canvas);
  const style = getComputedStyle(wallOf(view));
  draw.scale(ratio, ratio);
  draw.imageSmoothingEnabled = Math.max(...data.tile) > one.tile[0];
  draw.font = `11px ${style.fontFamily}`;
  draw.textBaseline = "top";
  for (let column = 0; column < one.columns; column++) {
    const place = row * one.columns + column;
    if (place >= data.count) break;
    const sheet = view.sheets.get(Math.floor(place / data.at_once));
    const x = GAP + column * one.step;
    if (!sheet) {
      draw.globalAlpha = 0.08;
      draw.fillStyle = style.color;
      draw.fillRect(x, 0, one.tile[1], one.tile[0]);
      draw.globalAlpha = 1;
      continue;
    }
    const within = place % data.at_once;
    const [tileHeight, tileWidth] = data.tile;
    const from = [(within % data.columns) * tileWidth, Math.floor(within / data.columns) * tileHeight];
    draw.drawImage(sheet.bitmap, from[0], from[1], tileWidth, tileHeight, x, 0, one.tile[1], one.tile[0]);
    draw.fillStyle = style.color;
    draw.fillText(fitting(draw, data.classes[sheet.label[within]] ?? "", one.step - 2), x, one.tile[0] + 3);
  }
}

/** As much of a name as there is room for. @param {CanvasRenderingContext2D} draw @param {string} name
 * @param {number} width */
function fitting(draw, name, width) {
  if (draw.measureText(name).width <= width) return name;
  let kept = name.slice(0, Math.max(1, Math.floor(width / 5)));
  while (kept.length > 1 && draw.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}

/** @param {View} view */
function markChosen(view) {
  let mark = view.root.querySelector(".mark");
  if (!mark) {
    mark = element("div", "mark");
    find(view.root, ".space").append(mark);
  }
  const shown = /** @type {HTMLElement} */ (mark);
  shown.hidden = view.at < 0 || view.at >= view.data.count;
  const [x, y] = cornerOf(view.grid, Math.max(0, view.at));
  Object.assign(shown.style, {
    transform: `translate(${x}px, ${y}px)`,
    width: `${view.grid.tile[1]}px`,
    height: `${view.grid.tile[0]}px`,
  });
}

/** @param {View} view */
function scrollToChosen(view) {
  if (view.at < 0) return;
  const wall = wallOf(view);
  const [, y] = cornerOf(view.grid, view.at);
  const low = y + view.grid.row - wall.clientHeight;
  if (wall.scrollTop > y - GAP) wall.scrollTop = y - GAP;
  else if (wall.scrollTop < low) wall.scrollTop = low;
}

/** Look at the image at a place of the order. @param {View} view @param {number} place */
function choose(view, place) {
  const { data } = view;
  const sheet = view.sheets.get(Math.floor(place / data.at_once));
  const index = sheet?.index[place % data.at_once];
  view.at = place;
  markChosen(view);
  scrollToChosen(view);
  if (index === undefined) return; // it is chosen once it has come
  view.data = { ...data, chosen: index, at: place };
  show(view);
  const label = sheet?.label[place % data.at_once] ?? 0;
  find(view.root, ".said").textContent = `Image ${index}, ${data.classes[label]}`;
  view.setTriggerValue("image", index);
}

/** @param {View} view */
async function show(view) {
  const { data, root } = view;
  const asked = ++view.asked;
  if (!data.count) return;
  try {
    const picture = await fetched(data.image, data.chosen, data.size);
    if (asked !== view.asked) return;
    view.specimen = drawSpecimen(root, picture, data.classes, data.seen, data.named, view.specimen?.chosen() ?? null);
  } catch {
    if (asked === view.asked) find(root, ".name").textContent = "The image could not be fetched.";
  }
}

/** @param {View} view @param {KeyboardEvent} event */
function onKey(view, event) {
  event.stopPropagation();
  const move = MOVES[event.key];
  if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const page = Math.max(1, Math.floor(wallOf(view).clientHeight / view.grid.row));
  choose(view, clamp(Math.max(0, view.at) + move(view.grid, page), 0, view.data.count - 1));
}

/** @param {View} view */
function listen(view) {
  const { root } = view;
  const wall = wallOf(view);
  let drawn = 0;
  wall.onscroll = () => {
    cancelAnimationFrame(drawn);
    drawn = requestAnimationFrame(() => drawRows(view));
  };
  wall.onclick = (event) => {
    const box = find(root, ".space").getBoundingClientRect();
    const place = placeAt(view.grid, view.data.count, event.clientX - box.left, event.clientY - box.top);
    if (place >= 0) choose(view, place);
  };
  wall.onkeydown = (event) => onKey(view, event);
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".sizes button"))) {
    button.onclick = () => {
      view.scale = Number(button.dataset.scale);
      redraw(view);
    };
  }
  new ResizeObserver(() => {
    if (wall.clientWidth && view.width !== wall.clientWidth) redraw(view);
    view.specimen?.show();
  }).observe(wall);
}

/** @param {View} view */
function redraw(view) {
  view.width = wallOf(view).clientWidth;
  layOut(view);
  markChosen(view);
  scrollToChosen(view);
  drawRows(view);
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (view.root.querySelectorAll(".sizes button")))
    button.setAttribute("aria-pressed", String(Number(button.dataset.scale) === view.scale));
}

/** @param {Context<Data>} context */
export function mount({ data, parentElement: root, setTriggerValue }) {
  markTheme(find(root, ".browser"));
  const before = views.get(root);
  const view = /** @type {View} */ (before ?? { root, rows: new Map(), spare: [], scale: 2, asked: 0, at: -1 });
  const other = before?.data.wall !== data.wall;
  const another = other || before?.data.chosen !== data.chosen || before?.data.image !== data.image;
  const seen = JSON.stringify(before?.data.seen) !== JSON.stringify(data.seen);
  Object.assign(view, { data, setTriggerValue, at: data.at });
  if (!before) {
    views.set(root, view);
    listen(view);
  }
  find(root, ".title").textContent = `${data.count.toLocaleString("en")} images`;
  wallOf(view).setAttribute("aria-label", `${data.count} images. The arrow keys go from one to the next.`);
  if (other) {
    const arrived = (/** @type {number} */ number) => {
      find(root, ".wall").dataset.pictures = view.sheets.waiting() ? "coming" : "there";
      for (const [row, canvas] of view.rows) {
        const places = [row * view.grid.columns, (row + 1) * view.grid.columns - 1];
        const numbers = places.map((place) => Math.floor(place / view.data.at_once));
        if (numbers[0] <= number && number <= numbers[1]) drawRow(view, row, canvas);
      }
    };
    view.sheets = sheets(data.wall, arrived, () => {});
    redraw(view);
  } else {
    markChosen(view);
  }
  if (another || seen) show(view);
}
