/**
 * Page faults in order of time: why each happened, which access of whom, and what it did to the entry, bit by bit. A click
 * goes there and selects the address. Refused accesses, which end in a signal, are listed with them.
 */
import { useComputed } from '@preact/signals';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { hex } from '../../../base/ints.ts';
import type { TimelineEvent } from '../../protocol.ts';
import { hidesFuture } from '../future.ts';
import { useMachine } from '../machine-context.ts';
import { BITS, frameAddress } from '../picture/bits.ts';
import { Panel } from './panel.tsx';
import { ProcessName, processIndex } from './process-mark.tsx';
import { VirtualList } from './virtual-list.tsx';
import './faults.css';

type Fault = TimelineEvent & { readonly detail: Extract<TimelineEvent['detail'], { kind: 'fault' | 'signal' }> };

/** SIGSEGV and SIGBUS with a code of a fault; not one that somebody has sent. */
const SI_KERNEL = 0x80;
const isFault = (event: TimelineEvent): event is Fault => {
  const { detail } = event;
  if (detail.kind === 'fault') return true;
  return (
    detail.kind === 'signal' &&
    (detail.name === 'SIGSEGV' || detail.name === 'SIGBUS') &&
    detail.code > 0 &&
    detail.code < SI_KERNEL
  );
};

const WIDE_REM = 66;
const ROW_REM = { wide: 1.9, narrow: 4.6 } as const;

export function FaultsPanel() {
  const machine = useMachine();
  const faults = useComputed(() => machine.events.value.filter(isFault));
  const view = machine.view.value;
  const [isWide, element] = useIsWide();
  if (view === undefined) return <Panel title="Page faults">{null}</Panel>;
  const all = faults.value;
  const found = all.findIndex(({ number }) => number > view.position.event);
  const done = found < 0 ? all.length : found;
  const count = hidesFuture.value ? done : all.length;
  const resolved = all.slice(0, count).filter(({ detail }) => detail.kind === 'fault').length;
  const refused = count - resolved;
  return (
    <Panel
      title="Page faults"
      class="faults-panel"
      isFixed
      aside={
        <span data-testid="fault-count">
          {resolved} page {resolved === 1 ? 'fault' : 'faults'}
          {refused > 0 && `, ${refused} refused`}
          {view.isWhole || hidesFuture.value ? '' : ' so far'}
        </span>
      }
    >
      <div class={`faults ${isWide ? 'wide' : 'narrow'}`} ref={element}>
        {count === 0 ? (
          <p class="panel-empty">No page fault has happened yet.</p>
        ) : (
          <VirtualList
            label="Page faults, in order of time"
            count={count}
            rowRem={isWide ? ROW_REM.wide : ROW_REM.narrow}
            keep={Math.max(0, done - 1)}
            row={(index, tabIndex) => (
              <FaultRow
                key={index}
                fault={all[index]}
                index={index}
                tabIndex={tabIndex}
                place={processIndex(view, all[index].pid)}
                state={index >= done ? 'later' : index === done - 1 ? 'last' : ''}
              />
            )}
          />
        )}
      </div>
    </Panel>
  );
}

function useIsWide() {
  const element = useRef<HTMLDivElement>(null);
  const [isWide, setIsWide] = useState(true);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setIsWide(contentRect.width >= WIDE_REM * rem);
    });
    if (element.current !== null) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [isWide, element] as const;
}

interface FaultRowProps {
  readonly fault: Fault;
  readonly index: number;
  readonly tabIndex: 0 | -1;
  readonly place: number;
  readonly state: 'later' | 'last' | '';
}

const CAUSE_CLASSES: Readonly<Record<string, string>> = {
  'copy-on-write break': 'cow',
  'shared page': 'shared',
  'file page': 'file',
};

function FaultRow({ fault, index, tabIndex, place, state }: FaultRowProps) {
  const machine = useMachine();
  const { detail, pid, rip, number } = fault;
  const { address } = detail;
  const go = async (): Promise<void> => {
    if (await machine.goto({ event: number })) machine.select(address);
  };
  const isSignal = detail.kind === 'signal';
  return (
    <button
      type="button"
      class={`fault ${state}`}
      data-row={index}
      tabIndex={tabIndex}
      aria-current={state === 'last' ? 'step' : undefined}
      title={`${fault.text}\nevent ${number}`}
      onClick={() => void go()}
    >
      <ProcessName index={place} pid={pid} />
      {isSignal ? (
        <>
          <span class="fault-cause refused">refused: {detail.name}</span>
          <span class="fault-access">by {hex(rip)}</span>
          <span class="fault-place">
            {address === undefined ? '' : hex(address)} <span class="soft">{detail.action}</span>
          </span>
          <span class="fault-entry" />
        </>
      ) : (
        <>
          <span class={`fault-cause ${CAUSE_CLASSES[detail.cause] ?? ''}`}>{detail.cause}</span>
          <span class="fault-access">
            {detail.access} by {detail.by === 'kernel' ? 'the kernel' : hex(rip)}
          </span>
          <span class="fault-place">
            {hex(detail.address)} <span class="soft">{detail.area}</span>
          </span>
          <Change before={detail.before} after={detail.after} from={detail.oldFrame?.pfn} to={detail.newFrame.pfn} />
        </>
      )}
    </button>
  );
}

interface ChangeProps {
  readonly before: bigint;
  readonly after: bigint;
  readonly from: number | undefined;
  readonly to: number;
}

function Change({ before, after, from, to }: ChangeProps) {
  return (
    <span class="fault-entry">
      <span class="fault-frame">{from === undefined || before === 0n ? '' : frameAddress(from)}</span>
      {before === 0n ? <span class="fault-nothing">nothing</span> : <Bits entry={before} other={before} />}
      <span class="fault-arrow">
        <span class="visually-hidden"> becomes </span>
        <span aria-hidden="true">→</span>
      </span>
      <span class={`fault-frame${from === to ? '' : ' changed'}`}>{frameAddress(to)}</span>
      <Bits entry={after} other={before} />
    </span>
  );
}

/** The bits of an entry in their order, a dash for a clear one; those that another has otherwise are marked. */
function Bits({ entry, other }: { readonly entry: bigint; readonly other: bigint }) {
  return (
    <span class="bits">
      {BITS.map(({ name, mask }) => {
        const isSet = (entry & mask) !== 0n;
        const isChanged = isSet !== ((other & mask) !== 0n);
        if (!isSet && !isChanged && (name === 'NX' || name === 'COW')) return null;
        return (
          <span key={name} class={`bit${isSet ? '' : ' off'}${isChanged ? ' changed' : ''}`}>
            {isSet ? name : isChanged && (name === 'NX' || name === 'COW') ? <s>{name}</s> : '-'.repeat(name.length)}
          </span>
        );
      })}
    </span>
  );
}
