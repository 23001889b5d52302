/** Every test may use the matchers that users get. */
import '../../src/vitest/matchers.ts';
