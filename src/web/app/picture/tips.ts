/** What a part of the picture is, shown beside it while it is pointed at or has the focus; and the way from part to part. */

/** The part that an event is about, and its text. */
export function tipOf(target: EventTarget | null): { element: Element; text: string } | undefined {
  if (!(target instanceof Element)) return undefined;
  const element = target.closest('[data-tip]');
  const text = element?.getAttribute('data-tip');
  return element === null || !text ? undefined : { element, text };
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
