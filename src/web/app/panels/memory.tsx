/**
 * Memory of the selected process, byte by byte. It follows the selected address; a click selects another one. Page by page
 * it says what is behind: the area and the frame. Bytes can be changed, which gives the run another course.
 */
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { u64 } from '../../../base/ints.ts';
import { useMachine } from '../machine-context.ts';
import { ByteInspector } from './byte-inspector.tsx';
import { MemoryBytes } from './memory-bytes.tsx';
import { Panel } from './panel.tsx';
import './memory.css';

/** Bytes that are shown: a few screens. */
const LENGTH = 512;
const isEditing = signal(false);

export function MemoryPanel() {
  const machine = useMachine();
  const view = machine.view.value;
  const { address } = machine;
  const memory = view?.memory;
  const selected = address.value;
  // It follows what is selected, unless that is in sight.
  useEffect(() => {
    const wanted = selected ?? view?.registers?.general.find(({ name }) => name === 'rsp')?.value;
    const shown = machine.memory.value;
    if (wanted === undefined || view === undefined) return;
    if (shown !== undefined && (selected === undefined || (wanted >= shown.address && wanted < shown.address + BigInt(shown.length)))) return; // biome-ignore format: one line
    machine.showMemory(startFor(wanted), LENGTH);
  }, [machine, selected, view]);
  const page = memory?.pages.find(({ address: start }) => start === ((selected ?? 0n) & ~0xfffn));
  const isShown =
    memory !== undefined &&
    selected !== undefined &&
    page?.area !== undefined &&
    selected >= memory.address &&
    selected < memory.address + BigInt(memory.bytes.length);
  const turn = (by: number): void => {
    const start = machine.memory.value?.address ?? 0n;
    machine.showMemory(u64(start + BigInt(by)), LENGTH);
  };
  return (
    <Panel
      title="Memory"
      class="memory-panel"
      isFixed
      aside={
        <>
          <button
            type="button"
            class="small-button"
            title="Earlier addresses (Page Up)"
            aria-label="Earlier addresses"
            onClick={() => turn(-LENGTH)}
          >
            ▲
          </button>
          <button
            type="button"
            class="small-button"
            title="Later addresses (Page Down)"
            aria-label="Later addresses"
            onClick={() => turn(LENGTH)}
          >
            ▼
          </button>
          <button
            type="button"
            class="small-button"
            aria-pressed={isEditing.value}
            title="Change bytes by typing hexadecimal digits over them"
            onClick={() => {
              isEditing.value = !isEditing.value;
            }}
          >
            Edit
          </button>
        </>
      }
      foot={
        <>
          {isEditing.value && (
            <p class="memory-editing">
              Type two hexadecimal digits over a byte. The run takes another course from here: what came later is
              forgotten.
            </p>
          )}
          {memory !== undefined && isShown && <ByteInspector memory={memory} address={selected} />}
        </>
      }
    >
      <AddressBox />
      {memory === undefined ? (
        <p class="panel-empty">Select an address, or type one.</p>
      ) : (
        <MemoryBytes memory={memory} isEditing={isEditing.value} onTurn={turn} />
      )}
    </Panel>
  );
}

/** So that some of what comes before is seen, too. */
const startFor = (address: bigint): bigint => {
  const start = (address & ~0xfn) - 64n;
  return start < 0n ? 0n : start;
};

/** Where to: an expression. */
function AddressBox() {
  const machine = useMachine();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  return (
    <form
      class="memory-address"
      onSubmit={async (event) => {
        event.preventDefault();
        try {
          const address = await machine.resolve(text);
          setProblem(undefined);
          machine.memory.value = { address: startFor(address), length: LENGTH };
          machine.select(address);
        } catch (error) {
          setProblem(error instanceof Error ? error.message : String(error));
        }
      }}
    >
      <input
        type="text"
        class="mono"
        aria-label="Address"
        aria-describedby={problem === undefined ? undefined : 'memory-problem'}
        aria-invalid={problem !== undefined}
        placeholder="Go to: rsp + 8, counter, 0x402000"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      {problem !== undefined && (
        <p id="memory-problem" class="memory-problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
