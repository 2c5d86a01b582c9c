// The links of labs, for tests/ui/test_labs.py: what each shows on standard input, its address on standard output.
import { readFileSync } from "node:fs";
import { addressOf } from "../../cnnviz/ui/components/lab/link.js";

const labs = JSON.parse(readFileSync(0, "utf-8"));
const addresses = labs.map(({ page, data, controls, apart }) => addressOf(page, data, controls, apart));
process.stdout.write(JSON.stringify(addresses));
