/** One line: what the instruction at RIP is about to do, and what the page tables will say to it. */
import { hex } from '../../../base/ints.ts';
import type { Foreseen, NextAccessModel } from '../../protocol.ts';
import { hidesFuture } from '../future.ts';
import { useMachine } from '../machine-context.ts';
import { Address } from './address.tsx';
import { Assembly } from './assembly.tsx';

const OUTCOMES: Readonly<Record<Foreseen, string>> = {
  allowed: '',
  'demand zero': 'page fault: demand zero, a new frame',
  'zero page': 'page fault: the zero page',
  'file page': 'page fault: a page of the file',
  'shared page': 'page fault: the frame that others share',
  'copy-on-write break': 'page fault: copy-on-write break',
  'not mapped': 'page fault: nothing is mapped there, SIGSEGV',
  forbidden: 'page fault: not allowed there, SIGSEGV',
  'past the end': 'page fault: past the end of the file, SIGBUS',
  'not canonical': 'not a canonical address, SIGSEGV',
};
const VERBS = { read: 'reads', write: 'writes', execute: 'fetches' } as const;

export function NextInstruction() {
  const { view } = useMachine();
  const now = view.value;
  const next = now?.next;
  if (now === undefined) return null;
  const line = now.code.find(({ address }) => address === next?.rip);
  const thread = now.processes.flatMap(({ threads }) => threads).find(({ tid }) => tid === now.tid);
  if (next === undefined)
    return (
      <p class="next-line soft">
        {now.tid === 0 ? 'Every process has ended.' : thread?.state === 'waiting' ? <>Sleeps in <code>{thread.stateText}</code></> : 'No instruction.'}
      </p>
    ); // biome-ignore format: short
  return (
    <p class="next-line" data-testid="next-instruction">
      <span class="soft">Next</span> <code>{line === undefined ? hex(next.rip) : <Assembly text={line.text} />}</code>
      {next.call !== undefined && <span> calls {next.call}(2)</span>}
      {next.branch !== undefined && !hidesFuture.value && <span> {next.branch ? 'jumps' : 'does not jump'}</span>}
      {next.accesses.map((access) => (
        <Access key={`${access.access} ${access.address}`} access={access} />
      ))}
    </p>
  );
}

function Access({ access: { access, address, length, outcome } }: { readonly access: NextAccessModel }) {
  return (
    <span>
      {' '}
      {VERBS[access]} {access === 'execute' ? '' : `${length} ${length === 1 ? 'byte' : 'bytes'} at `}
      <Address value={address} />
      {outcome !== 'allowed' && !hidesFuture.value && (
        <b class={`next-outcome${outcome === 'copy-on-write break' ? ' cow' : ''}`}> → {OUTCOMES[outcome]}</b>
      )}
    </span>
  );
}
