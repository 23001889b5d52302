/** The frame that every panel stands in: a region with a name, what there is to say or do at its top, and its content. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './panels.css';

interface PanelProps {
  readonly title: string;
  /** Beside the title: small controls, or a remark. */
  readonly aside?: ComponentChildren;
  /** Below the content, always seen. */
  readonly foot?: ComponentChildren;
  /** The content has a part that scrolls by itself. */
  readonly isFixed?: boolean;
  readonly children: ComponentChildren;
  readonly class?: string;
}

export function Panel({ title, aside, foot, isFixed = false, children, class: own = '' }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${own}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div class="panel-aside">{aside}</div>}
      </header>
      {isFixed ? (
        <div class="panel-body fixed">{children}</div>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached without a mouse
        <div class="panel-body" tabIndex={0}>
          {children}
        </div>
      )}
      {foot !== undefined && <footer class="panel-foot">{foot}</footer>}
    </section>
  );
}
