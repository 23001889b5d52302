import { useMachine } from '../machine-context.ts';
import { Panel } from './panel.tsx';

export function TerminalPanel() {
  const machine = useMachine();
  return <Panel title="Terminal">{String(machine.view.value?.position.instruction ?? '')}</Panel>;
}
