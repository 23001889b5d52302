/** Keyboard shortcuts: single keys, as in gdb where it has some; nothing while somebody types or a dialog is open. */
import type { MachineStore } from './machine-store.ts';
import { MOVES } from './moves.ts';

const TYPING =
  'input:not([type="range"], [type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"], .xterm, .cm-editor, dialog[open]';

/** Listens until it is told to end. */
export function listenToKeys(machine: MachineStore, showHelp: () => void): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    if (target instanceof Element && target.closest(TYPING) !== null) return;
    if (event.key === '?') {
      showHelp();
      return;
    }
    // Keys that scroll or activate are left to what has the focus.
    const isPage = target === document.body || target === document.documentElement;
    if (event.key.length > 1 && event.key !== 'Escape' && !isPage) return;
    const move = Object.values(MOVES).find(({ keys }) => keys.includes(event.key));
    if (move === undefined) return;
    event.preventDefault();
    move.run(machine);
  };
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}
