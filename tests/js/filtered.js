// What the browser computes on Image filters, for tests/ui/lessons/test_filters.py: cases come as JSON on the standard
// input, and their stages go to the standard output.
import { readFileSync } from "node:fs";
import { agrees } from "../../cnnviz/ui/lessons/filters/filter/answer.js";
import { filtered, hashOf } from "../../cnnviz/ui/lessons/filters/filter/convolution.js";

const written = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");

const stagesOf = ({ size, bytes, planes, ...said }) => {
  const pixels = Uint8Array.from(Buffer.from(bytes, "base64"));
  const { signed, scale, ring, ...stages } = filtered({ size, pixels }, said.settings, planes.w0, planes.b0.values[0]);
  const arrays = Object.entries(stages);
  return {
    ...{ signed, scale, ring },
    stages: Object.fromEntries(arrays.map(([name, array]) => [name, written(array)])),
    hashes: Object.fromEntries(arrays.map(([name, array]) => [name, hashOf(array)])),
    agrees: agrees({ ...said, picture: { size }, planes }, stages, pixels),
  };
};

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(stagesOf)));
