/** The machine that a part of the page shows: the page's own, or one of two that lie side by side. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { invariant } from '../../base/invariant.ts';
import type { MachineStore } from './machine-store.ts';

export const MachineContext = createContext<MachineStore | undefined>(undefined);

export function useMachine(): MachineStore {
  const machine = useContext(MachineContext);
  invariant(machine !== undefined, 'this part of the page stands outside of a machine');
  return machine;
}
