import { wrap } from 'comlink';
import { render } from 'preact';
import type { Session } from '../worker/session.ts';

const worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module' });
const session = wrap<Session>(worker);
const bytes = new Uint8Array(await (await fetch('./programs/shm_demo')).arrayBuffer());
const t = performance.now();
const text = await session.open('shm_demo', bytes);
render(<p id="out">{text + ' ' + (performance.now() - t)}</p>, document.getElementById('app')!);
