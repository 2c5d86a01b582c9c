// Positions of the window: from 0 to the last output cell, frame by frame.

const framesOf = (view) => view.data.frames.length;
export const outputSize = (view) => view.data.taps.rows.length * view.data.taps.cols.length;
export const lastPosition = (view) => framesOf(view) * outputSize(view) - 1;

export function positionAt(view, at) {
  const size = outputSize(view), width = view.data.taps.cols.length;
  const cell = at % size;
  return { frame: Math.floor(at / size), i: Math.floor(cell / width), j: cell % width };
}
