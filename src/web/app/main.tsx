/** The page begins: a machine, the program that the address asks for, and what shows both. */
import { render } from 'preact';
import { catalogue, programSpec } from './catalogue.ts';
import { MachineContext } from './machine-context.ts';
import { MachineStore } from './machine-store.ts';
import { keepForOffline } from './offline.ts';
import { Shell } from './shell.tsx';
import './style/tokens.css';
import './style/base.css';

const machine = new MachineStore();

render(
  <MachineContext.Provider value={machine}>
    <Shell />
  </MachineContext.Provider>,
  document.getElementById('app')!,
);

try {
  const [first] = await catalogue();
  await machine.open(await programSpec(first));
} catch (error) {
  machine.fail(error instanceof Error ? error.message : String(error));
}
void keepForOffline();
