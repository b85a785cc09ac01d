/** A stream of bytes as lines of text, none of them longer than a bound. @module */

/**
 * The lines of `input`; `undefined` stands for one that was longer than `maxLength`, of which no
 * more than that was ever kept.
 */
export async function* linesOf(
  input: ReadableStream<Uint8Array>,
  maxLength: number,
): AsyncGenerator<string | undefined, void, void> {
  let parts: string[] = [];
  let length = 0;
  const keep = (part: string): void => {
    length += part.length;
    if (length <= maxLength) parts.push(part);
    else parts = [];
  };
  const line = (): string | undefined => {
    const whole = length <= maxLength ? parts.join("") : undefined;
    parts = [];
    length = 0;
    return whole;
  };
  // The web's type of this stream takes any buffer source, bytes among them.
  const decoder = new TextDecoderStream() as TransformStream<Uint8Array, string>;
  for await (const chunk of input.pipeThrough(decoder)) {
    let start = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
      keep(chunk.slice(start, end));
      yield line();
      start = end + 1;
    }
    keep(chunk.slice(start));
  }
  if (length > 0) yield line();
}
