/** Breakpoints, watchpoints and catchpoints: what the run stops at, with a line for more of each. */
import { useState } from 'preact/hooks';
import { hex } from '../../../base/ints.ts';
import type { StopPointModel, StopWish } from '../../protocol.ts';
import { useMachine } from '../machine-context.ts';
import { Panel } from './panel.tsx';
import './stops.css';

export function StopsPanel() {
  const machine = useMachine();
  const points = machine.view.value?.stopPoints ?? [];
  return (
    <Panel title="Breakpoints, watchpoints, catchpoints" class="stops-panel">
      {points.length === 0 ? (
        <p class="panel-empty">
          None yet. A click at the left of a line of code sets a breakpoint; others are made here.
        </p>
      ) : (
        <ul class="stops">
          {points.map((point) => (
            <StopPoint key={point.id} point={point} />
          ))}
        </ul>
      )}
      <AddBreakpoint />
      <AddWatchpoint />
      <AddCatchpoint />
    </Panel>
  );
}

const KINDS = { breakpoint: 'break', watchpoint: 'watch', catchpoint: 'catch' } as const;

function StopPoint({ point }: { readonly point: StopPointModel }) {
  const machine = useMachine();
  const { id, kind, label, isEnabled, hits, condition, watched, address, file, line } = point;
  const where = watched ?? [address === undefined ? '' : hex(address), file === undefined ? '' : `${file}:${line}`].filter(Boolean).join(' · '); // biome-ignore format: one line
  return (
    <li class={`stop-point${isEnabled ? '' : ' off'}`}>
      <label>
        <input
          type="checkbox"
          checked={isEnabled}
          onChange={({ currentTarget }) => void machine.setStopPoint(id, currentTarget.checked)}
        />
        <span class={`stop-kind ${kind}`}>{KINDS[kind]}</span> <span class="mono">{label}</span>
        {condition !== undefined && <span class="mono soft"> if {condition}</span>}
      </label>
      <span class="stop-hits" title="Times that it was met">
        {hits} {hits === 1 ? 'hit' : 'hits'}
      </span>
      <button
        type="button"
        class="quiet small-button"
        aria-label={`Remove ${kind} ${label}`}
        title="Remove"
        onClick={() => void machine.removeStopPoint(id)}
      >
        ✕
      </button>
      {where !== '' && where !== label && <span class="stop-where mono">{where}</span>}
      {address !== undefined && (
        <button type="button" class="stop-show small-button" onClick={() => machine.showCode(address)}>
          Show the code
        </button>
      )}
    </li>
  );
}

/** Adds, and says whether it could be done. */
function useAdd(): (wish: StopWish) => Promise<boolean> {
  const machine = useMachine();
  return (wish) => machine.addStop(wish);
}

function AddBreakpoint() {
  const add = useAdd();
  const [text, setText] = useState('');
  return (
    <form
      class="stop-form"
      onSubmit={async (event) => {
        event.preventDefault();
        if (text.trim() !== '' && (await add({ kind: 'break', text }))) setText('');
      }}
    >
      <label class="stop-title" for="stop-place">
        Break at
      </label>
      <input
        id="stop-place"
        class="mono"
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder="_start, demo.asm:69 if rcx == 3"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit">Add</button>
    </form>
  );
}

const ACCESSES = [
  ['change', 'changes'],
  ['write', 'writes'],
  ['read', 'reads'],
  ['access', 'both'],
] as const;

function AddWatchpoint() {
  const machine = useMachine();
  const add = useAdd();
  const [text, setText] = useState('');
  const [access, setAccess] = useState<(typeof ACCESSES)[number][0]>('change');
  const [length, setLength] = useState(8);
  const [ofFrame, setOfFrame] = useState(true);
  const selected = machine.address.value;
  const place = text.trim() === '' && selected !== undefined ? hex(selected) : text;
  return (
    <form
      class="stop-form"
      onSubmit={async (event) => {
        event.preventDefault();
        if (await add({ kind: 'watch', text: place, access, length, ofFrame })) setText('');
      }}
    >
      <label class="stop-title" for="watch-place">
        Watch
      </label>
      <input
        id="watch-place"
        class="mono"
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder={selected === undefined ? 'rsp + 8, counter, 0x402000' : `${hex(selected)}, as selected`}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit">Add</button>
      <span class="stop-options">
        <select
          aria-label="Bytes"
          value={length}
          onChange={({ currentTarget }) => setLength(Number(currentTarget.value))}
        >
          {[1, 2, 4, 8, 16].map((count) => (
            <option key={count} value={count}>
              {count} {count === 1 ? 'byte' : 'bytes'}
            </option>
          ))}
        </select>
        <select
          aria-label="Stop at"
          value={access}
          onChange={({ currentTarget }) => setAccess(currentTarget.value as typeof access)}
        >
          {ACCESSES.map(([id, title]) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
        <label title="The bytes in physical memory: whoever reaches them, by whatever address">
          <input
            type="checkbox"
            checked={ofFrame}
            onChange={({ currentTarget }) => setOfFrame(currentTarget.checked)}
          />
          by anybody
        </label>
      </span>
    </form>
  );
}

const CATCHES: readonly { readonly title: string; readonly what: Extract<StopWish, { kind: 'catch' }>['what'] }[] = [
  { title: 'fork', what: { kind: 'fork' } },
  { title: 'exec', what: { kind: 'exec' } },
  { title: 'exit', what: { kind: 'exit' } },
  { title: 'signal', what: { kind: 'signal' } },
  { title: 'any page fault', what: { kind: 'fault' } },
  { title: 'copy-on-write break', what: { kind: 'fault', cause: 'copy-on-write break' } },
  { title: 'fault: demand zero', what: { kind: 'fault', cause: 'demand zero' } },
  { title: 'fault: shared page', what: { kind: 'fault', cause: 'shared page' } },
  { title: 'fault: not allowed', what: { kind: 'fault', cause: 'protection' } },
  { title: 'any system call', what: { kind: 'syscall' } },
  { title: 'a change of mappings', what: { kind: 'mapping' } },
  { title: 'a switch of the CPU', what: { kind: 'switch' } },
];

function AddCatchpoint() {
  const add = useAdd();
  const [at, setAt] = useState(0);
  return (
    <form
      class="stop-form"
      onSubmit={(event) => {
        event.preventDefault();
        void add({ kind: 'catch', what: CATCHES[at].what });
      }}
    >
      <label class="stop-title" for="catch-what">
        Catch
      </label>
      <select id="catch-what" value={at} onChange={({ currentTarget }) => setAt(Number(currentTarget.value))}>
        {CATCHES.map(({ title }, i) => (
          <option key={title} value={i}>
            {title}
          </option>
        ))}
      </select>
      <button type="submit">Add</button>
    </form>
  );
}
