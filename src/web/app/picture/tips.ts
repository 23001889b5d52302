/** What a part of the picture is, shown beside it while it is pointed at or has the focus; and the way from part to part. */

export interface Tip {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

const WIDTH = 288;
/** Of one with three lines. */
const HEIGHT = 76;
/** Of the part that an event is about, below it; undefined: it has none. */
export function tipAt(root: Element | null, target: EventTarget | null): Tip | undefined {
  const element = target instanceof Element ? target.closest('[data-tip]') : null;
  const text = element?.getAttribute('data-tip');
  if (element === null || root === null || !text) return undefined;
  const [part, whole] = [element.getBoundingClientRect(), root.getBoundingClientRect()];
  const x = Math.max(8, Math.min(part.left - whole.left, whole.width - WIDTH - 8));
  return { x, y: Math.min(part.bottom - whole.top + 6, whole.height - HEIGHT), text };
}

type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';
export const isArrow = (key: string): key is Arrow => /^Arrow(Up|Down|Left|Right)$/.test(key);

/** Moves the focus to the part that is nearest in a direction. False: there is none. */
export function moveFocus(root: Element, from: Element, key: Arrow): boolean {
  const start = from.getBoundingClientRect();
  let best: { element: SVGElement; distance: number } | undefined;
  for (const element of root.querySelectorAll<SVGElement>('[data-stop]')) {
    if (element === from) continue;
    const distance = distanceTo(start, element.getBoundingClientRect(), key);
    if (distance !== undefined && (best === undefined || distance < best.distance)) best = { element, distance };
  }
  if (best === undefined) return false;
  best.element.focus();
  return true;
}

/** From edge to edge, what is beside the way counting more; of equal ones, the one whose middle is nearer. */
function distanceTo(a: DOMRect, b: DOMRect, key: Arrow): number | undefined {
  const isVertical = key === 'ArrowUp' || key === 'ArrowDown';
  const sign = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1;
  const [dx, dy] = [b.x + b.width / 2 - (a.x + a.width / 2), b.y + b.height / 2 - (a.y + a.height / 2)];
  const gap = (delta: number, sizes: number): number => Math.max(0, Math.abs(delta) - sizes / 2);
  const [gapX, gapY] = [gap(dx, a.width + b.width), gap(dy, a.height + b.height)];
  if ((isVertical ? dy : dx) * sign < 2) return undefined;
  return isVertical
    ? gapY + gapX * 2.5 + Math.abs(dx) / 50 + Math.abs(dy) / 20
    : gapX + gapY * 2.5 + Math.abs(dy) / 50 + Math.abs(dx) / 20;
}

/** Of each group, Tab comes to the part that had the focus last. */
export function rove(root: Element, element: Element): void {
  const group = element.getAttribute('data-stop');
  if (group === null) return;
  for (const other of root.querySelectorAll(`[data-stop="${group}"][tabindex="0"]`))
    other.setAttribute('tabindex', '-1');
  element.setAttribute('tabindex', '0');
}
