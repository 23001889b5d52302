/** One line: what the instruction at RIP is about to do, and what the page tables will say to it. */
import type { ComponentChildren } from 'preact';
import { hex } from '../../../base/ints.ts';
import type { CodeLineModel, Foreseen, MachineView, NextAccessModel } from '../../protocol.ts';
import { hidesFuture } from '../future.ts';
import { useMachine } from '../machine-context.ts';
import type { MachineStore } from '../machine-store.ts';
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
  const machine = useMachine();
  const now = machine.view.value;
  const next = now?.next;
  if (now === undefined) return null;
  const line = now.code.find(({ address }) => address === next?.rip);
  if (next === undefined) return <p class="next-line soft">{whereInstead(machine, now)}</p>;
  return (
    <p class="next-line" data-testid="next-instruction">
      <span class="soft">Next</span>{' '}
      <code>{line === undefined ? hex(next.rip) : <Assembly text={withName(line)} />}</code>
      {next.call !== undefined && <span> calls {next.call}(2)</span>}
      {next.branch !== undefined && !hidesFuture.value && <span> {next.branch ? 'jumps' : 'does not jump'}</span>}
      {next.accesses.map((access) => (
        <Access key={`${access.access} ${access.address}`} access={access} />
      ))}
    </p>
  );
}

/** A jump's target by its name, where it has one. */
const withName = ({ text, target, targetAddress }: CodeLineModel): string =>
  target === undefined || text.includes('[') ? text : text.replace(`0x${targetAddress?.toString(16)}`, target);

/** What a thread does that does not execute instructions. */
function whereInstead(machine: MachineStore, now: MachineView): ComponentChildren {
  const thread = now.processes.flatMap(({ threads }) => threads).find(({ tid }) => tid === now.tid);
  if (thread === undefined) return 'Every process has ended.';
  if (thread.state === 'waiting')
    return (
      <>
        Sleeps in <code>{thread.stateText}</code>
      </>
    );
  const last = machine.events.value.findLast(({ tid, number }) => tid === now.tid && number <= now.position.event);
  if (last?.detail.kind !== 'syscall') return 'In the kernel.';
  return (
    <>
      In the kernel, which is about to do <code>{last.text})</code>
    </>
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
