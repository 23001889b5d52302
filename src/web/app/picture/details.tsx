/** Everything about one frame: who maps it and how, what else holds it, all of its bytes, and who wrote the one selected. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { hex, PAGE_SIZE } from '../../../base/ints.ts';
import type { FrameModel, MachineView, WriterModel } from '../../protocol.ts';
import { layout } from '../layout.ts';
import { useMachine } from '../machine-context.ts';
import { flagsOf, frameAddress } from './bits.ts';
import { byteText, charText, counted, describeReferences } from './words.ts';

/** Mappings that are listed. */
const MOST_MAPPINGS = 40;
const ROW = 16;

interface DetailsProps {
  readonly view: MachineView;
  readonly frame: FrameModel;
  readonly changed: ReadonlySet<number> | undefined;
  readonly onClose: () => void;
}

export function FrameDetails({ view, frame, changed, onClose }: DetailsProps) {
  const machine = useMachine();
  const { pfn, kind, mappings, holders, bytes } = frame;
  const offset = useSignal(Number((view.address ?? 0n) & 0xfffn));
  const writer = useSignal<WriterModel | string | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was found out is of this frame at this position
  useEffect(() => {
    writer.value = undefined;
  }, [pfn, view, offset.value]);
  const own = mappings.find(({ pids }) => pids.includes(view.pid)) ?? mappings[0];
  const ask = async (): Promise<void> => {
    writer.value = 'looking…';
    try {
      const found = await machine.ask((session) => session.whoWroteFrame(pfn, offset.value));
      writer.value = found ?? 'nobody, since the beginning of the run';
    } catch (error) {
      writer.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <section class="frame-details" aria-label={`Frame ${frameAddress(pfn)}`} data-details={pfn}>
      <header>
        <h3>
          <span class="mono">{frameAddress(pfn)}</span> <span class={`kind ${kind.replaceAll(' ', '-')}`}>{kind}</span>
        </h3>
        <span class="soft">{describeReferences(frame)}</span>
        <button type="button" class="quiet" onClick={onClose} aria-label="Close the frame's details">
          ✕
        </button>
      </header>
      <div class="details-body">
        <div class="details-facts">
          <h4>{mappings.length === 0 ? 'No entry leads here' : counted(mappings.length, 'entry', 'entries')}</h4>
          <ul class="mono mappings">
            {mappings.slice(0, MOST_MAPPINGS).map(({ pids, address, entry }) => (
              <li key={`${pids.join()}:${address}`}>
                <button
                  type="button"
                  class="quiet"
                  title="Select this address"
                  onClick={() => machine.select(address + BigInt(offset.value))}
                >
                  {pids.join(', ')} {hex(address)}
                </button>{' '}
                <span class="soft">{flagsOf(entry)}</span>
              </li>
            ))}
            {mappings.length > MOST_MAPPINGS && <li>and {mappings.length - MOST_MAPPINGS} more</li>}
          </ul>
          {holders.map((holder) => (
            <p key={holder} class="soft">
              in the page cache: {holder}
            </p>
          ))}
          <p class="details-actions">
            <button
              type="button"
              onClick={() => void machine.move({ kind: 'event', goal: 'store', direction: 'forward', pfn })}
            >
              Run to the next store to it
            </button>
            <button
              type="button"
              onClick={() => void machine.move({ kind: 'event', goal: 'store', direction: 'backward', pfn })}
            >
              Back to the last one
            </button>
            {own !== undefined && (
              <button
                type="button"
                onClick={() => {
                  machine.showMemory(own.address + BigInt(offset.value & ~0xf));
                  layout.bring('memory');
                }}
              >
                Show in memory
              </button>
            )}
          </p>
          <p>
            <button type="button" onClick={() => void ask()}>
              Who wrote byte {hex(offset.value, 3)} last?
            </button>
          </p>
          <div role="status">{writer.value !== undefined && <WriterText writer={writer.value} />}</div>
        </div>
        {bytes === undefined ? (
          <p class="soft">Bytes are read of the first 64 frames of a view only.</p>
        ) : (
          <Bytes
            bytes={bytes}
            changed={changed}
            selected={offset.value}
            onSelect={(at) => {
              offset.value = at;
            }}
          />
        )}
      </div>
    </section>
  );
}

function WriterText({ writer }: { readonly writer: WriterModel | string }) {
  const machine = useMachine();
  if (typeof writer === 'string') return <p class="soft">{writer}</p>;
  const { pid, rip, by, position, text } = writer;
  return (
    <p>
      {by === 'kernel' ? `The kernel, for ${pid}` : `Process ${pid}`}, at <span class="mono">{hex(rip)}</span>
      {text === '' ? '' : `, ${text}`}.{' '}
      <button type="button" onClick={() => void machine.goto(position)}>
        Go there
      </button>
    </p>
  );
}

interface BytesProps {
  readonly bytes: Uint8Array;
  readonly changed: ReadonlySet<number> | undefined;
  readonly selected: number;
  readonly onSelect: (offset: number) => void;
}

/** One list of rows to be scrolled; the byte is chosen by a click, or by the arrow keys. */
function Bytes({ bytes, changed, selected, onSelect }: BytesProps) {
  const starts = Array.from({ length: PAGE_SIZE / ROW }, (_, i) => i * ROW);
  return (
    <div
      class="frame-bytes mono"
      role="listbox"
      aria-label="Bytes of the frame"
      aria-activedescendant={`byte-${selected}`}
      tabIndex={0}
      onKeyDown={(event) => {
        const by = STEPS[event.key];
        if (by === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        const next = Math.max(0, Math.min(PAGE_SIZE - 1, selected + by));
        onSelect(next);
        document.getElementById(`byte-${next}`)?.scrollIntoView({ block: 'nearest' });
      }}
      onClick={({ target }) => {
        const at = target instanceof HTMLElement ? target.dataset.at : undefined;
        if (at !== undefined) onSelect(Number(at));
      }}
    >
      {starts.map((start) => (
        <div key={start} class="byte-line" role="presentation">
          <span class="soft">{start.toString(16).padStart(3, '0')}</span>
          {isPlain(start, changed, selected) && bytes.subarray(start, start + ROW).every((byte) => byte === 0) ? (
            <ZeroLine start={start} />
          ) : (
            Array.from(bytes.subarray(start, start + ROW)).map((byte, i) => {
              const at = start + i;
              return (
                <span
                  key={at}
                  id={`byte-${at}`}
                  data-at={at}
                  role="option"
                  tabIndex={-1}
                  aria-selected={at === selected}
                  class={`${byte === 0 ? 'zero ' : ''}${changed?.has(at) ? 'changed ' : ''}${at === selected ? 'selected' : ''}`}
                >
                  {byteText(byte)}
                </span>
              );
            })
          )}
          <span class="soft">
            {Array.from(bytes.subarray(start, start + ROW))
              .map(charText)
              .join('')}
          </span>
        </div>
      ))}
    </div>
  );
}

const isPlain = (start: number, changed: ReadonlySet<number> | undefined, selected: number): boolean => {
  if (start <= selected && selected < start + ROW) return false;
  for (let at = start; changed !== undefined && at < start + ROW; at++) if (changed.has(at)) return false;
  return true;
};

/** Most lines of most frames: one element in place of sixteen. */
const ZeroLine = ({ start }: { readonly start: number }) => (
  <span class="zero zeros" data-at={start} id={`byte-${start}`}>
    {Array.from({ length: ROW }, () => '00').join(' ')}
  </span>
);

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -ROW,
  ArrowDown: ROW,
  PageUp: -8 * ROW,
  PageDown: 8 * ROW,
  Home: -PAGE_SIZE,
  End: PAGE_SIZE,
};
