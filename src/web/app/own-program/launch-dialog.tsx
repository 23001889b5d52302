/** What a program that somebody has handed over is to be given: arguments, environment, input. Or why it cannot be run. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { parseEnvironment, splitWords } from '../../model/words.ts';
import { useMachine } from '../machine-context.ts';
import { type Offer, offer } from './own-program.ts';
import './own-program.css';

export function LaunchDialog() {
  const { value } = offer;
  return value === undefined ? null : <Dialog value={value} />;
}

function Dialog({ value }: { readonly value: Offer }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => {
    offer.value = undefined;
  };
  return (
    <dialog class="launch" ref={dialog} onClose={close} aria-labelledby={title}>
      <h2 id={title}>{value.kind === 'refused' ? `${value.name} cannot be run here` : `Open ${value.name}`}</h2>
      {value.kind === 'reading' && <p role="status">Reading…</p>}
      {value.kind === 'refused' && <Refusal value={value} onClose={close} />}
      {value.kind === 'program' && <Form value={value} onClose={close} />}
    </dialog>
  );
}

/** The dialog is open before it is known what will be in it. */
function useFirstFocus<T extends HTMLElement>() {
  const element = useRef<T>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}

interface Part<K extends Offer['kind']> {
  readonly value: Extract<Offer, { kind: K }>;
  readonly onClose: () => void;
}

function Refusal({ value, onClose }: Part<'refused'>) {
  const first = useFirstFocus<HTMLButtonElement>();
  return (
    <>
      <p class="launch-why" role="alert">
        It {value.why.startsWith('needs ') ? '' : 'is '}
        {value.why}.
      </p>
      <p>{value.advice}</p>
      <div class="launch-actions">
        <button ref={first} type="button" class="primary" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}

function Form({ value, onClose }: Part<'program'>) {
  const machine = useMachine();
  const first = useFirstFocus<HTMLInputElement>();
  const [args, setArgs] = useState('');
  const [environment, setEnvironment] = useState('');
  const [hasInput, setHasInput] = useState(false);
  const [input, setInput] = useState('');
  const env = parseEnvironment(environment);
  const badLine = 'badLine' in env && typeof env.badLine === 'number' ? env.badLine : undefined;
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    if (badLine !== undefined) return;
    const { name, bytes, files } = value;
    onClose();
    void machine.open({
      path: name,
      program: bytes,
      args: splitWords(args),
      env: env as Record<string, string>,
      files,
      stdin: hasInput ? input : undefined,
    });
  };
  const beside = Object.keys(value.files).filter((path) => !value.borrowed.includes(path));
  return (
    <form onSubmit={submit}>
      <p class="launch-facts">
        {Math.ceil(value.bytes.length / 1024).toLocaleString('en')} KiB, {value.text}
      </p>
      {value.borrowed.length > 0 && (
        <p class="launch-facts">
          With libraries of the machine that built this page: <span class="mono">{value.borrowed.join(' ')}</span>
        </p>
      )}
      {beside.length > 0 && (
        <p class="launch-facts">
          It finds <span class="mono">{beside.join(' ')}</span>
        </p>
      )}
      <label for={`${id}-args`}>Arguments</label>
      <input
        ref={first}
        id={`${id}-args`}
        type="text"
        class="mono"
        autocomplete="off"
        spellcheck={false}
        placeholder={`one 'two words'`}
        value={args}
        onInput={({ currentTarget }) => setArgs(currentTarget.value)}
      />
      <label for={`${id}-env`}>Environment, a NAME=value in each line</label>
      <textarea
        id={`${id}-env`}
        class="mono"
        rows={2}
        spellcheck={false}
        aria-invalid={badLine !== undefined}
        aria-describedby={`${id}-bad`}
        value={environment}
        onInput={({ currentTarget }) => setEnvironment(currentTarget.value)}
      />
      <p id={`${id}-bad`} class="launch-why" aria-live="polite">
        {badLine !== undefined && `Line ${badLine} is no NAME=value.`}
      </p>
      <fieldset>
        <legend>Standard input</legend>
        <label>
          <input type="radio" name="input" checked={!hasInput} onChange={() => setHasInput(false)} /> what is typed in
          the terminal
        </label>
        <label>
          <input type="radio" name="input" checked={hasInput} onChange={() => setHasInput(true)} /> this text
        </label>
        {hasInput && (
          <textarea
            class="mono"
            rows={4}
            aria-label="Text of standard input"
            value={input}
            onInput={({ currentTarget }) => setInput(currentTarget.value)}
          />
        )}
      </fieldset>
      <div class="launch-actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={badLine !== undefined}>
          Open
        </button>
      </div>
    </form>
  );
}
