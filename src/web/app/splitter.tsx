/**
 * The gaps between the groups of panels, which can be moved: by dragging, by arrow keys, back to where they were by a double
 * click. ARIA Authoring Practices, "Window Splitter Pattern". Sizes are custom properties, in pixels.
 */
import { effect, type Signal, signal } from '@preact/signals';
import { remember, remembered } from './remember.ts';

export type Gap = 'left' | 'right' | 'bottom';

const LEAST = 120;
/** Of the page's width or height. */
const MOST = 0.6;
const KEY_STEP = 24;
const KEYS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
const LABELS: Readonly<Record<Gap, string>> = {
  left: 'Width of the code',
  right: 'Width of the registers',
  bottom: 'Height of the events',
};

/** Undefined: as the style sheet has it. */
const sizes: Readonly<Record<Gap, Signal<number | undefined>>> = {
  left: signal(known('left')),
  right: signal(known('right')),
  bottom: signal(known('bottom')),
};

function known(gap: Gap): number | undefined {
  const size = Number(remembered(`size.${gap}`));
  return size >= LEAST ? size : undefined;
}

for (const [gap, size] of Object.entries(sizes))
  effect(() => {
    const { style } = document.documentElement;
    if (size.value === undefined) style.removeProperty(`--size-${gap}`);
    else style.setProperty(`--size-${gap}`, `${size.value}px`);
  });

export function Splitter({ gap }: { readonly gap: Gap }) {
  const isRow = gap === 'bottom';
  // What grows with it lies before it on the left, behind it otherwise.
  const direction = gap === 'left' ? 1 : -1;
  const room = (): number => (isRow ? innerHeight : innerWidth);
  const set = (size: number): void => {
    sizes[gap].value = Math.round(Math.min(Math.max(size, LEAST), room() * MOST));
    remember(`size.${gap}`, String(sizes[gap].value));
  };
  const now = (element: HTMLElement): number => sizes[gap].value ?? sizeBeside(element, gap);
  const onPointerDown = (event: PointerEvent): void => {
    const element = event.currentTarget as HTMLElement;
    const [start, size] = [isRow ? event.clientY : event.clientX, now(element)];
    element.setPointerCapture(event.pointerId);
    const onMove = (move: PointerEvent): void =>
      set(size + ((isRow ? move.clientY : move.clientX) - start) * direction);
    element.addEventListener('pointermove', onMove);
    element.addEventListener('lostpointercapture', () => element.removeEventListener('pointermove', onMove), {
      once: true,
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = KEYS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(now(event.currentTarget as HTMLElement) + by * KEY_STEP * direction);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved
    <div
      class={`splitter ${gap}`}
      role="separator"
      tabIndex={0}
      aria-label={LABELS[gap]}
      aria-orientation={isRow ? 'horizontal' : 'vertical'}
      aria-valuenow={sizes[gap].value ?? 0}
      aria-valuemin={LEAST}
      aria-valuemax={Math.round(room() * MOST)}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onDblClick={() => {
        sizes[gap].value = undefined;
        remember(`size.${gap}`, undefined);
      }}
    />
  );
}

/** As laid out now. */
function sizeBeside(element: HTMLElement, gap: Gap): number {
  const beside = element.parentElement?.querySelector(gap === 'bottom' ? '.lower' : `.group.${gap}`);
  const box = beside?.getBoundingClientRect();
  return box === undefined ? LEAST : gap === 'bottom' ? box.height : box.width;
}
