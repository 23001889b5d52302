/** The selected address: typed, pinned, or left to follow what the run's events are about. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { hex } from '../../../base/ints.ts';
import type { MachineView } from '../../protocol.ts';
import { useMachine } from '../machine-context.ts';
import type { Following } from './hooks.ts';

export function AddressChoice({ view, follows }: { readonly view: MachineView; readonly follows: Following }) {
  const machine = useMachine();
  const text = useSignal('');
  const problem = useSignal<string | undefined>(undefined);
  const { address } = view;
  // biome-ignore lint/correctness/useExhaustiveDependencies: signals are written here, not read
  useEffect(() => {
    text.value = address === undefined ? '' : hex(address);
    problem.value = undefined;
  }, [address]);
  const select = async (): Promise<void> => {
    try {
      const wanted = await machine.resolve(text.value);
      problem.value = undefined;
      follows.set(false);
      machine.select(wanted);
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    }
  };
  const isCanonical = address === undefined || BigInt.asUintN(64, BigInt.asIntN(48, address)) === address;
  return (
    <form
      class="address-choice"
      onSubmit={(event) => {
        event.preventDefault();
        void select();
      }}
    >
      <label>
        <span class="address-label">address</span>
        <input
          type="text"
          class="mono"
          size={16}
          spellcheck={false}
          autocomplete="off"
          aria-invalid={problem.value !== undefined}
          aria-describedby="address-problem"
          aria-label="address"
          title="The address whose walk is drawn: a number, a symbol, a register, as in rsp + 8"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
      </label>
      <button
        type="button"
        class="pin"
        aria-pressed={!follows.isOn}
        title={
          follows.isOn
            ? 'The selection follows the events. Pin this address'
            : 'This address stays selected. Let the selection follow the events again'
        }
        onClick={() => follows.set(!follows.isOn)}
      >
        {follows.isOn ? 'pin' : 'pinned'}
      </button>
      <span id="address-problem" class="address-problem" role="alert">
        {problem.value ??
          (isCanonical ? '' : 'not canonical: bits 63 to 47 are not all equal, so an access is #GP, before any walk')}
      </span>
    </form>
  );
}
