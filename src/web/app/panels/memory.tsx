import { useMachine } from '../machine-context.ts';
import { Panel } from './panel.tsx';

export function MemoryPanel() {
  const machine = useMachine();
  return <Panel title="Memory">{String(machine.view.value?.position.instruction ?? '')}</Panel>;
}
