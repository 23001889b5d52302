/** The sign of a process, in order of birth: a shape and a colour, the same in every panel. */
import type { MachineView } from '../../protocol.ts';

const SHAPES = ['M1 0L10 5L1 10Z', 'M5 0L10 5L5 10L0 5Z', 'M1 1H9V9H1Z', 'M5 0A5 5 0 1 1 4.99 0Z'] as const;

/** A path in a square of 10 by 10. */
export const processShape = (index: number): string => SHAPES[Math.max(0, index) % SHAPES.length];

/** The class that sets the colour: `p1` to `p4`, then again. */
export const processClass = (index: number): string => `p${(Math.max(0, index) % SHAPES.length) + 1}`;

export const processIndex = (view: MachineView | undefined, pid: number): number =>
  view?.processes.findIndex((process) => process.pid === pid) ?? -1;

export function ProcessMark({ index }: { readonly index: number }) {
  return (
    <svg class={`process-mark ${processClass(index)}`} viewBox="0 0 10 10" aria-hidden="true" focusable="false">
      <path d={processShape(index)} fill="var(--own)" />
    </svg>
  );
}

/** The sign with the number. */
export function ProcessName({ index, pid }: { readonly index: number; readonly pid: number }) {
  return (
    <span class={`process-name ${processClass(index)}`}>
      <ProcessMark index={index} />
      {pid}
    </span>
  );
}
