/** Light, dark, or as the system has it; kept in this browser where it allows that. */
import { effect, signal } from '@preact/signals';
import { remember, remembered } from './remember.ts';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const TITLES: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' };
const SIGNS: Readonly<Record<Theme, string>> = { system: '◐', light: '☀', dark: '☾' };

const known = remembered('theme');
const theme = signal<Theme>(THEMES.find((one) => one === known) ?? 'system');

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === 'system') delete dataset.theme;
  else dataset.theme = theme.value;
});

export function ThemeButton() {
  const now = theme.value;
  return (
    <button
      type="button"
      class="quiet"
      title={`Colours: ${TITLES[now]}`}
      aria-label={`Colours: ${TITLES[now]}`}
      onClick={() => {
        theme.value = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
        remember('theme', theme.value);
      }}
    >
      <span aria-hidden="true">{SIGNS[now]}</span>
    </button>
  );
}
