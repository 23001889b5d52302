/** What is open, and what else can be. */
import { useEffect, useState } from 'preact/hooks';
import { type CatalogueEntry, catalogue, programSpec } from './catalogue.ts';
import { useMachine } from './machine-context.ts';

export function OpenMenu() {
  const machine = useMachine();
  const [entries, setEntries] = useState<readonly CatalogueEntry[]>([]);
  useEffect(() => {
    void catalogue().then(setEntries);
  }, []);
  const open = machine.spec.value?.path ?? '';
  return (
    <select
      aria-label="Program"
      value={open}
      onChange={async ({ currentTarget }) => {
        const entry = entries.find(({ name }) => name === currentTarget.value);
        if (entry !== undefined) await machine.open(await programSpec(entry));
      }}
    >
      {!entries.some(({ name }) => name === open) && <option value={open}>{open}</option>}
      {entries.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </select>
  );
}
