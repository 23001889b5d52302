/** A choice among a few, all of which are seen. */
interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly id: T; readonly title: string; readonly help?: string }[];
  readonly value: T;
  readonly onChange: (id: T) => void;
}

export function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame and cannot be laid out in a line everywhere
    <div class="choice" role="group" aria-label={label}>
      {options.map(({ id, title, help }) => (
        <button key={id} type="button" aria-pressed={id === value} title={help} onClick={() => onChange(id)}>
          {title}
        </button>
      ))}
    </div>
  );
}
