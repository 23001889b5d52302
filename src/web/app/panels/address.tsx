/** An address as something to choose: the picture then draws its walks, and memory is shown around it. */
import type { ComponentChildren } from 'preact';
import { hex } from '../../../base/ints.ts';
import { useMachine } from '../machine-context.ts';

interface AddressProps {
  readonly value: bigint;
  /** Default: the number. */
  readonly children?: ComponentChildren;
  readonly title?: string | undefined;
}

export function Address({ value, children, title }: AddressProps) {
  const machine = useMachine();
  return (
    <button
      type="button"
      class="address mono"
      title={title ?? `Select ${hex(value)}: its walk in the picture, its bytes in memory`}
      aria-current={machine.address.value === value ? 'true' : undefined}
      onClick={() => machine.select(value)}
    >
      {children ?? hex(value)}
    </button>
  );
}

/** Whether some area of the selected process holds it. */
export function useIsMapped(): (value: bigint) => boolean {
  const { view } = useMachine();
  const now = view.value;
  const areas = now?.processes.find(({ pid }) => pid === now.pid)?.space?.areas ?? [];
  return (value) => areas.some(({ start, end }) => start <= value && value < end);
}
