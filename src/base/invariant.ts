/**
 * An emulator bug stops here. Guest-visible failures are values (Errno, PageFault, Exit), never exceptions; what is
 * thrown is a bug of ours (InvariantError) or a mistake of the user (UsageError, shown without a stack).
 */
export class InvariantError extends Error {
  override name = 'InvariantError';
}

/** A mistake of the user; front ends print the message alone and exit with `status`. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly status: number;
  constructor(message: string, status = 125) {
    super(message);
    this.status = status;
  }
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Ends a switch over a union: adding a member without a case fails to compile. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${String(value)}`);
}
