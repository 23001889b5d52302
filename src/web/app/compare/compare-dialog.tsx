/**
 * What MAP_PRIVATE would do: the open program runs a second time in a machine of its own, each shared anonymous mapping
 * private. The two histories stand side by side, the same event in one row; choosing a row brings both machines there.
 */
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { hex } from '../../../base/ints.ts';
import { type AlignedRow, align, eventAt, sharedAreas } from '../../model/alignment.ts';
import type { TimelineEvent } from '../../protocol.ts';
import { useMachine } from '../machine-context.ts';
import { MachineStore } from '../machine-store.ts';
import { AreaFrames } from './area-frames.tsx';
import { Outcome } from './outcome.tsx';
import './compare.css';

export function CompareDialog({ onClose }: { readonly onClose: () => void }) {
  const left = useMachine();
  const [right] = useState(() => new MachineStore());
  const dialog = useRef<HTMLDialogElement>(null);
  const row = useSignal(-1);
  const alignment = useComputed(() => align(left.events.value, right.events.value));
  const area = useComputed(() => sharedAreas(left.events.value)[0]);

  useEffect(() => {
    dialog.current?.showModal();
    void begin(left, right, area.value);
    return () => right.dispose();
  }, [left, right, area]);

  const { rows, leftOut } = alignment.value;
  const isReady = right.view.value !== undefined;
  const isSoFar = isReady && !(left.view.value?.isWhole && right.view.value?.isWhole);
  const go = async (to: number): Promise<void> => {
    if (to < 0 || to >= rows.length || left.isBusy.value || right.isBusy.value) return;
    row.value = to;
    await Promise.all([standAt(left, eventAt(rows, 'left', to)), standAt(right, eventAt(rows, 'right', to))]);
  };
  const nextDifference = rows.findIndex((one, i) => i > row.value && one.differs);
  return (
    <dialog class="compare" ref={dialog} onClose={onClose} aria-labelledby="compare-title">
      <div class="compare-body">
        <header class="compare-head">
          <h2 id="compare-title">
            <code>{left.spec.value?.path}</code>: what would MAP_PRIVATE do?
          </h2>
          <div class="compare-moves">
            <button type="button" disabled={row.value <= 0} onClick={() => void go(row.value - 1)}>
              Previous
            </button>
            <button type="button" disabled={row.value >= rows.length - 1} onClick={() => void go(row.value + 1)}>
              Next
            </button>
            <button type="button" class="primary" disabled={nextDifference < 0} onClick={() => void go(nextDifference)}>
              Next difference
            </button>
            <button type="button" class="quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
              ✕
            </button>
          </div>
        </header>
        {isSoFar && (
          <p class="compare-note">
            Not to the end yet.{' '}
            <button
              type="button"
              onClick={() => void Promise.all([left.move({ kind: 'end' }), right.move({ kind: 'end' })])}
            >
              Run both to the end
            </button>
          </p>
        )}
        {right.message.value !== undefined && <p class="status-error">{right.message.value}</p>}
        <div class="compare-sides">
          <Side machine={left} title="MAP_SHARED" note="as the program asks" address={area.value} />
          <Side machine={right} title="MAP_PRIVATE" note="in its place, nothing else changed" address={area.value} />
        </div>
        {isReady && <Rows rows={rows} row={row.value} go={(to) => void go(to)} />}
        {leftOut > 0 && (
          <p class="compare-note">{leftOut.toLocaleString('en')} events more are not laid side by side.</p>
        )}
      </div>
    </dialog>
  );
}

/** Both stand at the beginning, and look at the memory that the one shares. */
async function begin(left: MachineStore, right: MachineStore, address: bigint | undefined): Promise<void> {
  const spec = left.spec.peek();
  if (spec === undefined) return;
  left.address.value = address;
  await Promise.all([
    left.move({ kind: 'start' }),
    right.open({ ...spec, asPrivate: true }, address === undefined ? {} : { address }),
  ]);
}

async function standAt(machine: MachineStore, event: TimelineEvent | undefined): Promise<void> {
  await machine.move(event === undefined ? { kind: 'start' } : { kind: 'goto', position: { event: event.number } });
}

interface SideProps {
  readonly machine: MachineStore;
  readonly title: string;
  readonly note: string;
  readonly address: bigint | undefined;
}

function Side({ machine, title, note, address }: SideProps) {
  const view = machine.view.value;
  return (
    <section class="compare-side" aria-label={title}>
      <h3>
        <code>{title}</code> <span>{note}</span>
      </h3>
      {view === undefined || address === undefined ? (
        <p class="soft">Running…</p>
      ) : (
        <>
          <AreaFrames view={view} address={address} />
          <Outcome machine={machine} />
        </>
      )}
    </section>
  );
}

interface RowsProps {
  readonly rows: readonly AlignedRow[];
  readonly row: number;
  readonly go: (row: number) => void;
}

function Rows({ rows, row, go }: RowsProps) {
  const current = useRef<HTMLTableRowElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row is the current one
  useEffect(() => current.current?.scrollIntoView({ block: 'nearest' }), [row]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached without a mouse
    <div class="compare-rows" tabIndex={0}>
      <table>
        <colgroup>
          <col class="compare-sign" />
          <col />
          <col />
        </colgroup>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Go there</th>
            <th scope="col">MAP_SHARED</th>
            <th scope="col">MAP_PRIVATE</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ left, right, differs }, i) => (
            <tr
              key={`${left?.number}-${right?.number}`}
              ref={i === row ? current : null}
              class={`${differs ? 'differs' : ''}${i === row ? ' current' : ''}`}
              aria-current={i === row ? 'true' : undefined}
            >
              <td>
                <button
                  type="button"
                  class="quiet small"
                  aria-label={`Go to event ${left?.number ?? right?.number}${differs ? ', which differs' : ''}`}
                  onClick={() => go(i)}
                >
                  {differs ? '≠' : '='}
                </button>
              </td>
              <EventCell event={left} />
              <EventCell event={right} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EventCell({ event }: { readonly event: TimelineEvent | undefined }) {
  if (event === undefined) return <td class="nothing">—</td>;
  const { detail } = event;
  const isBreak = detail.kind === 'fault' && detail.cause === 'copy-on-write break';
  const frame =
    detail.kind === 'fault' && detail.newFrame !== undefined ? ` → frame ${hex(detail.newFrame.pfn * 4096, 8)}` : '';
  return (
    <td class={isBreak ? 'break' : ''}>
      <span class="event-pid">{event.pid}</span> <code>{event.text + frame}</code>
    </td>
  );
}
