/** A part of the drawing that has a name, a tip and a place in the order of the keyboard; with an action it is a button. */
import type { ComponentChildren, CSSProperties } from 'preact';

interface PartProps {
  /** Parts of one group share one stop of the Tab key. */
  readonly group: string;
  /** Its text for the tip, and for screen readers. */
  readonly label: string;
  /** Tab comes here before another part of the group has had the focus. */
  readonly isFirst: boolean;
  readonly class: string;
  readonly children: ComponentChildren;
  /** Said to screen readers after the label. */
  readonly action?: string;
  readonly onPress?: () => void;
  /** Pressed, or opened. */
  readonly isOn?: boolean;
  readonly data?: Readonly<Record<`data-${string}`, string | number | undefined>>;
  readonly style?: CSSProperties;
  readonly onPoint?: (isOn: boolean) => void;
}

export function Part(props: PartProps) {
  const { group, label, isFirst, class: own, children, action, onPress, isOn, data, style, onPoint } = props;
  const about =
    onPress === undefined
      ? ({ role: 'img' } as const)
      : ({ role: 'button', 'aria-pressed': isOn, onClick: onPress, onKeyDown: pressWith(onPress) } as const);
  const pointing = onPoint && {
    onMouseEnter: () => onPoint(true),
    onMouseLeave: () => onPoint(false),
    onFocus: () => onPoint(true),
    onBlur: () => onPoint(false),
  };
  return (
    <g
      class={`stop ${own}`}
      aria-label={action === undefined ? label : `${label}. ${action}`}
      data-tip={label}
      data-stop={group}
      // In lower case, since SVG has its attributes as they are written.
      tabindex={isFirst ? 0 : -1}
      style={style}
      {...about}
      {...pointing}
      {...data}
    >
      {children}
    </g>
  );
}

/** What stands in a part, and is said by its name already. */
export function Texts({ children }: { readonly children: ComponentChildren }) {
  const hidden = { 'aria-hidden': 'true' } as const;
  return (
    <g class="texts" {...hidden}>
      {children}
    </g>
  );
}

const pressWith =
  (onPress: () => void) =>
  (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    onPress();
  };
