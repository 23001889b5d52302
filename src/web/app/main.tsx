/** The page begins: a machine, the program that the address asks for, and what shows both. */
import { render } from 'preact';
import { MachineContext } from './machine-context.ts';
import { MachineStore } from './machine-store.ts';
import { keepForOffline } from './offline.ts';
import { LinkOpener } from './share/open-link.ts';
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

const links = new LinkOpener(machine);
addEventListener('hashchange', () => void links.open(location.hash));
await links.open(location.hash);
void keepForOffline();
