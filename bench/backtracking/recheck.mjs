// Reads patterns, one a line, on standard input and prints what recheck says
// of each, one JSON object a line, in the same order.
import { createInterface } from "node:readline";
import { check } from "recheck";

const flags = process.argv[2] ?? "";
const timeout = Number(process.argv[3] ?? 10000);

const attackOf = (attack) => ({
  pumps: attack.pumps.map(({ prefix, pump }) => ({ prefix, pump })),
  suffix: attack.suffix,
  string: attack.string,
});

for await (const pattern of createInterface({ input: process.stdin })) {
  const started = process.hrtime.bigint();
  const answer = await check(pattern, flags, { timeout });
  const micros = Number((process.hrtime.bigint() - started) / 1000n);
  console.log(
    JSON.stringify({
      pattern,
      status: answer.status,
      complexity: answer.complexity?.summary ?? answer.error?.kind ?? null,
      attack: answer.status === "vulnerable" ? attackOf(answer.attack) : null,
      micros,
    }),
  );
}
