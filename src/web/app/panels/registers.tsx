/** The registers of the selected thread: what the last move changed is marked, each flag of RFLAGS is explained. */
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { hex } from '../../../base/ints.ts';
import type { RegistersModel } from '../../protocol.ts';
import { useMachine } from '../machine-context.ts';
import { Address, useIsMapped } from './address.tsx';
import { Choice } from './choice.tsx';
import { FLAGS, type FlagRecord } from './flags.ts';
import { hexParts, type LaneKind, lanesOf, NUMBER_BASES, type NumberBase, numberText } from './numbers.ts';
import { Panel } from './panel.tsx';
import './registers.css';

const base = signal<NumberBase>('hex');
const lanes = signal<LaneKind>('u64');
const showsVectors = signal(false);
const LANES = (['u64', 'u32', 'u16', 'u8', 'f64', 'f32'] as const).map((id) => ({ id, title: id }));

export function RegistersPanel() {
  const machine = useMachine();
  const view = machine.view.value;
  const registers = view?.registers;
  const before = useBefore();
  const thread = view?.processes.flatMap(({ threads }) => threads).find(({ tid }) => tid === view.tid);
  return (
    <Panel
      title="Registers"
      class="registers-panel"
      aside={<Choice label="Numbers" options={NUMBER_BASES} value={base.value} onChange={(id) => (base.value = id)} />}
    >
      {registers === undefined ? (
        <p class="panel-empty">{view === undefined ? '' : 'The thread has ended: it has no registers any more.'}</p>
      ) : (
        <>
          <table class="registers">
            <caption class="visually-hidden">General registers</caption>
            <tbody>
              {registers.general.map(({ name, value, note }, i) => (
                <Register key={name} name={name} value={value} note={note} before={before?.general[i].value} />
              ))}
              <Register name="rip" value={registers.rip} note={thread?.place?.symbol} before={before?.rip} />
              <Register name="fs" value={registers.fsBase} note="base" before={before?.fsBase} />
              <Register name="gs" value={registers.gsBase} note="base" before={before?.gsBase} />
            </tbody>
          </table>
          <Flags rflags={registers.rflags} before={before?.rflags} />
          <Vectors vectors={registers.vectors} before={before?.vectors} />
        </>
      )}
    </Panel>
  );
}

/** The registers before the last move, of the same thread. */
function useBefore(): RegistersModel | undefined {
  const { view, previous } = useMachine();
  return previous.value?.tid === view.value?.tid ? previous.value?.registers : undefined;
}

interface RegisterProps {
  readonly name: string;
  readonly value: bigint;
  readonly note: string | undefined;
  readonly before: bigint | undefined;
}

function Register({ name, value, note, before }: RegisterProps) {
  const isMapped = useIsMapped();
  const isChanged = before !== undefined && before !== value;
  const was = isChanged ? `before: ${numberText(before, base.value)}` : undefined;
  const text = base.value === 'hex' ? <Hex value={value} /> : numberText(value, base.value);
  return (
    <tr class={isChanged ? 'register is-changed' : 'register'} title={was} data-register={name}>
      <th scope="row">{name}</th>
      <td class="register-sign">
        {isChanged && (
          <>
            <span aria-hidden="true">•</span>
            <span class="visually-hidden">changed, {was}</span>
          </>
        )}
      </td>
      <td class="register-value">{isMapped(value) ? <Address value={value}>{text}</Address> : text}</td>
      <td class="register-note">{note}</td>
    </tr>
  );
}

function Hex({ value }: { readonly value: bigint }) {
  const [zeros, rest] = hexParts(value);
  return (
    <>
      <span class="leading">{zeros}</span>
      {rest}
    </>
  );
}

function Flags({ rflags, before }: { readonly rflags: number; readonly before: number | undefined }) {
  const [shown, setShown] = useState<FlagRecord | undefined>(undefined);
  const isSet = ({ bit }: FlagRecord, of = rflags): boolean => (of & (1 << bit)) !== 0;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: leaving it only hides an explanation
    <div class="flags" onMouseLeave={() => setShown(undefined)}>
      <h3>
        rflags <span class="mono">{hex(rflags)}</span>
      </h3>
      <ul class="flag-list">
        {FLAGS.filter((flag) => flag.isCommon || isSet(flag)).map((flag) => {
          const isOn = isSet(flag);
          const isChanged = before !== undefined && isSet(flag, before) !== isOn;
          return (
            <li key={flag.name}>
              <button
                type="button"
                class={`flag${isOn ? ' on' : ''}${isChanged ? ' is-changed' : ''}`}
                aria-label={`${flag.name} ${isOn ? 1 : 0}${isChanged ? ', changed' : ''}: ${flag.title}: ${isOn ? flag.set : flag.clear}`}
                onMouseEnter={() => setShown(flag)}
                onFocus={() => setShown(flag)}
                onClick={() => setShown(flag)}
              >
                {flag.name} <b>{isOn ? 1 : 0}</b>
              </button>
            </li>
          );
        })}
      </ul>
      <p class="flag-help">
        {shown === undefined ? (
          'Point at a flag, or choose it, to read what it says.'
        ) : (
          <>
            <b>
              {shown.name} = {isSet(shown) ? 1 : 0}: {isSet(shown) ? shown.set : shown.clear}.
            </b>{' '}
            {shown.title}. {shown.help}
          </>
        )}
      </p>
    </div>
  );
}

interface VectorsProps {
  readonly vectors: RegistersModel['vectors'];
  readonly before: RegistersModel['vectors'] | undefined;
}

function Vectors({ vectors, before }: VectorsProps) {
  const isChanged = (i: number): boolean =>
    before !== undefined && (before[i]?.low !== vectors[i].low || before[i]?.high !== vectors[i].high);
  const changes = vectors.filter((_, i) => isChanged(i)).length;
  return (
    <details
      class="vectors"
      open={showsVectors.value}
      onToggle={({ currentTarget }) => {
        showsVectors.value = currentTarget.open;
      }}
    >
      <summary>xmm0 to xmm15 {changes > 0 && <span class="changed">• {changes} changed</span>}</summary>
      {showsVectors.value && (
        <>
          <Choice label="Lanes" options={LANES} value={lanes.value} onChange={(id) => (lanes.value = id)} />
          <table class="registers">
            <caption class="visually-hidden">Vector registers, lowest lane first</caption>
            <tbody>
              {vectors.map(({ name, low, high }, i) => (
                <tr key={name} class={isChanged(i) ? 'register is-changed' : 'register'}>
                  <th scope="row">{name}</th>
                  <td class="register-sign">{isChanged(i) && '•'}</td>
                  <td class="vector-lanes">{lanesOf(low, high, lanes.value).join(' ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </details>
  );
}
