/** While a prediction is open, what is later than the position stays hidden: lists and lanes would tell the answer. */
import { type Signal, signal } from '@preact/signals';

export const hidesFuture: Signal<boolean> = signal(false);
