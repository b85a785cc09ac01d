/** Waiting for what other processes do, which tell nobody when they have done it. @module */

/** Ask again and again until it holds; says what did not come true. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error(`It did not come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
