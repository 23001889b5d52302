/** The programs that come with the page, with a search over all that is said of them. */
import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { type CatalogueEntry, catalogue, programSpec } from '../catalogue.ts';
import { useMachine } from '../machine-context.ts';

export function ProgramList({ close }: { readonly close: () => void }) {
  const machine = useMachine();
  const [entries, setEntries] = useState<readonly CatalogueEntry[]>([]);
  const wanted = useSignal('');
  useEffect(() => {
    void catalogue().then(setEntries);
  }, []);
  const words = wanted.value.toLowerCase().split(/\s+/);
  const isNamed = ({ name, title }: CatalogueEntry): boolean =>
    words.every((word) => `${name} ${title}`.toLowerCase().includes(word));
  const found = entries
    .filter(({ name, title, description, lesson }) => {
      const text = `${name} ${title} ${description} ${lesson}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => Number(isNamed(b)) - Number(isNamed(a)));
  return (
    <div class="open-list">
      <label class="search">
        <span class="visually-hidden">Search programs</span>
        <input
          type="search"
          placeholder="Search: fork, mmap, signal…"
          value={wanted.value}
          onInput={({ currentTarget }) => {
            wanted.value = currentTarget.value;
          }}
        />
        <span class="soft" role="status">
          {found.length} of {entries.length}
        </span>
      </label>
      <ul class="cards two">
        {found.map((entry) => (
          <li key={entry.name}>
            <button
              type="button"
              class="card"
              aria-current={machine.spec.value?.path === entry.name ? 'true' : undefined}
              onClick={async () => {
                close();
                await machine.open(await programSpec(entry));
              }}
            >
              <b>
                <code>{entry.name}</code>
              </b>
              <span>{entry.description}</span>
              {entry.lesson !== '' && <span class="card-lesson">{entry.lesson}</span>}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
