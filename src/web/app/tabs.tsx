/** Tabs over a group of panels, one of which is shown. ARIA Authoring Practices, "Tabs Pattern", with automatic activation. */
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly id: T; readonly title: string }[];
  readonly front: T;
  readonly onSelect: (id: T) => void;
  readonly children: ComponentChildren;
  readonly class?: string;
}

/** A group of one has no tabs. */
export function Tabs<T extends string>({ label, tabs, front, onSelect, children, class: own = '' }: TabsProps<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.id === front);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = tabs[(to + tabs.length) % tabs.length];
    onSelect(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div class={`tabs ${own}`}>
      {tabs.length > 1 && (
        <div class="tab-list" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
          {tabs.map((tab) => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              id={`${id}-${tab.id}`}
              data-tab={tab.id}
              aria-selected={tab.id === front}
              aria-controls={`${id}-panel`}
              tabIndex={tab.id === front ? 0 : -1}
              onClick={() => onSelect(tab.id)}
            >
              {tab.title}
            </button>
          ))}
        </div>
      )}
      <div
        class="tab-panel"
        id={`${id}-panel`}
        {...(tabs.length > 1 && { role: 'tabpanel', 'aria-labelledby': `${id}-${front}` })}
      >
        {children}
      </div>
    </div>
  );
}
