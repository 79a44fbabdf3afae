import { type Pixel, pngOf } from './png.js';

/** The mark of Countersign: a tick over the line on which one signs. In a square from 0 to 1. */
const MARK: readonly (readonly [number, number])[][] = [
  [
    [0.14, 0.4],
    [0.4, 0.66],
    [0.88, 0.1],
  ],
  [
    [0.06, 0.93],
    [0.94, 0.93],
  ],
];
const HALF_STROKE = 0.065;
const NAVY: Pixel = [0x1f, 0x3a, 0x5f, 255];
const WHITE: Pixel = [255, 255, 255, 255];

const COLOR_SIZE = 192;
/** Teams cuts the corners of the colour icon; what lies in the middle half is always seen. */
const COLOR_MARK = 96;
const OUTLINE_SIZE = 32;
const OUTLINE_MARK = 28;

/** 192 by 192, full colour, without transparency. */
export function colorIcon(): Buffer {
  const inked = mark(COLOR_SIZE, COLOR_MARK);
  return pngOf(COLOR_SIZE, (x, y) => mixed(NAVY, WHITE, inked(x, y)));
}

/** 32 by 32, white on nothing, as Teams asks: it colours it itself. */
export function outlineIcon(): Buffer {
  const inked = mark(OUTLINE_SIZE, OUTLINE_MARK);
  return pngOf(OUTLINE_SIZE, (x, y) => [255, 255, 255, Math.round(255 * inked(x, y))]);
}

/** How much of a pixel the mark covers, from 0 to 1; the mark stands in the middle. */
function mark(size: number, extent: number): (x: number, y: number) => number {
  const margin = (size - extent) / 2;
  const pixel = 1 / extent;
  return (x, y) => {
    const at: [number, number] = [(x + 0.5 - margin) / extent, (y + 0.5 - margin) / extent];
    const distance = Math.min(...MARK.map((line) => distanceTo(line, at)));
    return Math.min(1, Math.max(0, (HALF_STROKE - distance) / pixel + 0.5));
  };
}

function distanceTo(line: readonly (readonly [number, number])[], [x, y]: readonly [number, number]): number {
  const pieces = line.slice(1).map((to, index) => {
    const [fromX, fromY] = line[index] ?? to;
    const [alongX, alongY] = [to[0] - fromX, to[1] - fromY];
    const share = ((x - fromX) * alongX + (y - fromY) * alongY) / (alongX ** 2 + alongY ** 2);
    const nearest = Math.min(1, Math.max(0, share));
    return Math.hypot(x - fromX - nearest * alongX, y - fromY - nearest * alongY);
  });
  return Math.min(...pieces);
}

function mixed(under: Pixel, over: Pixel, share: number): Pixel {
  const of = (index: 0 | 1 | 2): number => Math.round(under[index] + (over[index] - under[index]) * share);
  return [of(0), of(1), of(2), 255];
}
