import { useMachine } from '../machine-context.ts';
import { Panel } from './panel.tsx';

export function RegistersPanel() {
  const machine = useMachine();
  return <Panel title="Registers">{String(machine.view.value?.position.instruction ?? '')}</Panel>;
}
