/** What a part of the picture is, shown beside it while it is pointed at or has the focus; and the way from part to part. */

export interface Tip {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

const WIDTH = 288;
/** Of the part that an event is about, below it; undefined: it has none. */
export function tipAt(root: Element | null, target: EventTarget | null): Tip | undefined {
  const element = target instanceof Element ? target.closest('[data-tip]') : null;
  const text = element?.getAttribute('data-tip');
  if (element === null || root === null || !text) return undefined;
  const [part, whole] = [element.getBoundingClientRect(), root.getBoundingClientRect()];
  const x = Math.max(8, Math.min(part.left - whole.left, whole.width - WIDTH - 8));
  return { x, y: part.bottom - whole.top + 6, text };
}

type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';
export const isArrow = (key: string): key is Arrow => /^Arrow(Up|Down|Left|Right)$/.test(key);

/** Moves the focus to the part that is nearest in a direction. False: there is none. */
export function moveFocus(root: Element, from: Element, key: Arrow): boolean {
  const start = centreOf(from);
  const isVertical = key === 'ArrowUp' || key === 'ArrowDown';
  const sign = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1;
  let best: { element: SVGElement; distance: number } | undefined;
  for (const element of root.querySelectorAll<SVGElement>('[data-stop]')) {
    if (element === from) continue;
    const centre = centreOf(element);
    const along = (isVertical ? centre.y - start.y : centre.x - start.x) * sign;
    const across = Math.abs(isVertical ? centre.x - start.x : centre.y - start.y);
    if (along < 2) continue;
    const distance = along + across * 2.5;
    if (best === undefined || distance < best.distance) best = { element, distance };
  }
  if (best === undefined) return false;
  best.element.focus();
  return true;
}

function centreOf(element: Element): { x: number; y: number } {
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}

/** Of each group, Tab comes to the part that had the focus last. */
export function rove(root: Element, element: Element): void {
  const group = element.getAttribute('data-stop');
  if (group === null) return;
  for (const other of root.querySelectorAll(`[data-stop="${group}"][tabindex="0"]`))
    other.setAttribute('tabindex', '-1');
  element.setAttribute('tabindex', '0');
}
