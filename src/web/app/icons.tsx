/** Pictograms of the moves, 16 by 16, in the colour of their text. */
import type { ComponentChildren, JSX } from 'preact';

const icon = (children: ComponentChildren): JSX.Element => (
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
    {children}
  </svg>
);
const forward = <path d="M4 3l8 5-8 5z" />;
const backward = <path d="M12 3L4 8l8 5z" />;

export const icons: Readonly<Record<string, JSX.Element>> = {
  start: icon([<path key="b" d="M3 3h2v10H3z" />, <path key="a" d="M13 3L6 8l7 5z" />]),
  runBack: icon([<path key="a" d="M8 3L2 8l6 5z" />, <path key="b" d="M14 3L8 8l6 5z" />]),
  eventBack: icon([<circle key="c" cx="13" cy="8" r="2.2" />, <path key="a" d="M9 3.5L2.5 8 9 12.5z" />]),
  stepBack: icon(backward),
  stop: icon(<path d="M4 4h8v8H4z" />),
  step: icon(forward),
  event: icon([<circle key="c" cx="3" cy="8" r="2.2" />, <path key="a" d="M7 3.5L13.5 8 7 12.5z" />]),
  run: icon([<path key="a" d="M2 3l6 5-6 5z" />, <path key="b" d="M8 3l6 5-6 5z" />]),
  end: icon([<path key="b" d="M11 3h2v10h-2z" />, <path key="a" d="M3 3l7 5-7 5z" />]),
};
