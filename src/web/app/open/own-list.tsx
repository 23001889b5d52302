/** A program of one's own: written here, or a file. */
import { useRef } from 'preact/hooks';
import { layout } from '../layout.ts';
import { takeFiles } from '../own-program/own-program.ts';

export function OwnList({ close }: { readonly close: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div class="open-list">
      <ul class="cards">
        <li>
          <button
            type="button"
            class="card"
            onClick={() => {
              close();
              layout.bring('editor');
            }}
          >
            <b>Write one</b>
            <span>
              NASM in the editor. It is assembled and linked in this page, by nasm and ld on the modeled machine.
            </span>
          </button>
        </li>
        <li>
          <button type="button" class="card" onClick={() => input.current?.click()}>
            <b>Open a file</b>
            <span>
              An ELF program for x86-64 Linux, or an assembly source. It can be dropped anywhere on the page, too.
            </span>
          </button>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            aria-label="Program or source"
            onChange={({ currentTarget }) => {
              close();
              void takeFiles([...(currentTarget.files ?? [])]);
            }}
          />
        </li>
      </ul>
      <p class="soft open-note">What you open stays in this browser: nothing is sent anywhere.</p>
    </div>
  );
}
