import { useMachine } from '../machine-context.ts';
import { Panel } from './panel.tsx';

export function FaultsPanel() {
  const machine = useMachine();
  return <Panel title="Faults">{String(machine.view.value?.position.instruction ?? '')}</Panel>;
}
