/** How a run ends: each process, and what was printed, as far as the run is known. */
import type { MachineStore } from '../machine-store.ts';

const MOST_OUTPUT = 600;

export function Outcome({ machine }: { readonly machine: MachineStore }) {
  const events = machine.events.value;
  const exits = events.flatMap(({ pid, text, detail }) => (detail.kind === 'exit' ? [{ pid, text: text.replace(/^\+\+\+ | \+\+\+$/g, ''), status: detail.status }] : [])); // biome-ignore format: one line
  const output = machine.writes.value.map(({ bytes }) => new TextDecoder().decode(bytes)).join('');
  return (
    <dl class="outcome">
      <div>
        <dt>Ends</dt>
        <dd>
          {exits.length === 0
            ? 'not yet'
            : exits.map(({ pid, text, status }) => (
                <span key={pid} class={status === 0 ? 'ending' : 'ending bad'}>
                  <b>{pid}</b> {text}
                </span>
              ))}
        </dd>
      </div>
      <div>
        <dt>Prints</dt>
        <dd>
          <pre>{output === '' ? 'nothing' : output.slice(0, MOST_OUTPUT).trimEnd()}</pre>
        </dd>
      </div>
    </dl>
  );
}
