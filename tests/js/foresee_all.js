// What the stage foresees in each of many cases, for tests/ui/components/test_foresee.py: cases on standard input.
import { readFileSync } from "node:fs";
import { foreseen } from "../../cnnviz/ui/components/stage/foresee.js";

const cases = JSON.parse(readFileSync(0, "utf-8"));
const answers = cases.map(({ data, edits, chosen }) => {
  const next = foreseen(data, edits, chosen);
  const planes = Object.values(next.planes).map(({ provisional, ...plane }) => [plane.id, plane]);
  return next === data || next.rule === data.rule ? null : { ...next, planes: Object.fromEntries(planes) };
});
process.stdout.write(JSON.stringify(answers));
