/** The text of an answer, up to a number of bytes. @module */

import { IntegrityError } from "../errors.ts";

/** Read a body; stops, and says so, where it is longer than `maxBytes`. */
export async function readText(
  response: Response,
  maxBytes: number,
  from: string,
): Promise<string> {
  if (!response.body) return "";
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new IntegrityError(
        "schema_mismatch",
        `${from} answered with more than ${maxBytes} bytes`,
        {
          data: { from, maxBytes },
        },
      );
    }
    chunks.push(chunk);
  }
  return await new Blob(chunks).text();
}
