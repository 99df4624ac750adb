// A line of JSON in, [step, words]; a line out, {result} or {error}. The test on the other end plays the browser.
import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

globalThis.crypto ??= webcrypto; // Node 18, Debian 12's, has it under another name.
setTimeout(() => process.exit(1), 120_000).unref(); // A test that forgets us leaves nothing behind.

const told = (error) => ({
  type: error.name, // the library's own class, or Error
  code: error.code,
  error: error.error ?? error.data?.payload?.error,
  status: error.status ?? error.output?.statusCode,
  message: error.message,
  cause: error.cause?.message,
});

/** Answer each line by the function of that name in `steps`. */
export async function converse(steps) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [step, words] = JSON.parse(line);
    const answer = await Promise.resolve(words)
      .then(steps[step])
      .then((result) => ({ result: result ?? null }), (error) => ({ error: told(error) }));
    console.log(JSON.stringify(answer));
  }
}
